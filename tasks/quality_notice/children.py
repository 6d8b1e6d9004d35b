"""Cases out of quality information (关联工单): opened once, and linked if one about the same is open already."""

from typing import Any

from sqlalchemy import or_, select

from models.queries import cases
from models.tables.cases import Case, CaseLink
from models.tables.parties import Person
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.journal import Work
from tasks.linking import open_child
from tasks.opening import Procedure


def child_or_link(work: Work[Any], procedure: Procedure, report: dict[str, Any], subject: str) -> str:
    """In a step: the number of the case about `subject` that belongs to this one.

    That is one which is open, or was opened since this one was: by the sweep, say, which saw an urgent report before
    this flow took it in. Else it is a new one.
    """
    session = work.session
    cases.lock_subject(session, procedure.code, subject)
    known = session.scalars(
        select(Case)
        .where(Case.procedure == procedure.code, Case.subject == subject, Case.withdrawn_at.is_(None))
        .where(or_(Case.closed_at.is_(None), Case.id > work.case.id))
        .order_by(Case.id.desc())
    ).first()
    if known is None:
        return open_child(work, procedure, report)
    if session.get(CaseLink, (work.case.id, known.id)) is None:
        session.add(CaseLink(parent_id=work.case.id, child_id=known.id, step=work.key, at=work.at))
        session.flush()
    return known.number


def open_dispute(
    work: Work[Any], dealer: str, product: str, batch: str, pieces: int, fault: str, reported_by: str
) -> str:
    """In a step: the number of the batch quality dispute about a batch at a dealer (manual 000 四.1 art. 3)."""
    report = {
        "dealer": dealer,
        "product": product,
        "batch": batch,
        "faulty_pieces": pieces,
        "fault": fault,
        "reported_at": work.at.isoformat(),
        "reported_by": reported_by,
        "registered_by": login_of_opener(work),
    }
    return child_or_link(work, BATCH_QUALITY_DISPUTE, report, f"{dealer}:{product}:{batch}")


def login_of_opener(work: Work[Any]) -> str:
    """In whose name what comes out of a case is registered."""
    return work.session.get_one(Person, work.case.opened_by).login
