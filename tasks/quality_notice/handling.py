"""What is done about an urgent quality notice (质量信息反馈单): cause and measure, proof, and who hears of it."""

from datetime import datetime, time
from typing import Any

from models.forms import YesNo
from models.language import N_
from models.quality_notice import MeasureProof, NoticeMeasure, NoticeVerdict, UrgentNotice
from models.queries import goods
from models.queries.quality import received_by_dealers
from models.roles import Role
from models.tables.cases import DocumentKind
from models.tables.feedback import Measure, MeasureState
from tasks.documents import file_document
from tasks.journal import CaseFile, Work, step
from tasks.notices import notify, to_party
from tasks.quality_notice.children import open_dispute
from tasks.quality_notice.register import goods_name, holders_of


def whom_it_may_concern(work: Work[UrgentNotice]) -> dict[str, Any]:
    """For quality: the departments that can be named, and the dealers that received the batch."""
    departments = {role.value: role.label for role in work.policy.feedback.recipients}
    return {"departments": departments, **dealers_of(work, work.report.goods, work.report.batch)}


def dealers_of(work: Work[Any], code: str, batch: str) -> dict[str, Any]:
    """The dealers that received a batch and can dispute it: names, and pieces received."""
    dealers = received_by_dealers(work.session, code, batch) if batch and work.policy.batch_quality else {}
    return {
        "dealers": {number: name for number, (name, _pieces) in dealers.items()},
        "received": {number: pieces for number, (_name, pieces) in dealers.items()},
    }


def sent_back(work: Work[UrgentNotice], comment: str) -> dict[str, Any]:
    """For the department: when the notice came, and why quality sent the first answer back."""
    noticed_on = work.case.reported_at.astimezone(work.policy.timezone).date()
    return {"noticed_on": noticed_on.isoformat(), "comment": comment}


def answered(measure: NoticeMeasure) -> dict[str, Any]:
    """For quality: what the department answered."""
    return measure.model_dump(mode="json")


def promised(notice: CaseFile[UrgentNotice], measure: NoticeMeasure) -> datetime:
    """The beginning of the day by which the department wants to be done: before, there is nothing to check."""
    return datetime.combine(measure.done_by, time.min, notice.policy.timezone)


@step(N_("Notice taken on"))
def take_on(work: Work[UrgentNotice], verdict: NoticeVerdict) -> None:
    """A design fault is told at once; a batch in question becomes a dispute of its own."""
    file_document(work, DocumentKind.VERDICT_SHEET, verdict.model_dump(mode="json"))
    if verdict.design_defect is YesNo.YES:
        told = holders_of(work, *work.policy.feedback.told_of_design)
        facts = {"goods": goods_name(work), "reason": verdict.reason}
        notify(work.session, work.case, work.at, "quality_notice/design_defect", told, facts, key=work.key)
    if verdict.dispute_at:
        notice = work.report
        open_dispute(
            work,
            verdict.dispute_at,
            notice.goods,
            notice.batch,
            verdict.dispute_pieces,
            notice.fault,
            Role.QUALITY_DEPT.label,
        )


@step(N_("Notice rejected, and the reason told"))
def tell_rejection(work: Work[UrgentNotice], verdict: NoticeVerdict) -> None:
    """Whoever reported it hears why it is no quality fault, and so do those who were told of it."""
    file_document(work, DocumentKind.VERDICT_SHEET, verdict.model_dump(mode="json"))
    _tell(work, "rejected", reason=verdict.reason)


@step(N_("Department's measure filed"))
def file_measure(work: Work[UrgentNotice], department: Role, answer: NoticeMeasure, *, round: int = 1) -> None:
    """The department's answer becomes a document of the case."""
    content = {"department": department.value, **answer.model_dump(mode="json")}
    file_document(work, DocumentKind.DEPARTMENT_ANSWER, content)


@step(N_("Solution told to all concerned"))
def tell_solution(work: Work[UrgentNotice], answer: NoticeMeasure, proof: MeasureProof) -> None:
    """Whoever reported it and the departments hear what was the cause, what was done, and that it works."""
    _tell(work, "solved", cause=answer.cause, measure=answer.measure, comment=proof.comment)


@step(N_("Told that the notice is not solved; its measure stays open"))
def leave_open(work: Work[UrgentNotice], department: Role, answer: NoticeMeasure, proof: MeasureProof) -> None:
    """Not solved: manager and vice-president are told at once, and the month's form asks for it until it is done."""
    product = goods.product_by_code(work.session, work.report.goods)
    assert product is not None, "the notice was checked when the case was opened"
    work.session.add(
        Measure(
            case_id=work.case.id,
            number=1,
            department=department.value,
            product_id=product.id,
            batch=work.report.batch,
            problem=work.report.fault,
            asked=proof.comment,
            urgent=True,
            cause=answer.cause,
            answer=answer.measure,
            due_on=answer.done_by,
            answered_at=work.at,
            state=MeasureState.OPEN,
        )
    )
    facts = {
        "goods": goods_name(work),
        "measure": answer.measure,
        "comment": proof.comment,
        "department": department.label_text,
    }
    told = holders_of(work, *work.policy.feedback.told_of_danger)
    notify(work.session, work.case, work.at, "quality_notice/unsolved", told, facts, key=work.key)


def _tell(work: Work[UrgentNotice], letter: str, **facts: str) -> None:
    """The place where it was seen, the departments and the manager."""
    departments = holders_of(work, *work.policy.feedback.recipients, Role.CS_MANAGER)
    told = [to_party(work.session, work.case.party, work.case), *departments]
    facts = {"goods": goods_name(work), **facts}
    notify(work.session, work.case, work.at, f"quality_notice/{letter}", told, facts, key=work.key)
