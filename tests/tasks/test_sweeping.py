"""The sweep: each rung once and in order, however often, late or together sweeps run; lapses; breaches."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from people import CREDITED, answer, business_now, forward, open_tasks, opened, play, run
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from models.errors import InvalidInput
from models.queries import cases, clock, deadlines
from models.tables.cases import Case
from models.tables.deadlines import Deadline, Rung
from models.tables.notices import Notice
from models.tables.questions import Decision
from models.tables.system import System
from tasks.board import board, case_rows
from tasks.board_page import page
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.settings import settings
from tasks.sweeping import Swept, sweep

VICE_PRESIDENT, MANAGER = "zhao.qiang@minghui.example", "chen.min@minghui.example"


def at_nine() -> None:
    """Nine in the morning in Shanghai, so that a report of an hour ago is of the same day."""
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat("2026-11-23T09:00:00+08:00"))


@pytest.fixture(autouse=True)
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are chased."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(company: Engine) -> str:
    """A case reported at eight, whose technician is named and silent."""
    at_nine()
    waiting = opened()
    play(waiting, until="site-finding")
    return waiting


def told(number: str, template: str) -> list[str]:
    with transaction() as session:
        notices = session.scalars(
            select(Notice).join(Case).where(Case.number == number, Notice.template == template).order_by(Notice.id)
        )
        return [notice.to_address for notice in notices]


def determination(number: str) -> tuple[datetime, datetime | None, list[int]]:
    """Due, breached at, and the rungs that happened, in the order in which they happened."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        return (
            found.due_at,
            found.breached_at,
            [one.number for one in sorted(found.rungs, key=lambda one: one.planned_at)],
        )


def test_the_two_days_end_at_24_00_of_the_second_day_after_the_report(number: str) -> None:
    due, _breached, _rungs = determination(number)
    assert due == datetime.fromisoformat("2026-11-26T00:00:00+08:00")


def test_nobody_is_chased_before_time(number: str) -> None:
    assert (sweep().reminded, sweep().escalated) == (0, 0)


def test_at_80_percent_the_technician_and_his_head_are_reminded_once(number: str) -> None:
    # 64 hours from the report to due; 80 % of them are 51.2 hours: 11:12 on the 25th.
    forward(hours=50, minutes=11)
    assert sweep().reminded == 0
    forward(minutes=2)
    assert sweep().reminded == 2
    assert sweep().reminded == 0
    assert told(number, "deadline_reminder") == ["liu.yang@minghui.example", "sun.wei@minghui.example"]


def test_when_the_second_day_is_over_the_breach_is_recorded_the_vice_president_told_and_the_case_goes_on(
    number: str,
) -> None:
    forward(days=3)
    swept = sweep()
    assert swept.escalated == 1
    due, breached, rungs = determination(number)
    assert breached == due
    assert rungs == [1, 2, 3]
    assert told(number, "deadline_escalation") == [VICE_PRESIDENT]
    assert list(open_tasks(number)) == ["site-finding"]
    assert play(number) == "credited"


def test_who_answers_late_before_the_next_sweep_is_escalated_all_the_same(number: str) -> None:
    forward(days=3)
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert told(number, "deadline_escalation") == [VICE_PRESIDENT]
    assert told(number, "deadline_reminder") == []
    due, breached, _rungs = determination(number)
    assert breached == due
    assert sweep().escalated == 0


def test_the_two_days_run_on_while_a_technician_who_cannot_attend_is_replaced(number: str) -> None:
    answer(number, "site-finding", "liu.yang", {"verdict": "cannot_attend", "report": "Ill."})
    assert run(number) is None
    assert list(open_tasks(number)) == ["name-technician"]
    answer(number, "name-technician", "sun.wei", {"technician": "tom.baker"})
    run(number)
    forward(days=3)
    sweep()
    assert determination(number)[1] is not None
    answer(number, "site-finding", "tom.baker", CREDITED["site-finding"][1])
    assert play(number) == "credited"


def test_a_report_that_came_days_before_its_registration_is_late_at_once(company: Engine) -> None:
    at_nine()
    late = opened(reported_at=(business_now() - timedelta(days=5)).isoformat())
    run(late)
    swept = sweep()
    assert swept.escalated >= 1
    assert VICE_PRESIDENT in told(late, "deadline_escalation")


def test_four_sweeps_at_once_and_again_make_each_rung_happen_once(number: str) -> None:
    forward(days=3)
    with ThreadPoolExecutor(4) as crowd:
        swept = list(crowd.map(lambda _one: sweep(), range(4)))
    swept.append(sweep())
    assert sum(one.reminded + one.escalated for one in swept) == 3
    with transaction() as session:
        assert len(session.scalars(select(Rung)).all()) == 3
    assert len(told(number, "deadline_reminder") + told(number, "deadline_escalation")) == 3


