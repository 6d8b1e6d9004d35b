"""What deadlines (时限) are for, as people call them, and which tasks run within them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.forms import Form
from models.language import N_, _
from models.tables.deadlines import Deadline
from models.tables.questions import Task, TaskState

#: What a case's own deadlines are for; a task's deadline is named by its form.
NAMES = {
    "acknowledgement": N_("Acknowledgement to the dealer"),
    "determination": N_("Determination on site"),
    "settlement": N_("Settlement with the dealer"),
    "agreement-signature": N_("Signature of the agreement with the station"),
    "execution": N_("Execution of the ruling"),
    "transit-report": N_("Report of the loss or damage"),
    "filing": N_("Claim file for the carrier"),
}


def open_tasks_of(session: Session, deadline: Deadline) -> Sequence[Task]:
    """The open tasks that run within the deadline."""
    return session.scalars(
        select(Task).where(Task.deadline_id == deadline.id, Task.state == TaskState.OPEN).order_by(Task.id)
    ).all()


def name_of(session: Session, deadline: Deadline, tasks: Sequence[Task] = ()) -> str:
    """What a deadline is for, in the language in force: a clock of the case, or the question that it runs for.

    `tasks` saves looking for its tasks, if somebody has them.
    """
    if deadline.key in NAMES:
        return _(NAMES[deadline.key])
    if tasks:
        return _(Form.named(tasks[0].form).heading)
    form = session.scalar(select(Task.form).where(Task.deadline_id == deadline.id).order_by(Task.id).limit(1))
    return _(Form.named(form).heading) if form else deadline.key
