"""How a month's quality information goes round: manual 000 三 经理 F, 三 内勤 D, 五 信息反馈流程."""

from datetime import datetime, timedelta

import crashing
import pytest
from crashing import survives_every_boundary
from months import (
    ALL_ANSWER,
    QUIET,
    URGENT,
    at,
    begun,
    files,
    form,
    lead,
    measures_of,
    opened,
    pass_by,
    repair,
    set_clock,
    without,
)
from people import Script, business_now, run
from records import contents, facts, mails, told
from sqlalchemy import Engine, select, text

from deployments.stories import information_feedback as story
from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.language import speaking
from models.tables.cases import Case
from models.tables.parties import Person
from tasks.database import transaction
from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.opening import open_case
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.withdrawing import withdraw

#: A month in which everybody keeps silent.
SILENCE: Script = {}


# How it begins


def test_the_calendar_opens_the_month_before_once_in_the_first_days_of_a_month(company: Engine) -> None:
    set_clock("2026-11-30 23:50")
    sweep()
    assert months_opened() == []
    set_clock("2026-12-01 00:10")
    sweep()
    sweep()
    assert months_opened() == [("2026-11", "li.na", at("2026-11-30 23:59") + timedelta(seconds=59))]
    set_clock("2026-12-11 09:00")
    sweep()
    assert len(months_opened()) == 1


def test_after_the_first_days_a_person_opens_it(company: Engine) -> None:
    set_clock("2026-12-11 00:10")
    sweep()
    assert months_opened() == []
    opened(on="2026-12-11 09:00")
    assert [month for month, _by, _at in months_opened()] == ["2026-11"]


def test_a_withdrawn_month_is_not_opened_again_by_the_calendar_but_by_a_person(company: Engine) -> None:
    number = opened()
    withdraw(number, by="chen.min", reason="Tried out.")
    sweep()
    assert len(months_opened()) == 1
    opened()
    assert len(months_opened()) == 2


def months_opened() -> list[tuple[str, str, datetime]]:
    with transaction() as session:
        found = select(Case, Person.login).join(Person, Person.id == Case.opened_by).where(Case.procedure == "IF")
        return [(case.subject, login, case.reported_at) for case, login in session.execute(found.order_by(Case.id))]


