"""Remarks on a case, questions back and their answers, from the page to the mail."""

from typing import Any

import pytest
from accounts import audited
from browsing import Browser, Site
from html_pages import form_to, lines_of, press, reader, said
from people import open_tasks, opened, play, run
from records import due, mails
from sqlalchemy import func, select

from models.errors import AlreadyDecided, InvalidInput, NotAllowed, NotFound
from models.queries import cases, people
from models.tables.remarks import Remark
from tasks import remarks
from tasks.database import transaction

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def number(site: Site) -> str:
    """A dispute at D-01 that wang.fang registered; the clerks are asked."""
    case = opened(registered_by="wang.fang")
    run(case)
    return case


def said_of(number: str) -> list[tuple[str, str, str]]:
    """Who said what to whom."""
    with transaction() as session:
        case = cases.by_number(session, number)
        return [
            (one.by.login, one.asked.login if one.asked else "", one.text) for one in remarks.of_case(session, case.id)
        ]


def askable(number: str, login: str) -> set[str]:
    with transaction() as session:
        return set(remarks.askable(session, cases.by_number(session, number), people.person(session, login)))


def ask(browser: Browser, number: str, to: str, text: str) -> Any:
    action = f"/cases/{number}/questions"
    return press(browser, browser.get(f"/cases/{number}").text, action, ask__to=to, ask__text=text)


# Remarks


def test_a_remark_stands_at_the_case_with_name_and_time(number: str, site: Site) -> None:
    browser = reader(site, "li.na")
    page = browser.get(f"/cases/{number}").text
    response = press(browser, page, f"/cases/{number}/remarks", remark__text="He called.\nTwice.")
    assert (response.status_code, response.headers["location"]) == (303, f"/cases/{number}#remark-1")
    shown = lines_of(reader(site, "zhou.hai"), f"/cases/{number}")
    assert "He called. Twice." in shown
    assert any(one.startswith("2026-11-22 18:0") and one.endswith("· 李娜") for one in shown)
    assert [entry.detail["text"] for entry in audited("remarked")] == ["He called.\nTwice."]


def test_a_remark_at_a_question_leads_back_to_it_and_names_it_at_the_case(number: str, site: Site) -> None:
    ref = open_tasks(number)["batch-verdict"]
    browser = reader(site, "li.na")
    page = browser.get(f"/tasks/{ref}").text
    response = press(browser, page, f"/cases/{number}/remarks", remark__text="Odd.")
    assert response.headers["location"] == f"/tasks/{ref}#remark-1"
    assert f'<a href="/tasks/{ref}">Is this a batch quality matter?</a></p>' in browser.get(f"/cases/{number}").text


def test_a_form_that_is_sent_twice_says_it_once(number: str, site: Site) -> None:
    browser = reader(site, "li.na")
    page = browser.get(f"/cases/{number}").text
    for _click in range(2):
        assert press(browser, page, f"/cases/{number}/remarks", remark__text="Once.").status_code == 303
    assert said_of(number) == [("li.na", "", "Once.")]
    assert len(audited("remarked")) == 1


@pytest.mark.parametrize(("text", "sentence"), [("", "This field must not be empty."), ("x" * 4001, "At most 4000")])
def test_a_remark_that_is_refused_keeps_what_was_typed(number: str, site: Site, text: str, sentence: str) -> None:
    browser = reader(site, "li.na")
    action = f"/cases/{number}/remarks"
    response = press(browser, browser.get(f"/cases/{number}").text, action, remark__text=text)
    assert response.status_code == 400
    assert form_to(response.text, action).named("remark.text")[0].value == text
    assert any(one.startswith(sentence) for one in said(response.text))
    assert said_of(number) == []


def test_words_are_only_words(number: str, site: Site) -> None:
    remarks.remark(number, EVIL, by="li.na")
    remarks.ask_back(number, "wang.fang", EVIL, by="li.na")
    for path in (f"/cases/{number}", f"/tasks/{open_tasks(number)['batch-verdict']}"):
        page = reader(site, "wang.fang").get(path).text
        assert list(said(page)).count(EVIL) == 2
        assert "<script" not in page
        assert "<img" not in page
    (mail,) = mails(number, "asked_back")
    assert "<script" not in mail.html


# Questions back


def test_those_are_asked_who_have_to_do_with_the_case(number: str) -> None:
    assert askable(number, "li.na") == {"wang.fang", "he.jun"}
    play(number, until="arrival")
    assert askable(number, "li.na") == {"wang.fang", "he.jun", "sun.wei", "liu.yang", "chen.min"}
    assert "chen.min" not in askable(number, "chen.min")


