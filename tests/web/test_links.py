"""Pages of links in mail: looking decides nothing, deciding takes two steps, and a stranger's hands stay empty."""

import logging

import httpx
import pytest
from accounts import PASSWORD, give_password
from browsing import PUBLIC, Browser, Site, words
from html_pages import fields_of, form_to
from links import access, token_for
from people import answer, forward, opened, play, run
from sqlalchemy import Engine, func, select, text

from deployments.catcher import MailCatcher
from models.tables.answer_links import AnswerLink
from models.tables.audit import AuditEntry
from models.tables.questions import Decision, Task
from tasks.database import transaction

VERDICT = {"is_batch": "yes", "reason": "Five of one fault."}


@pytest.fixture
def number(site: Site, mailbox: MailCatcher) -> str:
    """A case that waits for a clerk's verdict; its mails answer without signing in."""
    access(links="decide")
    found = opened()
    run(found)
    return found


@pytest.fixture
def path(number: str, mailbox: MailCatcher) -> str:
    """Where the link of Li Na's mail leads."""
    return f"/links/{token_for(mailbox, 'li.na')}"


@pytest.fixture
def browser(site: Site) -> Browser:
    """Somebody's, who is not signed in."""
    return in_english(site.browser())


def in_english(browser: Browser) -> Browser:
    """A browser in which English was chosen, whatever its person reads."""
    browser.cookies.set("aftersales-language", "en")
    return browser


def decided() -> list[tuple[str, str]]:
    with transaction() as session:
        found = session.scalars(select(Decision).join(Task).order_by(Decision.at))
        return [(one.by.login if one.by else "", one.channel) for one in found]


def used() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).where(AnswerLink.used_at.is_not(None))) or 0


def fill(browser: Browser, path: str, page: httpx.Response, button: str = "", **fields: str) -> httpx.Response:
    """Fills in the form of a page and presses one of its buttons."""
    form = form_to(page.text, path)
    for name, value in fields.items():
        form.fill(f"answer.{name}", value)
    return browser.post(path, data=fields_of(form.sends(button)), headers={"origin": PUBLIC})


def to_the_confirmation(browser: Browser, path: str) -> httpx.Response:
    return fill(browser, path, browser.get(path), **VERDICT)


# Looking


def test_looking_shows_the_question_and_whose_answer_it_will_be(browser: Browser, number: str, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 200
    said = words(page)
    for part in ("李娜", number, "Does not light", "MH260901A"):
        assert part in said


def test_looking_decides_nothing_however_often_and_whoever_looks(site: Site, path: str) -> None:
    scanner = site.browser(address="198.51.100.9")
    for _look in range(5):
        assert scanner.get(path).status_code == 200
        assert scanner.head(path).status_code == 200
        scanner.options(path)
        scanner.get(f"{path}?step=decide&answer.is_batch=yes&answer.reason=x")
    assert (decided(), used()) == ([], 0)
    assert site.browser().get(path).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_decides(browser: Browser, path: str, method: str) -> None:
    sent = {"step": "decide", **{f"answer.{name}": value for name, value in VERDICT.items()}}
    refused = browser.request(method, path, data=sent, headers={"origin": PUBLIC})
    # Like everything that is no page of ours: it leads to signing in.
    assert refused.headers["location"].startswith("/sign-in?")
    assert decided() == []


def test_a_link_begins_no_session(browser: Browser, path: str) -> None:
    pages = [browser.get(path), to_the_confirmation(browser, path)]
    pages.append(fill(browser, path, pages[-1], "decide"))
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert not any("set-cookie" in page.headers for page in pages)
    assert browser.get("/inbox").headers["location"] == "/sign-in?to=%2Finbox"


def test_nothing_of_a_link_is_kept_or_told_to_other_sites(browser: Browser, path: str) -> None:
    for page in (browser.get(path), to_the_confirmation(browser, path), browser.get("/links/x.y")):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.text.count("http") == 0  # nothing on it leads elsewhere


def test_what_people_wrote_is_text_on_the_page(site: Site, mailbox: MailCatcher) -> None:
    access(links="decide")
    run(opened(fault='<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 * 7 }}', separate=True))
    path = f"/links/{token_for(mailbox, 'li.na')}"
    browser = site.browser()
    page = fill(browser, path, browser.get(path), is_batch="yes", reason="</textarea><script>alert(3)</script>")
    for shown in (browser.get(path), page):
        assert "<script" not in shown.text
        assert "<img" not in shown.text
        assert "{{ 7 * 7 }}" in shown.text


# Two steps


def test_the_form_is_shown_once_more_and_then_decides(browser: Browser, path: str) -> None:
    confirmation = to_the_confirmation(browser, path)
    assert confirmation.status_code == 200
    assert "Five of one fault." in words(confirmation)
    assert "李娜" in words(confirmation)
    assert (decided(), used()) == ([], 0)
    done = fill(browser, path, confirmation, "decide")
    assert done.status_code == 200
    assert "Your answer is recorded." in words(done)
    assert (decided(), used()) == ([("li.na", "mail_link")], 1)


def test_what_was_filled_in_can_be_changed_before(browser: Browser, path: str) -> None:
    again = fill(browser, path, to_the_confirmation(browser, path), "back")
    assert form_to(again.text, path).named("answer.reason")[0].value == "Five of one fault."
    confirmation = fill(browser, path, again, is_batch="no", reason="One of a kind.")
    fill(browser, path, confirmation, "decide")
    with transaction() as session:
        [decision] = session.scalars(select(Decision))
        assert decision.answer == {"is_batch": "no", "reason": "One of a kind."}


def test_what_does_not_fit_is_said_and_what_was_typed_stays(browser: Browser, path: str) -> None:
    page = fill(browser, path, browser.get(path), reason="Only this.")
    assert page.status_code == 400
    assert "This field is needed." in words(page)
    assert form_to(page.text, path).named("answer.reason")[0].value == "Only this."


def test_a_confirmation_that_somebody_made_up_is_checked_like_any_answer(browser: Browser, path: str) -> None:
    sent = {"step": "decide", "answer.is_batch": "maybe", "answer.reason": "x"}
    assert browser.post(path, data=sent, headers={"origin": PUBLIC}).status_code == 400
    assert (decided(), used()) == ([], 0)


def test_another_site_cannot_send_it(browser: Browser, path: str) -> None:
    sent = {"step": "decide", **{f"answer.{name}": value for name, value in VERDICT.items()}}
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {}):
        assert browser.post(path, data=sent, headers=headers).status_code == 403
    assert decided() == []


