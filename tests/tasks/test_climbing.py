"""The rungs of a deadline: when, who, once; up the line of responsibility; handed over; reminders at working hours."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import permutations
from typing import Any

import pytest
import yaml
from conftest import CALENDARS, POLICY
from people import CREDITED, answer, forward, open_tasks, opened, play, run
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from models.calendars import load_calendar_file
from models.errors import NotAllowed
from models.queries import calendars, cases, clock, deadlines, people, policies, questions
from models.tables.audit import AuditEntry
from models.tables.cases import Case
from models.tables.deadlines import Deadline, DeadlineState, Rung
from models.tables.notices import Notice, NoticeState
from models.tables.parties import RoleGrant
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.post import deliver
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

#: A Monday at eight; two days from then end on Wednesday at 24:00.
REPORTED, DUE = "2026-11-23T08:00:00+08:00", "2026-11-26T00:00:00+08:00"
#: A Thursday at eight; two days from then end on Saturday at 24:00.
THURSDAY = "2026-11-26T08:00:00+08:00"
CLERKS = ["li.na", "wang.fang"]
#: As people answer where only a few pieces were delivered.
FEW_PIECES = {
    "verdict": "quality_fault",
    "pieces_inspected": 5,
    "pieces_faulty": 5,
    "pieces_on_hand": 10,
    "report": "Capacitors bulge.",
}
SCRIPT = {**CREDITED, "site-finding": ("liu.yang", FEW_PIECES)}

Rungs = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are chased."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


def it_is(instant: str) -> None:
    with transaction() as session:
        clock.set_to(session, at(instant))


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def use(limits: dict[str, Any], **policy: Any) -> None:
    """Makes the lighting maker's policy with other limits the current one."""
    content = yaml.safe_load(POLICY.read_text("utf-8")) | policy
    with transaction() as session:
        policies.keep(session, content | {"batch_quality": content["batch_quality"] | limits})


def waiting_for_the_finding(*rungs: dict[str, Any], limit: str = "2 days", reported: str = REPORTED) -> str:
    """A case whose determination has these rungs, an hour after its report; the technician is named and silent."""
    use({"determination": {"limit": limit, "rungs": list(rungs)}})
    it_is((at(reported) + timedelta(hours=1)).isoformat())
    number = opened(reported_at=reported)
    play(number, until="site-finding")
    return number


def climbed(number: str, key: str = "determination") -> list[tuple[int, list[str]]]:
    """The rungs that happened, in the order in which they were planned, and whom they told."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return [(one.number, one.told) for one in sorted(found.rungs, key=lambda one: (one.planned_at, one.number))]


def planned(number: str, key: str = "determination") -> dict[int, datetime]:
    """When each rung of the ladder is planned, in the order in which they happen."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return {rung: planned_at for rung, planned_at, _plan in deadlines.ladder(found)}


def notices(number: str, template: str) -> list[Notice]:
    with transaction() as session:
        return list(
            session.scalars(
                select(Notice).join(Case).where(Case.number == number, Notice.template == template).order_by(Notice.id)
            )
        )


def arrived(mailbox: MailCatcher, found: list[Notice]) -> list[EmailMessage]:
    """Those of the notices that reached the mail server."""
    ids = {one.message_id for one in found}
    return [one for one in mailbox.messages() if one["Message-ID"] in ids]


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def reads(login: str, language: str) -> None:
    with transaction() as session:
        people.person(session, login).language = language


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, login).id, role=role))


def audited(operation: str) -> list[Any]:
    with transaction() as session:
        entries = select(AuditEntry).where(AuditEntry.operation == operation).order_by(AuditEntry.number)
        return [(one.actor, one.subject, one.detail) for one in session.scalars(entries)]


# When


