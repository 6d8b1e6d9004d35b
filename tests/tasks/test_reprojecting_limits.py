"""A changed limit: longer, shorter, with other rungs, in old and new cases, under clocks that stand."""

from datetime import timedelta

import pytest
import yaml
from changed_rules import FIVE_CLOSED, LADDER, WEDNESDAY_AND_THURSDAY, as_it_is, changes, closed, determination, figures
from clocks import REPORTED, due, instant, it_is, policy_with, state, use, waiting_for_the_finding
from conftest import CALENDARS, POLICY
from people import CREDITED, answer, forward, opened, play, run
from records import told
from sqlalchemy import Engine
from traces import audited, everything

from models.calendars import load_calendar_file
from models.queries import cases
from models.tables.deadlines import DeadlineState
from tasks.database import transaction
from tasks.pausing import pause, unpause
from tasks.reprojecting import apply_calendars, apply_policy, preview_calendars, preview_policy
from tasks.sweeping import sweep
from tasks.verifying import verify

pytestmark = pytest.mark.usefixtures("english_with_mail")


# A changed limit


def test_a_longer_limit_moves_due_and_is_on_record(company: Engine) -> None:
    number = waiting_for_the_finding()
    effect = apply_policy(determination("3 days", *LADDER), "The roads are flooded", "chen.min")
    assert figures(effect) == (1, 0, 1, 1)
    found = as_it_is(number)
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
    found = as_it_is(number)
    assert (found.amount, found.unit, found.counts_from) == (3, "working_days", "next_working_day")
    # Tuesday, the next working day, is the first that counts: Tuesday, Wednesday, Thursday.
    assert found.due_at == instant("2026-11-27T00:00:00+08:00")
    assert verify() == []


def test_new_rungs_replace_the_old_ones_but_those_that_happened_do_not_happen_again(company: Engine) -> None:
    number = waiting_for_the_finding()
    # 80 % of two days, to the technician and to his head.
    it_is("2026-11-25T14:00:00+08:00")
    sweep()
    assert [(one.number, one.told) for one in as_it_is(number).rungs] == [(1, ["liu.yang"]), (2, ["sun.wei"])]
    apply_policy(determination("3 days", *LADDER), "The roads are flooded", "chen.min")
    # 80 % of three days are over at 6:24 on Thursday: the technician was reminded by that very rung already.
    sweep(instant("2026-11-26T23:00:00+08:00"))
    assert len(as_it_is(number).rungs) == 2
    # At due it is the manager now and not the vice-president.
    sweep(instant("2026-11-27T00:01:00+08:00"))
    sweep(instant("2026-12-27T00:01:00+08:00"))
    assert told(number, "deadline_reminder") == ["liu.yang", "sun.wei"]
    assert told(number, "deadline_escalation") == ["chen.min"]
    assert len(as_it_is(number).rungs) == 3
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
    before = everything("deadline", "deadline_change", "calendar_version", "policy_version")
    effect = apply_policy(determination("3 days", *LADDER), "More time", "chen.min")
    assert figures(effect) == (1, 0, 0, 0)
    assert everything("deadline", "deadline_change", "calendar_version", "policy_version") == before
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
    assert (due(number), as_it_is(number).breached_at) == (instant("2026-11-23T20:00:00+08:00"), None)
    assert state(number) is DeadlineState.BREACHED
    assert told(number, "deadline_escalation") == []
    assert sweep().escalated == 1
    assert as_it_is(number).breached_at == instant("2026-11-23T20:00:00+08:00")
    assert sweep().escalated == 0
    assert told(number, "deadline_escalation") == ["chen.min"]
    assert verify() == []


def test_a_breach_that_a_closure_undoes_is_no_breach_any_more(company: Engine) -> None:
    use(determination("2 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-26T09:00:00+08:00")
    sweep()
    assert as_it_is(number).breached_at == instant("2026-11-26T00:00:00+08:00")
    # Tuesday and Wednesday closed: Thursday and Friday instead.
    typhoon = {**WEDNESDAY_AND_THURSDAY, "first": "2026-11-24", "last": "2026-11-25"}
    preview = preview_calendars(closed(typhoon))
    assert [(one.number, one.key) for one in preview.no_longer_late] == [(number, "determination")]
    assert state(number) is DeadlineState.BREACHED
    apply_calendars(closed(typhoon), "Typhoon", "chen.min")
    found = as_it_is(number)
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
    assert as_it_is(number).breached_at == instant("2026-11-28T00:00:00+08:00")
    assert told(number, "deadline_escalation") == ["chen.min"]


def test_what_stays_late_is_late_since_its_new_due(company: Engine) -> None:
    use(determination("2 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-30T09:00:00+08:00")
    sweep()
    # Only the Wednesday is closed: Tuesday and Thursday.
    apply_calendars(closed({**WEDNESDAY_AND_THURSDAY, "last": "2026-11-25"}), "Typhoon", "chen.min")
    found = as_it_is(number)
    assert (found.due_at, found.breached_at) == (instant("2026-11-27T00:00:00+08:00"),) * 2
    assert state(number) is DeadlineState.BREACHED


# Cases and versions


def test_what_an_old_case_begins_later_takes_the_applied_limit(company: Engine) -> None:
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    run(number)
    apply_policy(policy_with({"remedy": {"limit": "9 days", "rungs": LADDER}}), "More time to choose", "chen.min")
    play(number, until="remedy")
    found = as_it_is(number, "remedy")
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
    assert (as_it_is(old, "remedy").amount, as_it_is(new, "remedy").amount) == (5, 9)
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
    assert (as_it_is(old, "remedy").amount, as_it_is(new, "remedy").amount) == (9, 7)


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
    found = as_it_is(number)
    # Tuesday to Saturday.
    assert (found.calendar.name, found.due_at) == ("factory", instant("2026-11-29T00:00:00+08:00"))
    assert verify() == []


# Clocks that stand


def test_a_clock_that_stands_is_counted_anew_and_stands(company: Engine) -> None:
    use(determination("5 working days", *LADDER))
    number = waiting_for_the_finding()
    it_is("2026-11-24T12:00:00+08:00")
    pause(number, "determination", "The shop is closed", "chen.min")
    paused_at = as_it_is(number).paused_at
    assert figures(apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")) == (1, 0, 1, 1)
    found = as_it_is(number)
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
    assert as_it_is(number).breached_at == instant("2026-11-23T20:00:00+08:00")
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
