"""The page on which people let somebody stand in for them, and see for whom they do."""

from datetime import datetime, timedelta

import httpx
import pytest
from browsing import Browser, Site
from html_pages import form_to, lines_of, press, reader, said
from people import business_now
from sqlalchemy import select

from models.tables.standing_in import Delegation
from tasks.database import transaction
from tasks.standing_in import delegate

DAYS = {"stand__from_at": "2026-11-23T09:00", "stand__until_at": "2026-11-27T18:00", "stand__reason": "On leave."}


def made() -> list[tuple[str, str, float, float, str | None]]:
    """Who stands in for whom, from when until when, in which procedure."""
    with transaction() as session:
        found = session.scalars(select(Delegation).order_by(Delegation.id))
        return [
            (one.deputy.login, one.principal.login, one.from_at.timestamp(), one.until_at.timestamp(), one.procedure)
            for one in found
            if one.ended_at is None
        ]


def let(browser: Browser, **typed: str) -> httpx.Response:
    return press(browser, browser.get("/delegations").text, "/delegations", **DAYS, **typed)


def test_somebody_lets_somebody_stand_in_for_themselves(site: Site) -> None:
    browser = reader(site, "ma.chao")
    assert not form_to(browser.get("/delegations").text, "/delegations").named("stand.principal")
    assert let(browser, stand__deputy="tom.baker", stand__procedure="BQ").status_code == 303
    begins, ends = (datetime.fromisoformat(f"{one}+08:00") for one in ("2026-11-23T09:00", "2026-11-27T18:00"))
    assert made() == [("tom.baker", "ma.chao", begins.timestamp(), ends.timestamp(), "BQ")]


def test_both_see_it_and_who_is_stood_in_for_may_end_it(site: Site) -> None:
    mine, theirs = reader(site, "ma.chao"), reader(site, "tom.baker")
    let(mine, stand__deputy="tom.baker")
    for browser, may_end in ((mine, True), (theirs, False)):
        shown = lines_of(browser, "/delegations")
        assert {"Tom Baker (tom.baker) for 马超 (ma.chao)", "to come"} <= set(shown)
        assert "2026-11-23 09:00 until 2026-11-27 18:00" in shown
        assert ("End it now" in shown) == may_end
    assert "Tom Baker (tom.baker) for 马超 (ma.chao)" not in lines_of(reader(site, "liu.yang"), "/delegations")
    assert theirs.submit("/delegations/1/end").status_code == 403
    assert len(made()) == 1
    assert press(mine, mine.get("/delegations").text, "/delegations/1/end").status_code == 303
    assert made() == []


def test_those_whom_the_policy_names_say_it_for_others_and_see_all(site: Site) -> None:
    browser = reader(site, "chen.min")
    page = form_to(browser.get("/delegations").text, "/delegations")
    assert [one.value for one in page.named("stand.principal") if one.on] == ["chen.min"]
    assert let(browser, stand__principal="ma.chao", stand__deputy="tom.baker").status_code == 303
    assert [one[:2] for one in made()] == [("tom.baker", "ma.chao")]
    shown = lines_of(browser, "/delegations")
    assert {"Others", "End it now"} <= set(shown)


def test_nobody_says_it_for_somebody_else_by_adding_a_field(site: Site) -> None:
    browser = reader(site, "liang.bo")
    fields = {"stand.principal": "chen.min", "stand.deputy": "liang.bo", "stand.from_at": "2026-11-23T09:00"}
    more = {"stand.until_at": "2026-11-27T18:00", "stand.reason": "Mine."}
    assert browser.submit("/delegations", **fields, **more).status_code == 400
    assert made() == []


def test_what_is_refused_keeps_what_was_typed_and_says_what_is_wrong(site: Site) -> None:
    response = let(reader(site, "ma.chao"), stand__deputy="ma.chao")
    assert response.status_code == 400
    assert "Nobody stands in for themselves; name somebody else." in list(said(response.text))
    form = form_to(response.text, "/delegations")
    assert form.named("stand.from_at")[0].value == "2026-11-23T09:00"
    assert form.named("stand.reason")[0].value == "On leave."


def test_an_empty_form_names_each_field_that_is_needed(site: Site) -> None:
    response = reader(site, "ma.chao").submit("/delegations")
    shown = form_to(response.text, "/delegations")
    assert response.status_code == 400
    assert shown.named("stand.deputy")
    for place in ("deputy", "from_at", "until_at", "reason"):
        assert f'id="stand-{place}-fault"' in response.text


@pytest.mark.parametrize("number", [99, 2**63, 10**30])
def test_one_that_there_is_not_is_not_ended(site: Site, number: int) -> None:
    response = reader(site, "chen.min").submit(f"/delegations/{number}/end")
    assert response.status_code == 404


def test_words_are_only_words(site: Site) -> None:
    at = business_now()
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    delegate("ma.chao", "tom.baker", at, at + timedelta(days=1), evil, by="ma.chao")
    page = reader(site, "tom.baker").get("/delegations").text
    assert evil in list(said(page))
    assert "<script" not in page
    assert "<img" not in page