@pytest.mark.parametrize(
    ("limit", "rung", "instant", "_why"),
    [
        ("2 days", "-4 hours", "2026-11-25T20:00", "four hours before 24:00"),
        ("2 days", "-1 days", "2026-11-25T00:00", "24:00 of the day before"),
        ("2 days", "-100 hours", "2026-11-23T08:00", "never before the report"),
        ("2 days", "-1 working hours", "2026-11-25T16:30", "the last working hour of Wednesday"),
        ("2 days", "-5 working hours", "2026-11-25T11:00", "four in the afternoon, one in the morning"),
        ("2 days", "80%", "2026-11-25T11:12", "51 hours and 12 minutes of 64"),
        ("2 days", "1%", "2026-11-23T08:38:24", "38 minutes and 24 seconds"),
        ("2 days", "+1 days", "2026-11-27T00:00", "24:00 of Thursday"),
        ("2 days", "+90 hours", "2026-11-29T18:00", "hours go on over the weekend"),
        ("2 days", "+3 working days", "2026-12-01T00:00", "Thursday, Friday, Monday at 24:00"),
        ("2 days", "+1 working hours", "2026-11-26T09:30", "an hour after work begins on Thursday"),
        ("2 days", "+1 months", "2026-12-26T00:00", "24:00 of 25 December"),
        ("4 working days", "-1 working days", "2026-11-27T00:00", "24:00 of Thursday, due on Friday"),
        ("5 working days", "-1 working days", "2026-11-28T00:00", "24:00 of Friday, due on Monday"),
        ("5 working days", "-1 days", "2026-11-30T00:00", "24:00 of Sunday"),
        # 16 hours of Monday and five days are 136 hours, half of them 68: sixteen, two days, four of the Thursday.
        ("5 working days", "50%", "2026-11-26T04:00", "of the time that counts"),
        # Of ten working hours eight: 7:30 on Monday, half an hour on Tuesday.
        ("10 working hours", "80%", "2026-11-24T09:00", "of the working hours"),
    ],
)
def test_a_rung_happens_at_its_time_and_not_a_second_earlier(
    company: Engine, limit: str, rung: str, instant: str, _why: str
) -> None:
    number = waiting_for_the_finding({"at": rung, "to": "cs_manager"}, limit=limit)
    time = at(instant).replace(tzinfo=at(REPORTED).tzinfo)
    assert planned(number) == {1: time}
    sweep(time - timedelta(seconds=1))
    assert climbed(number) == []
    sweep(time)
    assert climbed(number) == [(1, ["chen.min"])]
    with transaction() as session:
        [happened] = session.scalars(select(Rung)).all()
        assert (happened.planned_at, happened.happened_at) == (time, time)
        assert happened.escalation == rung.startswith("+")


def test_at_24_00_sharp_nothing_is_late_yet(company: Engine) -> None:
    number = waiting_for_the_finding({"at": "100%", "to": "cs_manager"}, limit="2 days")
    time = at("2026-11-26T00:00:00+08:00")
    assert planned(number) == {1: time}
    sweep(time)
    assert climbed(number) == []
    sweep(time + timedelta(microseconds=1))
    assert climbed(number) == [(1, ["chen.min"])]
    with transaction() as session:
        [happened] = session.scalars(select(Rung)).all()
        assert (happened.planned_at, happened.escalation) == (time, True)


LADDER: Rungs = [
    {"at": "+1 days", "to": "marketing_vp"},
    {"at": "100%", "to": "cs_manager"},
    {"at": "-4 hours", "to": "technology_head"},
    {"at": "80%", "to": "assignee"},
    {"at": "100%", "to": "technology_head"},
]


def test_rungs_happen_in_the_order_of_their_times_however_the_policy_lists_them(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    # 80 % at 11:12 on Wednesday, then 20:00, twice 24:00, 24:00 of Thursday.
    assert list(planned(number)) == [4, 3, 2, 5, 1]
    sweep(at("2026-12-10T00:00:00+08:00"))
    in_order = [key.split(":")[3] for key in sent_keys()]
    assert in_order == ["4", "3", "2", "5", "1"]
    assert climbed(number) == [
        (4, ["liu.yang"]),
        (3, ["sun.wei"]),
        (2, ["chen.min"]),
        (5, ["sun.wei"]),
        (1, ["zhao.qiang"]),
    ]


def sent_keys() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Notice.key).where(Notice.key.contains(":rung:")).order_by(Notice.id)))


