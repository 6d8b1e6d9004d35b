"""The quality-information form (质量信息反馈表) as facts: what workbook, mail and page are all made from.

Manual 000 三 经理 F. It is made once, when it goes out, and kept as it was with the case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_, or_, select

from models.feedback_reports import Urgency
from models.forms import YesNo
from models.information_feedback import FiguresCheck, Gap, MonthToReport, QualityAnalysis
from models.quality_notice import UrgentNotice
from models.queries import measures
from models.queries.quality import Figures
from models.roles import Role
from models.rules.feedback import first_day, first_day_after
from models.tables.cases import Case, CaseLink, DocumentKind
from models.tables.feedback import Measure, MeasureState
from tasks.information_feedback.lists import differences_of, figures_of, filed
from tasks.journal import Work
from tasks.quality_notice import QUALITY_NOTICE


@dataclass(frozen=True)
class Item:
    """A measure asked for, as it stood when the form went out."""

    reference: str
    goods: str
    batch: str
    problem: str
    department: Role
    asked: str
    urgent: bool
    state: MeasureState
    answer: str
    due_on: date | None


@dataclass(frozen=True)
class Noticed:
    """An urgent notice of the month, or one that came out of its reports; without an outcome it is still open."""

    number: str
    goods: str
    batch: str
    fault: str
    pieces: int
    danger: bool
    outcome: str


@dataclass(frozen=True)
class Observed:
    """What a station or office wanted the departments to know."""

    who: str
    goods: str
    batch: str
    problem: str
    pieces: int
    urgency: Urgency


@dataclass(frozen=True)
class Said:
    """What users told a station, or an office remarked."""

    who: str
    text: str


@dataclass(frozen=True)
class Differing:
    """Where a slip of a station does not agree with the books."""

    station: str
    slip: str
    what: str
    books: str
    reported: str


@dataclass(frozen=True)
class QualityForm:
    """The form of one month; `issued_at` carries the zone in which people read it."""

    number: str
    company: str
    month: str
    issued_at: datetime
    figures: Figures
    summary: str
    remarks: str
    figures_agree: bool
    items: Sequence[Item]
    carried: Sequence[Item]
    notices: Sequence[Noticed]
    observed: Sequence[Observed]
    said: Sequence[Said]
    differences: Sequence[Differing]
    gaps: Sequence[Gap]


_KEPT = TypeAdapter(QualityForm)


def kept(form: QualityForm) -> dict[str, Any]:
    """The form as a document of its case keeps it."""
    content: dict[str, Any] = _KEPT.dump_python(form, mode="json")
    return content


def read(content: dict[str, Any]) -> QualityForm:
    """The form that a document keeps."""
    return _KEPT.validate_python(content)


def form_of(
    work: Work[MonthToReport], check: FiguresCheck | None, analysis: QualityAnalysis | None, gaps: Sequence[Gap]
) -> QualityForm:
    """The form as it goes out now; the items of `analysis` are measures of the case already."""
    return QualityForm(
        number=work.case.number,
        company=work.case.party.name,
        month=work.report.month,
        issued_at=work.at.astimezone(work.policy.timezone),
        figures=figures_of(work),
        summary=analysis.summary if analysis else "",
        remarks=check.remarks if check else "",
        figures_agree=check is not None and check.agree is YesNo.YES,
        items=[item_of(one) for one in measures.of_case(work.session, work.case)],
        carried=[item_of(one) for one in measures.open_before(work.session, work.case)],
        notices=list(_notices(work)),
        observed=list(_observed(work)),
        said=list(_said(work)),
        differences=[Differing(station, **one) for station, one in differences_of(work)],
        gaps=list(gaps),
    )


def item_of(measure: Measure) -> Item:
    """A measure as it stands now."""
    return Item(
        reference=measure.reference,
        goods=f"{measure.product.code} {measure.product.name}",
        batch=measure.batch,
        problem=measure.problem,
        department=Role(measure.department),
        asked=measure.asked,
        urgent=measure.urgent,
        state=MeasureState(measure.state),
        answer=measure.answer,
        due_on=measure.due_on,
    )


def _notices(work: Work[MonthToReport]) -> Iterator[Noticed]:
    """Urgent notices opened in the month, and those that its reports led to."""
    zone, month = work.policy.timezone, work.report.month
    since, until = (datetime.combine(day, time.min, zone) for day in (first_day(month), first_day_after(month)))
    ours = select(CaseLink.child_id).where(CaseLink.parent_id == work.case.id)
    of_the_month = and_(Case.opened_at >= since, Case.opened_at < until)
    found = select(Case).where(Case.procedure == QUALITY_NOTICE.code, or_(of_the_month, Case.id.in_(ours)))
    for case in work.session.scalars(found.where(Case.withdrawn_at.is_(None)).order_by(Case.id)):
        notice = UrgentNotice.read(case.input)
        named = (notice.goods, notice.batch, notice.fault, notice.pieces)
        yield Noticed(case.number, *named, notice.danger is YesNo.YES, case.outcome or "")


def _observed(work: Work[MonthToReport]) -> Iterator[Observed]:
    for who, report in _reports(work):
        for item in report["items"]:
            yield Observed(who, **{**item, "urgency": Urgency(item["urgency"])})


def _said(work: Work[MonthToReport]) -> Iterator[Said]:
    for who, report in _reports(work):
        if text := report.get("opinions") or report.get("remarks"):
            yield Said(who, text)


def _reports(work: Work[MonthToReport]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and report of each station, then of each office."""
    for kind in (DocumentKind.STATION_REPORT, DocumentKind.OFFICE_REPORT):
        yield from ((content["name"], content["report"]) for content in filed(work, kind))
