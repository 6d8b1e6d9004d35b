"""What falls due by the calendar is opened by a sweep, once for its subject, in the name of the first clerk."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from people import report
from sqlalchemy import Engine, func, select

from models.errors import NotAllowed
from models.queries import people, policies
from models.roles import Role
from models.tables.cases import Case
from models.tables.parties import Person
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction
from tasks.opening import Procedure, open_case, open_what_fell_due
from tasks.procedures import PROCEDURES
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw


@pytest.fixture
def monthly(company: Engine, monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """The one procedure that there is: each sweep finds the same matter due."""
    due = {name: value for name, value in report().items() if name != "registered_by"}
    procedure = replace(BATCH_QUALITY_DISPUTE, falls_due=lambda session, policy, at: [due])
    for code in list(PROCEDURES):
        monkeypatch.delitem(PROCEDURES, code)
    monkeypatch.setitem(PROCEDURES, procedure.code, procedure)
    return procedure


def opened() -> list[tuple[str, str]]:
    """Number and opener of every case."""
    with transaction() as session:
        found = session.execute(select(Case.number, Person.login).join(Person, Person.id == Case.opened_by))
        return [(number, login) for number, login in found]


def test_a_sweep_opens_what_fell_due_once(monthly: Procedure) -> None:
    assert sweep().opened == 1
    assert opened() == [("BQ-2026-0001", "li.na")]
    assert sweep().opened == 0
    assert len(opened()) == 1


def test_four_at_once_open_one_case(monthly: Procedure) -> None:
    with transaction() as session:
        at = session.scalar(select(func.now()))
    assert at is not None
    with ThreadPoolExecutor(4) as together:
        done = list(together.map(lambda _turn: open_what_fell_due(monthly, at), range(4)))
    assert sorted(map(len, done)) == [0, 0, 0, 1]
    assert len(opened()) == 1


def test_what_was_withdrawn_does_not_come_back_the_next_night(monthly: Procedure) -> None:
    sweep()
    withdraw("BQ-2026-0001", "nothing to do this month", "li.na")
    assert sweep().opened == 0
    assert len(opened()) == 1


def test_without_a_clerk_the_board_says_so_and_nothing_is_opened(monthly: Procedure) -> None:
    with transaction() as session:
        for clerk in people.holders(session, Role.CS_CLERK):
            clerk.active = False
    swept = sweep()
    assert swept.opened == 0
    assert any("clerk" in problem for problem in swept.problems)
    assert opened() == []


def test_a_company_whose_policy_has_no_section_on_it_does_not_run_the_procedure(monthly: Procedure) -> None:
    with transaction() as session:
        content = dict(policies.current(session).content)
        del content["batch_quality"]
        policies.keep(session, content)
    assert sweep().opened == 0
    with pytest.raises(NotAllowed) as refused:
        open_case(monthly, report())
    assert "batch_quality" in refused.value.message
    assert opened() == []
