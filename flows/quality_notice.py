"""Urgent quality notice (质量信息反馈单). Manual 000 三 内勤 D, 一.3: quality information goes to the departments."""

from models.forms import YesNo
from models.quality_notice import (
    MeasureProof,
    NoticeMeasure,
    NoticeOutcome,
    NoticeVerdict,
    Reception,
    UrgentNotice,
)
from models.roles import Role
from tasks.asking import ask
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure
from tasks.quality_notice import QUALITY_NOTICE
from tasks.quality_notice.handling import (
    answered,
    file_measure,
    leave_open,
    promised,
    sent_back,
    take_on,
    tell_rejection,
    tell_solution,
    whom_it_may_concern,
)

Notice = CaseFile[UrgentNotice]


@procedure(QUALITY_NOTICE)
def quality_notice(report: UrgentNotice, case: str | None = None) -> NoticeOutcome:
    """Something about a product cannot wait for the month's form.

    The departments are told at once. Quality acknowledges within two hours and names the department responsible;
    that answers with cause, measure and date, and quality checks that the measure works.

    Args:
        report: What was seen (紧急质量信息).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    notice: Notice = case_of(QUALITY_NOTICE, report, case)

    verdict = ask(
        notice,
        "notice-verdict",
        NoticeVerdict,
        of=Role.QUALITY_DEPT,
        limit=notice.policy.feedback.notice_verdict,
        since=notice.reported_at,
        facts=whom_it_may_concern,
    )
    if verdict.reception is Reception.REJECTED:
        tell_rejection(notice, verdict)
        return closed(notice, NoticeOutcome.REJECTED)

    take_on(notice, verdict)
    department = Role(verdict.department)
    measure, proof = measure_and_proof(notice, department)
    if proof.works is YesNo.NO:
        measure, proof = measure_and_proof(notice, department, proof.comment, round=2)
    if proof.works is YesNo.NO:
        leave_open(notice, department, measure, proof)
        return closed(notice, NoticeOutcome.UNSOLVED)
    tell_solution(notice, measure, proof)
    return closed(notice, NoticeOutcome.SOLVED)


def measure_and_proof(
    notice: Notice, department: Role, comment: str = "", *, round: int = 1
) -> tuple[NoticeMeasure, MeasureProof]:
    """The department says cause, measure and date; quality says whether it works, and may send it back once."""
    limits = notice.policy.feedback
    measure = ask(
        notice,
        "notice-measure",
        NoticeMeasure,
        of=department,
        limit=limits.notice_measure,
        facts=lambda work: sent_back(work, comment),
        round=round,
    )
    file_measure(notice, department, measure, round=round)
    proof = ask(
        notice,
        "notice-proof",
        MeasureProof,
        of=Role.QUALITY_DEPT,
        limit=limits.notice_proof,
        since=promised(notice, measure),
        facts=lambda work: answered(measure),
        round=round,
    )
    return measure, proof