def test_lines_are_added_before_it_is_answered(browser: Browser, number: str, mailbox: MailCatcher) -> None:
    play(number, until="arrival")
    path = f"/links/{token_for(mailbox, 'ma.chao')}"
    page = browser.get(path)
    more = fill(browser, path, page, "add:lines.1")
    count = len(form_to(page.text, path).named("answer.lines.0.received"))
    assert len(form_to(more.text, path).named("answer.lines.1.received")) == count == 1
    assert decided()[-1][1] == "command_line"


# Once


def test_a_second_use_is_told_what_was_decided_and_by_whom(site: Site, browser: Browser, path: str) -> None:
    confirmation = to_the_confirmation(browser, path)
    fill(browser, path, confirmation, "decide")
    again = [fill(browser, path, confirmation, "decide"), site.browser().get(path)]
    for page in again:
        assert page.status_code == 410
        assert "李娜" in words(page)
        assert "Five of one fault." in words(page)
    assert decided() == [("li.na", "mail_link")]


def test_who_comes_after_somebody_else_is_told_who(browser: Browser, number: str, path: str) -> None:
    confirmation = to_the_confirmation(browser, path)
    answer(number, "batch-verdict", "wang.fang", {"is_batch": "no", "reason": "Wrongly wired."})
    late = fill(browser, path, confirmation, "decide")
    assert late.status_code == 410
    assert "王芳" in words(late)
    assert "Wrongly wired." in words(late)
    assert (decided(), used()) == ([("wang.fang", "command_line")], 0)


def test_a_link_whose_time_has_passed_tells_nothing_more(browser: Browser, number: str, path: str) -> None:
    answer(number, "batch-verdict", "wang.fang", {"is_batch": "no", "reason": "Wrongly wired."})
    forward(hours=73)
    page = browser.get(path)
    assert page.status_code == 410
    assert "This link opens nothing any more. Sign in to answer." in words(page)
    assert "Wrongly wired." not in words(page)
    assert number not in words(page)


def test_whatever_is_no_link_is_answered_alike(browser: Browser, path: str) -> None:
    token = path.removeprefix("/links/")
    signature, code = token.split(".")
    other = "y" if signature.startswith("x") else "x"
    tries = [f"{token}a", other + token[1:], code, f"{signature}.", f"{code}.{signature}", "x", "%00", "%20", "灯"]
    pages = [browser.get(f"/links/{one}") for one in tries]
    pages += [browser.post(f"/links/{tries[0]}", data={"step": "decide"}, headers={"origin": PUBLIC})]
    told = {words(page) for page in pages}
    assert {page.status_code for page in pages} == {404}
    assert len(told) == 1
    assert "This link opens nothing." in told.pop()


