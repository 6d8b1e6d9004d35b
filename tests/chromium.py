"""People before a real browser: Debian's Chromium. What they see is kept as pictures in build/screenshots."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from accounts import PASSWORD
from playwright.sync_api import APIResponse, Browser, ConsoleMessage, Response, sync_playwright

PICTURES = Path(__file__).parent.parent / "build" / "screenshots"
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE_WIDTH = 390
#: Whoever decides on a phone needs no script.
PHONE: dict[str, Any] = {
    "viewport": {"width": PHONE_WIDTH, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "java_script_enabled": False,
}
PATIENCE_MILLISECONDS = 90_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window; where there is none, the test fails and says what to install."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("There is no Chromium here. Install it: apt-get install chromium fonts-noto-cjk", pytrace=False)
    # Chromium's sandbox refuses root, whom CI runs as.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


class Seat:
    """Somebody before a browser of their own, at a desk or with a phone.

    Whatever the browser complains about, and whoever it hears from, is kept: `complaints`, `heard_from`.
    """

    def __init__(self, browser: Browser, address: str, device: dict[str, Any], *, locale: str = "zh-CN") -> None:
        self.address = address
        self.context = browser.new_context(base_url=address, locale=locale, timezone_id="Asia/Shanghai", **device)
        self.context.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.heard_from: set[str] = set()
        self.page.on("console", self._note)
        self.page.on("response", self._note_answer)

    def sign_in(self, login: str, to: str = "/inbox") -> None:
        """Fills in the sign-in page, which leads on to the path `to`."""
        self.page.goto(f"/sign-in?to={to}")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def open_question(self, number: str) -> None:
        """Comes from the inbox to the first question of a case."""
        self.page.goto("/inbox")
        self.page.locator(f'main h2 a[href*="{number}"]').first.click()
        self.page.wait_for_url("**/tasks/**")

    def answer(self, **fields: str) -> None:
        """Fills in the form of a question: radio buttons and inputs by the names of fields."""
        for name, value in fields.items():
            field = self.page.locator(f'main [name="answer.{name}"]')
            if field.first.get_attribute("type") == "radio":
                self.page.check(f'main [name="answer.{name}"][value="{value}"]')
            else:
                field.fill(value)

    def send(self) -> None:
        """Presses the button below the form, and comes to the page that says so."""
        self.page.click("main button.wide")
        self.page.wait_for_url(lambda url: "/done" in url)

    def picture(self, name: str, *, whole: bool = True) -> None:
        """Keeps what is to be seen, by default to the end of the page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole, scale="css")

    def unfold(self) -> None:
        """Opens everything on the page that is folded."""
        folded = self.page.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth")
        viewport = self.page.viewport_size
        assert viewport is not None
        return width > viewport["width"]

    def get(self, path: str) -> APIResponse:
        """What an address that is typed in answers, with this browser's cookies; redirects are not followed."""
        return self.context.request.get(path, headers={"accept": "text/html,*/*"}, max_redirects=0)

    def post(self, path: str, **sent: Any) -> APIResponse:
        """The answer to what says that it comes from a page of ours, with this browser's cookies."""
        return self.context.request.post(path, headers={"origin": self.address}, max_redirects=0, **sent)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _note_answer(self, response: Response) -> None:
        if response.url.startswith("http"):
            self.heard_from.add("/".join(response.url.split("/")[:3]))


#: `seat(PHONE)`, or `seat(DESK, locale="en-US")`.
Seats = Callable[..., Seat]


@contextmanager
def seats(browser: Browser, address: str) -> Iterator[Seats]:
    """People's browsers, closed at the end: pages of Prefect that nobody looks at would go on asking and drawing."""
    taken: list[Seat] = []

    def take(device: dict[str, Any], **more: Any) -> Seat:
        taken.append(Seat(browser, address, device, **more))
        return taken[-1]

    yield take
    for one in taken:
        one.context.close()
