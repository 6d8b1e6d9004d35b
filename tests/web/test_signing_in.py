"""The sign-in pages, and what people try at them: guessing, forged forms, foreign hosts, leading elsewhere."""

import re

import pytest
from accounts import PASSWORD, audited, give_password
from browsing import PUBLIC, Browser, Site, words
from sqlalchemy import select

from models.tables.accounts import Account, Brake, SignedIn
from tasks.database import transaction
from tasks.signing_in import REFUSED, signed_in

SESSION = "aftersales-session"
EVIL = "https://evil.example"


def open_sessions() -> int:
    """How many sessions nobody ended."""
    with transaction() as session:
        return len(session.scalars(select(SignedIn).where(SignedIn.ended_at.is_(None))).all())


def test_the_right_password_leads_to_the_inbox(site: Site) -> None:
    give_password("li.na")
    browser = site.browser()
    answer = browser.sign_in("li.na")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    assert "李娜" in browser.text("/password")


def test_a_wrong_password_and_an_unknown_login_get_the_same_page(site: Site) -> None:
    give_password("li.na")
    pages = []
    for login in ("li.na", "no.na"):
        answer = site.browser().sign_in(login, "not the password at all")
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        pages.append(answer.text.replace(login, "LOGIN"))
    assert pages[0] == pages[1]
    assert REFUSED in words(answer)


def test_the_page_says_again_which_login_was_tried_and_never_the_password(site: Site) -> None:
    answer = site.browser().sign_in('"><script>alert(1)</script>', "SomethingVerySecret")
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "SomethingVerySecret" not in answer.text


def test_who_is_signed_in_is_not_asked_again(site: Site) -> None:
    browser = site.signed_in("li.na")
    assert browser.get("/sign-in?to=/delegations").headers["location"] == "/delegations"


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(site: Site) -> None:
    give_password("li.na")
    browser = site.browser()
    to = browser.get("/password?x=1&y=2").headers["location"]
    assert to == "/sign-in?to=%2Fpassword%3Fx%3D1%26y%3D2"
    fields = re.findall(r'name="to" value="([^"]*)"', browser.get(to).text)
    # The switch of languages comes back to this page, the form goes on.
    assert fields == [to, "/password?x=1&amp;y=2"]
    assert browser.sign_in("li.na", to="/password?x=1&y=2").headers["location"] == "/password?x=1&y=2"


ELSEWHERE = [
    EVIL,
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/inbox\r\nSet-Cookie: x=1",
    "javascript:alert(1)",
    "evil.example",
    "/..//evil.example",
    "https:evil.example",
    "/" + "x" * 3000,
    "",
    "\x00",
]


def test_signing_in_leads_nowhere_else(site: Site) -> None:
    give_password("li.na")
    browser = site.browser()
    led = {
        elsewhere: (
            browser.sign_in("li.na", to=elsewhere).headers["location"],
            browser.get("/sign-in", params={"to": elsewhere}).headers["location"],
            browser.submit("/language", language="en", to=elsewhere).headers["location"],
        )
        for elsewhere in ELSEWHERE
    }
    assert led == dict.fromkeys(ELSEWHERE, ("/inbox", "/inbox", "/inbox"))


# Forged forms.


def forged(browser: Browser, path: str, csrf: str | None, **headers: str) -> int:
    """The status of a form that another site sends along with the cookies of this browser."""
    fields = {"old": PASSWORD, "password": "what the thief knows", "again": "what the thief knows"}
    return browser.post(path, data=fields | ({"csrf": csrf} if csrf is not None else {}), headers=headers).status_code


FOREIGN: list[dict[str, str]] = [
    {},
    {"origin": EVIL},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:8080"},
    {"origin": "https://testserver"},
    {"origin": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"origin": PUBLIC, "sec-fetch-site": "cross-site"},
    {"origin": EVIL, "sec-fetch-site": "same-origin"},
    {"referer": f"{PUBLIC}/password"},
]
OWN = ({"origin": PUBLIC}, {"sec-fetch-site": "same-origin"}, {"origin": PUBLIC, "sec-fetch-site": "same-origin"})


