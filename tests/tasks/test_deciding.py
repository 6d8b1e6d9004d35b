"""The one door: who may decide, who was first, who must be somebody else."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from people import CREDITED, answer, open_tasks, opened, play, run
from sqlalchemy import Engine, func, select

from models.errors import (
    AfterSalesError,
    AlreadyDecided,
    CaseEnded,
    InvalidInput,
    NotAllowed,
    NotFound,
    SeparationOfDuties,
)
from models.queries import cases, goods, people, questions
from models.tables.audit import AuditEntry
from models.tables.parties import RoleGrant
from models.tables.questions import Channel, Decision, Task
from tasks.database import transaction
from tasks.deciding import decide
from tasks.reassigning import reassign
from tasks.withdrawing import withdraw

VERDICT = {"is_batch": "yes", "reason": "Five of one fault."}


@pytest.fixture
def number(company: Engine) -> str:
    """A case that waits for the clerk's verdict."""
    opened_case = opened()
    run(opened_case)
    return opened_case


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, login).id, role=role))


def decisions() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Decision)) or 0


def test_of_eight_at_once_one_is_accepted_and_seven_hear_who_was_first(number: str) -> None:
    ref = open_tasks(number)["batch-verdict"]

    def press(press: int) -> str:
        try:
            by = ("li.na", "wang.fang")[press % 2]
            return decide(ref, VERDICT, by=by, channel=Channel.COMMAND_LINE).by
        except AlreadyDecided as error:
            return error.message

    with ThreadPoolExecutor(8) as crowd:
        heard = list(crowd.map(press, range(8)))
    first = [one for one in heard if one in {"li.na", "wang.fang"}]
    assert len(first) == 1
    assert sum(f"({first[0]})" in one for one in heard) == 7
    assert decisions() == 1


@pytest.mark.parametrize("login", ["sun.wei", "zhou.hai", "chen.min"])
def test_somebody_without_the_role_may_not_decide(number: str, login: str) -> None:
    with pytest.raises(NotAllowed):
        answer(number, "batch-verdict", login, VERDICT)
    assert decisions() == 0


def test_an_unknown_or_inactive_person_is_not_found(number: str) -> None:
    with transaction() as session:
        people.person(session, "wang.fang").active = False
    for login in ("wang.fang", "nobody", ""):
        with pytest.raises(NotFound):
            answer(number, "batch-verdict", login, VERDICT)


def test_an_assigned_task_is_its_assignees_alone(number: str) -> None:
    play(number, until="site-finding")
    with pytest.raises(NotAllowed):
        answer(number, "site-finding", "tom.baker", CREDITED["site-finding"][1])


