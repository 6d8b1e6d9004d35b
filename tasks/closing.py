"""Closing a case (结案): with an outcome, nothing left open, the party told."""

from typing import Any, TypeVar

from models.labels import Labelled
from models.language import N_
from models.queries import audit, deadlines, questions
from models.tables.parties import Person
from models.tables.questions import TaskState
from tasks.asking import send_and_start
from tasks.carrying import carrier
from tasks.journal import CaseFile, Work, step
from tasks.linking import still_open
from tasks.notices import notify, to_party, to_person

Ending = TypeVar("Ending", bound=Labelled)


def closed(file: CaseFile[Any], outcome: Ending) -> Ending:
    """Closes the case, sends its last letters, keeps its story; returns the outcome."""
    close_case(file, outcome)
    send_and_start(file)
    carrier().keep_story(file.number)
    return outcome


@step(N_("Case closed"))
def close_case(work: Work[Any], outcome: Labelled) -> None:
    """Ends the case; a question that no longer matters is taken back, and every clock stands."""
    work.case.outcome, work.case.closed_at = outcome.value, work.at
    for task in questions.open_in(work.session, work.case.id):
        task.state = TaskState.WITHDRAWN
    deadlines.abandon_unmet(work.session, work.case, work.at, "closed", "flow")
    audit.record(work.session, work.at, "flow", "case_closed", work.case.number, {"outcome": outcome.value})
    party = to_party(work.session, work.case.party, work.case)
    # Whoever opened it hears what goes on without it.
    open_children = still_open(work.session, work.case)
    registrar = [to_person(work.session.get_one(Person, work.case.opened_by))] if open_children else []
    facts = {"outcome": outcome.label_text, "still_open": open_children}
    notify(work.session, work.case, work.at, "case_closed", [party, *registrar], facts, key=work.key)
