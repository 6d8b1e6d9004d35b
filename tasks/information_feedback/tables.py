"""The form's tables (质量信息反馈表): the same rows for workbook, mail and page, in the language in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.forms import YesNo
from models.language import N_, _
from models.quality_notice import NoticeOutcome
from models.queries.quality import Counted
from models.rules.feedback import running_shares
from tasks.information_feedback.form import Item, QualityForm
from tasks.information_feedback.lists import gap_text
from tasks.repairs import WHAT


class Kind(StrEnum):
    """How the values of a column are written; whole numbers and money are added up."""

    TEXT = "text"
    WHOLE = "whole"
    MONEY = "money"
    SHARE = "share"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """A column: its title, how its values are written, how wide it is in characters of a workbook."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 14


@dataclass(frozen=True)
class Table:
    """A table with its title; `added_up` puts a line of totals below it."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    added_up: bool = False

    @property
    def head(self) -> list[str]:
        """The titles of the columns."""
        return [one.title for one in self.columns]

    def written(self, most: int | None = None) -> list[list[str]]:
        """The rows as text, at most so many."""
        return [
            [_written(value, column.kind) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows[:most]
        ]


def _written(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind is Kind.MONEY:
        return f"{value:,.2f}"
    if kind is Kind.SHARE:
        return f"{value:.1%}"
    return f"{value:,}" if kind is Kind.WHOLE else str(value)


def _whole(title: str) -> Column:
    return Column(title, Kind.WHOLE, 11)


def _sums(currency: str) -> list[Column]:
    return [
        _whole(_(N_("Repairs"))),
        _whole(_(N_("Pieces"))),
        _whole(_(N_("In warranty"))),
        _whole(_(N_("Out of warranty"))),
        _whole(_(N_("Caused by people"))),
        Column(_(N_("Fees ({currency})"), currency=currency), Kind.MONEY, 14),
        Column(_(N_("Charged ({currency})"), currency=currency), Kind.MONEY, 14),
    ]


def _sums_of(one: Counted) -> list[Any]:
    return [one.repairs, one.pieces, one.in_warranty, one.out_of_warranty, one.human_cause, one.fee, one.charged]


def products(form: QualityForm) -> Table:
    """Repairs by product."""
    columns = [Column(_(N_("Number"))), Column(_(N_("Product")), width=28), *_sums(form.figures.currency)]
    rows = [[one.code, one.name, *_sums_of(one)] for one in form.figures.products]
    return Table(_(N_("Repairs by product")), columns, rows, added_up=True)


def stations(form: QualityForm) -> Table:
    """Repairs by station."""
    columns = [Column(_(N_("Number"))), Column(_(N_("Station")), width=28), *_sums(form.figures.currency)]
    rows = [[one.code, one.name, *_sums_of(one)] for one in form.figures.stations]
    return Table(_(N_("Repairs by station")), columns, rows, added_up=True)


def trend(form: QualityForm) -> Table:
    """The twelve months up to this one."""
    columns = [Column(_(N_("Month")), width=12), *_sums(form.figures.currency)]
    return Table(_(N_("Twelve months")), columns, [[one.name, *_sums_of(one)] for one in form.figures.trend])


def cases(form: QualityForm) -> Table:
    """Cases that the month brought, by procedure."""
    # The procedures know this one, so they are looked up only when the table is written.
    from tasks.procedures import PROCEDURES

    columns = [Column(_(N_("Procedure")), width=28), _whole(_(N_("Opened"))), _whole(_(N_("Still open")))]
    rows = [[PROCEDURES[one.procedure].name, one.opened, one.still_open] for one in form.figures.cases]
    return Table(_(N_("Cases opened in the month")), columns, rows, added_up=True)


def parts(form: QualityForm) -> Table:
    """Parts used, and what stations hold of them."""
    columns = [
        Column(_(N_("Number"))),
        Column(_(N_("Part")), width=28),
        _whole(_(N_("Pieces used"))),
        _whole(_(N_("In warranty"))),
        Column(_(N_("Good at stations")), Kind.WHOLE, 16),
        Column(_(N_("Faulty at stations")), Kind.WHOLE, 16),
    ]
    rows = [[one.code, one.name, one.pieces, one.in_warranty, one.good, one.faulty] for one in form.figures.parts]
    return Table(_(N_("Parts used")), columns, rows, added_up=True)


def faults(form: QualityForm) -> Table:
    """The most frequent faults, the rest in one line, and how much of all pieces each and those before make up."""
    listed = [(one.fault, one.repairs, one.pieces, one.stations) for one in form.figures.faults]
    rest = form.figures.total.pieces - sum(pieces for _fault, _repairs, pieces, _stations in listed)
    if rest:
        repairs = form.figures.total.repairs - sum(one.repairs for one in form.figures.faults)
        listed.append((_(N_("other faults")), repairs, rest, 0))
    shares = running_shares([pieces for _fault, _repairs, pieces, _stations in listed])
    columns = [
        Column(_(N_("Fault")), width=40),
        _whole(_(N_("Repairs"))),
        _whole(_(N_("Pieces"))),
        Column(_(N_("Stations")), Kind.WHOLE, 11),
        Column(_(N_("Running share")), Kind.SHARE, 13),
    ]
    rows = [
        [fault, repairs, pieces, places or None, share]
        for (fault, repairs, pieces, places), share in zip(listed, shares, strict=True)
    ]
    return Table(_(N_("Faults")), columns, rows)


def repeated(form: QualityForm) -> Table:
    """Batches that failed again and again."""
    columns = [
        Column(_(N_("Number"))),
        Column(_(N_("Product or part")), width=28),
        Column(_(N_("Batch code"))),
        _whole(_(N_("Pieces"))),
        _whole(_(N_("Stations"))),
        Column(_(N_("Most frequent fault")), width=30),
    ]
    rows = [[one.code, one.name, one.batch, one.pieces, one.stations, one.fault] for one in form.figures.repeated]
    return Table(_(N_("Repeated faults of one batch")), columns, rows)


def _items(title: str, items: Sequence[Item]) -> Table:
    columns = [
        Column(_(N_("Item")), width=15),
        Column(_(N_("Product or part")), width=16),
        Column(_(N_("Batch code")), width=12),
        Column(_(N_("Problem")), width=26),
        Column(_(N_("Department responsible")), width=11),
        Column(_(N_("Measure asked for")), width=26),
        Column(_(N_("Urgent")), width=7),
        Column(_(N_("State")), width=9),
        Column(_(N_("Answer")), width=24),
        Column(_(N_("To be done by")), Kind.DAY, 11),
    ]
    rows = [
        [
            one.reference,
            one.goods,
            one.batch,
            one.problem,
            one.department.label,
            one.asked,
            (YesNo.YES if one.urgent else YesNo.NO).label,
            one.state.label,
            one.answer,
            one.due_on,
        ]
        for one in items
    ]
    return Table(title, columns, rows)


def items(form: QualityForm) -> Table:
    """What is asked of the departments in this form."""
    return _items(_(N_("Items of this month")), form.items)


def carried(form: QualityForm) -> Table:
    """Measures of earlier months that are still open."""
    return _items(_(N_("Open measures of earlier months")), form.carried)


def notices(form: QualityForm) -> Table:
    """Urgent notices of the month and their state."""
    columns = [
        Column(_(N_("Case")), width=16),
        Column(_(N_("Product or part")), width=20),
        Column(_(N_("Batch code"))),
        Column(_(N_("Fault")), width=36),
        Column(_(N_("Pieces")), Kind.WHOLE, 11),
        Column(_(N_("State")), width=24),
        Column(_(N_("Danger")), width=8),
    ]
    rows = [
        [
            one.number,
            one.goods,
            one.batch,
            one.fault,
            one.pieces or None,
            NoticeOutcome(one.outcome).label if one.outcome else _(N_("under way")),
            (YesNo.YES if one.danger else YesNo.NO).label,
        ]
        for one in form.notices
    ]
    return Table(_(N_("Urgent quality notices")), columns, rows)


def observed(form: QualityForm) -> Table:
    """Observations of stations and offices, what users said, what offices remarked."""
    columns = [
        Column(_(N_("From")), width=16),
        Column(_(N_("Product or part")), width=20),
        Column(_(N_("Batch code"))),
        Column(_(N_("What was observed or said")), width=48),
        Column(_(N_("Pieces")), Kind.WHOLE, 11),
        Column(_(N_("Urgency")), width=24),
    ]
    rows: list[list[Any]] = [
        [one.who, one.goods, one.batch, one.problem, one.pieces or None, one.urgency.label] for one in form.observed
    ]
    rows += [[one.who, "", "", one.text, None, ""] for one in form.said]
    return Table(_(N_("Observations and opinions")), columns, rows)


def gaps(form: QualityForm) -> Table:
    """What the form went out without."""
    rows = [[gap_text(one)] for one in form.gaps]
    return Table(_(N_("Gaps")), [Column(_(N_("Missing")), width=60)], rows)


def differences(form: QualityForm) -> Table:
    """Slips that do not agree with the books."""
    columns = [
        Column(_(N_("Station")), width=60),
        Column(_(N_("Slip"))),
        Column(_(N_("What")), width=24),
        Column(_(N_("By the books")), width=18),
        Column(_(N_("By the report")), width=18),
    ]
    rows = [[one.station, one.slip, _(WHAT[one.what]), one.books, one.reported] for one in form.differences]
    return Table(_(N_("Differences between reports and books")), columns, rows)
