"""The clocks of a case as Markdown (时限说明): for each deadline the sum behind its due time, and its rungs."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.forms import due_time, local_time
from models.language import N_, _
from models.queries import deadlines, questions
from models.tables.cases import Case
from models.tables.deadlines import Deadline
from tasks.deadlines import name_of
from tasks.explaining import change_lines, rung_rows, sum_rows, why
from tasks.markdown import plain, table
from tasks.states import STATES


def why_page(session: Session, case: Case, at: datetime) -> str:
    """Every deadline of a case, those still running first, seen at `at`."""
    clocks = sorted(deadlines.all_of(session, case.id), key=lambda one: (one.is_over, one.id))
    title = _(N_("The clocks of {number}, at {at}"), number=case.number, at=_local(case, at))
    return "\n\n".join([f"# {title}", *(_clock(session, case, one, at) for one in clocks)])


def _clock(session: Session, case: Case, deadline: Deadline, at: datetime) -> str:
    told = why(session, deadline, at)
    zone = questions.policy_of(case).timezone
    summary = _(
        N_("{budget}, counted by calendar {calendar}, due **{due}**, {state}."),
        budget=told.budget,
        calendar=told.calendar,
        due=due_time(told.due.astimezone(zone)),
        state=STATES[told.state](),
    )
    sums = table(
        [_(N_("From")), _(N_("Until")), _(N_("Counts")), _(N_("Why")), _(N_("Whose time"))], sum_rows(told, zone)
    )
    parts = [f"## {name_of(session, deadline)}", summary, sums]
    if told.rungs:
        head = [_(N_("Rung")), _(N_("Tells")), _(N_("Planned")), _(N_("Happened")), _(N_("Why not"))]
        parts.append(table(head, rung_rows(told, zone)))
    parts += [f"> {plain(text)}" for text in (*change_lines(told, zone), *told.warnings)]
    return "\n\n".join(parts)


def _local(case: Case, instant: datetime) -> str:
    return local_time(instant.astimezone(questions.policy_of(case).timezone))
