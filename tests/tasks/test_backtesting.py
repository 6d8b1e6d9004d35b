"""What would have been late among the closed cases, had other rules held."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from changed_rules import LADDER, OF_D_02, WEDNESDAY_AND_THURSDAY, closed, determination
from clocks import REPORTED, due, instant, it_is, policy_with, use, waiting_for_the_finding
from conftest import CALENDARS, POLICY
from people import CREDITED, opened, play
from sqlalchemy import Engine
from traces import everything

from models.calendars import load_calendar_file
from models.errors import InvalidInput
from models.queries import projecting
from tasks.backtesting import BackTest, back_test
from tasks.pausing import pause, unpause
from tasks.reprojecting import apply_calendars
from tasks.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("english_with_mail")


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