def test_each_sweep_makes_happen_what_came_due_since_the_last(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    seen = []
    for time in ("2026-11-25T12:00", "2026-11-25T20:00", "2026-11-26T00:00", "2026-11-26T12:00", "2026-11-27T00:00"):
        sweep(at(f"{time}:00+08:00"))
        seen.append([rung for rung, _told in climbed(number)])
    # At 24:00 sharp nothing is late yet.
    assert seen == [[4], [4, 3], [4, 3], [4, 3, 2, 5], [4, 3, 2, 5, 1]]


# Once


def test_a_second_sweep_of_the_same_time_does_nothing(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    time = at("2026-12-10T00:00:00+08:00")
    first = sweep(time)
    assert (first.deadlines, first.reminded, first.escalated) == (1, 2, 3)
    second = sweep(time)
    assert (second.deadlines, second.reminded, second.escalated) == (0, 0, 0)
    assert len(climbed(number)) == len(sent_keys()) == 5


def test_four_sweeps_at_once_make_each_rung_happen_once(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    time = at("2026-12-10T00:00:00+08:00")
    with ThreadPoolExecutor(4) as crowd:
        swept = [*crowd.map(lambda _one: sweep(time), range(4)), sweep(time)]
    assert (sum(one.reminded for one in swept), sum(one.escalated for one in swept)) == (2, 3)
    assert len(climbed(number)) == len(sent_keys()) == 5
    assert len(audited("rungs_climbed")) == 1


def test_three_missed_nights_are_made_up_by_one_sweep(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    it_is("2026-11-28T02:00:00+08:00")
    sweep()
    assert [rung for rung, _told in climbed(number)] == [4, 3, 2, 5, 1]
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert (found.breached_at, found.next_rung_at) == (at(DUE), None)
        assert all(at("2026-11-28T02:00:00+08:00") <= one.happened_at for one in found.rungs)


TIMES = {"2026-11-25T19:00": [4], "2026-11-26T00:01": [4, 3, 2, 5], "2026-11-27T00:00": [4, 3, 2, 5, 1]}


@pytest.mark.parametrize("order", [*permutations(TIMES)], ids=lambda order: " ".join(one[8:] for one in order))
def test_sweeps_in_any_order_make_the_same_rungs_happen(company: Engine, order: tuple[str, ...]) -> None:
    """Sweeps as of yesterday and tomorrow: what was due by the latest of them has happened, each once, and no more."""
    number = waiting_for_the_finding(*LADDER)
    for place, time in enumerate(order, 1):
        sweep(at(f"{time}:00+08:00"))
        assert [rung for rung, _told in climbed(number)] == TIMES[max(order[:place])]
    assert len(sent_keys()) == 5
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert found.breached_at == at(DUE)
        assert found.next_rung_at is None


def test_a_deadline_without_rungs_is_breached_all_the_same(company: Engine) -> None:
    number = waiting_for_the_finding()
    # 24:00 sharp is in time.
    sweep(at(DUE))
    with transaction() as session:
        assert deadlines.of_case(session, cases.by_number(session, number).id, "determination").breached_at is None
    sweep(at(DUE) + timedelta(microseconds=1))
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert found.breached_at == at(DUE)
    assert sent_keys() == []
    [(_by, subject, detail)] = audited("rungs_climbed")
    assert subject == f"{number}:determination"
    assert [one for one, _due in detail["breached"]] == [f"{number}:determination"]
    sweep(at(DUE) + timedelta(days=9))
    assert len(audited("rungs_climbed")) == 1


def test_after_due_rung_follows_rung_to_the_last(company: Engine) -> None:
    number = waiting_for_the_finding(*({"at": f"+{days} days", "to": "cs_manager"} for days in range(1, 13)))
    sweep(at(DUE) + timedelta(days=11, hours=23))
    assert [rung for rung, _told in climbed(number)] == list(range(1, 12))
    sweep(at(DUE) + timedelta(days=12))
    assert [rung for rung, _told in climbed(number)] == list(range(1, 13))


# Who: the line of responsibility


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
    use({"remedy": {"limit": "5 days", "rungs": ups(1, 2, 3, 9)}})
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
    use({"remedy": {"limit": "5 days", "rungs": ups(1)}})
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
        for one in notices(number, "deadline_escalation")
        if one.key.startswith(f"{number}:rung:{key}:")
    ]


def test_an_office_without_head_and_address_is_told_by_the_clerk_who_opened_the_case(
    company: Engine, mailbox: MailCatcher
) -> None:
    use({"remedy": {"limit": "5 days", "rungs": ups(1)}})
    b_02_has_no_head()
    with transaction() as session:
        office = people.party_by_code(session, "B-02")
        assert office is not None
        office.email = ""
    number = opened(dealer="D-03", registered_by="wang.fang")
    play(number, SCRIPT, until="remedy")
    forward(days=6)
    sweep()
    [notice] = [one for one in notices(number, "deadline_escalation") if ":rung:remedy:" in one.key]
    assert (notice.to_address, notice.key) == ("wang.fang@minghui.example", f"{number}:rung:remedy:1:B-02")
    [message] = arrived(mailbox, [notice])
    assert "华东办事处 吴江 021-5550102" in plain(message)


def test_both_heads_of_an_office_are_told_once(company: Engine) -> None:
    use({"remedy": {"limit": "5 days", "rungs": ups(1)}})
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
    number = waiting_for_the_finding(*ups(level))
    sweep(at(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, [told])]


@pytest.mark.parametrize(("level", "told"), [(1, "chen.min"), (2, "zhao.qiang"), (3, "zhao.qiang"), (9, "zhao.qiang")])
def test_a_clerks_deadline_climbs_to_the_manager_and_the_vice_president_and_no_further(
    company: Engine, level: int, told: str
) -> None:
    use({"batch_verdict": {"limit": "4 hours", "rungs": ups(level)}})
    number = opened()
    run(number)
    forward(hours=5)
    sweep()
    assert climbed(number, "batch-verdict") == [(1, [told])]


def test_the_policys_supervisors_make_the_line(company: Engine) -> None:
    supervisors = {"technician": "quality_dept", "quality_dept": "finance_dept", "finance_dept": "finance_dept"}
    use({"determination": {"limit": "2 days", "rungs": ups(1, 2, 3)}}, supervisors=supervisors)
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="site-finding")
    sweep(at(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, ["lin.tao"]), (2, ["xie.juan"]), (3, ["xie.juan"])]


def test_a_clock_of_the_case_itself_climbs_as_the_clerks(company: Engine) -> None:
    use({"settlement": {"limit": "10 working days", "rungs": ups(1, 2)}})
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="freight-bill")
    it_is("2026-12-20T09:00:00+08:00")
    sweep()
    assert climbed(number, "settlement") == [(1, ["chen.min"]), (2, ["zhao.qiang"])]


def test_a_post_that_nobody_holds_shows_as_a_mail_that_could_not_be_sent(company: Engine) -> None:
    number = waiting_for_the_finding({"at": "100%", "to": "planning_dept"}, {"at": "100%", "to": "up 1"})
    with transaction() as session:
        people.person(session, "sun.wei").active = False
    sweep(at(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, ["planning_dept"]), (2, ["technology_head"])]
    found = notices(number, "deadline_escalation")
    assert [(one.to_address, one.state) for one in found] == [("", NoticeState.FAILED)] * 2


def test_whoever_has_the_task_is_its_assignee_or_all_who_hold_its_role(company: Engine) -> None:
    number = waiting_for_the_finding({"at": "80%", "to": "assignee"})
    use({"batch_verdict": {"limit": "2 days", "rungs": [{"at": "80%", "to": "assignee"}]}})
    other = opened(dealer="D-02")
    run(other)
    sweep(at(DUE) + timedelta(hours=1))
    assert climbed(number) == [(1, ["liu.yang"])]
    assert climbed(other, "batch-verdict") == [(1, CLERKS)]


# Handed over


HANDED: Rungs = [
    {"at": "80%", "to": "assignee"},
    {"at": "100%", "to": "technology_head", "hands_over": True},
    {"at": "+1 days", "to": "assignee"},
]


def test_a_late_task_goes_to_the_rungs_role_and_its_old_assignee_may_not_decide_it_any_more(company: Engine) -> None:
    number = waiting_for_the_finding(*HANDED)
    sweep(at(DUE) + timedelta(minutes=1))
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
    number = waiting_for_the_finding(*HANDED)
    reads("liu.yang", "en")
    reads("sun.wei", "en")
    sweep(at(DUE) + timedelta(minutes=1))
    [lost] = notices(number, "task_reassigned")
    assert lost.to_address == "liu.yang@minghui.example"
    assert lost.subject == f"[{number}] Given to somebody else: Finding on site"
    assert "It was not done in time." in lost.plain
    assert "head of technology" in lost.plain
    got = notices(number, "task_opened")[-1]
    assert (got.to_address, got.subject) == (
        "sun.wei@minghui.example",
        f"[{number}] Waiting for you: Finding on site",
    )
    assert audited("reassigned") == [("clock", f"{number}:site-finding:1", {"to": "technology_head", "rung": 2})]


def test_after_it_was_handed_over_whoever_has_the_task_is_the_new_holder(company: Engine) -> None:
    number = waiting_for_the_finding(*HANDED)
    sweep(at(DUE) + timedelta(days=2))
    assert climbed(number) == [(1, ["liu.yang"]), (2, ["sun.wei"]), (3, ["sun.wei"])]


def test_a_task_is_handed_over_once_however_many_sweep(company: Engine) -> None:
    number = waiting_for_the_finding(*HANDED)
    time = at(DUE) + timedelta(days=2)
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda _one: sweep(time), range(4)))
    sweep(time)
    assert len(audited("reassigned")) == 1
    assert len(notices(number, "task_reassigned")) == 1
    assert [one.to_address for one in notices(number, "task_opened")][-1] == "sun.wei@minghui.example"
    assert [one.key for one in notices(number, "task_opened")].count(
        f"{number}:task:site-finding:1:rung:2:sun.wei"
    ) == 1