def test_an_answer_that_does_not_fit_leaves_the_task_open(number: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer(number, "batch-verdict", "li.na", {"is_batch": "maybe", "reason": "x"})
    assert list(refused.value.fields) == ["is_batch"]
    assert list(open_tasks(number)) == ["batch-verdict"]


def test_the_registrar_may_not_confirm_the_recall(number: str) -> None:
    grant("li.na", "cs_manager")
    play(number, until="recall-scope")
    with pytest.raises(SeparationOfDuties):
        answer(number, "recall-scope", "li.na", {"decision": "confirm", "comment": "x"})
    with transaction() as session:
        task = questions.by_ref(session, open_tasks(number)["recall-scope"])
        assert people.logins(questions.candidates(session, task)) == ["chen.min"]
        assert questions.inbox(session, people.person(session, "li.na")) == []


def test_the_technician_may_not_confirm_the_recall_of_his_own_finding(number: str) -> None:
    grant("liu.yang", "cs_manager")
    play(number, until="recall-scope")
    with pytest.raises(SeparationOfDuties):
        answer(number, "recall-scope", "liu.yang", {"decision": "confirm", "comment": "x"})


def test_the_clerk_answers_for_the_dealer_and_it_is_recorded_so(number: str) -> None:
    play(number, until="remedy")
    decided = answer(number, "remedy", "wang.fang", {"remedy": "credit", "told_by": "Mr He"})
    assert (decided.by, decided.on_behalf_of) == ("wang.fang", "D-01")


def test_nothing_is_decided_in_a_withdrawn_case(number: str) -> None:
    ref = open_tasks(number)["batch-verdict"]
    withdraw(number, "entered twice", "li.na")
    with pytest.raises(CaseEnded):
        decide(ref, VERDICT, by="li.na", channel=Channel.COMMAND_LINE)
    with pytest.raises(CaseEnded):
        run(number)


def test_only_those_whom_the_policy_names_withdraw_and_a_reason_is_needed(number: str) -> None:
    with pytest.raises(NotAllowed):
        withdraw(number, "x", "sun.wei")
    with pytest.raises(InvalidInput):
        withdraw(number, "  ", "li.na")
    assert list(open_tasks(number)) == ["batch-verdict"]


def test_withdrawing_stops_every_clock_and_releases_the_sale(number: str) -> None:
    play(number, until="site-finding")
    withdraw(number, "Reported by mistake", "chen.min")
    with transaction() as session:
        case = cases.by_number(session, number)
        tasks = session.scalars(select(Task).where(Task.case_id == case.id, Task.key == "site-finding")).all()
        assert [(task.state, task.deadline.next_rung_at) for task in tasks] == [("withdrawn", None)]
        assert all(one.stopped_at for task in tasks for one in task.deadline.intervals)
        assert goods.sale_stops_of(session, case.id) == []


def test_the_head_of_technology_replaces_a_technician_who_is_ill(number: str) -> None:
    play(number, until="site-finding")
    ref = open_tasks(number)["site-finding"]
    reassign(ref, "tom.baker", "Liu Yang is ill", "sun.wei")
    with pytest.raises(NotAllowed):
        answer(number, "site-finding", "liu.yang", CREDITED["site-finding"][1])
    assert answer(number, "site-finding", "tom.baker", CREDITED["site-finding"][1]).by == "tom.baker"


@pytest.mark.parametrize(
    ("to", "by", "error"),
    [
        ("li.na", "sun.wei", InvalidInput),
        ("tom.baker", "liu.yang", NotAllowed),
        ("nobody", "sun.wei", NotFound),
    ],
)
def test_a_task_goes_only_to_who_holds_its_role_and_from_who_may_give_it(
    number: str, to: str, by: str, error: type[AfterSalesError]
) -> None:
    play(number, until="site-finding")
    with pytest.raises(error):
        reassign(open_tasks(number)["site-finding"], to, "x", by)


def test_every_decision_stands_in_the_audit_with_who_and_what(number: str) -> None:
    answer(number, "batch-verdict", "li.na", VERDICT)
    with transaction() as session:
        entries: list[Any] = list(session.scalars(select(AuditEntry).where(AuditEntry.operation == "decided")))
        assert [(one.actor, one.subject, one.detail["answer"]) for one in entries] == [
            ("li.na", "BQ-2026-0001:batch-verdict:1", VERDICT)
        ]


def test_numbers_are_never_given_twice_to_cases_that_start_together(company: Engine) -> None:
    batches = [("D-01", "LX-019", "MH260901A"), ("D-02", "LX-019", "MH260901A"), ("D-03", "LX-019", "MH260901A")]

    def start(press: int) -> str:
        dealer, product, batch = batches[press % 3]
        return opened(dealer=dealer, product=product, batch=batch, separate=True)

    with ThreadPoolExecutor(4) as crowd:
        numbers = list(crowd.map(start, range(12)))
    assert sorted(numbers) == [f"BQ-2026-{number:04d}" for number in range(1, 13)]


def test_the_same_report_sent_eight_times_at_once_opens_one_case(company: Engine) -> None:
    def start(_press: int) -> str:
        try:
            return opened()
        except AfterSalesError as error:
            return error.code

    with ThreadPoolExecutor(8) as crowd:
        assert Counter(crowd.map(start, range(8))) == Counter({"already_reported": 7, "BQ-2026-0001": 1})
