"""Refused decisions (被拒绝的决定) stand in the audit trail: who tried what by which way, and why it was not taken."""

from sqlalchemy import select

from models.errors import AfterSalesError, Unavailable
from models.queries import audit, cases, clock
from models.tables.audit import AuditEntry
from models.tables.parties import Person
from models.tables.questions import Channel, Task
from tasks.database import transaction

REFUSED = "decision_refused"


def note_refusal(task_ref: str, login: str, error: AfterSalesError, channel: Channel) -> None:
    """Records a refusal in a transaction of its own; the refused one is gone. What was answered is not kept.

    Whoever is refused again and again for the same reason is recorded once, until something else happens to the task.
    A guess at a task or a login that does not exist is not recorded: it would fill the trail with the guesser's words.
    """
    if isinstance(error, Unavailable):
        return
    with transaction() as session:
        case_id = session.scalar(select(Task.case_id).where(Task.ref == task_ref))
        known = session.scalar(select(Person.id).where(Person.login == login))
        if case_id is None or known is None:
            return
        # One at a time, so that of two at once the second sees the first.
        cases.hold(session, [case_id])
        of_the_task = select(AuditEntry).where(AuditEntry.subject == task_ref).order_by(AuditEntry.number.desc())
        for entry in session.scalars(of_the_task.execution_options(yield_per=20)):
            if entry.operation != REFUSED:
                break
            if entry.actor == login and entry.detail["code"] == error.code:
                return
        detail = {"code": error.code, "channel": channel.value}
        audit.record(session, clock.now(session), login, REFUSED, task_ref, detail)
