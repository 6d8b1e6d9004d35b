"""What people meet at the one door, told once for every way that leads to it.

A situation yields the try in the middle: by then the question is put, and pages, mails and forms lie open. What is told
after that happens while they do. `at_the_door` is for ways that have no page to leave open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from links import access
from people import business_now, forward, opened
from sqlalchemy import select
from staffing import active, grant, let, take_away, works_for

from models.batch_quality import BatchVerdict, Outcome
from models.limits import LapsableLimit
from models.queries import cases, clock, questions
from models.roles import Role
from models.tables.audit import AuditEntry
from models.tables.cases import CaseLink
from models.tables.deadlines import Passing
from models.tables.questions import Channel, Task, TaskState
from tasks.asking import put
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.claiming import claim
from tasks.closing import close_case
from tasks.database import transaction
from tasks.deciding import decide
from tasks.opening import file_of
from tasks.standing_in import end_delegation
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

ANSWER = {"is_batch": "yes", "reason": "Looked at them."}
SILENCE = LapsableLimit(limit="1 days", passing=Passing.LAPSE)
#: The steps that the policy keeps apart: nobody does both.
SCOPE, FINDING = "recall-scope", "site-finding"


@dataclass(frozen=True)
class Try:
    """Somebody tries to answer a question."""

    ref: str
    login: str
    answer: Any = field(default_factory=lambda: ANSWER)


Scene = Iterator[Try]
Situation = Callable[[], Scene]


def at_the_door(situation: Situation) -> Try:
    """The whole situation has come about; now somebody tries."""
    (attempt,) = situation()
    return attempt


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


def of_the_manager(registered_by: str = "li.na") -> str:
    """A question to the manager that whoever registered the case may not answer."""
    return asked(case(registered_by=registered_by), Role.CS_MANAGER, SCOPE)


def came_out_of(parent: str, *children: str) -> None:
    with transaction() as session:
        for child in children:
            ids = [cases.by_number(session, one).id for one in (parent, child)]
            session.add(CaseLink(parent_id=ids[0], child_id=ids[1], step="opened", at=clock.now(session)))


def decided_by(ref: str, login: str) -> None:
    decide(ref, ANSWER, by=login, channel=Channel.INBOX)


def recorded(ref: str) -> tuple[str | None, ...]:
    """How a task stands, and who decided it, in whose place and by which way."""
    with transaction() as session:
        task = session.scalars(select(Task).where(Task.ref == ref)).first()
        if task is None or task.decision is None:
            return (task.state if task else "",)
        one = task.decision
        by, behind = (person.login if person else None for person in (one.by, one.in_place_of))
        return (task.state, by, behind, one.channel)


def refusals(ref: str) -> list[tuple[str, str, str]]:
    with transaction() as session:
        found = select(AuditEntry).where(AuditEntry.subject == ref, AuditEntry.operation == "decision_refused")
        entries = list(session.scalars(found.order_by(AuditEntry.number)))
        assert all(set(one.detail) == {"code", "channel"} for one in entries), "what was answered is not kept"
        return [(one.actor, one.detail["code"], one.detail["channel"]) for one in entries]


# Whose question it is


def the_post_is_held() -> Scene:
    yield Try(asked(case()), "wang.fang")


def the_post_is_not_held() -> Scene:
    yield Try(asked(case()), "sun.wei")


def the_post_is_taken_away() -> Scene:
    grant("wang.fang", "cs_clerk")
    yield Try(asked(case()), "wang.fang")
    take_away("wang.fang", "cs_clerk")


def their_area() -> Scene:
    yield Try(asked(case("D-01"), Role.OFFICE_MANAGER), "zhou.hai")


def another_area() -> Scene:
    yield Try(asked(case("D-01"), Role.OFFICE_MANAGER), "wu.jiang")


def an_area_without_anybody() -> Scene:
    """Two hold the post, both at the other office's parties."""
    active("zhou.hai", False)
    grant("grace.shen", "regional_manager")
    yield Try(asked(case("D-01"), Role.REGIONAL_MANAGER), "wu.jiang")