def test_the_asked_one_gets_a_mail_with_the_way_there_and_the_clock_runs_on(number: str, site: Site) -> None:
    before = due(number, "batch-verdict")
    browser = reader(site, "li.na")
    assert "The time of the case runs on while you wait for the answer." in lines_of(browser, f"/cases/{number}")
    response = ask(browser, number, "wang.fang", "How many boxes?")
    assert (response.status_code, response.headers["location"]) == (303, f"/cases/{number}#remark-1")
    (mail,) = mails(number, "asked_back")
    assert mail.to_name == "王芳"
    assert "How many boxes?" in mail.plain
    assert f"http://testserver/cases/{number}#remark-1" in mail.plain
    assert due(number, "batch-verdict") == before
    waiting = "王芳 has not answered yet. The time of the case runs on meanwhile."
    assert waiting in lines_of(browser, f"/cases/{number}")
    assert [entry.detail["to"] for entry in audited("asked_back")] == ["wang.fang"]


def test_it_is_answered_once_and_the_asker_gets_the_answer(number: str, site: Site) -> None:
    ask(reader(site, "li.na"), number, "wang.fang", "How many boxes?")
    browser = reader(site, "wang.fang")
    page = browser.get(f"/cases/{number}").text
    action = f"/cases/{number}/questions/1"
    for _click in range(2):
        response = press(browser, page, action, **{"reply-1__text": "Twelve."})
        assert (response.status_code, response.headers["location"]) == (303, f"/cases/{number}#remark-2")
    assert said_of(number) == [("li.na", "wang.fang", "How many boxes?"), ("wang.fang", "", "Twelve.")]
    (mail,) = mails(number, "answered_back")
    assert (mail.to_name, "Twelve." in mail.plain, "How many boxes?" in mail.plain) == ("李娜", True, True)
    assert "Send the answer" not in lines_of(browser, f"/cases/{number}")
    with pytest.raises(AlreadyDecided, match="王芳"):
        remarks.answer_back(1, "Thirteen.", by="wang.fang")


def test_an_empty_answer_is_asked_for_again(number: str, site: Site) -> None:
    ask(reader(site, "li.na"), number, "wang.fang", "How many boxes?")
    browser = reader(site, "wang.fang")
    response = press(browser, browser.get(f"/cases/{number}").text, f"/cases/{number}/questions/1")
    assert response.status_code == 400
    assert "This field must not be empty." in list(said(response.text))


def test_nobody_else_answers_it(number: str, site: Site) -> None:
    ask(reader(site, "li.na"), number, "wang.fang", "How many boxes?")
    other = reader(site, "chen.min")
    assert f"/cases/{number}/questions/1" not in other.get(f"/cases/{number}").text
    response = other.submit(f"/cases/{number}/questions/1", **{"reply-1.text": "Ten."})
    assert response.status_code == 403
    with pytest.raises(NotAllowed, match="王芳"):
        remarks.answer_back(1, "Ten.", by="chen.min")
    assert len(said_of(number)) == 1


def test_somebody_who_has_nothing_to_do_with_it_is_not_asked(number: str) -> None:
    for login in ("liang.bo", "li.na", "nobody"):
        with pytest.raises(InvalidInput):
            remarks.ask_back(number, login, "Hello?", by="li.na")
    assert said_of(number) == []


def test_what_was_asked_and_to_whom_stays_when_it_is_refused(number: str, site: Site) -> None:
    response = ask(reader(site, "li.na"), number, "wang.fang", "")
    assert response.status_code == 400
    form = form_to(response.text, f"/cases/{number}/questions")
    assert [one.value for one in form.named("ask.to") if one.on] == ["wang.fang"]


# Strangers and strange numbers


def test_a_shop_clerk_who_guesses_addresses_says_nothing(number: str, site: Site) -> None:
    remarks.ask_back(number, "wang.fang", "How many boxes?", by="li.na")
    browser = reader(site, "liang.bo")
    for path, fields in (
        (f"/cases/{number}/remarks", {"remark.text": "x"}),
        (f"/cases/{number}/questions", {"ask.to": "li.na", "ask.text": "x"}),
        (f"/cases/{number}/questions/1", {"reply-1.text": "x"}),
    ):
        assert browser.submit(path, **fields).status_code == 404
    assert len(said_of(number)) == 1


@pytest.mark.parametrize("question", [0, 99, 2**63, 10**30])
def test_a_question_that_there_is_not_is_not_answered(number: str, question: int) -> None:
    with pytest.raises(NotFound):
        remarks.answer_back(question, "Twelve.", by="li.na")


def test_a_remark_is_no_question_to_be_answered(number: str) -> None:
    said = remarks.remark(number, "He called.", by="li.na")
    with pytest.raises(NotFound):
        remarks.answer_back(said, "Did he?", by="wang.fang")


def test_a_remark_is_not_made_at_a_question_of_another_case(number: str) -> None:
    other = opened(separate=True)
    run(other)
    with pytest.raises(NotFound):
        remarks.remark(number, "Odd.", by="li.na", ref=open_tasks(other)["batch-verdict"])


def test_a_question_back_is_answered_at_its_own_case(number: str, site: Site) -> None:
    remarks.ask_back(number, "wang.fang", "How many boxes?", by="li.na")
    other = opened(separate=True)
    response = reader(site, "wang.fang").submit(f"/cases/{other}/questions/1", **{"reply-1.text": "Twelve."})
    assert response.status_code == 404
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Remark)) == 1
