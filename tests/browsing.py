"""A browser as far as our pages need one: it keeps cookies, says where its forms come from, carries their `csrf`."""

import re
from contextlib import ExitStack
from html import unescape
from typing import Any

import httpx
from accounts import PASSWORD, give_password
from starlette.applications import Starlette
from starlette.testclient import TestClient

from web.app import create_app

PUBLIC = "http://testserver"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Browser(TestClient):
    """`sign_in("li.na")`, `get(path)`, `submit(path, field=…)`; redirects are shown, not followed."""

    def __init__(self, app: Starlette, *, public: str = PUBLIC, address: str = "192.0.2.7", **more: Any) -> None:
        super().__init__(app, base_url=public, client=(address, 50_000), follow_redirects=False, **more)
        self.public = public

    def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Sends the form of the sign-in page."""
        return self.submit("/sign-in", login=login, password=password, **fields)

    def submit(self, path: str, /, **fields: Any) -> httpx.Response:
        """Sends a form of ours as a browser does, with the `csrf` that the pages of this session carry."""
        return self.post(path, data={"csrf": self.csrf(), **fields}, headers={"origin": self.public})

    def csrf(self) -> str:
        """What the hidden field of our forms holds; every page of somebody who is signed in has one."""
        found = _CSRF.search(self.get("/password").text)
        return found[1] if found else ""

    def text(self, path: str) -> str:
        """The words of a page, without its markup."""
        return words(self.get(path))


def words(response: httpx.Response) -> str:
    """The words of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


class Site:
    """`browser()` is a new one, `signed_in("li.na")` one in which somebody has signed in."""

    def __init__(self, stack: ExitStack, public: str = PUBLIC) -> None:
        self.stack = stack
        self.public = public
        self.app = create_app()

    def browser(self, **more: Any) -> Browser:
        return self.stack.enter_context(Browser(self.app, public=self.public, **more))

    def signed_in(self, login: str) -> Browser:
        give_password(login)
        browser = self.browser()
        assert browser.sign_in(login).status_code == 303
        return browser
