"""Playing a story (演示情节) on a running system: people answer as those do who hold the posts."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from deployments import output
from models.errors import Unavailable
from models.forms import Form
from models.language import N_, _
from models.queries import cases, clock, links, questions
from models.tables.cases import CaseState
from models.tables.questions import Channel
from tasks.database import transaction
from tasks.deciding import decide
from tasks.opening import Procedure, open_case
from tasks.procedures import outcome_text
from tasks.settings import data_folder
from tasks.summary import answer_text
from tasks.sweeping import sweep
from tasks.waking import carry, wake

_PATIENCE_SECONDS = 180.0
_LOOK_AGAIN_SECONDS = 0.3

#: The question's key, who answers it, and what.
Line = tuple[str, str, dict[str, Any]]


def now() -> datetime:
    """The business time."""
    with transaction() as session:
        return clock.now(session)


def begin(procedure: Procedure, report: dict[str, Any]) -> str:
    """Opens a case and has it carried; its number."""
    number = open_case(procedure, report)
    output.say(_(N_("{procedure}: case {number} is open."), procedure=procedure.name, number=number))
    carry(number)
    return number


def go_through(number: str, lines: Sequence[Line]) -> None:
    """Answers the case's questions one after the other, each once it is asked."""
    for key, login, answer in lines:
        say(number, key, login, answer)


def say(number: str, key: str, login: str, answer: dict[str, Any]) -> None:
    """Waits until the question is open, then answers it."""
    ref = ""

    def asked(_state: CaseState) -> bool:
        nonlocal ref
        with transaction() as session:
            waiting = [
                task.ref for task in questions.open_in(session, cases.by_number(session, number).id) if task.key == key
            ]
        ref = waiting[0] if waiting else ""
        return bool(ref)

    _until(number, asked)
    decided = decide(ref, answer, by=login, channel=Channel.COMMAND_LINE)
    with transaction() as session:
        task = questions.by_ref(session, ref)
        if task.decision:
            output.say(f"  {_(Form.named(task.form).heading)} — {login}: {answer_text(task.decision)}")
    wake(decided.case_id)


def closes(number: str) -> None:
    """Waits until the case is closed, and tells its outcome."""
    _until(number, lambda state: state is CaseState.CLOSED)
    with transaction() as session:
        case = cases.by_number(session, number)
        output.say(_(N_("Case {number} is closed: {outcome}"), number=number, outcome=outcome_text(case)))


def all_wait() -> None:
    """Waits until every open case waits for a person; what does not go on is left to the sweep to name."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        with transaction() as session:
            if all(cases.state_of(session, one) is CaseState.WAITING for one in cases.listed(session, only_open=True)):
                return
        time.sleep(_LOOK_AGAIN_SECONDS)


def child_of(number: str, code: str) -> str:
    """The number of the newest case of procedure `code` that came out of a case."""
    with transaction() as session:
        children = links.children(session, cases.by_number(session, number).id)
        return [one.number for one in children if one.procedure == code][-1]


def opened_by_the_calendar(code: str) -> str:
    """The number of the newest case of procedure `code`, which a sweep opened."""
    with transaction() as session:
        return cases.listed(session, code)[-1].number


def hours_pass(hours: float) -> None:
    """The business clock goes forward, and the sweep does what is then due."""
    with transaction() as session:
        clock.forward(session, timedelta(hours=hours))
    swept = sweep()
    output.say(
        _(
            N_("{hours} hours pass; the sweep reminds {reminded} times and escalates {escalated} times."),
            hours=round(hours),
            reminded=swept.reminded,
            escalated=swept.escalated,
        )
    )


def days_pass(days: float) -> None:
    """As `hours_pass`."""
    hours_pass(days * 24)


def _until(number: str, reached: Callable[[CaseState], bool]) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with transaction() as session:
            state = cases.state_of(session, cases.by_number(session, number))
        if reached(state):
            return
        if time.monotonic() > give_up_at:
            raise Unavailable(
                N_("Case {number} does not go on; see the logs in {folder}"),
                number=number,
                folder=data_folder() / "logs",
            )
        time.sleep(_LOOK_AGAIN_SECONDS)
