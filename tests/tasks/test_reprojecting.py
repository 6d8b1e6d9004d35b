"""Changed calendars and limits: first a preview, then every open deadline is counted anew, once, with a reason."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import CALENDARS, POLICY
from people import CREDITED, answer, forward, opened, play, run
from sqlalchemy import Engine, select, text

from deployments.catcher import MailCatcher
from models.calendars import load_calendar_file
from models.errors import AfterSalesError, InvalidInput, NotAllowed, NotFound
from models.queries import calendars, cases, clock, deadlines, people, policies, projecting
from models.tables.audit import AuditEntry
from models.tables.deadlines import Deadline, DeadlineChange, DeadlineState
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from tasks.backtesting import BackTest, back_test
from tasks.database import engine, transaction
from tasks.explaining import why
from tasks.pausing import pause, unpause
from tasks.reprojecting import (
    Effect,
    apply_calendars,
    apply_policy,
    preview_calendars,
    preview_policy,
)
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

#: A Monday at eight.
REPORTED = "2026-11-23T08:00:00+08:00"
#: Five working days from it: Tuesday to Friday, and Monday, 24:00.
FIVE = "2026-12-01T00:00:00+08:00"
#: With Wednesday and Thursday closed: Tuesday, Friday, Monday, Tuesday, Wednesday.
FIVE_CLOSED = "2026-12-03T00:00:00+08:00"
WEDNESDAY_AND_THURSDAY = {"first": "2026-11-25", "last": "2026-11-26", "working": False, "name": "Typhoon"}
FEW_PIECES = {
    "verdict": "quality_fault",
    "pieces_inspected": 5,
    "pieces_faulty": 5,
    "pieces_on_hand": 10,
    "report": "Capacitors bulge.",
}


@pytest.fixture(autouse=True)
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are open."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


def it_is(at: str) -> None:
    with transaction() as session:
        clock.set_to(session, instant(at))


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def policy_with(limits: dict[str, Any], **policy: Any) -> dict[str, Any]:
    """The lighting maker's policy with other limits of the batch quality dispute."""
    content: dict[str, Any] = yaml.safe_load(POLICY.read_text("utf-8")) | policy
    return content | {"batch_quality": content["batch_quality"] | limits}


def determination(limit: str, *rungs: dict[str, Any]) -> dict[str, Any]:
    """A policy with another determination."""
    return policy_with({"determination": {"limit": limit, "rungs": list(rungs)}})


def use(content: dict[str, Any]) -> None:
    with transaction() as session:
        policies.keep(session, content)


def closed(*changes: dict[str, Any], **parties: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The head office's calendar with these days closed, for all or for a party and those below it."""
    content = load_calendar_file(CALENDARS)["office"]
    return {
        "office": content
        | {"changes": list(changes), "parties": {code.replace("_", "-"): of for code, of in parties.items()}}
    }


def waiting_for_the_finding(dealer: str = "D-01") -> str:
    """A case reported on Monday at eight, whose technician is silent; it is nine."""
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(dealer=dealer, reported_at=REPORTED)
    play(number, until="site-finding")
    return number


def the(number: str, key: str = "determination") -> Deadline:
    """A deadline as it is now, with all that is looked at here."""
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        _loaded = found.intervals, found.rungs, found.calendar.version, found.case.number
        return found


def due(number: str, key: str = "determination") -> datetime:
    return the(number, key).due_at


def state(number: str, key: str = "determination") -> DeadlineState:
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return deadlines.state_of(found, clock.now(session))


def changes(number: str, key: str = "determination") -> list[DeadlineChange]:
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, key)
        query = select(DeadlineChange).where(DeadlineChange.deadline_id == found.id).order_by(DeadlineChange.number)
        return list(session.scalars(query))


def audited(operation: str) -> list[Any]:
    with transaction() as session:
        entries = select(AuditEntry).where(AuditEntry.operation == operation).order_by(AuditEntry.number)
        return [(one.actor, one.subject, one.detail) for one in session.scalars(entries)]


def told(number: str, template: str) -> list[str]:
    with transaction() as session:
        query = select(Notice).where(Notice.template == template, Notice.key.startswith(f"{number}:rung:determination"))
        return [one.to_address.partition("@")[0] for one in session.scalars(query.order_by(Notice.id))]


def everything() -> list[list[str]]:
    """Every row that a change of the rules might have touched."""
    tables = (
        "deadline", "deadline_change", "calendar_version", "policy_version", "running_interval", "rung", "notice",
        "task", "audit_entry", '"case"',
    )  # fmt: skip
    with engine().connect() as connection:
        return [list(connection.scalars(text(f"SELECT t::text FROM {one} t ORDER BY 1"))) for one in tables]


def figures(effect: Effect) -> tuple[int, int, int, int | None]:
    return effect.checked, effect.earlier, effect.later, effect.applied


# A preview