@pytest.mark.parametrize("month", ["2026-12", "2027-03"])
def test_a_month_that_is_not_over_is_refused(company: Engine, month: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(month)
    assert "is not over yet" in refused.value.fields["month"]


def test_a_month_is_opened_by_clerk_or_manager_and_once(company: Engine) -> None:
    set_clock("2026-12-01 09:00")
    with pytest.raises(NotAllowed):
        open_case(INFORMATION_FEEDBACK, {"month": "2026-11", "registered_by": "liu.yang"})
    number = open_case(INFORMATION_FEEDBACK, {"month": "2026-11", "registered_by": "chen.min"})
    assert told(number, "information_feedback/opened") == ["li.na", "wang.fang", "chen.min"]
    with pytest.raises(AlreadyReported):
        opened()


def test_a_month_whose_form_went_out_is_refused(company: Engine) -> None:
    number = opened()
    assert lead(number, QUIET) == "issued"
    with pytest.raises(InvalidInput) as refused, speaking("en"):
        open_case(INFORMATION_FEEDBACK, {"month": "2026-11", "registered_by": "li.na"})
    assert refused.value.fields == {"month": f"The form of 2026-11 went out with case {number}; it is made once."}


# Silence


def test_a_silent_station_holds_up_nobody_and_is_named(company: Engine) -> None:
    number = opened()
    script = without(ALL_ANSWER, "report-r-01")
    assert lead(number, script, until="office-b-01") is None
    assert business_now() > at("2026-12-04 00:00")
    assert facts(number, "office-b-01")["silent"] == ["天河维修点"]
    assert facts(number, "office-b-01")["reported"] == ["南山维修点"]
    assert lead(number, script) == "issued_with_gaps"
    assert form(number)["gaps"] == [{"kind": "station", "who": "天河维修点"}]
    assert form(number)["figures"]["total"]["pieces"] == 4
    assert all("– 天河维修点" in one.plain for one in mails(number, "information_feedback/form"))
    assert verify() == []


def test_the_form_leaves_at_the_end_of_day_ten_though_everybody_is_silent(company: Engine) -> None:
    number = opened()
    run(number)
    while not mails(number, "information_feedback/form"):
        pass_by(number)
        run(number)
    went_out = {one.queued_at for one in mails(number, "information_feedback/form")}
    assert all(at("2026-12-11 00:00") < one < at("2026-12-11 00:05") for one in went_out)
    assert [one["kind"] for one in form(number)["gaps"]] == [*["station"] * 3, *["office"] * 2, "check", "analysis"]
    (letter, *_others) = mails(number, "information_feedback/form")
    # Each gap stands on a line of its own.
    assert len([line for line in letter.plain.splitlines() if line.startswith("– ")]) == len(form(number)["gaps"])
    assert lead(number, SILENCE) == "issued_with_gaps"
    assert measures_of(number) == []
    assert verify() == []


def test_figures_that_do_not_agree_leave_with_the_clerks_remarks(company: Engine) -> None:
    number = opened()
    check = ("li.na", {"agree": "no", "remarks": "R-01 counts lamps twice."})
    assert lead(number, {**ALL_ANSWER, "figures-check": check}) == "issued"
    assert (form(number)["figures_agree"], form(number)["remarks"]) == (False, "R-01 counts lamps twice.")


def test_the_clerk_sees_figures_differences_and_gaps(company: Engine) -> None:
    number = opened()
    script = {**ALL_ANSWER, "report-r-02": ("peng.gang", {"lines": [repair("A-1", pieces=9)]})}
    lead(number, without(script, "report-r-03"), until="figures-check")
    shown = facts(number, "figures-check")
    assert (shown["repairs"], shown["fees"]) == (4, "29.50 CNY")
    assert shown["counted"]["parts"] == [["P-001 电子镇流器 24W 板", 12], ["P-003 环形灯管 22W", 2]]
    assert len(shown["differences"]) == len(shown["gaps"]) == 1
    assert "A-1" in shown["differences"][0]
    assert "西湖维修点" in shown["gaps"][0]


# The form


def test_the_form_goes_to_five_departments_and_the_vice_president_once_each(company: Engine) -> None:
    number = opened()
    lead(number, ALL_ANSWER, until="answer-quality-dept")
    # lin.tao is quality and production, zhao.qiang marketing and vice-president.
    assert sorted(told(number, "information_feedback/form")) == ["lin.tao", "sun.wei", "xie.juan", "zhao.qiang"]
    assert {one.attached == [["feedback_form", 1]] for one in mails(number, "information_feedback/form")} == {True}
    (file,) = files(number)
    assert file.media_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_each_gets_the_form_in_their_language(company: Engine) -> None:
    with company.begin() as connection:
        connection.execute(text("UPDATE person SET language = 'en' WHERE login = 'sun.wei'"))
    number = opened()
    lead(number, ALL_ANSWER, until="answer-quality-dept")
    languages = {one.language: one.attached for one in mails(number, "information_feedback/form")}
    assert languages == {"en": [["feedback_form", 1]], "zh_CN": [["feedback_form", 2]]}
    assert next(one.name for one in files(number)) == "Quality-information form 2026-11.xlsx"
    one, other = contents(number, "feedback_form")
    assert one == other


# The demo's story


def test_the_story_of_the_demo_comes_to_its_end(company: Engine) -> None:
    number = opened()
    script: Script = {key: (login, given) for key, login, given in story.lines("2026-11")}
    assert lead(number, script) == "issued_with_gaps"
    assert len(script) == 8
    assert len(begun(number, "BQ")) == 1
    assert verify() == []


# Killed at every boundary


@pytest.fixture
def with_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are led so that whoever is not in the script keeps silent and time passes."""
    monkeypatch.setattr(crashing, "play", lead)


def test_a_month_with_a_silent_station_comes_to_the_same_end_wherever_its_process_is_killed(
    company: Engine, with_silence: None
) -> None:
    script = {
        **ALL_ANSWER,
        "report-r-01": ("cai.ming", {"lines": [repair("W-1")], "items": [URGENT]}),
        "report-r-02": ("peng.gang", {"lines": [repair("A-1")]}),
    }
    survives_every_boundary(opened, without(script, "report-r-03", "office-b-02"), outcome="issued_with_gaps")