def test_where_nobody_holds_the_role_the_task_stays_with_its_assignee(company: Engine) -> None:
    number = waiting_for_the_finding({"at": "100%", "to": "planning_dept", "hands_over": True})
    sweep(at(DUE) + timedelta(minutes=1))
    assert climbed(number) == [(1, ["planning_dept"])]
    assert notices(number, "task_reassigned") == []
    assert audited("reassigned") == []
    assert answer(number, "site-finding", *CREDITED["site-finding"]).by == "liu.yang"


def test_where_all_who_hold_the_role_are_barred_the_task_stays(company: Engine) -> None:
    """Who registered the report may not confirm the recall, and the other clerk has left."""
    rung = {"at": "100%", "to": "cs_clerk", "hands_over": True}
    use({"recall_scope": {"limit": "1 days", "rungs": [rung]}})
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
    use({"recall_scope": {"limit": "1 days", "rungs": [rung]}})
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
    use({"determination": {"limit": "2 days", "rungs": HANDED}})
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, {**CREDITED, "name-technician": ("sun.wei", {"technician": "zhou.hai"})}, until="site-finding")
    it_is("2026-11-26T10:00:00+08:00")
    sweep()
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert [one.holder.code for one in found.intervals] == ["C-01", "B-01", "C-01"]
        assert found.due_at == at(DUE)
        shares = {one.party.code: one.used for one in deadlines.shares(found, at("2026-11-26T12:00:00+08:00"))}
    # From nine on Monday to ten on Thursday with the office.
    assert abs(shares["B-01"] - timedelta(hours=73)) < timedelta(minutes=1)
    assert verify() == []