def test_a_form_from_elsewhere_does_nothing_even_with_the_right_csrf(site: Site) -> None:
    browser = site.signed_in("li.na")
    csrf = browser.csrf()
    for headers in FOREIGN:
        assert forged(browser, "/password", csrf, **headers) == 403, headers
        assert forged(browser, "/sign-out", csrf, **headers) == 403, headers
        assert forged(browser, "/api/flow_runs/filter", None, **headers) == 403, headers
    assert browser.get("/password").status_code == 200
    assert audited("password_changed") == audited("signed_out") == []


def test_a_form_without_the_csrf_of_this_session_does_nothing(site: Site) -> None:
    browser = site.signed_in("li.na")
    for csrf in (None, "", "0" * 64, "é", site.signed_in("wang.fang").csrf()):
        for headers in OWN:
            assert forged(browser, "/password", csrf, **headers) == 403, csrf
            assert forged(browser, "/sign-out", csrf, **headers) == 403, csrf
    assert audited("password_changed") == audited("signed_out") == []


def test_a_csrf_sent_as_a_file_or_in_json_does_nothing(site: Site) -> None:
    browser, origin = site.signed_in("li.na"), {"origin": PUBLIC}
    csrf = browser.csrf()
    assert browser.post("/sign-out", files={"csrf": csrf.encode()}, headers=origin).status_code == 403
    assert browser.post("/sign-out", json={"csrf": csrf}, headers=origin).status_code == 403
    assert browser.post("/sign-out", params={"csrf": csrf}, headers=origin).status_code == 403
    assert audited("signed_out") == []


@pytest.mark.parametrize("headers", OWN)
def test_a_form_of_ours_is_taken(site: Site, headers: dict[str, str]) -> None:
    browser = site.signed_in("li.na")
    assert forged(browser, "/password", browser.csrf(), **headers) == 303
    assert len(audited("password_changed")) == 1


def test_nobody_is_signed_in_by_another_site(site: Site) -> None:
    """Else somebody would write into an account that the thief reads."""
    give_password("li.na")
    fields = {"login": "li.na", "password": PASSWORD}
    assert site.browser().post("/sign-in", data=fields, headers={"origin": EVIL}).status_code == 403
    assert open_sessions() == 0


def test_no_other_method_slips_through(site: Site) -> None:
    browser = site.signed_in("li.na")
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        assert browser.request(method, "/password", headers={"origin": EVIL}).status_code == 403, method


def test_reading_by_head_changes_nothing(site: Site) -> None:
    browser = site.signed_in("li.na")
    assert browser.head("/sign-out").status_code in {404, 405}
    assert browser.get("/sign-out").status_code in {404, 405}
    assert audited("signed_out") == []


# Sessions that somebody else knows.


def test_a_session_that_was_planted_is_not_the_one_that_is_opened(site: Site) -> None:
    give_password("li.na")
    browser = site.browser()
    planted = "a" * 43
    browser.cookies.set(SESSION, planted)
    browser.sign_in("li.na")
    assert signed_in(planted) is None
    assert planted not in [cookie.value for cookie in browser.cookies.jar if cookie.domain]


def test_somebody_elses_session_that_was_planted_ends_at_sign_in(site: Site) -> None:
    thief = site.signed_in("wang.fang").cookies[SESSION]
    give_password("li.na")
    browser = site.browser(cookies={SESSION: thief})
    answer = browser.post(
        "/sign-in",
        data={"login": "li.na", "password": PASSWORD, "csrf": browser.csrf()},
        headers={"origin": PUBLIC},
    )
    assert answer.status_code == 303
    assert signed_in(thief) is None


def test_every_sign_in_opens_a_session_of_its_own(site: Site) -> None:
    browser = site.signed_in("li.na")
    first = browser.cookies[SESSION]
    browser.sign_in("li.na")
    assert browser.cookies[SESSION] != first
    assert signed_in(first) is None
    assert open_sessions() == 1


# What headers say about where a request comes from.