def test_a_preview_of_a_closure_says_what_would_move_and_changes_nothing(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    before = everything()
    effect = preview_calendars(closed(WEDNESDAY_AND_THURSDAY))
    assert figures(effect) == (1, 0, 1, None)
    assert (effect.most_later, effect.most_earlier) == (timedelta(days=2), timedelta())
    [one] = effect.farthest
    assert (one.number, one.key, one.due_before, one.due_after) == (
        number,
        "determination",
        instant(FIVE),
        instant(FIVE_CLOSED),
    )
    assert (effect.would_be_late, effect.no_longer_late) == ([], [])
    assert everything() == before


def test_a_preview_of_a_limit_says_what_would_move_and_changes_nothing(company: Engine) -> None:
    number = waiting_for_the_finding()
    before = everything()
    effect = preview_policy(determination("1 days"))
    assert figures(effect) == (1, 1, 0, None)
    assert (effect.most_later, effect.most_earlier) == (timedelta(), timedelta(days=-1))
    [one] = effect.farthest
    assert (one.number, one.budget_before, one.budget_after) == (number, "2 days", "1 days")
    assert everything() == before


@pytest.mark.parametrize("paused", [False, True])
def test_rules_that_did_not_change_move_nothing(company: Engine, paused: bool) -> None:
    number = waiting_for_the_finding()
    # And one whose settlement the procedure itself has stopped: remedy, arrival, settlement.
    play(opened(dealer="D-02", reported_at=REPORTED), {**CREDITED, **OF_D_02}, until="arrival")
    if paused:
        it_is("2026-11-24T10:11:12.345678+08:00")
        pause(number, "determination", "The shop is closed", "chen.min")
    assert figures(preview_calendars(load_calendar_file(CALENDARS))) == (4, 0, 0, None)
    assert figures(preview_policy(yaml.safe_load(POLICY.read_text("utf-8")))) == (4, 0, 0, None)
    before = everything()[0]
    assert apply_calendars(load_calendar_file(CALENDARS), "Nothing new", "chen.min").applied == 0
    assert apply_policy(yaml.safe_load(POLICY.read_text("utf-8")), "Nothing new", "chen.min").applied == 0
    assert everything()[0] == before


def test_a_preview_names_the_farthest_moves_first_and_twenty_at_most(company: Engine) -> None:
    use(policy_with({"determination": {"limit": "5 working days"}, "batch_verdict": {"limit": "2 working days"}}))
    first = waiting_for_the_finding()
    for number in range(21):
        run(opened(dealer="D-02", separate=bool(number), reported_at=REPORTED))
    # Each of the 21 has its own determination and verdict; two working days from Monday would end on Wednesday.
    effect = preview_calendars(closed({**WEDNESDAY_AND_THURSDAY, "first": "2026-11-24"}))
    assert (effect.checked, effect.later) == (1 + 21 * 2, 1 + 21 * 2)
    moves = [one.due_after - one.due_before for one in effect.farthest]
    assert len(moves) == 20
    assert moves == sorted(moves, reverse=True)
    # Five: Friday, Monday to Thursday instead of to Monday. Two: Friday and Monday instead of Tuesday and Wednesday.
    assert effect.most_later == timedelta(days=5)
    assert {one.key for one in effect.farthest} == {"batch-verdict"}
    assert first not in {one.number for one in effect.farthest}


def test_progress_is_heard_to_the_last(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 2)
    it_is("2026-11-23T09:00:00+08:00")
    for dealer in ("D-01", "D-02", "D-03"):
        run(opened(dealer=dealer, reported_at=REPORTED))
    heard: list[int] = []
    assert preview_calendars(closed(WEDNESDAY_AND_THURSDAY), heard.append).checked == 6
    assert heard == [2, 4, 6]
    heard.clear()
    assert apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min", heard.append).checked == 6
    assert heard == [2, 4, 6]


# A changed calendar


def test_a_closure_moves_what_counts_working_days_and_says_why(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    it_is("2026-11-24T10:00:00+08:00")
    effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon number 21", "chen.min")
    assert figures(effect) == (1, 0, 1, 1)
    found = the(number)
    assert (found.due_at, found.calendar.version) == (instant(FIVE_CLOSED), 2)
    [change] = changes(number)
    assert (change.number, change.by, change.reason, change.cause) == (
        1,
        "chen.min",
        "Typhoon number 21",
        "calendar office 2",
    )
    assert (change.due_before, change.due_after) == (instant(FIVE), instant(FIVE_CLOSED))
    assert (change.budget_before, change.budget_after) == ("5 working_days", "5 working_days")
    assert timedelta() <= change.at - instant("2026-11-24T10:00:00+08:00") < timedelta(minutes=1)
    assert audited("deadlines_counted_anew") == [
        ("chen.min", "calendar office 2", {"reason": "Typhoon number 21", "checked": 1, "changed": 1, "moved": 1})
    ]
    assert [(by, of) for by, of, _detail in audited("calendar_recorded")][-1] == ("chen.min", "office 2")
    assert verify() == []


def test_what_moved_explains_itself_by_the_new_calendar(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    with transaction() as session:
        found = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        told = why(session, found, clock.now(session))
    assert told.calendar == "office 2"
    assert "closed: Typhoon" in [one.why for one in told.intervals]
    # Sixteen hours of Monday and five days, as before.
    assert told.counted == timedelta(hours=136)
    assert [(one.by, one.reason) for one in told.changes] == [("chen.min", "Typhoon")]


def test_applied_again_it_changes_nothing_more(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    before = everything()
    effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    assert figures(effect) == (1, 0, 0, 0)
    after = everything()
    # Only that it was done again is on record.
    assert (after[:8], after[9:]) == (before[:8], before[9:])
    assert len(after[8]) == len(before[8]) + 1
    assert len(changes(number)) == 1
    assert verify() == []


def test_a_closure_that_is_taken_back_moves_everything_back(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    effect = apply_calendars(load_calendar_file(CALENDARS), "It turned away", "chen.min")
    assert figures(effect) == (1, 1, 0, 1)
    assert (due(number), the(number).calendar.version) == (instant(FIVE), 3)
    assert [(one.number, one.due_after) for one in changes(number)] == [
        (1, instant(FIVE_CLOSED)),
        (2, instant(FIVE)),
    ]


def test_a_worked_saturday_makes_it_due_earlier(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    saturday = {"first": "2026-11-28", "last": "2026-11-28", "working": True, "name": "Stocktaking"}
    assert figures(apply_calendars(closed(saturday), "Stocktaking", "chen.min")) == (1, 1, 0, 1)
    # Tuesday to Saturday.
    assert due(number) == instant("2026-11-29T00:00:00+08:00")


def test_calendar_days_and_hours_do_not_move_but_count_by_the_new_version(company: Engine) -> None:
    number = waiting_for_the_finding()
    effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    assert figures(effect) == (1, 0, 0, 1)
    assert (due(number), the(number).calendar.version) == (instant("2026-11-26T00:00:00+08:00"), 2)
    [change] = changes(number)
    assert change.due_before == change.due_after


def test_rungs_move_with_due_and_those_that_happened_do_not_happen_again(company: Engine) -> None:
    use(determination("5 working days", {"at": "50%", "to": "assignee"}, {"at": "100%", "to": "cs_manager"}))
    number = waiting_for_the_finding()
    # Half of 136 hours are over at four on Thursday.
    sweep(instant("2026-11-26T05:00:00+08:00"))
    assert [one.number for one in the(number).rungs] == [1]
    it_is("2026-11-26T05:00:00+08:00")
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    assert the(number).next_rung_at == instant(FIVE_CLOSED)
    # Half of the time is over at four on Saturday now: 16 + 24 on Tuesday, 24 on Friday, four of the Monday.
    sweep(instant("2026-12-02T23:59:00+08:00"))
    assert [one.number for one in the(number).rungs] == [1]
    sweep(instant("2026-12-03T00:01:00+08:00"))
    assert [one.number for one in the(number).rungs] == [1, 2]
    assert (told(number, "deadline_reminder"), told(number, "deadline_escalation")) == (["liu.yang"], ["chen.min"])


def test_a_regions_closure_moves_only_what_its_own_parties_have_to_do(company: Engine) -> None:
    """B-01 answers for D-01 and D-02, B-02 for D-03; what the company itself has to do goes on as before."""
    use(policy_with({"remedy": {"limit": "5 working days"}, "arrival": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    script = {**CREDITED, "site-finding": ("liu.yang", FEW_PIECES)}
    numbers = {dealer: opened(dealer=dealer, reported_at=REPORTED) for dealer in ("D-01", "D-02", "D-03")}
    for number in numbers.values():
        play(number, script, until="remedy")
    effect = apply_calendars(closed(B_01=[WEDNESDAY_AND_THURSDAY]), "Typhoon in the south", "chen.min")
    # Of each case remedy, arrival and settlement.
    assert (effect.checked, effect.later, effect.earlier) == (9, 2, 0)
    assert {dealer: due(number, "remedy") for dealer, number in numbers.items()} == {
        "D-01": instant(FIVE_CLOSED),
        "D-02": instant(FIVE_CLOSED),
        "D-03": instant(FIVE),
    }
    assert {due(number, "arrival") for number in numbers.values()} == {instant(FIVE)}
    assert verify() == []


def test_a_shops_closure_is_nobody_elses(company: Engine) -> None:
    use(policy_with({"remedy": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(dealer="D-01", reported_at=REPORTED)
    play(number, until="remedy")
    effect = preview_calendars(closed(S_01=[WEDNESDAY_AND_THURSDAY], D_02=[WEDNESDAY_AND_THURSDAY]))
    assert effect.moved == 0
    assert preview_calendars(closed(D_01=[WEDNESDAY_AND_THURSDAY])).moved == 1
    assert preview_calendars(closed(C_01=[WEDNESDAY_AND_THURSDAY])).moved > 1


def test_a_new_calendar_is_recorded_beside_the_old_one(company: Engine) -> None:
    factory = load_calendar_file(CALENDARS)["office"] | {"title": "Factory"}
    number = waiting_for_the_finding()
    effect = apply_calendars({"factory": factory}, "The factory has its own", "chen.min")
    assert (effect.moved, effect.applied) == (0, 0)
    with transaction() as session:
        assert [(one.name, one.version) for one in calendars.all_current(session)] == [("factory", 1), ("office", 1)]
    assert the(number).calendar.name == "office"


def test_until_it_is_applied_people_hear_what_still_counts_by_the_older_version(company: Engine) -> None:
    waiting_for_the_finding()
    with transaction() as session:
        calendars.keep(session, "office", closed(WEDNESDAY_AND_THURSDAY)["office"], "chen.min", "Typhoon")
        assert projecting.still_counted_by_older(session) == {"office": 1}
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    with transaction() as session:
        assert projecting.still_counted_by_older(session) == {}


# What has ended


def ended_cases() -> dict[str, str]:
    """A closed case and a withdrawn one, both counted by working days."""
    use(policy_with({"determination": {"limit": "5 working days"}, "remedy": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    done = opened(dealer="D-01", reported_at=REPORTED)
    assert play(done) == "credited"
    gone = opened(dealer="D-02", reported_at=REPORTED)
    play(gone, until="site-finding")
    withdraw(gone, "Entered twice", "li.na")
    return {"closed": done, "withdrawn": gone}


def sums_of(number: str) -> list[tuple[str, str, datetime, timedelta, list[tuple[datetime, datetime, str]]]]:
    with transaction() as session:
        found = []
        for one in deadlines.all_of(session, cases.by_number(session, number).id):
            told = why(session, one, clock.now(session))
            assert sum((part.counted for part in told.intervals), start=timedelta()) == told.counted
            parts = [(part.start, part.end, part.why) for part in told.intervals]
            found.append((one.key, told.calendar, told.due, told.counted, parts))
        return found


@pytest.mark.parametrize("change", ["calendar", "policy"])
def test_ended_cases_keep_their_rules_and_their_sums_still_add_up(company: Engine, change: str) -> None:
    numbers = ended_cases().values()
    before = [sums_of(number) for number in numbers]
    assert {calendar for sums in before for _key, calendar, *_rest in sums} == {"office 1"}
    rows = everything()[0]
    if change == "calendar":
        effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    else:
        effect = apply_policy(determination("9 days"), "More time", "chen.min")
    assert figures(effect) == (0, 0, 0, 0)
    assert everything()[0] == rows
    assert [sums_of(number) for number in numbers] == before
    assert verify() == []


def test_in_an_open_case_what_is_done_keeps_its_rules(company: Engine) -> None:
    use(policy_with({"determination": {"limit": "5 working days"}, "recall_scope": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="recall-scope")
    effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    assert (effect.checked, effect.moved) == (1, 1)
    assert (the(number).calendar.version, the(number, "recall-scope").calendar.version) == (1, 2)
    assert changes(number) == []


# A changed limit

LADDER = [{"at": "80%", "to": "assignee"}, {"at": "100%", "to": "cs_manager"}]


def test_a_longer_limit_moves_due_and_is_on_record(company: Engine) -> None:
    number = waiting_for_the_finding()
    effect = apply_policy(determination("3 days", *LADDER), "The roads are flooded", "chen.min")
    assert figures(effect) == (1, 0, 1, 1)
    found = the(number)
    assert (found.amount, found.unit, found.due_at) == (3, "days", instant("2026-11-27T00:00:00+08:00"))
    # 80 % of 88 hours.
    assert found.next_rung_at == instant("2026-11-26T06:24:00+08:00")
    [change] = changes(number)
    assert (change.by, change.reason, change.cause) == ("chen.min", "The roads are flooded", "policy lighting 2")
    assert (change.budget_before, change.budget_after) == ("2 days", "3 days")
    [(by, of, _detail)] = audited("deadlines_counted_anew")
    assert (by, of) == ("chen.min", "policy lighting 2")
    assert verify() == []


def test_a_limit_may_change_its_unit_and_its_counting(company: Engine) -> None:
    number = waiting_for_the_finding()
    limit = {"limit": "3 working days", "counts_from": "next_working_day", "rungs": LADDER}
    apply_policy(policy_with({"determination": limit}), "Working days", "chen.min")
    found = the(number)
    assert (found.amount, found.unit, found.counts_from) == (3, "working_days", "next_working_day")
    # Tuesday, the next working day, is the first that counts: Tuesday, Wednesday, Thursday.
    assert found.due_at == instant("2026-11-27T00:00:00+08:00")
    assert verify() == []


def test_new_rungs_replace_the_old_ones_but_those_that_happened_do_not_happen_again(company: Engine) -> None:
    number = waiting_for_the_finding()
    # 80 % of two days, to the technician and to his head.
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    assert [(one.number, one.told) for one in the(number).rungs] == [(1, ["liu.yang"]), (2, ["sun.wei"])]
    apply_policy(determination("3 days", *LADDER), "The roads are flooded", "chen.min")
    # 80 % of three days are over at 6:24 on Thursday: the technician was reminded by that very rung already.
    sweep(instant("2026-11-26T23:00:00+08:00"))
    assert len(the(number).rungs) == 2
    # At due it is the manager now and not the vice-president.
    sweep(instant("2026-11-27T00:01:00+08:00"))
    sweep(instant("2026-12-27T00:01:00+08:00"))
    assert told(number, "deadline_reminder") == ["liu.yang", "sun.wei"]
    assert told(number, "deadline_escalation") == ["chen.min"]
    assert len(the(number).rungs) == 3
    assert verify() == []


def test_a_rung_that_is_new_happens_at_its_time_though_others_happened_before(company: Engine) -> None:
    number = waiting_for_the_finding()
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    apply_policy(determination("2 days", *LADDER, {"at": "-4 hours", "to": "assignee"}), "One more", "chen.min")
    sweep(instant("2026-11-25T19:59:00+08:00"))
    assert told(number, "deadline_reminder") == ["liu.yang", "sun.wei"]
    sweep(instant("2026-11-25T20:00:00+08:00"))
    assert told(number, "deadline_reminder") == ["liu.yang", "sun.wei", "liu.yang"]


def test_limits_that_change_twice_keep_what_happened(company: Engine) -> None:
    number = waiting_for_the_finding()
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    apply_policy(determination("3 days", *LADDER), "More time", "chen.min")
    apply_policy(determination("4 days", *LADDER), "Still more", "chen.min")
    apply_policy(yaml.safe_load(POLICY.read_text("utf-8")), "As it was", "chen.min")
    assert due(number) == instant("2026-11-26T00:00:00+08:00")
    sweep(instant("2026-12-26T00:00:00+08:00"))
    assert told(number, "deadline_reminder") == ["liu.yang", "sun.wei"]
    assert told(number, "deadline_escalation") == ["zhao.qiang"]
    assert [(one.budget_before, one.budget_after) for one in changes(number)] == [
        ("2 days", "3 days"),
        ("3 days", "4 days"),
        ("4 days", "2 days"),
    ]
    assert verify() == []


def test_a_policy_applied_again_changes_no_deadline(company: Engine) -> None:
    number = waiting_for_the_finding()
    apply_policy(determination("3 days", *LADDER), "More time", "chen.min")
    # Deadlines, their changes, calendars and policies.
    before = everything()[:4]
    effect = apply_policy(determination("3 days", *LADDER), "More time", "chen.min")
    assert figures(effect) == (1, 0, 0, 0)
    assert everything()[:4] == before
    assert len(changes(number)) == 1


def test_a_limit_shortened_into_the_past_is_breached_and_escalated_once_by_the_next_sweep(company: Engine) -> None:
    number = waiting_for_the_finding()
    it_is("2026-11-24T10:00:00+08:00")
    content = determination("12 hours", *LADDER)
    preview = preview_policy(content)
    assert [(one.number, one.key) for one in preview.would_be_late] == [(number, "determination")]
    assert state(number) is DeadlineState.RUNNING
    applied = apply_policy(content, "Faster", "chen.min")
    assert [(one.number, one.key) for one in applied.would_be_late] == [(number, "determination")]
    assert (due(number), the(number).breached_at) == (instant("2026-11-23T20:00:00+08:00"), None)
    assert state(number) is DeadlineState.BREACHED
    assert told(number, "deadline_escalation") == []
    assert sweep().escalated == 1
    assert the(number).breached_at == instant("2026-11-23T20:00:00+08:00")
    assert sweep().escalated == 0
    assert told(number, "deadline_escalation") == ["chen.min"]
    assert verify() == []


def test_a_breach_that_a_closure_undoes_is_no_breach_any_more(company: Engine) -> None:
    use(determination("2 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    assert the(number).breached_at == instant("2026-11-26T00:00:00+08:00")
    # Tuesday and Wednesday closed: Thursday and Friday instead.
    typhoon = {**WEDNESDAY_AND_THURSDAY, "first": "2026-11-24", "last": "2026-11-25"}
    preview = preview_calendars(closed(typhoon))
    assert [(one.number, one.key) for one in preview.no_longer_late] == [(number, "determination")]
    assert state(number) is DeadlineState.BREACHED
    apply_calendars(closed(typhoon), "Typhoon", "chen.min")
    found = the(number)
    assert (found.due_at, found.breached_at) == (instant("2026-11-28T00:00:00+08:00"), None)
    assert state(number) is DeadlineState.RUNNING
    assert verify() == []
    # Answered on Friday it is in time; what was told meanwhile stays told.
    it_is("2026-11-27T09:00:00+08:00")
    answer(number, "site-finding", *CREDITED["site-finding"])
    assert state(number) is DeadlineState.MET
    assert told(number, "deadline_escalation") == ["chen.min"]


def test_a_deadline_that_is_late_again_after_the_closure_is_breached_again_and_told_once(company: Engine) -> None:
    use(determination("2 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    typhoon = {**WEDNESDAY_AND_THURSDAY, "first": "2026-11-24", "last": "2026-11-25"}
    apply_calendars(closed(typhoon), "Typhoon", "chen.min")
    it_is("2026-11-28T00:01:00+08:00")
    sweep()
    assert the(number).breached_at == instant("2026-11-28T00:00:00+08:00")
    assert told(number, "deadline_escalation") == ["chen.min"]


def test_what_stays_late_is_late_since_its_new_due(company: Engine) -> None:
    use(determination("2 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    # Only the Wednesday is closed: Tuesday and Thursday.
    apply_calendars(closed({**WEDNESDAY_AND_THURSDAY, "last": "2026-11-25"}), "Typhoon", "chen.min")
    found = the(number)
    assert (found.due_at, found.breached_at) == (instant("2026-11-27T00:00:00+08:00"),) * 2
    assert state(number) is DeadlineState.BREACHED


# Cases and versions


def test_what_an_old_case_begins_later_takes_the_applied_limit(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    run(number)
    apply_policy(policy_with({"remedy": {"limit": "9 days", "rungs": LADDER}}), "More time to choose", "chen.min")
    play(number, until="remedy")
    found = the(number, "remedy")
    # Day 0 is Monday, the 23rd.
    assert (found.amount, found.unit, found.due_at) == (9, "days", instant("2026-12-03T00:00:00+08:00"))
    assert [rung["to"] for rung in found.ladder] == ["assignee", "cs_manager"]
    with transaction() as session:
        assert cases.by_number(session, number).policy_version.version == 1


def test_a_policy_that_was_only_recorded_leaves_old_cases_at_their_version(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    old = opened(dealer="D-01", reported_at=REPORTED)
    run(old)
    use(policy_with({"remedy": {"limit": "9 days", "rungs": LADDER}}))
    new = opened(dealer="D-02", reported_at=REPORTED)
    for number in (old, new):
        play(number, until="remedy")
    assert (the(old, "remedy").amount, the(new, "remedy").amount) == (5, 9)
    assert changes(old, "determination") == []


def test_an_applied_limit_outlives_a_policy_that_was_recorded_after_it(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    old = opened(dealer="D-01", reported_at=REPORTED)
    run(old)
    apply_policy(policy_with({"remedy": {"limit": "9 days", "rungs": LADDER}}), "More time", "chen.min")
    use(policy_with({"remedy": {"limit": "7 days", "rungs": LADDER}}))
    new = opened(dealer="D-02", reported_at=REPORTED)
    for number in (old, new):
        play(number, until="remedy")
    assert (the(old, "remedy").amount, the(new, "remedy").amount) == (9, 7)


def test_a_policy_of_another_name_moves_nothing(company: Engine) -> None:
    number = waiting_for_the_finding()
    other = determination("9 days", *LADDER) | {"name": "appliances"}
    effect = apply_policy(other, "Another company", "chen.min")
    assert figures(effect) == (1, 0, 0, 0)
    assert due(number) == instant("2026-11-26T00:00:00+08:00")


def test_a_limit_may_change_the_calendar_that_counts(company: Engine) -> None:
    use(determination("5 working days", *LADDER))
    number = waiting_for_the_finding()
    six_days = load_calendar_file(CALENDARS)["office"]
    six_days = six_days | {"hours": six_days["hours"] | {"saturday": ["08:30-12:00"]}}
    apply_calendars({"factory": six_days}, "The factory works on Saturdays", "chen.min")
    limit = {"limit": "5 working days", "calendar": "factory", "rungs": LADDER}
    assert figures(apply_policy(policy_with({"determination": limit}), "As the factory", "chen.min")) == (1, 1, 0, 1)
    found = the(number)
    # Tuesday to Saturday.
    assert (found.calendar.name, found.due_at) == ("factory", instant("2026-11-29T00:00:00+08:00"))
    assert verify() == []


# Clocks that stand


def test_a_clock_that_stands_is_counted_anew_and_stands(company: Engine) -> None:
    use(determination("5 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-24T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    paused_at = the(number).paused_at
    assert figures(apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")) == (1, 0, 1, 1)
    found = the(number)
    assert (found.paused_at, found.next_rung_at, len(found.intervals)) == (paused_at, None, 1)
    # If it had gone on at once.
    assert found.due_at == instant(FIVE_CLOSED)
    assert state(number) is DeadlineState.PAUSED
    assert verify() == []
    # Half of the Tuesday and half of the Friday pass while it stands.
    it_is("2026-11-27T12:00:00+08:00")
    unpause(number, "determination", "chen.min")
    assert abs(due(number) - instant("2026-12-04T00:00:00+08:00")) < timedelta(minutes=1)
    assert verify() == []


def test_a_limit_that_is_used_up_when_it_shrinks_under_a_standing_clock_is_late(company: Engine) -> None:
    number = waiting_for_the_finding()
    it_is("2026-11-24T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    # 28 hours have run; it was due at eight in the evening of Monday, before it was stopped.
    effect = apply_policy(determination("12 hours", *LADDER), "Faster", "chen.min")
    assert [one.key for one in effect.would_be_late] == ["determination"]
    assert due(number) == instant("2026-11-23T20:00:00+08:00")
    forward(days=3)
    assert sweep().escalated == 0
    unpause(number, "determination", "chen.min")
    assert sweep().escalated == 1
    assert the(number).breached_at == instant("2026-11-23T20:00:00+08:00")
    assert verify() == []


def test_pauses_that_are_over_are_kept(company: Engine) -> None:
    number = waiting_for_the_finding()
    it_is("2026-11-23T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-24T12:00:00+08:00")
    unpause(number, "determination", "chen.min")
    paused = due(number) - instant("2026-11-26T00:00:00+08:00")
    apply_policy(determination("3 days", *LADDER), "More time", "chen.min")
    assert due(number) == instant("2026-11-27T00:00:00+08:00") + paused
    assert verify() == []


# Who may, and what is refused

Apply = Callable[[str, str], object]


def apply_a_calendar(reason: str, by: str) -> object:
    return apply_calendars(closed(WEDNESDAY_AND_THURSDAY), reason, by)


def apply_a_policy(reason: str, by: str) -> object:
    return apply_policy(determination("3 days", *LADDER), reason, by)


@pytest.mark.parametrize("applied", [apply_a_calendar, apply_a_policy])
@pytest.mark.parametrize(
    ("reason", "by", "error", "field"),
    [
        ("", "chen.min", InvalidInput, "reason"),
        (" \n ", "chen.min", InvalidInput, "reason"),
        ("a\x00", "chen.min", InvalidInput, "reason"),
        ("x" * 4001, "chen.min", InvalidInput, "reason"),
        ("Typhoon", "li.na", NotAllowed, "person"),
        ("Typhoon", "zhao.qiang", NotAllowed, "person"),
        ("Typhoon", "nobody", NotFound, "login"),
        ("Typhoon", "", NotFound, "login"),
    ],
)
def test_what_may_not_be_applied_changes_nothing(
    company: Engine, applied: Apply, reason: str, by: str, error: type[AfterSalesError], field: str
) -> None:
    run(opened())
    before = everything()
    with pytest.raises(error) as refused:
        applied(reason, by)
    assert field in refused.value.fields
    assert everything() == before


def test_the_policy_in_force_says_who_may(company: Engine) -> None:
    use(policy_with({}, rule_keepers=["marketing_vp", "administrator"]))
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "xie.juan").id, role="administrator"))
    with pytest.raises(NotAllowed):
        apply_a_calendar("Typhoon", "chen.min")
    # A policy does not make its own keepers.
    with pytest.raises(NotAllowed):
        apply_policy(policy_with({}, rule_keepers=["cs_manager"]), "Me too", "chen.min")
    apply_a_calendar("Typhoon", "zhao.qiang")
    apply_a_policy("More time", "xie.juan")
    assert [by for by, _of, _detail in audited("deadlines_counted_anew")] == ["zhao.qiang", "xie.juan"]


@pytest.mark.parametrize("where", ["limit", "policy"])
def test_a_policy_that_counts_by_an_unknown_calendar_is_refused(company: Engine, where: str) -> None:
    waiting_for_the_finding()
    if where == "limit":
        content = policy_with({"determination": {"limit": "2 days", "calendar": "factory"}})
    else:
        content = policy_with({}, counting={"calendar": "factory"})
    before = everything()
    tries: tuple[Callable[[], Effect | BackTest], ...] = (
        lambda: preview_policy(content),
        lambda: apply_policy(content, "As the factory", "chen.min"),
        lambda: back_test(content),
    )
    for attempt in tries:
        with pytest.raises(InvalidInput) as refused:
            attempt()
        assert list(refused.value.fields) == ["calendar"]
        assert "There is no calendar factory" in refused.value.message
    assert everything() == before


# Interrupted


class Interrupted(Exception):
    """Somebody pulled the plug."""


def interrupt_after(many: int) -> Callable[[int], None]:
    def hear(done: int) -> None:
        if done > many:
            raise Interrupted

    return hear


@pytest.mark.parametrize("change", ["calendar", "policy"])
def test_an_interrupted_change_goes_on_when_it_is_made_again(
    company: Engine, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 1)
    use(determination("5 working days", *LADDER))
    numbers = [waiting_for_the_finding(dealer) for dealer in ("D-01", "D-02", "D-03")]

    def apply(progress: Callable[[int], None] = lambda done: None) -> Effect:
        if change == "calendar":
            return apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min", progress)
        return apply_policy(determination("7 working days", *LADDER), "Typhoon", "chen.min", progress)

    with pytest.raises(Interrupted):
        apply(interrupt_after(1))
    # Seven working days from Monday: to Friday, to Wednesday.
    assert [due(number) for number in numbers] == [instant(FIVE_CLOSED), instant(FIVE), instant(FIVE)]
    assert verify() == []
    effect = apply()
    assert (effect.checked, effect.moved, effect.applied) == (3, 2, 2)
    assert {due(number) for number in numbers} == {instant(FIVE_CLOSED)}
    assert [len(changes(number)) for number in numbers] == [1, 1, 1]
    assert verify() == []


def test_what_was_not_reached_by_an_interrupted_change_is_counted_as_before(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 1)
    use(determination("5 working days", *LADDER))
    waiting_for_the_finding("D-01")
    waiting_for_the_finding("D-02")
    before = everything()
    with pytest.raises(Interrupted):
        preview_calendars(closed(WEDNESDAY_AND_THURSDAY), interrupt_after(1))
    assert everything() == before
    with pytest.raises(Interrupted):
        apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min", interrupt_after(0))
    # The calendar is recorded; no deadline counts by it yet.
    assert everything()[:2] == before[:2]
    with transaction() as session:
        assert calendars.current(session, "office").version == 2
        assert projecting.still_counted_by_older(session) == {"office": 2}


def test_answers_pauses_and_sweeps_beside_a_change_leave_all_in_order(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 1)
    use(determination("5 working days", *LADDER))
    numbers = [waiting_for_the_finding(dealer) for dealer in ("D-01", "D-02", "D-03")]
    it_is("2026-11-30T09:00:00+08:00")
    work: list[Callable[[], object]] = [
        lambda: apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min"),
        lambda: answer(numbers[0], "site-finding", *CREDITED["site-finding"]),
        lambda: pause(numbers[1], "determination", "The shop is closed", "chen.min"),
        sweep,
    ]
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda one: one(), work))
    assert state(numbers[0]) is DeadlineState.MET
    assert state(numbers[1]) is DeadlineState.PAUSED
    assert due(numbers[2]) == instant(FIVE_CLOSED)
    assert verify() == []


# Back-tests


@pytest.fixture
def played(company: Engine) -> dict[str, str]:
    """Two closed cases, reported on Monday at eight: one was judged on Tuesday at ten, one on Friday at ten."""
    numbers = {}
    for dealer, day in (("D-01", "24"), ("D-02", "27")):
        it_is("2026-11-23T09:00:00+08:00")
        number = opened(dealer=dealer, reported_at=REPORTED)
        play(number, until="site-finding")
        it_is(f"2026-11-{day}T10:00:00+08:00")
        script = CREDITED if dealer == "D-01" else {**CREDITED, **OF_D_02}
        assert play(number, script) == "credited"
        numbers[dealer] = number
    return numbers


OF_D_02 = {
    "site-finding": ("liu.yang", {**FEW_PIECES, "pieces_on_hand": 100}),
    "arrival": (
        "ma.chao",
        {"lines": [{"delivery": "DN-2026-0003", "received": 150}], "waybill": "SF1", "more_to_come": "no"},
    ),
}


def verdicts(done: BackTest) -> list[tuple[str, str, bool, bool]]:
    return [(one.number, one.key, one.breached_before, one.breached_after) for one in done.differing]


def test_a_back_test_names_what_would_have_been_late_and_changes_nothing(played: dict[str, str]) -> None:
    before = everything()
    done = back_test(determination("1 hours"))
    # Both were judged later than an hour after the report, but one of them was late all the same.
    assert verdicts(done) == [(played["D-01"], "determination", False, True)]
    assert (done.cases, done.late_before, done.late_after) == (2, 1, 2)
    # Of each case acknowledgement, determination, verdict, technician, scope, remedy, arrival, settlement, freight.
    assert done.checked == 18
    [differing] = done.differing
    assert (differing.due_before, differing.due_after) == (
        instant("2026-11-26T00:00:00+08:00"),
        instant("2026-11-23T09:00:00+08:00"),
    )
    assert differing.ended_at is not None
    assert differing.ended_at - instant("2026-11-24T10:00:00+08:00") < timedelta(minutes=1)
    assert everything() == before


def test_a_back_test_names_what_would_have_been_in_time(played: dict[str, str]) -> None:
    done = back_test(determination("4 days"))
    assert verdicts(done) == [(played["D-02"], "determination", True, False)]
    assert (done.late_before, done.late_after) == (1, 0)


def test_a_back_test_of_the_rules_in_force_finds_no_difference(played: dict[str, str]) -> None:
    done = back_test(yaml.safe_load(POLICY.read_text("utf-8")))
    assert (verdicts(done), done.late_before, done.late_after) == ([], 1, 1)


def test_a_back_test_may_try_calendars_too(played: dict[str, str]) -> None:
    before = everything()
    working_days = determination("2 working days")
    assert back_test(working_days).differing == []
    # Tuesday and Wednesday closed: Thursday and Friday, so that Friday at ten is in time.
    typhoon = {**WEDNESDAY_AND_THURSDAY, "first": "2026-11-24", "last": "2026-11-25"}
    done = back_test(working_days, closed(typhoon))
    assert verdicts(done) == [(played["D-02"], "determination", True, False)]
    assert everything() == before


def test_a_back_test_may_count_by_a_calendar_that_is_only_given(played: dict[str, str]) -> None:
    limit = {"limit": "2 working days", "calendar": "factory"}
    content = policy_with({"determination": limit})
    with pytest.raises(InvalidInput):
        back_test(content)
    assert back_test(content, {"factory": load_calendar_file(CALENDARS)["office"]}).cases == 2


def test_a_back_test_leaves_open_and_withdrawn_cases_out(played: dict[str, str]) -> None:
    it_is("2026-11-30T09:00:00+08:00")
    play(opened(dealer="D-01"), until="site-finding")
    gone = opened(dealer="D-02")
    withdraw(gone, "Entered twice", "li.na")
    done = back_test(determination("1 hours"))
    assert (done.cases, done.checked) == (2, 18)


def test_a_back_test_counts_pauses_as_they_were(company: Engine) -> None:
    number = waiting_for_the_finding()
    it_is("2026-11-23T10:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    it_is("2026-11-27T10:00:00+08:00")
    unpause(number, "determination", "chen.min")
    assert play(number) == "credited"
    # Two hours had run before it stood, and nearly nothing after.
    assert verdicts(back_test(determination("4 hours"))) == []
    assert verdicts(back_test(determination("1 hours"))) == [(number, "determination", False, True)]


def test_a_back_test_goes_through_all_chunks(played: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 5)
    heard: list[int] = []
    assert back_test(determination("1 hours"), progress=heard.append).checked == 18
    assert heard[-1] == 18


def test_a_file_of_calendars_is_read_with_its_holidays(company: Engine, tmp_path: Path) -> None:
    """As the command does it: the file has no holidays, what is kept has them."""
    use(determination("5 working days", *LADDER))
    content = yaml.safe_load(CALENDARS.read_text("utf-8"))
    content["calendars"]["office"]["changes"] = [{"day": "2026-11-25", "working": False, "name": "盘点"}]
    file = tmp_path / "calendars.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    it_is("2026-09-28T09:00:00+08:00")
    over_the_holidays = opened(dealer="D-01", reported_at="2026-09-28T08:00:00+08:00")
    number = waiting_for_the_finding("D-02")
    effect = apply_calendars(load_calendar_file(file), "Stocktaking", "chen.min")
    # One day later; Tuesday and Wednesday of September, Thursday to Saturday of October as before.
    assert due(number) == instant("2026-12-02T00:00:00+08:00")
    assert due(over_the_holidays) == instant("2026-10-11T00:00:00+08:00")
    assert effect.later == 1
