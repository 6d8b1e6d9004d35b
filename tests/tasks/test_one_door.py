"""One door: every way to decide against every rule, each cell expected and tried; none is without its cell."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import yaml
from conftest import POLICY
from people import business_now, forward, opened
from sqlalchemy import Engine, select, update

from models.batch_quality import BatchVerdict, Outcome
from models.errors import AfterSalesError
from models.limits import LapsableLimit
from models.queries import cases, clock, people, policies, questions
from models.roles import Role
from models.tables.audit import AuditEntry
from models.tables.cases import CaseLink
from models.tables.deadlines import Passing
from models.tables.parties import Person, RoleGrant
from models.tables.questions import Channel, Task, TaskState
from tasks import deciding
from tasks.asking import put
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.claiming import claim
from tasks.closing import close_case
from tasks.database import transaction
from tasks.deciding import Decided, decide
from tasks.opening import file_of
from tasks.standing_in import delegate, end_delegation
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

ANSWER = {"is_batch": "yes", "reason": "Looked at them."}
SILENCE = LapsableLimit(limit="1 days", passing=Passing.LAPSE)


@dataclass(frozen=True)
class Try:
    """Somebody tries to answer a question."""

    ref: str
    login: str
    answer: Any


def case(dealer: str = "D-01", registered_by: str = "li.na") -> str:
    return opened(dealer=dealer, registered_by=registered_by, separate=True)


def asked(number: str, of: Role = Role.CS_CLERK, key: str = "look", **how: Any) -> str:
    """The reference of a question that lapses after a day."""
    with transaction() as session:
        file = file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)
    facts = {"delivered": 200, "proposal": "no"}
    question = put(file, key, BatchVerdict, of=of, limit=SILENCE, facts=lambda work: facts, **how)
    with transaction() as session:
        return session.get_one(Task, question.task_id).ref


def tries(ref: str, login: str, answer: Any = ANSWER) -> Try:
    return Try(ref, login, answer)


def of_the_manager(registered_by: str = "li.na") -> str:
    """A question to the manager that whoever registered the case may not answer."""
    return asked(case(registered_by=registered_by), Role.CS_MANAGER, "recall-scope")


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.merge(RoleGrant(person_id=people.person(session, login).id, role=role))


def active(login: str, is_active: bool) -> None:
    with transaction() as session:
        session.execute(update(Person).where(Person.login == login).values(active=is_active))


def use(**access: Any) -> None:
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    with transaction() as session:
        policies.keep(session, content | {"access": content["access"] | access})


def let(principal: str, deputy: str, begins: float = 0, days: float = 3, **what: str) -> int:
    first = business_now() + timedelta(days=begins)
    return delegate(principal, deputy, first, first + timedelta(days=days), "Away.", principal, **what)  # type: ignore[arg-type]


# What people meet at the door


def the_post_is_held() -> Try:
    return tries(asked(case()), "wang.fang")


def the_post_is_not_held() -> Try:
    return tries(asked(case()), "sun.wei")


def their_area() -> Try:
    return tries(asked(case("D-01"), Role.OFFICE_MANAGER), "zhou.hai")


def another_area() -> Try:
    return tries(asked(case("D-01"), Role.OFFICE_MANAGER), "wu.jiang")


def an_area_without_anybody() -> Try:
    """Two hold the post, both at the other office's parties."""
    active("zhou.hai", False)
    grant("grace.shen", "regional_manager")
    return tries(asked(case("D-01"), Role.REGIONAL_MANAGER), "wu.jiang")