# Whose it is


def test_who_is_signed_in_as_somebody_else_does_not_get_the_question(site: Site, number: str, path: str) -> None:
    wang_fang = in_english(site.signed_in("wang.fang"))
    page = wang_fang.get(path)
    assert page.status_code == 403
    assert "somebody else" in words(page)
    assert number not in words(page)
    sent = {"step": "decide", **{f"answer.{name}": value for name, value in VERDICT.items()}}
    assert wang_fang.submit(path, **sent).status_code == 403
    assert decided() == []


@pytest.fixture
def with_login(number: str) -> None:
    """The policy asks for sign-in, from now on and for links that are out already."""
    access(links="login")


@pytest.mark.usefixtures("with_login")
def test_where_the_policy_asks_for_it_a_forwarded_link_lets_no_stranger_decide(
    site: Site, number: str, path: str
) -> None:
    stranger, sent = site.browser(), {f"answer.{name}": value for name, value in VERDICT.items()}
    answers = [
        stranger.get(path),
        stranger.post(path, data=sent, headers={"origin": PUBLIC}),
        stranger.post(path, data={**sent, "step": "decide"}, headers={"origin": PUBLIC}),
    ]
    for one in answers:
        assert one.status_code == 303
        assert one.headers["location"].startswith("/sign-in?to=%2Flinks%2F")
        assert one.text == ""
    give_password("liang.bo")
    assert stranger.sign_in("liang.bo", to=path).headers["location"] == path
    assert stranger.get(path).status_code == 403
    assert number not in stranger.get(path).text
    assert stranger.submit(path, step="decide", **sent).status_code == 403
    assert decided() == []


@pytest.mark.usefixtures("with_login")
def test_the_one_it_was_made_for_signs_in_and_answers(site: Site, path: str) -> None:
    give_password("li.na")
    browser = in_english(site.browser())
    to_sign_in = browser.get(path).headers["location"]
    assert form_to(browser.get(to_sign_in).text, "/sign-in").named("to")[0].value == path
    assert browser.sign_in("li.na", PASSWORD, to=path).headers["location"] == path
    done = fill(browser, path, to_the_confirmation(browser, path), "decide")
    assert "Your answer is recorded." in words(done)
    assert (decided(), used()) == ([("li.na", "mail_link")], 1)


@pytest.mark.usefixtures("with_login")
def test_what_was_decided_is_told_to_the_one_it_was_made_for_alone(site: Site, number: str, path: str) -> None:
    answer(number, "batch-verdict", "wang.fang", {"is_batch": "no", "reason": "Wrongly wired."})
    assert site.browser().get(path).status_code == 303
    assert "Wrongly wired." not in site.signed_in("wang.fang").get(path).text
    assert "Wrongly wired." in site.signed_in("li.na").get(path).text


def test_the_page_is_in_the_language_of_the_mail(site: Site, number: str, mailbox: MailCatcher) -> None:
    play(number, until="name-technician")
    answer(number, "name-technician", "sun.wei", {"technician": "tom.baker"})
    run(number)
    english = site.browser().get(f"/links/{token_for(mailbox, 'tom.baker')}")
    chinese = site.browser().get(f"/links/{token_for(mailbox, 'sun.wei')}", headers={"accept-language": "en"})
    assert '<html lang="en">' in english.text
    assert '<html lang="zh-CN">' in chinese.text
    chosen = site.browser()
    chosen.cookies.set("aftersales-language", "zh_CN")
    assert '<html lang="zh-CN">' in chosen.get(f"/links/{token_for(mailbox, 'tom.baker')}").text


# Traces


def test_a_link_stands_in_no_log_and_not_in_the_audit_trail(
    site: Site, company: Engine, browser: Browser, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    signature, code = path.removeprefix("/links/").split(".")
    caplog.set_level(logging.DEBUG)
    fill(browser, path, to_the_confirmation(browser, path), "decide")
    browser.get(path)
    browser.get(f"{path}a")
    site.signed_in("wang.fang").get(path)
    with company.begin() as connection:
        connection.execute(text("ALTER TABLE answer_link RENAME COLUMN used_at TO gone"))
    assert browser.get(path).status_code == 500
    assert "fault" in caplog.text
    assert "/links/…" in caplog.text
    # Our browser here is httpx, which logs what it asks for.
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    told = "\n".join(logging.Formatter().format(one) for one in ours)
    assert code not in told
    assert signature not in told
    with transaction() as session:
        entries = "".join(f"{one.subject}{one.detail}" for one in session.scalars(select(AuditEntry)))
    assert code not in entries
    assert signature not in entries