def test_forwarded_headers_do_not_get_around_the_brake(site: Site) -> None:
    give_password("li.na")
    browser = site.browser()
    for number in range(40):
        forged_address = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"}
        browser.post(
            "/sign-in",
            data={"login": f"guess.{number}", "password": "guess"},
            headers={"origin": PUBLIC, "x-real-ip": f"198.51.100.{number}", **forged_address},
        )
    with transaction() as session:
        addresses = [key for key in session.scalars(select(Brake.key)) if key.startswith("address:")]
    assert addresses == ["address:192.0.2.7"]
    assert browser.sign_in("li.na").status_code == 403


def test_forwarded_hosts_and_paths_are_not_read(site: Site) -> None:
    browser = site.browser()
    for name in ("x-forwarded-host", "x-forwarded-server", "x-original-url", "x-rewrite-url"):
        answer = browser.get("/password", headers={name: "evil.example"})
        assert answer.headers["location"] == "/sign-in?to=%2Fpassword", name
        assert "evil.example" not in browser.get("/sign-in", headers={name: "evil.example"}).text


def test_a_forwarded_scheme_does_not_open_the_page_to_its_origin(site: Site) -> None:
    browser = site.signed_in("li.na")
    headers = {"x-forwarded-proto": "https", "origin": "https://testserver"}
    assert forged(browser, "/sign-out", browser.csrf(), **headers) == 403


def test_logins_in_headers_sign_nobody_in(site: Site) -> None:
    names = ("x-forwarded-user", "x-remote-user", "remote-user", "x-forwarded-email", "authorization")
    answer = site.browser().get("/password", headers=dict.fromkeys(names, "li.na"))
    assert answer.headers["location"] == "/sign-in?to=%2Fpassword"


def test_another_host_is_led_to_the_public_address_and_changes_nothing(site: Site) -> None:
    browser = site.signed_in("li.na")
    csrf = browser.csrf()
    for host in ("evil.example", "testserver:8080", "testserver.evil.example", "x@testserver", "", "[", "testserver:x"):
        answer = browser.get("/password?x=1", headers={"host": host})
        assert (answer.status_code, answer.headers["location"]) == (307, f"{PUBLIC}/password?x=1"), host
        answer = browser.post("/sign-out", data={"csrf": csrf}, headers={"host": host, "origin": PUBLIC})
        assert answer.status_code == 421, host
    assert audited("signed_out") == []


def test_a_path_of_another_host_leads_nowhere_but_to_ours(site: Site) -> None:
    answer = site.browser().get(f"{PUBLIC}//evil.example/x", headers={"host": "other.example"})
    assert answer.headers["location"] == f"{PUBLIC}/evil.example/x"


def test_the_public_address_is_known_in_every_way_it_is_written(site: Site) -> None:
    for host in ("testserver", "TestServer", "testserver:80"):
        assert site.browser().get("/sign-in", headers={"host": host}).status_code == 200


def test_whoever_watches_the_process_needs_no_host_and_no_session(site: Site) -> None:
    answer = site.browser().get("/healthz", headers={"host": "10.0.0.7:4200"})
    assert (answer.status_code, answer.text) == (200, "ok")


# Choosing a password and a language.


def test_who_got_a_password_chooses_another_one_before_anything_else(site: Site) -> None:
    give_password("tom.baker", must_change=True)
    browser = site.browser()
    browser.sign_in("tom.baker")
    for path in ("/inbox", "/delegations", "/", "/nowhere", "/password-and-more", "/static"):
        assert browser.get(path).headers["location"] == "/password"
    assert browser.get("/api/flow_runs").status_code == 403
    assert browser.submit("/tasks/BQ-2026-0001:x:1", answer="yes").headers["location"] == "/password"
    assert "Choose one that only you know" in browser.text("/password")
    chosen = {"old": PASSWORD, "password": "only I know these words", "again": "only I know these words"}
    assert browser.submit("/password", **chosen).headers["location"] == "/inbox"
    assert browser.get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"again": "something else here"}, "not the same password"),
        ({"old": "not the password at all"}, "not your password"),
        ({"password": "short", "again": "short"}, "at least 10"),
        ({"password": PASSWORD, "again": PASSWORD}, "Choose another"),
    ],
)
def test_a_password_that_cannot_be_taken_is_said_at_its_field(site: Site, fields: dict[str, str], said: str) -> None:
    browser = site.signed_in("tom.baker")
    right = {"old": PASSWORD, "password": "only I know these words", "again": "only I know these words"}
    answer = browser.submit("/password", **right | fields)
    assert answer.status_code == 400
    assert said in words(answer)
    assert answer.text.count('aria-invalid="true"') == 1
    assert "only I know" not in answer.text
    assert site.browser().sign_in("tom.baker").status_code == 303


