"""The urgent quality notice (质量信息反馈单): what cannot wait for the month's form. Manual 000 三 内勤 D, 一.3.

`register` how it begins, `in_reports` what begins it in a month's reports, `handling` what is done about it,
`children` the cases that come out of quality information.
"""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.language import N_
from models.quality_notice import NoticeOutcome, UrgentNotice
from models.tables.cases import Case, Document, DocumentKind
from models.tables.feedback import Measure
from tasks.opening import Procedure
from tasks.quality_notice.in_reports import falls_due
from tasks.quality_notice.register import begin, check


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """What does not agree in a closed notice: an answer if it was taken on, an open measure if it was not solved."""
    answers = select(func.count()).where(Document.case_id == case.id, Document.kind == DocumentKind.DEPARTMENT_ANSWER)
    answered = bool(session.scalar(answers))
    if answered == (case.outcome == NoticeOutcome.REJECTED):
        yield "measure_differs", N_("A notice that was taken on has a department's answer, a rejected one has none.")
    left = session.scalar(select(func.count()).where(Measure.case_id == case.id))
    if bool(left) != (case.outcome == NoticeOutcome.UNSOLVED):
        yield "open_measure_differs", N_("A measure stays open if the notice was not solved, and only then.")


QUALITY_NOTICE = Procedure(
    code="QN",
    title=N_("Urgent quality notice"),
    manual="000 三 内勤 D, 一.3",
    deployment="quality-notice/质量信息反馈单",
    form=UrgentNotice,
    outcomes=NoticeOutcome,
    check=check,
    begin=begin,
    prove=prove,
    section="feedback",
    falls_due=falls_due,
)