def test_two_sweeps_never_overlap(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def sweep_inside(_swept: Swept, _at: datetime) -> None:
        assert sweep().skipped

    from tasks import sweeping

    monkeypatch.setattr(sweeping, "_chase", sweep_inside)
    assert not sweep().skipped


def test_sweeps_missed_for_three_nights_are_made_up_in_order(number: str) -> None:
    answer(number, "site-finding", *CREDITED["site-finding"])
    play(number, until="arrival")
    # 66 % and 100 % of fifteen days, and five days after.
    forward(days=25)
    sweep()
    with transaction() as session:
        arrival = session.scalars(select(Deadline).where(Deadline.key == "arrival")).one()
        numbers = session.scalars(select(Notice.key).where(Notice.key.contains("rung:arrival")).order_by(Notice.id))
        assert [key.split(":")[3] for key in numbers] == ["1", "2", "3"]
        assert arrival.next_rung_at is None


def test_silence_ends_the_right_to_appeal_and_only_there_decides_anything(company: Engine) -> None:
    at_nine()
    number = opened()
    sound = {"verdict": "no_quality_fault", "pieces_inspected": 9, "report": "Wrong voltage."}
    play(number, {**CREDITED, "site-finding": ("liu.yang", sound)}, until="appeal")
    # Five days end at 24:00 of the fifth.
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat("2026-11-28T23:59:00+08:00"))
    assert sweep().lapsed == 0
    forward(minutes=2)
    assert sweep().lapsed == 1
    assert sweep().lapsed == 0
    with transaction() as session:
        last = session.scalars(select(Decision).order_by(Decision.at.desc()).limit(1)).one()
        assert (last.by, last.channel, last.task.state) == (None, "sweep", "lapsed")
    assert run(number) == "not_confirmed"


def test_a_deadline_that_cannot_be_chased_is_named_and_holds_up_no_other(number: str) -> None:
    other = opened(dealer="D-02")
    play(other, until="site-finding")
    with transaction() as session:
        broken = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        broken.ladder = [{"at": "some day", "to": "assignee"}]
    forward(days=3)
    swept = sweep()
    assert determination(other)[2] == [1, 2, 3]
    assert [problem for problem in swept.problems if "determination" in problem and number in problem]
    assert sweep().escalated == 0


def test_a_reminder_waits_on_while_the_clock_stands(number: str, mailbox: MailCatcher) -> None:
    # 80 % are used up on Wednesday the 25th at 11:12; swept at 20:00, when nobody is at work.
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat("2026-11-25T20:00:00+08:00"))
    assert sweep().reminded == 2
    pause(number, "determination", "the dealer is away", "chen.min")
    sent = len(list(mailbox.folder.iterdir()))
    forward(days=1)
    sweep()
    assert len(list(mailbox.folder.iterdir())) == sent
    unpause(number, "determination", "chen.min")
    sweep()
    assert len(list(mailbox.folder.iterdir())) == sent + 2


def test_a_closed_case_is_chased_no_more(company: Engine) -> None:
    at_nine()
    number = opened()
    play(number)
    forward(days=40)
    swept = sweep()
    assert (swept.deadlines, swept.reminded, swept.escalated) == (0, 0, 0)


def test_a_real_system_is_not_swept_before_time(company: Engine) -> None:
    with transaction() as session:
        system = session.scalars(select(System)).one()
        system.rehearsal, system.clock_offset = False, timedelta()
    with pytest.raises(InvalidInput):
        sweep(business_now() + timedelta(days=1))


def test_sweeping_as_of_an_earlier_time_chases_only_what_was_due_then(number: str) -> None:
    then = forward(hours=1)
    forward(days=3)
    assert sweep(then).reminded == 0
    assert sweep().reminded == 2


def test_a_sweep_that_runs_late_records_its_mails_as_sent_when_they_went_out(company: Engine) -> None:
    at_nine()
    number = opened()
    scheduled = business_now()
    forward(hours=5)
    # The acknowledgement itself, and to the manager that it was late.
    assert sweep(scheduled).delivered == 2
    with transaction() as session:
        acknowledgement = deadlines.of_case(session, cases.by_number(session, number).id, "acknowledgement")
        assert acknowledgement.met_at is not None
        assert acknowledgement.met_at >= scheduled + timedelta(hours=5)
        assert acknowledgement.breached_at == acknowledgement.due_at


def test_the_board_names_each_open_case_what_it_waits_for_and_what_is_late(number: str) -> None:
    now, swept = forward(days=3), sweep()
    with transaction() as session:
        rows, digest = case_rows(session, now), page(session, board(session, now), swept)
    assert [row["Case"] for row in rows] == [number]
    row = rows[0]
    assert row["Waits for"] == "刘洋 (liu.yang)"
    assert row["Next due"] == "2026-11-25 24:00"
    assert row["Late"] == "Determination on site"
    assert "| Deadlines late | 1 |" in digest


def test_progress_is_told_from_nothing_to_whole(company: Engine) -> None:
    heard: list[float] = []
    sweep(progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