def test_a_page_is_in_the_persons_language_until_the_browser_chose_another(site: Site) -> None:
    browser = site.signed_in("li.na")
    assert '<html lang="zh-CN">' in browser.get("/password").text
    browser.submit("/language", language="en", to="/password")
    assert '<html lang="en">' in browser.get("/password").text
    assert "Choose a password" in browser.text("/password")
    browser.submit("/language", language="tlh", to="/password")
    assert '<html lang="en">' in browser.get("/password").text


def test_who_is_not_signed_in_reads_the_language_their_browser_asks_for(site: Site) -> None:
    asked_for = {
        "zh-CN,zh;q=0.9,en;q=0.8": "zh-CN",
        "zh": "zh-CN",
        "en-GB,en;q=0.9": "en",
        "fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4": "zh-CN",
        # None of ours: as the settings say, English here.
        "fr": "en",
        "": "en",
        ",;;q=,": "en",
    }
    browser = site.browser()
    for asked, language in asked_for.items():
        assert f'<html lang="{language}">' in browser.get("/sign-in", headers={"accept-language": asked}).text, asked


# What every page tells the browser.


@pytest.fixture
def answers(site: Site) -> list[tuple[str, int, dict[str, str]]]:
    """Responses of every kind, as path, status and headers."""
    browser = site.signed_in("li.na")
    found = [browser.get(path) for path in ("/sign-in", "/password", "/nowhere", "/static/style.css", "/api/nowhere")]
    found += [site.browser().get("/password"), browser.post("/sign-out"), browser.get("/", headers={"host": "x"})]
    return [(one.request.url.path, one.status_code, dict(one.headers)) for one in found]


def test_every_response_forbids_frames_scripts_and_guessed_types(
    answers: list[tuple[str, int, dict[str, str]]],
) -> None:
    assert {status for _path, status, _headers in answers} == {200, 303, 307, 403, 404}
    for path, _status, headers in answers:
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")
        assert "server" not in headers


def test_no_page_of_ours_brings_script_or_style_of_its_own(site: Site) -> None:
    """The policy for content would refuse both."""
    browser = site.signed_in("li.na")
    for path in ("/sign-in", "/password", "/nowhere"):
        page = browser.get(path).text.lower()
        assert "<script" not in page
        assert " style=" not in page
        assert not re.search(r"\son[a-z]+=", page)


def test_what_goes_wrong_is_said_with_a_number_that_stands_in_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    browser = site.signed_in("tom.baker")
    with transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE account RENAME COLUMN must_change TO gone")
    answer = browser.get("/password")
    assert answer.status_code == 500
    number = re.search(r"under number ([0-9a-f]{8})", words(answer))
    assert number
    assert "Traceback" not in answer.text
    assert "must_change" not in answer.text
    assert f"fault {number[1]}: GET" in caplog.text


def test_a_database_that_does_not_answer_is_said(site: Site) -> None:
    browser = site.signed_in("tom.baker")
    with transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE signed_in RENAME TO gone")
    answer = browser.get("/password")
    assert answer.status_code == 503
    assert "has not been set up" in words(answer)
    assert browser.get("/static/style.css").status_code == 200


def test_an_account_is_needed_to_change_a_password(site: Site) -> None:
    browser = site.signed_in("tom.baker")
    with transaction() as session:
        session.delete(session.scalars(select(Account)).one())
    answer = browser.submit("/password", old="x", password="only I know these words", again="only I know these words")
    assert answer.status_code == 403
    assert "You have no password here" in words(answer)