def test_a_rung_that_hands_over_what_is_answered_already_gives_nothing_away(company: Engine) -> None:
    """He cannot attend, the head has not named another: the clock runs on, but nobody has its task."""
    number = waiting_for_the_finding(*HANDED)
    answer(number, "site-finding", "liu.yang", {"verdict": "cannot_attend", "report": "Ill."})
    run(number)
    sweep(at(DUE) + timedelta(minutes=1))
    # The question that is open now is the head's.
    assert climbed(number) == [(1, ["sun.wei"]), (2, ["sun.wei"])]
    assert audited("reassigned") == []
    assert list(open_tasks(number)) == ["name-technician"]


# At working hours or at once


@pytest.mark.parametrize(
    ("swept", "goes_out", "_why"),
    [
        ("2026-11-28T12:00", "2026-11-30T08:30", "Saturday"),
        ("2026-11-29T23:59", "2026-11-30T08:30", "Sunday night"),
        ("2026-11-30T08:29", "2026-11-30T08:30", "a minute before work begins"),
        ("2026-11-30T09:15", "2026-11-30T09:15", "working hours"),
        ("2026-11-30T12:30", "2026-11-30T13:30", "the noon break"),
        ("2026-11-30T17:30", "2026-12-01T08:30", "work has just ended"),
    ],
)
def test_a_reminder_waits_for_working_hours(company: Engine, swept: str, goes_out: str, _why: str) -> None:
    number = waiting_for_the_finding({"at": "10%", "to": "assignee"}, limit="9 days", reported=THURSDAY)
    sweep(at(f"{swept}:00+08:00"))
    [reminder] = notices(number, "deadline_reminder")
    assert reminder.deliver_from == at(f"{goes_out}:00+08:00")


