"""A changed calendar: what counts by it moves, with a reason and its rungs; what has ended stays as it was."""

from datetime import datetime, timedelta

import pytest
from changed_rules import FIVE, FIVE_CLOSED, WEDNESDAY_AND_THURSDAY, as_it_is, changes, closed, determination, figures
from clocks import FEW_PIECES, REPORTED, due, instant, it_is, policy_with, use, waiting_for_the_finding
from conftest import CALENDARS
from people import CREDITED, opened, play
from records import told
from sqlalchemy import Engine
from traces import audited, everything

from models.calendars import load_calendar_file
from models.queries import calendars, cases, clock, deadlines, projecting
from tasks.database import transaction
from tasks.explaining import why
from tasks.reprojecting import apply_calendars, apply_policy, preview_calendars
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")


# A changed calendar


def test_a_closure_moves_what_counts_working_days_and_says_why(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    it_is("2026-11-24T10:00:00+08:00")
    effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon number 21", "chen.min")
    assert figures(effect) == (1, 0, 1, 1)
    found = as_it_is(number)
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
    assert len(after.pop("audit_entry")) == len(before.pop("audit_entry")) + 1
    assert after == before
    assert len(changes(number)) == 1
    assert verify() == []


def test_a_closure_that_is_taken_back_moves_everything_back(company: Engine) -> None:
    use(determination("5 working days"))
    number = waiting_for_the_finding()
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    effect = apply_calendars(load_calendar_file(CALENDARS), "It turned away", "chen.min")
    assert figures(effect) == (1, 1, 0, 1)
    assert (due(number), as_it_is(number).calendar.version) == (instant(FIVE), 3)
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
    assert (due(number), as_it_is(number).calendar.version) == (instant("2026-11-26T00:00:00+08:00"), 2)
    [change] = changes(number)
    assert change.due_before == change.due_after


def test_rungs_move_with_due_and_those_that_happened_do_not_happen_again(company: Engine) -> None:
    use(determination("5 working days", {"at": "50%", "to": "assignee"}, {"at": "100%", "to": "cs_manager"}))
    number = waiting_for_the_finding()
    # Half of 136 hours are over at four on Thursday.
    sweep(instant("2026-11-26T05:00:00+08:00"))
    assert [one.number for one in as_it_is(number).rungs] == [1]
    it_is("2026-11-26T05:00:00+08:00")
    apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    assert as_it_is(number).next_rung_at == instant(FIVE_CLOSED)
    # Half of the time is over at four on Saturday now: 16 + 24 on Tuesday, 24 on Friday, four of the Monday.
    sweep(instant("2026-12-02T23:59:00+08:00"))
    assert [one.number for one in as_it_is(number).rungs] == [1]
    sweep(instant("2026-12-03T00:01:00+08:00"))
    assert [one.number for one in as_it_is(number).rungs] == [1, 2]
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
    assert as_it_is(number).calendar.name == "office"


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
    rows = everything("deadline")
    if change == "calendar":
        effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    else:
        effect = apply_policy(determination("9 days"), "More time", "chen.min")
    assert figures(effect) == (0, 0, 0, 0)
    assert everything("deadline") == rows
    assert [sums_of(number) for number in numbers] == before
    assert verify() == []


def test_in_an_open_case_what_is_done_keeps_its_rules(company: Engine) -> None:
    use(policy_with({"determination": {"limit": "5 working days"}, "recall_scope": {"limit": "5 working days"}}))
    it_is("2026-11-23T09:00:00+08:00")
    number = opened(reported_at=REPORTED)
    play(number, until="recall-scope")
    effect = apply_calendars(closed(WEDNESDAY_AND_THURSDAY), "Typhoon", "chen.min")
    assert (effect.checked, effect.moved) == (1, 1)
    assert (as_it_is(number).calendar.version, as_it_is(number, "recall-scope").calendar.version) == (1, 2)
    assert changes(number) == []