def their_party() -> Try:
    return tries(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-01"), "he.jun")


def another_party() -> Try:
    return tries(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-01"), "grace.shen")


def a_party_without_anybody() -> Try:
    return tries(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-02"), "li.na")


def given_to_them() -> Try:
    return tries(asked(case(), Role.TECHNICIAN, assignee="liu.yang"), "liu.yang")


def given_to_another() -> Try:
    return tries(asked(case(), Role.TECHNICIAN, assignee="liu.yang"), "tom.baker")


def given_to_them_who_lost_the_post() -> Try:
    return tries(asked(case(), Role.TECHNICIAN, assignee="gao.jie"), "gao.jie")


def taken_by_them() -> Try:
    ref = asked(case())
    claim(ref, "wang.fang")
    return tries(ref, "wang.fang")


def taken_by_another() -> Try:
    ref = asked(case())
    claim(ref, "wang.fang")
    return tries(ref, "li.na")


def kept_apart_from_what_they_did() -> Try:
    grant("li.na", "cs_manager")
    return tries(of_the_manager(), "li.na")


def kept_apart_from_what_they_did_in_a_linked_case() -> Try:
    """li.na registered a case that came out of one out of which this came."""
    grant("li.na", "cs_manager")
    numbers = [case(), case(registered_by="wang.fang"), case(registered_by="wang.fang")]
    with transaction() as session:
        sibling, parent, child = (cases.by_number(session, one).id for one in numbers)
        for one in (sibling, child):
            session.add(CaseLink(parent_id=parent, child_id=one, step="opened", at=clock.now(session)))
    return tries(asked(numbers[2], Role.CS_MANAGER, "recall-scope"), "li.na")


def their_own_request_by_way_of_a_deputy() -> Try:
    let("chen.min", "lin.tao")
    return tries(of_the_manager(registered_by="chen.min"), "lin.tao")


def their_own_request_as_a_deputy() -> Try:
    let("chen.min", "li.na")
    return tries(of_the_manager(), "li.na")


def the_request_of_one_between() -> Try:
    let("chen.min", "li.na")
    let("li.na", "xie.juan")
    return tries(of_the_manager(), "xie.juan")


def a_deputy() -> Try:
    let("chen.min", "lin.tao")
    return tries(of_the_manager(), "lin.tao")


def a_deputy_of_the_assignee() -> Try:
    let("liu.yang", "sun.wei")
    return tries(asked(case(), Role.TECHNICIAN, assignee="liu.yang"), "sun.wei")


def a_deputy_too_soon() -> Try:
    let("chen.min", "lin.tao", begins=1)
    return tries(of_the_manager(), "lin.tao")


def a_deputy_too_late() -> Try:
    let("chen.min", "lin.tao", days=1)
    forward(days=1)
    return tries(of_the_manager(), "lin.tao")


def a_deputy_no_more() -> Try:
    end_delegation(let("chen.min", "lin.tao"), "chen.min")
    return tries(of_the_manager(), "lin.tao")


def a_deputy_in_this_post() -> Try:
    let("chen.min", "lin.tao", role="cs_manager", procedure="BQ")
    return tries(of_the_manager(), "lin.tao")


def a_deputy_in_another_post() -> Try:
    grant("chen.min", "planning_dept")
    let("chen.min", "lin.tao", role="planning_dept")
    return tries(of_the_manager(), "lin.tao")


def a_deputy_in_another_procedure() -> Try:
    let("chen.min", "lin.tao", procedure="CL")
    return tries(of_the_manager(), "lin.tao")


def a_deputys_deputy() -> Try:
    let("chen.min", "lin.tao")
    let("lin.tao", "xie.juan")
    return tries(of_the_manager(), "xie.juan")


def a_chain_too_long() -> Try:
    use(longest_chain=2)
    a_deputys_deputy()
    use(longest_chain=1)
    return tries(of_the_manager(), "xie.juan")


def a_deputy_of_one_who_has_left() -> Try:
    active("lin.tao", True)
    a_deputys_deputy()
    active("lin.tao", False)
    return tries(of_the_manager(), "xie.juan")


def the_case_is_closed() -> Try:
    number = case()
    ref = asked(number)
    with transaction() as session:
        file = file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)
    close_case(file, Outcome.ORDINARY_WARRANTY)
    return tries(ref, "wang.fang")


def the_case_is_withdrawn() -> Try:
    number = case()
    ref = asked(number)
    withdraw(number, "Entered twice", "li.na")
    return tries(ref, "wang.fang")


def the_question_is_taken_back() -> Try:
    ref = asked(case())
    with transaction() as session:
        questions.by_ref(session, ref).state = TaskState.WITHDRAWN
    return tries(ref, "wang.fang")


def somebody_was_first() -> Try:
    ref = asked(case())
    decide(ref, ANSWER, by="li.na", channel=Channel.INBOX)
    return tries(ref, "wang.fang")


def the_time_was_over() -> Try:
    ref = asked(case())
    sweep(business_now() + timedelta(days=2))
    return tries(ref, "wang.fang")


def a_round_that_is_over() -> Try:
    number = case()
    ref = asked(number)
    decide(ref, ANSWER, by="li.na", channel=Channel.INBOX)
    asked(number, round=2)
    return tries(ref, "wang.fang")


def a_round_to_come() -> Try:
    return tries(asked(case()).replace(":look:1", ":look:2"), "wang.fang")


def no_such_question() -> Try:
    return tries(f"{case()}:nothing:1", "wang.fang")


def an_answer_that_does_not_fit() -> Try:
    return tries(asked(case()), "wang.fang", {"is_batch": "perhaps", "reason": "secret words"})


def an_answer_of_another_form() -> Try:
    return tries(asked(case()), "wang.fang", {"remedy": "credit"})


def an_answer_that_is_none() -> Try:
    return tries(asked(case()), "wang.fang", ["yes"])


def somebody_who_has_left() -> Try:
    active("wang.fang", False)
    return tries(asked(case()), "wang.fang")


def nobody_we_know() -> Try:
    return tries(asked(case()), "nobody")


# What comes of it


#: The ways in, in the order of the columns below; the sweep comes last, for it answers whatever is late.
WAYS = (Channel.PREFECT, Channel.COMMAND_LINE, Channel.INBOX, Channel.MAIL_LINK, Channel.SWEEP)

YES, LAPSED, AS_IT_WAS = "decided", "lapsed", "as it was"
NO, APART, FIRST, ENDED = "not_allowed", "separation_of_duties", "already_decided", "case_ended"
WRONG, NOTHING = "invalid_input", "not_found"

THEIRS, OVER, SEPARATED = "refuse_if_not_theirs", "refuse_if_over", "refuse_if_separated"
#: Not a rule of the door: the form does not take the answer, or there is no such task or person.
ELSEWHERE = ""

#: Situation, which rule of the door refuses in it, and what comes of it by each way.
CELLS: list[tuple[Callable[[], Try], str, tuple[str, ...]]] = [
    (the_post_is_held, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (the_post_is_not_held, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (their_area, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (another_area, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (an_area_without_anybody, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (their_party, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (another_party, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_party_without_anybody, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (given_to_them, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (given_to_another, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (given_to_them_who_lost_the_post, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (taken_by_them, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (taken_by_another, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (kept_apart_from_what_they_did, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (kept_apart_from_what_they_did_in_a_linked_case, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (their_own_request_by_way_of_a_deputy, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (their_own_request_as_a_deputy, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (the_request_of_one_between, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (a_deputy, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (a_deputy_of_the_assignee, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (a_deputy_too_soon, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_deputy_too_late, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_deputy_no_more, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_deputy_in_this_post, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (a_deputy_in_another_post, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_deputy_in_another_procedure, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_deputys_deputy, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (a_chain_too_long, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (a_deputy_of_one_who_has_left, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (the_case_is_closed, OVER, (ENDED, ENDED, ENDED, ENDED, AS_IT_WAS)),
    (the_case_is_withdrawn, OVER, (ENDED, ENDED, ENDED, ENDED, AS_IT_WAS)),
    (the_question_is_taken_back, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (somebody_was_first, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (the_time_was_over, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (a_round_that_is_over, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (a_round_to_come, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, AS_IT_WAS)),
    (no_such_question, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, AS_IT_WAS)),
    (an_answer_that_does_not_fit, ELSEWHERE, (WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (an_answer_of_another_form, ELSEWHERE, (WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (an_answer_that_is_none, ELSEWHERE, (WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (somebody_who_has_left, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, LAPSED)),
    (nobody_we_know, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, LAPSED)),
]
#: Where nothing is written into the trail: there is no task to write of, or no person.
UNSAID = {a_round_to_come, no_such_question, nobody_we_know}


@pytest.mark.parametrize(("situation", "rule", "row"), CELLS, ids=lambda cell: getattr(cell, "__name__", ""))
def test_every_way_meets_every_rule(
    company: Engine, situation: Callable[[], Try], rule: str, row: tuple[str, ...]
) -> None:
    came = {way: what_comes(situation, rule, way) for way in WAYS}
    assert came == dict(zip(WAYS, row, strict=True))


def what_comes(situation: Callable[[], Try], rule: str, way: Channel) -> str:
    """Tries one way in one situation, and looks at what is recorded of it."""
    attempt = situation()
    before = recorded(attempt.ref)
    if way is Channel.SWEEP:
        sweep(business_now() + timedelta(days=2))
        return AS_IT_WAS if recorded(attempt.ref) == before else recorded(attempt.ref)[0]
    came = tried(attempt, way)
    if isinstance(came, Decided):
        assert rule == ELSEWHERE
        assert recorded(attempt.ref) == (YES, attempt.login, came.in_place_of, way.value)
        assert refusals(attempt.ref) == []
        return YES
    assert recorded(attempt.ref) == before, "a refusal changes nothing"
    assert refused_by(came) == rule
    assert refusals(attempt.ref) == ([] if situation in UNSAID else [(attempt.login, came.code, way.value)])
    return came.code


def tried(attempt: Try, way: Channel) -> Decided | AfterSalesError:
    try:
        return decide(attempt.ref, attempt.answer, by=attempt.login, channel=way)
    except AfterSalesError as error:
        return error


def recorded(ref: str) -> tuple[str, ...]:
    """How a task stands, and who decided it, in whose place and by which way."""
    with transaction() as session:
        task = session.scalars(select(Task).where(Task.ref == ref)).first()
        if task is None or task.decision is None:
            return (task.state if task else "",)
        one = task.decision
        by, behind = (person.login if person else None for person in (one.by, one.in_place_of))
        return (task.state, by, behind, one.channel)  # type: ignore[return-value]


def refused_by(error: AfterSalesError) -> str:
    """The rule of the door that raised the error."""
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return next((name for name in names if name.startswith("refuse_if_")), ELSEWHERE)


def refusals(ref: str) -> list[tuple[str, str, str]]:
    with transaction() as session:
        found = select(AuditEntry).where(AuditEntry.subject == ref, AuditEntry.operation == "decision_refused")
        entries = list(session.scalars(found.order_by(AuditEntry.number)))
        assert all(set(one.detail) == {"code", "channel"} for one in entries), "what was answered is not kept"
        return [(one.actor, one.detail["code"], one.detail["channel"]) for one in entries]


# No way and no rule without its cells


def test_every_way_has_its_column() -> None:
    assert set(WAYS) == set(Channel)
    assert all(len(row) == len(WAYS) for _situation, _rule, row in CELLS)


def test_every_rule_of_the_door_has_its_rows() -> None:
    rules = {name for name in vars(deciding) if name.startswith("refuse_if_")}
    assert rules == {rule for _situation, rule, _row in CELLS} - {ELSEWHERE}


def test_every_situation_that_is_told_here_is_tried() -> None:
    told = {one for one in globals().values() if getattr(one, "__annotations__", {}).get("return") is Try}
    assert {situation for situation, _rule, _row in CELLS} == told - {tries}


# The trail of refusals


def test_a_flood_of_refused_tries_leaves_one_entry_until_something_else_happens(company: Engine) -> None:
    number = case()
    ref = asked(number)

    def press(login: str, answer: Any = ANSWER) -> None:
        with pytest.raises(AfterSalesError):
            decide(ref, answer, by=login, channel=Channel.INBOX)

    for _time in range(5):
        press("sun.wei")
        press("ma.chao")
        press("li.na", {})
    assert refusals(ref) == [
        ("sun.wei", "not_allowed", "inbox"),
        ("ma.chao", "not_allowed", "inbox"),
        ("li.na", "invalid_input", "inbox"),
    ]
    claim(ref, "wang.fang")
    press("sun.wei")
    press("li.na")
    press("li.na", {})
    assert refusals(ref)[3:] == [("sun.wei", "not_allowed", "inbox"), ("li.na", "not_allowed", "inbox")]


def test_no_person_decides_by_the_sweeps_way(company: Engine) -> None:
    with pytest.raises(AssertionError):
        decide(asked(case()), ANSWER, by="li.na", channel=Channel.SWEEP)
