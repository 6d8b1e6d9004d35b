"""The inbox: what waits for whom, how urgent it is, and how it is found without a question to the database for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from browsing import Site
from claimants import claim
from html_pages import lines_of, reader
from people import business_now, forward, opened, play, run
from sqlalchemy import event

from tasks.claiming import claim as take
from tasks.database import engine
from tasks.pausing import pause
from tasks.remarks import answer_back, ask_back
from tasks.standing_in import delegate
from web.times import words_of

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
VERDICT = "Is this a batch quality matter?"


def asked(**other: object) -> str:
    """A dispute whose clerks are asked whether it is one, within four hours."""
    number = opened(separate=True, **other)
    run(number)
    return number


def asked_for(party: str) -> str:
    """A claim against a party whose superior has nobody, so that the clerks are asked, within days."""
    number = claim(party=party, separate=True)
    run(number)
    return number


def test_nobody_gets_the_inbox_without_signing_in(site: Site) -> None:
    response = site.browser().get("/inbox")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?to=%2Finbox")


def test_it_says_so_when_nothing_waits(site: Site) -> None:
    shown = lines_of(reader(site, "grace.shen"), "/inbox")
    assert "Nothing waits for you. When something does, you get a mail, and it stands here." in shown


def test_a_question_stands_there_with_case_party_and_time_left(site: Site) -> None:
    number = asked()
    forward(minutes=30)
    shown = lines_of(reader(site, "li.na"), "/inbox")
    for text in (VERDICT, number, "still 3 hours 29 minutes"):
        assert text in shown
    assert "广州恒达灯饰经销商 ·" in shown
    assert 'href="/tasks/' not in " ".join(shown)


def test_the_most_urgent_stands_first_and_what_is_late_says_by_how_much(site: Site) -> None:
    later, first = asked_for("S-03"), asked()
    forward(hours=6, minutes=30)
    browser = reader(site, "li.na")
    shown = lines_of(browser, "/inbox")
    assert shown.index(first) < shown.index(later)
    assert "2 hours 30 minutes late" in shown
    late = lines_of(browser, "/inbox?show=late")
    assert (first in late, later in late) == (True, False)


def test_what_somebody_took_is_theirs_and_leaves_the_others(site: Site) -> None:
    mine, everybodys = asked(), asked()
    take(f"{mine}:batch-verdict:1", by="li.na")
    browser = reader(site, "li.na")
    assert "with you" in lines_of(browser, "/inbox")
    for show, there in (("all", {mine, everybodys}), ("mine", {mine}), ("group", {everybodys}), ("nonsense", {mine})):
        assert there <= set(lines_of(browser, f"/inbox?show={show}"))
    assert mine not in lines_of(browser, "/inbox?show=group")
    assert everybodys not in lines_of(browser, "/inbox?show=mine")
    assert mine not in lines_of(reader(site, "wang.fang"), "/inbox")


def test_a_filter_that_finds_nothing_leads_back(site: Site) -> None:
    asked()
    shown = lines_of(reader(site, "li.na"), "/inbox?show=late")
    assert {"Nothing of this kind waits for you.", "Show everything", "all 1", "late 0"} <= set(shown)


def test_a_deputy_sees_what_waits_for_the_other_one(site: Site) -> None:
    number = opened()
    play(number, until="arrival")
    at = business_now()
    delegate("ma.chao", "tom.baker", at, at + timedelta(days=2), "On leave.", by="ma.chao")
    shown = lines_of(reader(site, "tom.baker"), "/inbox")
    assert {number, "Goods that came back", "you stand in for 马超"} <= set(shown)


def test_whoever_answers_for_a_party_is_told_for_which(site: Site) -> None:
    play(opened(), until="arrival")
    asked_for("S-03")
    shown = lines_of(reader(site, "li.na"), "/inbox")
    assert {"you answer for 广州恒达灯饰经销商", "you answer for 深圳亮家经销商"} <= set(shown)


def test_a_clock_that_stands_names_no_time(site: Site) -> None:
    number = asked()
    pause(number, "batch-verdict", "Waits for photographs.", by="chen.min")
    shown = lines_of(reader(site, "li.na"), "/inbox")
    assert "the clock stands" in shown
    assert not [one for one in shown if one.startswith("due ")]


def test_a_question_back_stands_there_until_it_is_answered_and_its_words_are_only_words(site: Site) -> None:
    number = asked(registered_by="wang.fang")
    question = ask_back(number, "wang.fang", EVIL, by="li.na")
    browser = reader(site, "wang.fang")
    page = browser.get("/inbox").text
    assert "<script>" not in page
    assert "<img" not in page
    assert f"· 李娜: {EVIL}" in lines_of(browser, "/inbox")
    answer_back(question, "Nothing to run here.", by="wang.fang")
    assert "Somebody asks you" not in lines_of(browser, "/inbox")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ({"seconds": 59}, "less than a minute"),
        ({"seconds": 60}, "1 minute"),
        ({"minutes": 59}, "59 minutes"),
        ({"hours": 1}, "1 hour"),
        ({"hours": 1, "minutes": 1}, "1 hour 1 minute"),
        ({"hours": 23, "minutes": 59}, "23 hours 59 minutes"),
        ({"days": 1}, "1 day"),
        ({"days": 1, "hours": 4, "minutes": 50}, "1 day 4 hours"),
        ({"days": 2, "minutes": 50}, "2 days"),
        ({"days": 400, "hours": 1}, "400 days 1 hour"),
    ],
)
def test_time_is_told_in_its_two_largest_units(time: dict[str, int], words: str) -> None:
    assert words_of(timedelta(**time)) == words


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that reach the database inside."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield sent
    event.remove(engine(), "before_cursor_execute", note)


def test_many_questions_take_no_more_statements_than_few(site: Site) -> None:
    asked()
    # Who holds a role is looked up once for each role, so both that are asked here are there from the beginning.
    asked_for("S-03")
    asked_for("X-01")
    browser = reader(site, "li.na")
    browser.get("/inbox")
    with counting() as few:
        browser.get("/inbox")
    for party in ("S-03", "S-04", "X-01", "S-04", "X-01"):
        asked_for(party)
    for _more in range(4):
        asked()
    with counting() as many:
        assert "all 12" in lines_of(browser, "/inbox")
    assert len(many) == len(few)
