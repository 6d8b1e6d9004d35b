"""Sessions as a browser has them: the cookie, when it opens nothing any more, sockets, and what the log says."""

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from accounts import PASSWORD, audited, give_password, time_passes
from browsing import PUBLIC, Browser, Site
from sqlalchemy import Engine, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from models.queries import people
from models.tables.parties import RoleGrant
from tasks.database import transaction
from tasks.settings import settings
from web.forgery import Forgery
from web.hosts import Hosts
from web.sessions import Sessions, csrf_of, visitor_of
from web.settings import web_settings

ENCRYPTED = "https://after-sales.example"


@pytest.fixture
def encrypted(company: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The application as people reach it by https."""
    monkeypatch.setenv("AFTERSALES_UI_URL", ENCRYPTED)
    settings.cache_clear()
    with ExitStack() as stack:
        yield Site(stack, ENCRYPTED)


def cookies_set(browser: Browser) -> list[str]:
    """What the browser is told to keep when it signs in."""
    return browser.sign_in("li.na").headers.get_list("set-cookie")


def is_let_in(browser: Browser) -> bool:
    return browser.get("/password").status_code == 200


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(site: Site) -> None:
    give_password("li.na")
    (cookie,) = cookies_set(site.browser())
    value, *attributes = cookie.split("; ")
    assert re.fullmatch(r"aftersales-session=[\w-]{43}", value)
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=lax"}


def test_by_https_the_cookie_is_of_this_host_alone_and_never_sent_unencrypted(encrypted: Site) -> None:
    give_password("li.na")
    browser = encrypted.browser()
    (cookie,) = cookies_set(browser)
    value, *attributes = cookie.split("; ")
    assert re.fullmatch(r"__Host-aftersales-session=[\w-]{43}", value)
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=lax", "Secure"}
    assert is_let_in(browser)
    assert browser.get("/password").headers["strict-transport-security"] == "max-age=31536000"


def test_by_https_a_cookie_without_the_prefix_is_not_read(encrypted: Site) -> None:
    """A neighbour under the same domain could have planted it."""
    give_password("li.na")
    browser = encrypted.browser()
    browser.sign_in("li.na")
    token = browser.cookies["__Host-aftersales-session"]
    assert not is_let_in(encrypted.browser(cookies={"aftersales-session": token}))
    assert is_let_in(encrypted.browser(cookies={"__Host-aftersales-session": token}))


def test_signing_out_ends_the_session_wherever_its_cookie_went(site: Site) -> None:
    browser = site.signed_in("li.na")
    copy = site.browser(cookies=dict(browser.cookies))
    assert is_let_in(copy)
    answer = browser.submit("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert 'aftersales-session=""' in answer.headers["set-cookie"]
    assert not is_let_in(browser)
    assert not is_let_in(copy)


def test_a_session_ends_unused_and_leads_to_sign_in(site: Site) -> None:
    browser = site.signed_in("li.na")
    time_passes(minutes=119)
    assert is_let_in(browser)
    time_passes(minutes=121)
    assert browser.get("/password").headers["location"] == "/sign-in?to=%2Fpassword"


def test_a_program_that_is_not_signed_in_is_told_so(site: Site) -> None:
    browser = site.browser()
    answer = browser.post("/api/flow_runs/filter", json={}, headers={"origin": PUBLIC})
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_signed_in"


def test_who_becomes_inactive_is_out_at_once(site: Site) -> None:
    browser = site.signed_in("li.na")
    with transaction() as session:
        people.person(session, "li.na").active = False
    assert not is_let_in(browser)


def test_a_role_that_is_taken_away_is_gone_at_the_next_page(site: Site) -> None:
    browser = site.signed_in("li.na")
    assert '<a href="/">Prefect</a>' in browser.get("/password").text
    with transaction() as session:
        session.execute(update(RoleGrant).where(RoleGrant.role == "cs_clerk").values(role="technician"))
    assert '<a href="/">Prefect</a>' not in browser.get("/password").text


def test_a_changed_password_signs_out_everywhere_else(site: Site) -> None:
    here, there = site.signed_in("tom.baker"), site.browser()
    there.sign_in("tom.baker")
    here.submit("/password", old=PASSWORD, password="only I know these words", again="only I know these words")
    assert is_let_in(here)
    assert not is_let_in(there)


def test_a_session_is_not_in_any_page(site: Site) -> None:
    browser = site.signed_in("li.na")
    token = browser.cookies["aftersales-session"]
    page = browser.get("/password").text
    assert token not in page
    assert csrf_of(token) in page


def test_a_cookie_that_is_no_session_is_nobodys(site: Site) -> None:
    for token in (b"", b"x", b"0" * 100_000, b"%00", "é".encode(), b'"', b"x; aftersales-session=y"):
        answer = site.browser().get("/password", headers={b"cookie": b"aftersales-session=" + token})
        assert answer.headers["location"] == "/sign-in?to=%2Fpassword"


# Sockets, which browsers open for any site.


@pytest.fixture
def sockets(site: Site) -> Starlette:
    """The guards of the application around a socket that says whose it is."""

    async def whose(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(visitor_of(socket).login)
        await socket.close()

    told = web_settings()
    return Starlette(
        routes=[WebSocketRoute("/whose", whose)],
        middleware=[
            Middleware(Hosts, public_url=told.public_url),
            Middleware(Sessions, settings=told),
            Middleware(Forgery, public_url=told.public_url),
        ],
    )


def heard(app: Starlette, cookies: dict[str, str], **headers: str) -> str | int:
    """What a socket says, or the code with which it is closed."""
    client = TestClient(app, base_url=PUBLIC, cookies=cookies)
    try:
        with client.websocket_connect("/whose", headers=headers) as socket:
            return socket.receive_text()
    except WebSocketDisconnect as closed:
        return closed.code


def test_a_socket_knows_whose_it_is(site: Site, sockets: Starlette) -> None:
    assert heard(sockets, dict(site.signed_in("li.na").cookies), origin=PUBLIC) == "li.na"


def test_a_socket_that_another_site_opens_is_refused(site: Site, sockets: Starlette) -> None:
    cookies = dict(site.signed_in("li.na").cookies)
    for headers in ({}, {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": PUBLIC, "host": "other"}):
        assert heard(sockets, cookies, **headers) == 1008, headers


def test_a_socket_waits_for_a_password_to_be_changed(site: Site, sockets: Starlette) -> None:
    cookies = dict(site.signed_in("li.na").cookies)
    give_password("li.na", must_change=True)
    browser = site.browser()
    browser.sign_in("li.na")
    assert heard(sockets, dict(browser.cookies), origin=PUBLIC) == 1008
    assert cookies != dict(browser.cookies)


# The log.


def test_the_log_says_who_asked_for_what_and_no_secrets(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "web.access")
    give_password("li.na")
    browser = site.browser()
    browser.sign_in("li.na")
    browser.get("/password?token=verysecret")
    browser.get("/links/verysecret")
    browser.get("/%0AGET%20/forged%20200%20li.na")
    browser.get("/healthz", headers={"host": "elsewhere"})
    lines = [record.getMessage() for record in caplog.records if record.name == "web.access"]
    assert lines[:3] == ["GET /password 303 -", "POST /sign-in 303 -", "GET /password 200 li.na"]
    assert lines[3].startswith("GET /links/… ")
    assert lines[4].startswith("GET /%0AGET%20/forged%20200%20li.na ")
    assert lines[5] == "GET /healthz 200 -"
    assert "verysecret" not in caplog.text
    assert PASSWORD not in caplog.text
    assert browser.cookies["aftersales-session"] not in caplog.text


def test_a_sign_in_and_its_end_stand_in_the_audit_trail(site: Site) -> None:
    browser = site.signed_in("li.na")
    browser.submit("/sign-out")
    (began,), (ended,) = audited("signed_in"), audited("signed_out")
    assert (began.actor, began.detail) == ("li.na", {"how": "password", "address": "192.0.2.7"})
    assert (ended.actor, ended.subject) == ("li.na", "li.na")