def an_area_that_gets_somebody() -> Scene:
    active("zhou.hai", False)
    grant("grace.shen", "regional_manager")
    yield Try(asked(case("D-01"), Role.REGIONAL_MANAGER), "wu.jiang")
    active("zhou.hai", True)


def their_party() -> Scene:
    yield Try(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-01"), "he.jun")


def another_party() -> Scene:
    yield Try(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-01"), "grace.shen")


def a_party_without_anybody() -> Scene:
    yield Try(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-02"), "li.na")


def a_party_that_gets_somebody() -> Scene:
    """A clerk answers for the party until somebody comes to work there."""
    works_for("he.jun", "D-01")
    yield Try(asked(case(), Role.LOGISTICS_DISTRIBUTOR, at="D-02"), "li.na")
    works_for("he.jun", "D-02")


def given_to_them() -> Scene:
    yield Try(asked(case(), Role.TECHNICIAN, assignee="liu.yang"), "liu.yang")


def given_to_another() -> Scene:
    yield Try(asked(case(), Role.TECHNICIAN, assignee="liu.yang"), "tom.baker")


def given_to_them_who_lost_the_post() -> Scene:
    yield Try(asked(case(), Role.TECHNICIAN, assignee="gao.jie"), "gao.jie")


def taken_by_them() -> Scene:
    ref = asked(case())
    claim(ref, "wang.fang")
    yield Try(ref, "wang.fang")


def taken_by_another() -> Scene:
    ref = asked(case())
    yield Try(ref, "li.na")
    claim(ref, "wang.fang")


def somebody_who_has_left() -> Scene:
    active("wang.fang", True)
    yield Try(asked(case()), "wang.fang")
    active("wang.fang", False)


def nobody_we_know() -> Scene:
    yield Try(asked(case()), "nobody")


# Two different people


def kept_apart_from_what_they_did() -> Scene:
    grant("li.na", "cs_manager")
    yield Try(of_the_manager(), "li.na")


def kept_apart_from_what_they_do_meanwhile() -> Scene:
    grant("li.na", "cs_manager")
    number = case(registered_by="wang.fang")
    finding = asked(number, key=FINDING)
    yield Try(asked(number, Role.CS_MANAGER, SCOPE), "li.na")
    decided_by(finding, "li.na")


def kept_apart_from_what_they_did_in_a_linked_case() -> Scene:
    """li.na registered a case that came out of one out of which this came."""
    grant("li.na", "cs_manager")
    sibling, parent, child = case(), case(registered_by="wang.fang"), case(registered_by="wang.fang")
    came_out_of(parent, sibling, child)
    yield Try(asked(child, Role.CS_MANAGER, SCOPE), "li.na")


def kept_apart_once_their_case_is_linked() -> Scene:
    grant("li.na", "cs_manager")
    theirs, number = case(), case(registered_by="wang.fang")
    yield Try(asked(number, Role.CS_MANAGER, SCOPE), "li.na")
    came_out_of(theirs, number)


def their_own_request_by_way_of_a_deputy() -> Scene:
    let("chen.min", "lin.tao")
    yield Try(of_the_manager(registered_by="chen.min"), "lin.tao")


def what_the_other_did_meanwhile_by_way_of_a_deputy() -> Scene:
    let("chen.min", "lin.tao")
    number = case()
    finding = asked(number, Role.CS_MANAGER, FINDING)
    yield Try(asked(number, Role.CS_MANAGER, SCOPE), "lin.tao")
    decided_by(finding, "chen.min")


def their_own_request_as_a_deputy() -> Scene:
    let("chen.min", "li.na")
    yield Try(of_the_manager(), "li.na")


def the_request_of_one_between() -> Scene:
    let("chen.min", "li.na")
    let("li.na", "xie.juan")
    yield Try(of_the_manager(), "xie.juan")


# Deputies


def a_deputy() -> Scene:
    let("chen.min", "lin.tao")
    yield Try(of_the_manager(), "lin.tao")


def a_deputy_of_the_assignee() -> Scene:
    let("liu.yang", "sun.wei")
    yield Try(asked(case(), Role.TECHNICIAN, assignee="liu.yang"), "sun.wei")


def a_deputy_too_soon() -> Scene:
    let("chen.min", "lin.tao", begins=1)
    yield Try(of_the_manager(), "lin.tao")


def a_deputy_too_late() -> Scene:
    let("chen.min", "lin.tao", days=1)
    yield Try(of_the_manager(), "lin.tao")
    forward(days=1)


def a_deputy_no_more() -> Scene:
    number = let("chen.min", "lin.tao")
    yield Try(of_the_manager(), "lin.tao")
    end_delegation(number, "chen.min")


def a_deputy_in_this_post() -> Scene:
    let("chen.min", "lin.tao", role="cs_manager", procedure="BQ")
    yield Try(of_the_manager(), "lin.tao")


def a_deputy_in_another_post() -> Scene:
    grant("chen.min", "planning_dept")
    let("chen.min", "lin.tao", role="planning_dept")
    yield Try(of_the_manager(), "lin.tao")


def a_deputy_in_another_procedure() -> Scene:
    let("chen.min", "lin.tao", procedure="CL")
    yield Try(of_the_manager(), "lin.tao")


def a_deputys_deputy() -> Scene:
    let("chen.min", "lin.tao")
    let("lin.tao", "xie.juan")
    yield Try(of_the_manager(), "xie.juan")


def a_chain_that_is_too_long_now() -> Scene:
    access(longest_chain=2)
    yield from a_deputys_deputy()
    access(longest_chain=1)


def a_deputy_of_one_who_has_left() -> Scene:
    active("lin.tao", True)
    yield from a_deputys_deputy()
    active("lin.tao", False)


# Whether it is open


def the_case_is_closed() -> Scene:
    number = case()
    yield Try(asked(number), "wang.fang")
    with transaction() as session:
        file = file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)
    close_case(file, Outcome.ORDINARY_WARRANTY)


def the_case_is_withdrawn() -> Scene:
    number = case()
    yield Try(asked(number), "wang.fang")
    withdraw(number, "Entered twice", "li.na")


def the_question_is_taken_back() -> Scene:
    ref = asked(case())
    yield Try(ref, "wang.fang")
    with transaction() as session:
        questions.by_ref(session, ref).state = TaskState.WITHDRAWN


def somebody_was_first() -> Scene:
    ref = asked(case())
    yield Try(ref, "wang.fang")
    decided_by(ref, "li.na")


def the_time_was_over() -> Scene:
    yield Try(asked(case()), "wang.fang")
    sweep(business_now() + timedelta(days=2))


def a_round_that_is_over() -> Scene:
    number = case()
    ref = asked(number)
    yield Try(ref, "wang.fang")
    decided_by(ref, "li.na")
    asked(number, round=2)


def a_round_to_come() -> Scene:
    yield Try(asked(case()).replace(":look:1", ":look:2"), "wang.fang")


def no_such_question() -> Scene:
    yield Try(f"{case()}:nothing:1", "wang.fang")


# The answer itself


def an_answer_that_does_not_fit() -> Scene:
    yield Try(asked(case()), "wang.fang", {"is_batch": "perhaps", "reason": "secret words"})


def an_answer_of_another_form() -> Scene:
    yield Try(asked(case()), "wang.fang", {"remedy": "credit"})


def an_answer_that_is_none() -> Scene:
    yield Try(asked(case()), "wang.fang", ["yes"])


SITUATIONS = {one for one in list(globals().values()) if getattr(one, "__annotations__", {}).get("return") is Scene}
