"""Rungs that hand a late task over: to whom, once, and not to whom is barred."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from clocks import DUE, REPORTED, instant, it_is, policy_with, use
from inboxes import reads
from ladders import Rungs, climbed, waiting_with
from people import CREDITED, answer, forward, open_tasks, opened, play, run
from records import mails
from sqlalchemy import Engine
from traces import audited

from models.errors import NotAllowed
from models.queries import cases, deadlines, people, questions
from models.tables.parties import RoleGrant
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify

pytestmark = pytest.mark.usefixtures("english_with_mail")

HANDED: Rungs = [
    {"at": "80%", "to": "assignee"},
    {"at": "100%", "to": "technology_head", "hands_over": True},
    {"at": "+1 days", "to": "assignee"},
]


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, login).id, role=role))


def test_a_late_task_goes_to_the_rungs_role_and_its_old_assignee_may_not_decide_it_any_more(company: Engine) -> None:
    number = waiting_with(*HANDED)
    sweep(instant(DUE) + timedelta(minutes=1))
    finding = CREDITED["site-finding"][1]
    with pytest.raises(NotAllowed):
        answer(number, "site-finding", "liu.yang", finding)
    with transaction() as session:
        task = questions.by_ref(session, f"{number}:site-finding:1")
        assert (task.role, task.assignee, task.state) == ("technology_head", None, "open")
        assert people.logins(questions.candidates(session, task)) == ["sun.wei"]
    assert answer(number, "site-finding", "sun.wei", finding).by == "sun.wei"
    assert play(number) == "credited"
    assert verify() == []


def test_who_loses_a_task_and_who_gets_it_are_told(company: Engine) -> None:
    number = waiting_with(*HANDED)
    reads("liu.yang", "en")
    reads("sun.wei", "en")
    sweep(instant(DUE) + timedelta(minutes=1))
    [lost] = mails(number, "task_reassigned")
    assert lost.to_address == "liu.yang@minghui.example"
    assert lost.subject == f"[{number}] Given to somebody else: Finding on site"
    assert "It was not done in time." in lost.plain
    assert "head of technology" in lost.plain
    got = mails(number, "task_opened")[-1]
    assert (got.to_address, got.subject) == (
        "sun.wei@minghui.example",
        f"[{number}] Waiting for you: Finding on site",
    )
    assert audited("reassigned") == [("clock", f"{number}:site-finding:1", {"to": "technology_head", "rung": 2})]


def test_after_it_was_handed_over_whoever_has_the_task_is_the_new_holder(company: Engine) -> None:
    number = waiting_with(*HANDED)
    sweep(instant(DUE) + timedelta(days=2))
    assert climbed(number) == [(1, ["liu.yang"]), (2, ["sun.wei"]), (3, ["sun.wei"])]


def test_a_task_is_handed_over_once_however_many_sweep(company: Engine) -> None:
    number = waiting_with(*HANDED)
    time = instant(DUE) + timedelta(days=2)
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda _one: sweep(time), range(4)))
    sweep(time)
    assert len(audited("reassigned")) == 1
    assert len(mails(number, "task_reassigned")) == 1
    assert [one.to_address for one in mails(number, "task_opened")][-1] == "sun.wei@minghui.example"
    assert [one.key for one in mails(number, "task_opened")].count(f"{number}:task:site-finding:1:rung:2:sun.wei") == 1


def test_where_nobody_holds_the_role_the_task_stays_with_its_assignee(company: Engine) -> None:
    number = waiting_with({"at": "100%", "to": "planning_dept", "hands_over": True})
    sweep(instant(DUE) + timedelta(minutes=1))
    assert climbed(number) == [(1, ["planning_dept"])]
    assert mails(number, "task_reassigned") == []
    assert audited("reassigned") == []
    assert answer(number, "site-finding", *CREDITED["site-finding"]).by == "liu.yang"


def test_where_all_who_hold_the_role_are_barred_the_task_stays(company: Engine) -> None:
    """Who registered the report may not confirm the recall, and the other clerk has left."""
    rung = {"at": "100%", "to": "cs_clerk", "hands_over": True}
    use(policy_with({"recall_scope": {"limit": "1 days", "rungs": [rung]}}))
    number = opened()
    play(number, until="recall-scope")
    with transaction() as session:
        people.person(session, "wang.fang").active = False
    forward(days=3)
    sweep()
    assert climbed(number, "recall-scope") == [(1, ["li.na"])]
    assert audited("reassigned") == []
    assert answer(number, "recall-scope", *CREDITED["recall-scope"]).by == "chen.min"


def test_where_one_of_the_role_is_not_barred_it_goes_to_that_one(company: Engine) -> None:
    rung = {"at": "100%", "to": "cs_clerk", "hands_over": True}
    use(policy_with({"recall_scope": {"limit": "1 days", "rungs": [rung]}}))
    number = opened()
    play(number, until="recall-scope")
    forward(days=3)
    sweep()
    with transaction() as session:
        task = questions.by_ref(session, f"{number}:recall-scope:1")
        assert people.logins(questions.candidates(session, task)) == ["wang.fang"]
    with pytest.raises(NotAllowed):
        answer(number, "recall-scope", *CREDITED["recall-scope"])
    assert answer(number, "recall-scope", "wang.fang", CREDITED["recall-scope"][1]).by == "wang.fang"


def test_with_the_task_the_ball_goes_to_the_party_of_who_gets_it(company: Engine) -> None:
    grant("zhou.hai", "technician")
    use(policy_with({"determination": {"limit": "2 days", "rungs": HANDED}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, {**CREDITED, "name-technician": ("sun.wei", {"technician": "zhou.hai"})}, until="site-finding")
    it_is("2026-11-26T10:00:00+08:00")
    sweep()
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert [one.holder.code for one in found.intervals] == ["C-01", "B-01", "C-01"]
        assert found.due_at == instant(DUE)
        shares = {one.party.code: one.used for one in deadlines.shares(found, instant("2026-11-26T12:00:00+08:00"))}
    # From nine on Monday to ten on Thursday with the office.
    assert abs(shares["B-01"] - timedelta(hours=73)) < timedelta(minutes=1)
    assert verify() == []


def test_a_rung_that_hands_over_what_is_answered_already_gives_nothing_away(company: Engine) -> None:
    """He cannot attend, the head has not named another: the clock runs on, but nobody has its task."""
    number = waiting_with(*HANDED)
    answer(number, "site-finding", "liu.yang", {"verdict": "cannot_attend", "report": "Ill."})
    run(number)
    sweep(instant(DUE) + timedelta(minutes=1))
    # The question that is open now is the head's.
    assert climbed(number) == [(1, ["sun.wei"]), (2, ["sun.wei"])]
    assert audited("reassigned") == []
    assert list(open_tasks(number)) == ["name-technician"]