def test_a_reminder_of_a_saturday_reaches_its_reader_on_monday_morning(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    it_is("2026-11-28T12:00:00+08:00")
    assert sweep().reminded == 1
    reminders = notices(number, "deadline_reminder")
    assert [(one.state, one.deliver_from) for one in reminders] == [("queued", at("2026-11-30T08:30:00+08:00"))]
    for early in ("2026-11-28T18:00:00+08:00", "2026-11-30T08:29:00+08:00"):
        it_is(early)
        deliver()
        assert arrived(mailbox, reminders) == []
    it_is("2026-11-30T08:30:00+08:00")
    sweep()
    [message] = arrived(mailbox, reminders)
    assert message["To"] == "刘洋 <liu.yang@minghui.example>"
    sweep()
    assert len(arrived(mailbox, reminders)) == 1


def test_an_escalation_of_a_saturday_reaches_its_reader_at_once(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding({"at": "100%", "to": "cs_manager"}, reported=THURSDAY)
    it_is("2026-11-29T00:05:00+08:00")
    assert sweep().escalated == 1
    found = notices(number, "deadline_escalation")
    assert [one.state for one in found] == ["sent"]
    assert len(arrived(mailbox, found)) == 1


def test_a_reminder_waits_for_the_working_hours_of_its_deadlines_own_calendar(company: Engine) -> None:
    """A Monday on which the company takes stock."""
    content = load_calendar_file(CALENDARS)["office"]
    closed = {"first": "2026-11-30", "last": "2026-11-30", "working": False, "name": "Stocktaking"}
    with transaction() as session:
        calendars.keep(session, "office", content | {"changes": [closed]}, "chen.min", "Stocktaking")
    number = waiting_for_the_finding({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    sweep(at("2026-11-28T12:00:00+08:00"))
    assert [one.deliver_from for one in notices(number, "deadline_reminder")] == [at("2026-12-01T08:30:00+08:00")]


def test_a_reminder_of_what_was_answered_meanwhile_stays_here(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    it_is("2026-11-28T12:00:00+08:00")
    sweep()
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert [one.state for one in notices(number, "deadline_reminder")] == ["withdrawn"]
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    assert arrived(mailbox, notices(number, "deadline_reminder")) == []


def test_a_reminder_in_a_case_that_was_withdrawn_meanwhile_stays_here(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    it_is("2026-11-28T12:00:00+08:00")
    sweep()
    withdraw(number, "Entered twice", "li.na")
    assert [one.state for one in notices(number, "deadline_reminder")] == ["withdrawn"]
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    assert arrived(mailbox, notices(number, "deadline_reminder")) == []


def test_what_was_answered_takes_back_its_own_reminder_alone(company: Engine, mailbox: MailCatcher) -> None:
    first = waiting_for_the_finding({"at": "80%", "to": "assignee"}, reported=THURSDAY)
    second = opened(dealer="D-02", reported_at=THURSDAY)
    play(second, until="site-finding")
    it_is("2026-11-28T12:00:00+08:00")
    assert sweep().reminded == 2
    answer(first, "site-finding", *CREDITED["site-finding"])
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    assert [one.state for one in notices(first, "deadline_reminder")] == ["withdrawn"]
    assert len(arrived(mailbox, notices(second, "deadline_reminder"))) == 1


def test_a_reminder_that_went_out_stays_sent_when_the_answer_comes(company: Engine) -> None:
    number = waiting_for_the_finding({"at": "80%", "to": "assignee"})
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert [one.state for one in notices(number, "deadline_reminder")] == ["sent"]


# What they read


def test_an_escalation_shows_the_sum_behind_the_due_time(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding({"at": "100%", "to": "cs_manager"})
    reads("chen.min", "en")
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    [message] = arrived(mailbox, notices(number, "deadline_escalation"))
    assert message["Subject"] == f"[{number}] Late: Determination on site"
    text = plain(message)
    assert "This was due by 2026-11-25 24:00 and is late: Determination on site" in text
    # Sixteen hours of the report's day, then two whole days.
    for line in (
        "2026-11-23 08:00 – 2026-11-23 24:00: 16:00 h (day 0, the day of the event)",
        "2026-11-24 00:00 – 2026-11-25 24:00: 2 d 0:00 h (calendar days)",
        "Together 2 d 16:00 h: 2 days.",
    ):
        assert line in text
    html = message.get_body(("html",))
    assert html is not None
    assert "Together 2 d 16:00 h: 2 days." in html.get_content()


def test_an_escalation_after_a_pause_says_who_paused_it_and_why(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding({"at": "100%", "to": "cs_manager"})
    reads("chen.min", "en")
    it_is("2026-11-24T10:00:00+08:00")
    pause(number, "determination", "The dealer's shop is closed", "chen.min")
    it_is("2026-11-25T10:00:00+08:00")
    unpause(number, "determination", "chen.min")
    it_is("2026-11-27T09:00:00+08:00")
    sweep()
    [message] = arrived(mailbox, notices(number, "deadline_escalation"))
    lines = [one for one in plain(message).splitlines() if "paused by" in one]
    assert lines == [
        "2026-11-24 10:00 – 2026-11-25 10:00: does not count (paused by chen.min: The dealer's shop is closed)"
    ]
    assert "Together 2 d 16:00 h: 2 days." in plain(message)


def test_a_reminder_has_no_sum(company: Engine) -> None:
    number = waiting_for_the_finding({"at": "80%", "to": "cs_manager"})
    reads("chen.min", "en")
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    [notice] = notices(number, "deadline_reminder")
    assert notice.subject == f"[{number}] Reminder: Determination on site is due by 2026-11-25 24:00"
    assert "Together" not in notice.plain


def test_each_reader_reads_what_is_late_in_their_own_language(company: Engine, mailbox: MailCatcher) -> None:
    number = waiting_for_the_finding(
        {"at": "80%", "to": "assignee"}, {"at": "100%", "to": "cs_manager"}, {"at": "100%", "to": "technology_head"}
    )
    reads("sun.wei", "en")
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    escalations = notices(number, "deadline_escalation")
    mails = {one["To"].addresses[0].username: one for one in arrived(mailbox, escalations)}
    assert "Determination on site" in mails["sun.wei"]["Subject"]
    assert "现场认定" not in mails["sun.wei"]["Subject"] + plain(mails["sun.wei"])
    chinese = [mails["chen.min"], *arrived(mailbox, notices(number, "deadline_reminder"))]
    assert len(chinese) == 2
    for mail in chinese:
        assert "现场认定" in mail["Subject"]
        assert "Determination on site" not in mail["Subject"] + plain(mail)


def test_a_question_is_named_by_its_form_in_the_readers_language(company: Engine) -> None:
    use({"remedy": {"limit": "5 days", "rungs": [{"at": "100%", "to": "cs_manager"}]}})
    number = opened()
    play(number, until="remedy")
    forward(days=6)
    sweep()
    [notice] = [one for one in notices(number, "deadline_escalation") if ":rung:remedy:" in one.key]
    assert "经销商" in notice.subject
    assert "What does the dealer want" not in notice.subject + notice.plain


# Met late


def test_who_answers_late_before_a_sweep_climbs_the_escalations_and_not_the_reminders(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    it_is("2026-11-26T12:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert climbed(number) == [(2, ["chen.min"]), (5, ["sun.wei"])]
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        assert (found.breached_at, found.next_rung_at) == (at(DUE), None)
        assert deadlines.state_of(found, clock.now(session)) is DeadlineState.BREACHED
    it_is("2026-12-26T12:00:00+08:00")
    assert sweep().escalated == 0


def test_a_case_that_has_ended_is_chased_no_more(company: Engine) -> None:
    number = waiting_for_the_finding(*LADDER)
    withdraw(number, "Entered twice", "li.na")
    swept = sweep(at(DUE) + timedelta(days=30))
    assert (swept.deadlines, swept.reminded, swept.escalated) == (0, 0, 0)
    with transaction() as session:
        assert session.scalars(select(Deadline).where(Deadline.next_rung_at.is_not(None))).all() == []
    assert climbed(number) == []
