"""Whom a rung tells: up the line of responsibility, heads and offices without one, whoever has the task."""

from datetime import timedelta

import pytest
from clocks import DUE, FEW_PIECES, REPORTED, instant, it_is, policy_with, use
from inboxes import arrived, plain
from ladders import Rungs, climbed, waiting_with
from people import CREDITED, forward, opened, play, run
from records import mails
from sqlalchemy import Engine

from deployments.catcher import MailCatcher
from models.queries import people
from models.tables.notices import NoticeState
from models.tables.parties import RoleGrant
from tasks.database import transaction
from tasks.sweeping import sweep

pytestmark = pytest.mark.usefixtures("english_with_mail")

CLERKS = ["li.na", "wang.fang"]
SCRIPT = {**CREDITED, "site-finding": ("liu.yang", FEW_PIECES)}


def ups(*levels: int) -> Rungs:
    """Rungs up the line, all at due."""
    return [{"at": "100%", "to": f"up {level}"} for level in levels]


@pytest.mark.parametrize(
    ("dealer", "goods", "line"),
    [
        # The office's head by name, then the manager, then the vice-president; above the top it is the top.
        ("D-01", {}, [["zhou.hai"], ["chen.min"], ["zhao.qiang"], ["zhao.qiang"]]),
        # This office has no head: its own address.
        ("D-03", {}, [["B-02"], ["chen.min"], ["zhao.qiang"], ["zhao.qiang"]]),
        # A shop's line begins with its distributor.
        ("S-01", {"product": "LX-001", "batch": "MH260815"}, [["D-01"], ["zhou.hai"], ["chen.min"], ["zhao.qiang"]]),
    ],
)
def test_a_dealers_deadline_climbs_its_superiors_and_then_the_companys_posts(
    company: Engine, dealer: str, goods: dict[str, str], line: list[list[str]]
) -> None:
    use(policy_with({"remedy": {"limit": "5 days", "rungs": ups(1, 2, 3, 9)}}))
    b_02_has_no_head()
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(dealer=dealer, reported_at=REPORTED, **goods)
    play(number, SCRIPT, until="remedy")
    forward(days=6)
    sweep()
    assert [told for _rung, told in climbed(number, "remedy")] == line


def b_02_has_no_head() -> None:
    """The office in the east of the country is without a manager."""
    with transaction() as session:
        people.person(session, "wu.jiang").active = False


def test_an_office_without_a_head_is_told_at_its_own_address(company: Engine) -> None:
    use(policy_with({"remedy": {"limit": "5 days", "rungs": ups(1)}}))
    b_02_has_no_head()
    number = opened(dealer="D-03")
    play(number, SCRIPT, until="remedy")
    forward(days=6)
    sweep()
    assert escalations_of(number, "remedy") == [("huadong@minghui.example", "吴江")]


def escalations_of(number: str, key: str) -> list[tuple[str, str]]:
    """Address and name of those to whom this deadline was escalated."""
    return [
        (one.to_address, one.to_name)
        for one in mails(number, "deadline_escalation")
        if one.key.startswith(f"{number}:rung:{key}:")
    ]


def test_an_office_without_head_and_address_is_told_by_the_clerk_who_opened_the_case(
    company: Engine, mailbox: MailCatcher
) -> None:
    use(policy_with({"remedy": {"limit": "5 days", "rungs": ups(1)}}))
    b_02_has_no_head()
    with transaction() as session:
        office = people.party_by_code(session, "B-02")
        assert office is not None
        office.email = ""
    number = opened(dealer="D-03", registered_by="wang.fang")
    play(number, SCRIPT, until="remedy")
    forward(days=6)
    sweep()
    [notice] = [one for one in mails(number, "deadline_escalation") if ":rung:remedy:" in one.key]
    assert (notice.to_address, notice.key) == ("wang.fang@minghui.example", f"{number}:rung:remedy:1:B-02")
    [message] = arrived(mailbox, [notice])
    assert "华东办事处 吴江 021-5550102" in plain(message)


def test_both_heads_of_an_office_are_told_once(company: Engine) -> None:
    use(policy_with({"remedy": {"limit": "5 days", "rungs": ups(1)}}))
    with transaction() as session:
        # She moves to the office and heads it with him, who holds both posts.
        person = people.person(session, "gao.jie")
        person.party = people.person(session, "zhou.hai").party
        session.add(RoleGrant(person_id=person.id, role="regional_manager"))
    number = opened(dealer="D-01")
    play(number, until="remedy")
    forward(days=6)
    sweep()
    assert [sorted(told) for _rung, told in climbed(number, "remedy")] == [["gao.jie", "zhou.hai"]]


@pytest.mark.parametrize(("level", "told"), [(1, "sun.wei"), (2, "zhao.qiang"), (3, "zhao.qiang"), (9, "zhao.qiang")])
def test_a_technicians_deadline_climbs_to_his_head_and_the_vice_president_and_no_further(
    company: Engine, level: int, told: str
) -> None:
    number = waiting_with(*ups(level))
    sweep(instant(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, [told])]


@pytest.mark.parametrize(("level", "told"), [(1, "chen.min"), (2, "zhao.qiang"), (3, "zhao.qiang"), (9, "zhao.qiang")])
def test_a_clerks_deadline_climbs_to_the_manager_and_the_vice_president_and_no_further(
    company: Engine, level: int, told: str
) -> None:
    use(policy_with({"batch_verdict": {"limit": "4 hours", "rungs": ups(level)}}))
    number = opened()
    run(number)
    forward(hours=5)
    sweep()
    assert climbed(number, "batch-verdict") == [(1, [told])]


def test_the_policys_supervisors_make_the_line(company: Engine) -> None:
    supervisors = {"technician": "quality_dept", "quality_dept": "finance_dept", "finance_dept": "finance_dept"}
    use(policy_with({"determination": {"limit": "2 days", "rungs": ups(1, 2, 3)}}, supervisors=supervisors))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="site-finding")
    sweep(instant(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, ["lin.tao"]), (2, ["xie.juan"]), (3, ["xie.juan"])]


def test_a_clock_of_the_case_itself_climbs_as_the_clerks(company: Engine) -> None:
    use(policy_with({"settlement": {"limit": "10 working days", "rungs": ups(1, 2)}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="freight-bill")
    it_is("2026-12-20T09:00:00+08:00")
    sweep()
    assert climbed(number, "settlement") == [(1, ["chen.min"]), (2, ["zhao.qiang"])]


def test_a_post_that_nobody_holds_shows_as_a_mail_that_could_not_be_sent(company: Engine) -> None:
    number = waiting_with({"at": "100%", "to": "planning_dept"}, {"at": "100%", "to": "up 1"})
    with transaction() as session:
        people.person(session, "sun.wei").active = False
    sweep(instant(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, ["planning_dept"]), (2, ["technology_head"])]
    found = mails(number, "deadline_escalation")
    assert [(one.to_address, one.state) for one in found] == [("", NoticeState.FAILED)] * 2


def test_whoever_has_the_task_is_its_assignee_or_all_who_hold_its_role(company: Engine) -> None:
    number = waiting_with({"at": "80%", "to": "assignee"})
    use(policy_with({"batch_verdict": {"limit": "2 days", "rungs": [{"at": "80%", "to": "assignee"}]}}))
    other = opened(dealer="D-02")
    run(other)
    sweep(instant(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, ["liu.yang"])]
    assert climbed(other, "batch-verdict") == [(1, CLERKS)]
