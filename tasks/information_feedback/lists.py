"""What clerk and manager see of a month before they answer: figures, differences, gaps, open measures."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from models.information_feedback import Gap, MonthToReport
from models.language import N_, _
from models.queries import measures, quality
from models.queries.quality import Figures
from models.tables.cases import Document, DocumentKind
from models.tables.feedback import Measure
from tasks.information_feedback.reports import goods_to_choose
from tasks.journal import Work
from tasks.repairs import WHAT

_MOST_NAMED = 10


def figures_of(work: Work[MonthToReport]) -> Figures:
    """The month's figures, as the ledgers have them now."""
    feedback = work.policy.feedback
    return quality.figures(
        work.session,
        work.report.month,
        work.case,
        currency=work.policy.currency,
        zone=work.policy.timezone,
        repeated_months=feedback.repeated_months,
        repeated_pieces=feedback.repeated_pieces,
        repeated_stations=feedback.repeated_stations,
    )


def differences_of(work: Work[MonthToReport]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where slips do not agree with the books: the station's name, and the difference."""
    for content in filed(work, DocumentKind.STATION_REPORT):
        yield from ((content["name"], one) for one in content["differences"])


def filed(work: Work[MonthToReport], kind: DocumentKind) -> list[dict[str, Any]]:
    """What the case's documents of a kind say, in the order in which they were filed."""
    found = select(Document.content).where(Document.case_id == work.case.id, Document.kind == kind)
    return list(work.session.scalars(found.order_by(Document.number)))


def to_check(work: Work[MonthToReport], gaps: Sequence[Gap]) -> dict[str, Any]:
    """For the clerk."""
    figures = figures_of(work)
    return {
        "repairs": figures.total.repairs,
        "fees": f"{figures.total.fee:.2f} {figures.currency}",
        "counted": _counted(figures),
        "differences": [difference_text(name, one) for name, one in differences_of(work)],
        "gaps": [gap_text(one) for one in gaps],
    }


def to_analyse(work: Work[MonthToReport], gaps: Sequence[Gap]) -> dict[str, Any]:
    """For the manager: what can be asked of whom, too."""
    figures = figures_of(work)
    repeated = N_("{name}, batch {batch}: {pieces} pieces at {stations} stations")
    return {
        "goods": goods_to_choose(work.session)["goods"],
        "departments": {role.value: role.label for role in work.policy.feedback.recipients},
        "counted": _counted(figures),
        "repeated": [
            _(repeated, name=one.name, batch=one.batch, pieces=one.pieces, stations=one.stations)
            for one in figures.repeated[:_MOST_NAMED]
        ],
        "carried": [f"{one.reference}: {measure_text(one)}" for one in measures.open_before(work.session, work.case)],
        "gaps": [gap_text(one) for one in gaps],
    }


def measure_text(measure: Measure) -> str:
    """A measure in a line: goods, batch, problem, what is asked."""
    goods = " ".join(filter(None, (measure.product.code, measure.product.name, measure.batch)))
    return f"{goods}: {measure.problem} → {measure.asked}"


def gap_text(gap: Gap) -> str:
    """A gap as people read it, in the language in force."""
    return _(N_("{who}: {what}"), who=gap.who, what=gap.kind.label) if gap.who else gap.kind.label


def difference_text(station: str, difference: dict[str, str]) -> str:
    """A difference as people read it, in the language in force."""
    text = N_("{station}, slip {slip}: {what} by the books {books}, by the report {reported}")
    named = {name: difference[name] for name in ("slip", "books", "reported")}
    return _(text, station=station, what=_(WHAT[difference["what"]]), **named)


def _counted(figures: Figures) -> dict[str, list[list[Any]]]:
    return {
        "products": [[f"{one.code} {one.name}", one.pieces] for one in figures.products[:_MOST_NAMED]],
        "parts": [[f"{one.code} {one.name}", one.pieces] for one in figures.parts[:_MOST_NAMED]],
        "faults": [[one.fault, one.pieces] for one in figures.faults[:_MOST_NAMED]],
    }
