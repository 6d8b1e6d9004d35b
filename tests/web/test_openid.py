"""Signing in at a provider (OpenID Connect), with a real one on this machine."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from accounts import audited, give_password
from browsing import PUBLIC, Browser, Site, words
from joserfc.jwk import RSAKey
from openid_provider import CLIENT, SECRET, Provider, running_provider
from sqlalchemy import select

from models.queries import people
from models.tables.accounts import SignedIn
from tasks.database import transaction

START = "/sign-in/openid"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with running_provider() as found:
        monkeypatch.setenv("AFTERSALES_OIDC_ISSUER", found.issuer)
        monkeypatch.setenv("AFTERSALES_OIDC_CLIENT_ID", CLIENT)
        monkeypatch.setenv("AFTERSALES_OIDC_CLIENT_SECRET", SECRET)
        yield found


@pytest.fixture
def ours(provider: Provider, site: Site) -> Iterator[Site]:
    """The application that knows the provider."""
    with ExitStack() as stack:
        yield Site(stack)


def way_back(browser: Browser, path: str = START) -> str:
    """Goes to the provider, as a browser does; the path with which it sends the browser back to us."""
    to_provider = browser.get(path)
    assert to_provider.status_code == 302
    back = httpx.get(to_provider.headers["location"]).headers["location"]
    assert back.startswith(f"{PUBLIC}{START}/back?")
    return back.removeprefix(PUBLIC)


def is_let_in(browser: Browser) -> bool:
    return browser.get("/password").status_code == 200


def sessions() -> int:
    with transaction() as session:
        return len(session.scalars(select(SignedIn)).all())


def test_the_sign_in_page_offers_the_provider_beside_the_password(ours: Site) -> None:
    page = ours.browser().get("/sign-in?to=/delegations").text
    assert 'href="/sign-in/openid?to=/delegations"' in page
    assert 'name="password"' in page


def test_whom_the_provider_names_is_signed_in_and_led_on(ours: Site, provider: Provider) -> None:
    browser = ours.browser()
    answer = browser.get(way_back(browser, f"{START}?to=/delegations"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/delegations")
    assert "Tom Baker" in browser.text("/password")
    assert [entry.detail["how"] for entry in audited("signed_in")] == ["openid"]


def test_the_session_is_the_same_as_by_password(ours: Site) -> None:
    browser = ours.browser()
    cookies = browser.get(way_back(browser)).headers.get_list("set-cookie")
    kept = next(one for one in cookies if one.startswith("aftersales-session="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(kept.split("; "))
    copy = ours.browser(cookies={"aftersales-session": browser.cookies["aftersales-session"]})
    assert is_let_in(copy)
    assert browser.submit("/sign-out").status_code == 303
    assert not is_let_in(copy)
    with transaction() as session:
        people.person(session, "tom.baker").active = False
    assert not is_let_in(browser)


def test_what_is_asked_of_the_provider_is_bound_to_this_browser(ours: Site) -> None:
    asked = [parse_qs(urlsplit(ours.browser().get(START).headers["location"]).query) for _time in range(2)]
    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [f"{PUBLIC}/sign-in/openid/back"]
        assert SECRET not in str(one)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 20


def test_an_answer_that_another_browser_asked_for_opens_nothing(ours: Site, provider: Provider) -> None:
    """Else somebody could be led into an account that the thief reads."""
    back = way_back(ours.browser())
    other = ours.browser()
    assert other.get(back).status_code == 403
    other.get(START)
    assert other.get(back).status_code == 403
    assert sessions() == provider.tokens_given == 0


def test_an_answer_is_taken_once(ours: Site) -> None:
    browser = ours.browser()
    back = way_back(browser)
    assert browser.get(back).status_code == 303
    browser.cookies.delete("aftersales-session")
    assert browser.get(back).status_code == 403
    assert sessions() == 1


def test_a_cookie_of_the_way_that_somebody_wrote_himself_is_not_read(ours: Site) -> None:
    browser = ours.browser()
    back = way_back(browser)
    name = "aftersales-openid"
    forged = browser.cookies[name].rpartition(".")[0] + ".forged"
    assert ours.browser(cookies={name: forged}).get(back).status_code == 403


def test_a_login_that_no_active_person_has_opens_nothing(ours: Site, provider: Provider) -> None:
    for login in ("nobody.here", "", "TOM.BAKER", "tom.baker\x00", None, 7, ["tom.baker"], "x" * 200):
        provider.claims = {"preferred_username": login}
        browser = ours.browser()
        assert browser.get(way_back(browser)).status_code == 403, login
    assert sessions() == 0


def test_who_is_inactive_is_told_that_the_login_is_nobodys(ours: Site) -> None:
    with transaction() as session:
        people.person(session, "tom.baker").active = False
    browser = ours.browser()
    answer = browser.get(way_back(browser))
    assert answer.status_code == 403
    assert "no active person has this login here" in words(answer)
    assert sessions() == 0


NOT_SAID_TO_US_NOW: list[dict[str, object]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"iss": "http://evil.example"},
    {"iss": None},
    {"aud": "another-client"},
    {"aud": "another-client", "azp": CLIENT},
    {"aud": ["another-client", "a-third"], "azp": CLIENT},
    {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    {"aud": None},
    {"exp": 1},
    {"exp": None},
    {"iat": 4_000_000_000},
    {"sub": None},
]


def test_a_token_that_was_not_said_to_us_now_opens_nothing(ours: Site, provider: Provider) -> None:
    for number, claims in enumerate(NOT_SAID_TO_US_NOW, 1):
        provider.claims = claims
        browser = ours.browser()
        answer = browser.get(way_back(browser))
        assert answer.status_code == 403, claims
        assert "did not confirm who you are" in words(answer)
        assert provider.tokens_given == number
    assert sessions() == 0


def test_a_token_that_somebody_else_signed_opens_nothing(ours: Site, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    browser = ours.browser()
    assert browser.get(way_back(browser)).status_code == 403
    assert sessions() == 0


def test_keys_that_the_provider_changed_are_asked_for_again(ours: Site, provider: Provider) -> None:
    first = ours.browser()
    assert first.get(way_back(first)).status_code == 303
    provider.key = provider.signing_key = RSAKey.generate_key(2048, {"kid": "two"})
    browser = ours.browser()
    assert browser.get(way_back(browser)).status_code == 303


def test_an_answer_that_was_changed_on_its_way_opens_nothing(ours: Site) -> None:
    changes = (("code=the-code", "code=another"), ("iss=http", "iss=https"), ("state=", "state=x"), ("code=", "error="))
    for before, after in changes:
        browser = ours.browser()
        back = way_back(browser)
        assert browser.get(back.replace(before, after)).status_code == 403, after
    assert sessions() == 0


def test_coming_back_leads_nowhere_else(ours: Site) -> None:
    browser = ours.browser()
    back = way_back(browser, f"{START}?to=https://evil.example")
    assert browser.get(back).headers["location"] == "/inbox"


def test_without_passwords_the_provider_is_the_only_way(
    ours: Site, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    give_password("tom.baker", must_change=True)
    monkeypatch.setenv("AFTERSALES_PASSWORDS", "off")
    with ExitStack() as stack:
        only = Site(stack)
        browser = only.browser()
        page = browser.get("/sign-in")
        assert 'name="password"' not in page.text
        assert START in page.text
        answer = browser.sign_in("tom.baker")
        assert answer.status_code == 403
        assert "nobody signs in by password" in words(answer)
        assert browser.get(way_back(browser)).status_code == 303
        # A password that nobody can use needs no change.
        assert browser.get("/inbox").status_code == 200


def test_a_provider_that_does_not_answer_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_OIDC_ISSUER", "http://127.0.0.1:9")
    monkeypatch.setenv("AFTERSALES_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AFTERSALES_OIDC_CLIENT_SECRET", SECRET)
    with ExitStack() as stack:
        answer = Site(stack).browser().get(START)
    assert answer.status_code == 503
    assert "does not answer" in words(answer)


def test_where_no_provider_is_set_there_is_no_way_to_one(site: Site) -> None:
    browser = site.browser()
    assert not re.search(START, browser.get("/sign-in").text)
    assert browser.get(START).headers["location"].startswith("/sign-in?to=")
