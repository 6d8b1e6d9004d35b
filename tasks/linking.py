"""Cases out of cases (关联工单): a step opens a child case, and both know of each other."""

from typing import Any

from sqlalchemy.orm import Session

from models.language import N_, _
from models.queries import cases, links
from models.tables.cases import Case, CaseLink
from models.tables.parties import Person
from tasks.journal import Work
from tasks.opening import Procedure, opened
from tasks.states import STATES


def open_child(work: Work[Any], procedure: Procedure, report: dict[str, Any]) -> str:
    """In a step: opens a case of `procedure` out of this one, and returns its number.

    Its run starts before this flow waits again.

    Whoever opened this case counts as the one who opened the child. Raises InvalidInput if `report` does not fit.
    """
    opener = work.session.get_one(Person, work.case.opened_by)
    child = opened(work.session, procedure, report, opener=opener)
    work.session.add(CaseLink(parent_id=work.case.id, child_id=child.id, step=work.key, at=work.at))
    work.session.flush()
    return child.number


def linked_rows(session: Session, case: Case) -> list[tuple[str, str, str]]:
    """Which way, number and state of each linked case, in the language in force."""
    ways = ((_(N_("came out of")), links.parents), (_(N_("led to")), links.children))
    return [
        (way, other.number, STATES[cases.state_of(session, other)]())
        for way, found in ways
        for other in found(session, case.id)
    ]


def still_open(session: Session, case: Case) -> list[str]:
    """The numbers of the cases that came out of this one and go on without it."""
    return [one.number for one in links.children(session, case.id, only_open=True)]
