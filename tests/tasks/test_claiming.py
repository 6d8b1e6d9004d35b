"""Taking a task from the group, giving it back, handing it over: one has it, the others hear of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from people import CREDITED, answer, business_now, forward, open_tasks, opened, play, run
from sqlalchemy import Engine, select

from deployments.views import whole_task
from models.errors import (
    AfterSalesError,
    AlreadyDecided,
    CaseEnded,
    InvalidInput,
    NotAllowed,
    NotFound,
    SeparationOfDuties,
)
from models.queries import people, policies, questions
from models.tables.audit import AuditEntry
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from models.tables.questions import Task
from tasks.claiming import claim, hand_over, release
from tasks.database import transaction
from tasks.reassigning import reassign
from tasks.settings import settings
from tasks.standing_in import delegate
from tasks.sweeping import sweep
from tasks.withdrawing import withdraw

VERDICT = CREDITED["batch-verdict"][1]
LI_NA, WANG_FANG = "li.na@minghui.example", "wang.fang@minghui.example"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(company: Engine) -> str:
    """A case that waits for the verdict of one of two clerks."""
    waiting = opened()
    run(waiting)
    return waiting


@pytest.fixture
def ref(number: str) -> str:
    return open_tasks(number)["batch-verdict"]


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, login).id, role=role))


def leaves(login: str) -> None:
    with transaction() as session:
        people.person(session, login).active = False


def has_it(ref: str) -> tuple[str | None, bool]:
    """Whose task it is, and whether by taking it."""
    with transaction() as session:
        task = questions.by_ref(session, ref)
        return task.assignee.login if task.assignee else None, task.claimed_at is not None


def may_decide(ref: str) -> list[str]:
    with transaction() as session:
        return people.logins(questions.candidates(session, questions.by_ref(session, ref)))


def inbox(login: str) -> list[str]:
    with transaction() as session:
        return [task.ref for task in questions.inbox(session, people.person(session, login))]


def told(template: str, part: str) -> list[str]:
    """Who was told, in the order of the notices, by those whose key holds `part`."""
    with transaction() as session:
        found = select(Notice).where(Notice.template == template, Notice.key.contains(part)).order_by(Notice.id)
        return [one.to_address for one in session.scalars(found)]


def audited(*operations: str) -> list[Any]:
    with transaction() as session:
        entries = select(AuditEntry).where(AuditEntry.operation.in_(operations)).order_by(AuditEntry.number)
        return [(one.actor, one.operation, one.subject, one.detail) for one in session.scalars(entries)]


def let(principal: str, deputy: str) -> None:
    now = business_now()
    delegate(principal, deputy, now, now + timedelta(days=30), "Away.", principal)


# Taking it


def test_who_takes_a_task_has_it_and_the_others_hear_so(ref: str) -> None:
    assert claim(ref, "wang.fang") == ref
    assert has_it(ref) == ("wang.fang", True)
    assert (inbox("wang.fang"), inbox("li.na")) == ([ref], [])
    assert told("task_claimed", ":claimed:") == [LI_NA]
    assert audited("claimed") == [("wang.fang", "claimed", ref, {"for": "wang.fang"})]
    with transaction() as session:
        view = whole_task(session, questions.by_ref(session, ref))
        assert (view["assignee"], view["candidates"]) == ("wang.fang", ["wang.fang"])
        assert view["claimed_at"].startswith("2026-11-22T18:")


def test_the_others_may_not_decide_it_then(number: str, ref: str) -> None:
    claim(ref, "wang.fang")
    with pytest.raises(NotAllowed) as refused:
        answer(number, "batch-verdict", "li.na", VERDICT)
    assert refused.value.message == "李娜 (li.na) may not decide this: it is assigned to 王芳 (wang.fang)."
    assert answer(number, "batch-verdict", "wang.fang", VERDICT).by == "wang.fang"


def test_of_eight_at_once_one_has_it(ref: str) -> None:
    def press(press: int) -> str:
        login = ("li.na", "wang.fang")[press % 2]
        try:
            return claim(ref, login) and login
        except NotAllowed:
            return "refused"

    with ThreadPoolExecutor(8) as crowd:
        heard = list(crowd.map(press, range(8)))
    # Whoever has it already may press again.
    assert sorted(heard) == sorted([has_it(ref)[0]] * 4 + ["refused"] * 4)
    assert len(audited("claimed")) == 1


@pytest.mark.parametrize(
    ("by", "error"), [("sun.wei", NotAllowed), ("nobody", NotFound), ("chen.min", NotAllowed), ("he.jun", NotAllowed)]
)
def test_who_may_not_decide_it_does_not_take_it(ref: str, by: str, error: type[AfterSalesError]) -> None:
    with pytest.raises(error):
        claim(ref, by)
    assert has_it(ref) == (None, False)


def test_who_is_barred_does_not_take_it(company: Engine) -> None:
    number = opened()
    grant("li.na", "cs_manager")
    play(number, until="recall-scope")
    with pytest.raises(SeparationOfDuties):
        claim(open_tasks(number)["recall-scope"], "li.na")


def test_what_somebody_was_given_is_not_taken(company: Engine) -> None:
    number = opened()
    play(number, until="site-finding")
    ref = open_tasks(number)["site-finding"]
    with pytest.raises(NotAllowed) as refused:
        claim(ref, "liu.yang")
    assert refused.value.message.startswith("This task was given to 刘洋 (liu.yang)")
    with pytest.raises(NotAllowed):
        claim(ref, "tom.baker")
    assert has_it(ref) == ("liu.yang", False)


def test_nothing_is_taken_that_is_decided_or_withdrawn_or_not_there(number: str, ref: str) -> None:
    other = opened(dealer="D-02")
    run(other)
    withdrawn = open_tasks(other)["batch-verdict"]
    withdraw(other, "Entered twice", "li.na")
    answer(number, "batch-verdict", "li.na", VERDICT)
    for one, error in ((ref, AlreadyDecided), (withdrawn, CaseEnded), ("BQ-2026-0001:no-such:1", NotFound)):
        for act in (claim, release):
            with pytest.raises(error):
                act(one, "wang.fang")
        with pytest.raises(error):
            hand_over(one, "wang.fang", "x", "chen.min")


def test_a_deputy_takes_it_for_whoever_is_stood_in_for(number: str, ref: str) -> None:
    let("li.na", "gao.jie")
    claim(ref, "gao.jie")
    assert has_it(ref) == ("li.na", True)
    assert audited("claimed") == [("gao.jie", "claimed", ref, {"for": "li.na"})]
    assert (inbox("gao.jie"), inbox("li.na"), inbox("wang.fang")) == ([ref], [ref], [])
    assert answer(number, "batch-verdict", "gao.jie", VERDICT).in_place_of == "li.na"


def test_what_somebody_took_waits_for_the_group_again_once_they_have_left(number: str, ref: str) -> None:
    claim(ref, "wang.fang")
    leaves("wang.fang")
    assert may_decide(ref) == ["li.na"]
    assert inbox("li.na") == [ref]
    claim(ref, "li.na")
    assert has_it(ref) == ("li.na", True)


# Giving it back


def test_what_was_given_back_waits_for_all_who_are_told(ref: str) -> None:
    claim(ref, "wang.fang")
    release(ref, "wang.fang")
    assert has_it(ref) == (None, False)
    assert may_decide(ref) == ["li.na", "wang.fang"]
    assert told("task_opened", ":released:1:") == [LI_NA, WANG_FANG]
    claim(ref, "li.na")
    release(ref, "li.na")
    assert told("task_claimed", ":claimed:") == [LI_NA, WANG_FANG]
    assert told("task_opened", ":released:2:") == [LI_NA, WANG_FANG]
    assert [one[:2] for one in audited("claimed", "released")] == [
        ("wang.fang", "claimed"),
        ("wang.fang", "released"),
        ("li.na", "claimed"),
        ("li.na", "released"),
    ]


def test_only_who_has_it_or_a_deputy_gives_it_back(ref: str) -> None:
    claim(ref, "wang.fang")
    for by in ("li.na", "chen.min", "sun.wei"):
        with pytest.raises(NotAllowed):
            release(ref, by)
    let("wang.fang", "gao.jie")
    release(ref, "gao.jie")
    assert has_it(ref) == (None, False)


def test_what_was_not_taken_is_not_given_back(company: Engine, ref: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        release(ref, "li.na")
    assert "has not taken this task from a group" in refused.value.message
    number = opened(dealer="D-02")
    play(number, until="site-finding")
    with pytest.raises(NotAllowed):
        release(open_tasks(number)["site-finding"], "liu.yang")


# Handing it over


def test_who_took_it_hands_it_to_a_colleague_who_has_it_as_one_who_took_it(ref: str) -> None:
    claim(ref, "wang.fang")
    hand_over(ref, "li.na", "Her dealer", "wang.fang")
    assert has_it(ref) == ("li.na", True)
    assert told("task_reassigned", ":reassigned:") == [WANG_FANG]
    assert told("task_opened", ":given:1:") == [LI_NA]
    assert audited("reassigned") == [("wang.fang", "reassigned", ref, {"to": "li.na", "reason": "Her dealer"})]
    release(ref, "li.na")
    assert has_it(ref) == (None, False)


def test_the_post_above_gives_it_for_good(ref: str) -> None:
    claim(ref, "wang.fang")
    hand_over(ref, "li.na", "Wang Fang is ill", "chen.min")
    assert has_it(ref) == ("li.na", False)
    with pytest.raises(NotAllowed):
        release(ref, "li.na")


def test_what_was_taken_can_be_reassigned_and_is_then_given(ref: str) -> None:
    claim(ref, "wang.fang")
    reassign(ref, "li.na", "Wang Fang is ill", "chen.min")
    assert has_it(ref) == ("li.na", False)


def test_who_was_given_a_task_does_not_pass_it_on(company: Engine) -> None:
    number = opened()
    play(number, until="site-finding")
    ref = open_tasks(number)["site-finding"]
    with pytest.raises(NotAllowed) as refused:
        hand_over(ref, "tom.baker", "I would rather not", "liu.yang")
    assert "or the role head of technology" in refused.value.message
    hand_over(ref, "tom.baker", "Liu Yang is ill", "sun.wei")
    assert has_it(ref) == ("tom.baker", False)


@pytest.mark.parametrize(
    ("to", "reason", "by", "error"),
    [
        ("li.na", "x", "li.na", NotAllowed),
        ("li.na", "x", "zhao.qiang", NotAllowed),  # above the manager, not above the clerks
        ("sun.wei", "x", "wang.fang", InvalidInput),
        ("wang.fang", "x", "wang.fang", InvalidInput),
        ("nobody", "x", "wang.fang", NotFound),
        ("li.na", " ", "wang.fang", InvalidInput),
        ("li.na", "x", "nobody", NotFound),
    ],
)
def test_what_may_not_be_handed_over_stays(
    ref: str, to: str, reason: str, by: str, error: type[AfterSalesError]
) -> None:
    claim(ref, "wang.fang")
    with pytest.raises(error):
        hand_over(ref, to, reason, by)
    assert has_it(ref) == ("wang.fang", True)


def test_it_is_not_handed_to_who_is_barred_in_a_linked_case(company: Engine) -> None:
    grant("zhao.qiang", "cs_manager")
    number = opened(registered_by="chen.min")
    play(number, until="recall-scope")
    ref = open_tasks(number)["recall-scope"]
    claim(ref, "zhao.qiang")
    with pytest.raises(InvalidInput) as refused:
        hand_over(ref, "chen.min", "x", "zhao.qiang")
    assert "chen.min) has done in this case: report" in refused.value.fields["to"]


# A late one


def test_a_late_task_that_somebody_took_goes_to_the_rungs_role_all_the_same(company: Engine) -> None:
    with transaction() as session:
        content = policies.current(session).content
        rung = {"at": "100%", "to": "cs_manager", "hands_over": True}
        dispute = content["batch_quality"] | {"batch_verdict": {"limit": "4 hours", "rungs": [rung]}}
        policies.keep(session, content | {"batch_quality": dispute})
    number = opened()
    run(number)
    ref = open_tasks(number)["batch-verdict"]
    claim(ref, "wang.fang")
    forward(hours=5)
    assert not [one for one in sweep().problems if "batch-verdict" in one]
    assert has_it(ref) == (None, False)
    assert may_decide(ref) == ["chen.min"]


def test_a_late_task_stays_with_who_took_it_where_nobody_holds_the_rungs_role(company: Engine) -> None:
    with transaction() as session:
        content = policies.current(session).content
        rung = {"at": "100%", "to": "planning_dept", "hands_over": True}
        dispute = content["batch_quality"] | {"batch_verdict": {"limit": "4 hours", "rungs": [rung]}}
        policies.keep(session, content | {"batch_quality": dispute})
    number = opened()
    run(number)
    ref = open_tasks(number)["batch-verdict"]
    claim(ref, "wang.fang")
    forward(hours=5)
    sweep()
    assert has_it(ref) == ("wang.fang", True)
    with transaction() as session:
        assert session.scalars(select(Task.role).where(Task.ref == ref)).one() == "cs_clerk"
