"""The page of a question: the form, what comes of an answer, and what else can be done with a question."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import months
import pytest
from accounts import audited
from browsing import Browser, Site
from claimants import claim, silence
from gateways import StandIn
from html_pages import form_to, lines_of, press, reader, said
from people import CREDITED, answer, business_now, forward, open_tasks, opened, play, run
from sqlalchemy import select

from models.queries import questions
from models.tables.notices import Notice
from models.tables.questions import Channel, Decision
from tasks.claiming import claim as take
from tasks.database import transaction
from tasks.standing_in import delegate
from tasks.withdrawing import withdraw

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
YES = {"answer__is_batch": "yes", "answer__reason": "Five of one fault."}


@pytest.fixture
def ref(site: Site) -> str:
    """The question whether it is a batch matter; 200 pieces were delivered, its fault is a piece of HTML."""
    return asked(fault=EVIL)


def asked(**other: Any) -> str:
    number = opened(separate=True, **other)
    run(number)
    return open_tasks(number)["batch-verdict"]


def awaited(key: str) -> str:
    """A question further on in a dispute."""
    number = opened(separate=True)
    play(number, until=key)
    return open_tasks(number)[key]


def decision_of(ref: str) -> tuple[str, str, dict[str, Any]] | None:
    """By whom, by which way, what."""
    with transaction() as session:
        found = questions.by_ref(session, ref).decision
        return (found.by.login if found.by else "", found.channel, found.answer) if found else None


def page_of(browser: Browser, ref: str) -> str:
    return browser.get(f"/tasks/{ref}").text


def send(browser: Browser, ref: str, button: str = "", **typed: str) -> Any:
    """Opens the page of a question, fills its form in and presses a button."""
    return press(browser, page_of(browser, ref), f"/tasks/{ref}", button, **typed)


# What it shows


def test_it_shows_question_case_time_left_hint_and_form(ref: str, site: Site) -> None:
    forward(minutes=30)
    browser = reader(site, "li.na")
    shown = lines_of(browser, f"/tasks/{ref}")
    assert {
        "Is this a batch quality matter?",
        "still 3 hours 29 minutes",
        "due 2026-11-22 22:00",
        "May answer: 李娜, 王芳",
        "Pieces delivered",
        "200",
        "Is it a batch?",
        "Reason",
    } <= set(shown)
    number = ref.split(":", maxsplit=1)[0]
    assert f'href="/cases/{number}?clock=batch-verdict#clock-batch-verdict">Why then?' in page_of(browser, ref)


def test_it_tells_what_others_decided_before(site: Site) -> None:
    shown = lines_of(reader(site, "chen.min"), f"/tasks/{awaited('recall-scope')}")
    told = shown[shown.index("What was decided so far") :]
    assert told[1] == "Is this a batch quality matter?"
    assert told[told.index("Technician") + 1] == "刘洋 (liu.yang)"
    assert "Capacitors bulge." in told[told.index("Finding on site") :]


def test_stored_script_is_shown_inert(ref: str, site: Site) -> None:
    browser = reader(site, "li.na")
    page = page_of(browser, ref)
    assert EVIL in list(said(page))
    assert "<script" not in page
    assert "<img" not in page


def test_who_sees_the_case_but_is_not_asked_gets_no_form_and_is_told_why(ref: str, site: Site) -> None:
    browser = reader(site, "chen.min")
    shown = lines_of(browser, f"/tasks/{ref}")
    assert "陈敏 (chen.min) may not decide this: it takes the role customer service clerk." in shown
    assert "Send the answer" not in shown


# Answering


def test_an_answer_goes_through_the_one_door_and_the_next_question_is_shown(ref: str, site: Site) -> None:
    browser = reader(site, "li.na")
    response = send(browser, ref, **YES)
    assert (response.status_code, response.headers["location"]) == (303, f"/tasks/{ref}/done")
    assert decision_of(ref) == ("li.na", Channel.INBOX, {"is_batch": "yes", "reason": "Five of one fault."})
    number = ref.split(":", maxsplit=1)[0]
    shown = lines_of(browser, f"/tasks/{ref}/done")
    assert "Your answer is recorded. The case goes on." in shown
    assert {"Five of one fault.", "Is it a batch?", "yes"} <= set(shown)
    assert any(one.startswith("Nothing now.") for one in shown)
    play(number, CREDITED, until="remedy")
    assert "What does the dealer want for the goods?" in lines_of(browser, f"/tasks/{ref}/done")


def test_an_answer_wakes_the_run_that_sleeps_on_it(prefect: StandIn, ref: str, site: Site) -> None:
    run_id = uuid4()
    with transaction() as session:
        questions.by_ref(session, ref).case.flow_run_id = run_id
    sleeps = {"id": str(run_id), "state": {"type": "PAUSED", "name": "Suspended", "message": ""}}
    prefect.answers["/api/flow_runs/filter"] = [sleeps]
    send(reader(site, "li.na"), ref, **YES)
    (woken,) = [one for one in prefect.heard if one.target == f"/api/flow_runs/{run_id}/set_state"]
    assert woken.json == {"state": {"type": "SCHEDULED", "name": "Decided"}}


def test_a_refused_answer_keeps_what_was_typed_and_says_what_is_wrong_at_the_field(site: Site) -> None:
    ref = awaited("arrival")
    browser = reader(site, "ma.chao")
    response = send(browser, ref, answer__lines__0__received="12 pieces", answer__note="<b>Wet.</b>\n\nTwo boxes.")
    assert response.status_code == 400
    form = form_to(response.text, f"/tasks/{ref}")
    assert form.named("answer.lines.0.received")[0].value == "12 pieces"
    assert form.named("answer.note")[0].value == "<b>Wet.</b>\n\nTwo boxes."
    shown = list(said(response.text))
    assert {"Lines, line 1: Pieces received", "Write a whole number here.", "This field is needed."} <= set(shown)
    assert 'id="answer-lines-0-received-fault"' in response.text
    assert 'href="#answer-lines-0-received"' in response.text
    assert decision_of(ref) is None


def test_lines_are_added_without_deciding_and_then_sent(site: Site) -> None:
    ref = awaited("arrival")
    browser = reader(site, "ma.chao")
    action = f"/tasks/{ref}"
    page = send(browser, ref, "each:lines", answer__waybill="SF100").text
    assert decision_of(ref) is None
    assert audited("decision_refused") == []
    assert form_to(page, action).named("answer.waybill")[0].value == "SF100"
    page = press(browser, page, action, "add:lines.1").text
    response = press(
        browser,
        page,
        action,
        answer__lines__0__received="100",
        answer__lines__0__already_sold="20",
        answer__lines__1__received="80",
        answer__more_to_come="no",
    )
    assert response.status_code == 303
    given = decision_of(ref)
    assert given is not None
    # The third line, which nobody filled in, is not there.
    assert given[2] == {**CREDITED["arrival"][1], "not_on_list": 0, "note": ""} | {
        "lines": [
            {"delivery": "DN-2026-0001", "received": 100, "already_sold": 20},
            {"delivery": "DN-2026-0002", "received": 80, "already_sold": 0},
        ]
    }


def test_the_enter_key_sends_the_answer_and_takes_no_line_away(site: Site) -> None:
    ref = awaited("arrival")
    form = form_to(page_of(reader(site, "ma.chao"), ref), f"/tasks/{ref}")
    first = next(one for one in form.controls if one.kind == "submit")
    assert (first.name, first.action) == ("", "")


def test_a_month_s_report_of_two_hundred_repairs_is_taken(site: Site) -> None:
    number = months.opened()
    run(number)
    ref = open_tasks(number)["report-r-01"]
    browser = reader(site, "cai.ming")
    form = form_to(page_of(browser, ref), f"/tasks/{ref}")
    sent: dict[str, str | list[str]] = {"csrf": form.named("csrf")[0].value}
    for line in range(200):
        sent[f"answer.lines.{line}"] = ""
        for name, value in months.repair(f"W-{line}").items():
            sent[f"answer.lines.{line}.{name}"] = str(value)
    response = browser.post(f"/tasks/{ref}", data=sent, headers={"origin": browser.public})
    assert response.status_code == 303, list(said(response.text))
    given = decision_of(ref)
    assert given is not None
    assert len(given[2]["lines"]) == 200


def test_a_double_click_decides_once_and_is_shown_as_done(ref: str, site: Site) -> None:
    browser = reader(site, "li.na")
    page = page_of(browser, ref)
    for _click in range(2):
        response = press(browser, page, f"/tasks/{ref}", **YES)
        assert (response.status_code, response.headers["location"]) == (303, f"/tasks/{ref}/done")
    with transaction() as session:
        assert len(session.scalars(select(Decision)).all()) == 1


def test_who_comes_second_is_told_who_was_first(ref: str, site: Site) -> None:
    second = reader(site, "wang.fang")
    page = page_of(second, ref)
    answer(ref.split(":", maxsplit=1)[0], "batch-verdict", "li.na", {"is_batch": "no", "reason": "Three."})
    response = press(second, page, f"/tasks/{ref}", **YES)
    assert response.status_code == 409
    shown = list(said(response.text))
    assert any(one.startswith("李娜 (li.na) has already decided this, at 2026-11-22 18:0") for one in shown)
    assert "Three." in shown
    assert decision_of(ref) == ("li.na", Channel.COMMAND_LINE, {"is_batch": "no", "reason": "Three."})


def test_who_is_not_asked_decides_nothing_by_sending_the_form_of_somebody_else(ref: str, site: Site) -> None:
    page = page_of(reader(site, "li.na"), ref)
    stranger = reader(site, "chen.min")
    form = form_to(page, f"/tasks/{ref}")
    form.fill("csrf", stranger.csrf())
    form.fill("answer.is_batch", "yes")
    response = stranger.post(f"/tasks/{ref}", data=dict(form.sends()), headers={"origin": stranger.public})
    assert response.status_code == 403
    told = "陈敏 (chen.min) may not decide this: it takes the role customer service clerk."
    assert told in list(said(response.text))
    assert decision_of(ref) is None


def test_who_did_a_step_that_is_kept_apart_is_told_so_and_decides_nothing(site: Site) -> None:
    number = opened(registered_by="chen.min")
    play(number, until="recall-scope")
    ref = open_tasks(number)["recall-scope"]
    browser = reader(site, "chen.min")
    sentence = (
        "陈敏 (chen.min) may not decide this, having done in the same case: report. Two different people are needed."
    )
    assert sentence in lines_of(browser, f"/tasks/{ref}")
    response = browser.submit(f"/tasks/{ref}", **{"answer.decision": "confirm", "answer.comment": "Mine."})
    assert response.status_code == 403
    assert sentence in list(said(response.text))
    assert decision_of(ref) is None


def test_without_the_session_s_own_mark_nothing_is_decided(ref: str, site: Site) -> None:
    browser = reader(site, "li.na")
    fields = {"answer.is_batch": "yes", "answer.reason": "Forged."}
    origins = ({"origin": browser.public}, {"origin": "https://evil.example"})
    for given, origin in (({}, origins[0]), ({"csrf": browser.csrf()}, origins[1])):
        response = browser.post(f"/tasks/{ref}", data=fields | given, headers=origin)
        assert response.status_code == 403
    assert decision_of(ref) is None


# What became of it


def test_a_decided_question_shows_who_decided_what_for_whom(site: Site) -> None:
    ref = awaited("remedy")
    at = business_now()
    delegate("li.na", "wang.fang", at, at + timedelta(days=2), "On leave.", by="li.na")
    take(ref, by="li.na")
    browser = reader(site, "wang.fang")
    assert {
        "You stand in for 李娜; it is recorded so.",
        "You answer for 广州恒达灯饰经销商; it is recorded so.",
    } <= set(lines_of(browser, f"/tasks/{ref}"))
    assert send(browser, ref, answer__remedy="credit", answer__told_by="Mr He").status_code == 303
    shown = " ".join(lines_of(reader(site, "zhou.hai"), f"/tasks/{ref}"))
    assert "王芳 (wang.fang) in place of 李娜 (li.na) for 广州恒达灯饰经销商, 2026-11-22 18:0" in shown
    assert "Mr He" in shown
    assert "Send the answer" not in shown


def test_a_question_that_silence_answered_shows_that(site: Site) -> None:
    number = claim()
    run(number)
    ref = open_tasks(number)["level"]
    silence(days=9)
    shown = " ".join(lines_of(reader(site, "xu.lan"), f"/tasks/{ref}"))
    assert "the lapse rule, " in shown
    assert "Nothing was filled in." in shown
    assert reader(site, "xu.lan").get(f"/tasks/{ref}/done").status_code == 200


def test_a_question_that_was_taken_back_says_so_and_takes_no_answer(ref: str, site: Site) -> None:
    browser = reader(site, "li.na")
    page = page_of(browser, ref)
    withdraw(ref.split(":", maxsplit=1)[0], "Opened by mistake.", by="chen.min")
    assert "This question was taken back; it needs no answer any more." in lines_of(browser, f"/tasks/{ref}")
    response = press(browser, page, f"/tasks/{ref}", **YES)
    assert response.status_code == 409
    assert f"Case {ref.split(':', maxsplit=1)[0]} was withdrawn." in list(said(response.text))


def test_of_an_open_question_there_is_nothing_done_to_show(ref: str, site: Site) -> None:
    response = reader(site, "li.na").get(f"/tasks/{ref}/done")
    assert (response.status_code, response.headers["location"]) == (303, f"/tasks/{ref}")


# Taking, giving back, handing over


def test_it_is_taken_from_the_group_and_given_back(ref: str, site: Site) -> None:
    mine, other = reader(site, "li.na"), reader(site, "wang.fang")
    assert press(mine, page_of(mine, ref), f"/tasks/{ref}/claim").status_code == 303
    shown = lines_of(mine, f"/tasks/{ref}")
    assert any(one.startswith("Taken by 李娜, 2026-11-22 18:0") for one in shown)
    assert "I take it" not in shown
    told = "王芳 (wang.fang) may not decide this: it is assigned to 李娜 (li.na)."
    assert told in lines_of(other, f"/tasks/{ref}")
    refused = other.submit(f"/tasks/{ref}/claim")
    assert refused.status_code == 403
    assert told in list(said(refused.text))
    assert press(mine, page_of(mine, ref), f"/tasks/{ref}/release").status_code == 303
    assert "I take it" in lines_of(other, f"/tasks/{ref}")


def test_who_took_it_hands_it_over_with_a_reason(ref: str, site: Site) -> None:
    mine = reader(site, "li.na")
    action = f"/tasks/{ref}/hand-over"
    assert "Hand it over to somebody else" not in lines_of(mine, f"/tasks/{ref}")
    press(mine, page_of(mine, ref), f"/tasks/{ref}/claim")
    refused = press(mine, page_of(mine, ref), action, give__to="wang.fang")
    assert refused.status_code == 400
    assert [one.value for one in form_to(refused.text, action).named("give.to") if one.on] == ["wang.fang"]
    assert "This field is needed." in list(said(refused.text))
    given = press(mine, page_of(mine, ref), action, give__to="wang.fang", give__reason="I know the dealer.")
    assert (given.status_code, given.headers["location"]) == (303, "/inbox")
    assert "Taken by 王芳" in " ".join(lines_of(reader(site, "wang.fang"), f"/tasks/{ref}"))


def test_what_is_asked_at_a_party_is_not_handed_to_another_one(site: Site) -> None:
    number = claim()
    run(number)
    ref = open_tasks(number)["level"]
    # The manager gives tasks to others; xu.lan alone has the post at S-03, and liang.bo has it at S-01.
    browser = reader(site, "chen.min")
    form = form_to(page_of(browser, ref), f"/tasks/{ref}/hand-over")
    assert [one.value for one in form.named("give.to")] == ["xu.lan"]
    response = browser.submit(f"/tasks/{ref}/hand-over", **{"give.to": "liang.bo", "give.reason": "x"})
    assert response.status_code == 400
    assert reader(site, "liang.bo").get(f"/tasks/{ref}").status_code == 404


def test_who_may_not_hand_it_over_is_told_so(ref: str, site: Site) -> None:
    fields = {"give.to": "wang.fang", "give.reason": "Mine."}
    response = reader(site, "li.na").submit(f"/tasks/{ref}/hand-over", **fields)
    assert response.status_code == 403
    assert any("may not hand this task over" in one for one in said(response.text))


# Strangers


@pytest.mark.parametrize(
    "call",
    [
        lambda browser, ref: browser.get(f"/tasks/{ref}"),
        lambda browser, ref: browser.get(f"/tasks/{ref}/done"),
        lambda browser, ref: browser.submit(f"/tasks/{ref}", **{"answer.is_batch": "yes", "answer.reason": "x"}),
        lambda browser, ref: browser.submit(f"/tasks/{ref}/claim"),
        lambda browser, ref: browser.submit(f"/tasks/{ref}/release"),
        lambda browser, ref: browser.submit(f"/tasks/{ref}/hand-over", **{"give.to": "li.na", "give.reason": "x"}),
    ],
    ids=["page", "done", "answer", "claim", "release", "hand-over"],
)
def test_a_shop_clerk_who_guesses_addresses_gets_nothing(
    ref: str, site: Site, call: Callable[[Browser, str], Any]
) -> None:
    browser = reader(site, "liang.bo")
    response, nothing = call(browser, ref), call(browser, "BQ-2026-9999:batch-verdict:1")
    assert (response.status_code, nothing.status_code) == (404, 404)
    assert list(said(response.text.replace(ref, ""))) == list(
        said(nothing.text.replace("BQ-2026-9999:batch-verdict:1", ""))
    )
    assert decision_of(ref) is None
    assert (audited("claimed"), audited("reassigned"), audited("decision_refused")) == ([], [], [])


def test_a_mail_about_a_question_leads_to_people_who_may_open_it(ref: str, site: Site) -> None:
    with transaction() as session:
        told = session.scalars(select(Notice.key).where(Notice.template == "task_opened")).all()
    logins = {key.rsplit(":", 1)[1] for key in told}
    assert logins == {"li.na", "wang.fang"}
    for login in logins:
        assert reader(site, login).get(f"/tasks/{ref}").status_code == 200
