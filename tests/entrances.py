"""The real entrances to the one door, as people use them: what lies open before they press, and what they hear then."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
import yaml
from browsing import Browser, Site, words
from command_line import written
from conftest import POLICY
from door import Try
from gateways import StandIn
from html_pages import PageForm, fields_of, forms_of, reader
from links import text_of, tokens_in

from deployments.catcher import MailCatcher
from deployments.cli import run as run_command
from models.errors import NotFound
from models.queries import cases
from models.roles import Role
from models.tables.questions import Channel
from tasks.database import transaction
from tasks.post import deliver
from tasks.settings import settings


@dataclass(frozen=True)
class Came:
    """What came of a press: as its protocol says it, and in words."""

    answer: str
    said: str = ""


@dataclass
class Company:
    """What the entrances share: browsers with sessions, Prefect's place, mail, a terminal."""

    site: Site
    prefect: StandIn
    mailbox: MailCatcher
    capsys: pytest.CaptureFixture[str]
    folder: Path
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser_of(self, login: str) -> Browser:
        """The browser in which somebody is signed in; nobody is, where there is no such person."""
        browser = self.browsers.get(login)
        if browser is None or not browser.csrf():
            try:
                browser = reader(self.site, login)
            except NotFound:
                browser = self.browser()
            self.browsers[login] = browser
        return browser

    @contextmanager
    def mail_goes_out(self) -> Iterator[None]:
        """Else it stays queued: only links need it."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("AFTERSALES_SMTP_HOST", "127.0.0.1")
            settings.cache_clear()
            yield
        settings.cache_clear()

    def browser(self) -> Browser:
        """One in which nobody is signed in, and English was chosen."""
        browser = self.site.browser()
        browser.cookies.set("aftersales-language", "en")
        return browser


#: Whom the sample company's policy lets answer in Prefect.
MANAGERS = yaml.safe_load(POLICY.read_text("utf-8"))["access"]["managers"]


class Entrance(ABC):
    """A way in: what somebody opens there, and what comes of pressing."""

    channel: ClassVar[Channel]
    #: The route or command that leads to the one door.
    route: ClassVar[str]
    #: What the policy in force says on access while it is tried.
    policy: ClassVar[dict[str, Any]] = {"managers": MANAGERS, "links": "login"}

    def __init__(self, company: Company) -> None:
        self.company = company

    @abstractmethod
    def open(self, attempt: Try) -> bool | None:
        """Opens what there is to open; whether it offers to answer, None where nothing is shown."""

    @abstractmethod
    def press(self) -> Came:
        """Sends the answer, with whatever lay open."""


class InPrefect(Entrance):
    """Submit in Prefect's UI. It shows the form of a run to all its readers; here the policy lets everybody in."""

    channel: ClassVar[Channel] = Channel.PREFECT
    route: ClassVar[str] = "POST /api/flow_runs/{id}/resume"
    policy: ClassVar[dict[str, Any]] = {**Entrance.policy, "managers": list(Role)}

    def open(self, attempt: Try) -> None:
        number, key, round_ = attempt.ref.split(":")
        self.run_id, self.answer = uuid4(), {f"{key}-{round_}": attempt.answer}
        with transaction() as session:
            cases.by_number(session, number).flow_run_id = self.run_id
        self.browser = self.company.browser_of(attempt.login)

    def press(self) -> Came:
        path, sent = f"/api/flow_runs/{self.run_id}/resume", {"run_input": self.answer}
        heard = len(self.company.prefect.heard)
        response = self.browser.post(path, json=sent, headers={"origin": self.browser.public})
        passed_on = [one.target for one in self.company.prefect.heard[heard:] if one.target.endswith("/resume")]
        assert passed_on == [], "no answer reaches Prefect around the door"
        told = response.json()
        if response.status_code not in {200, 201}:
            return Came(str(response.status_code), told["detail"])
        return Came(f"{response.status_code} {told['status']}", told["details"].get("reason", ""))


class OnTheCommandLine(Entrance):
    """`aftersales decide`."""

    channel: ClassVar[Channel] = Channel.COMMAND_LINE
    route: ClassVar[str] = "aftersales decide"

    def open(self, attempt: Try) -> None:
        file = written(self.company.folder, attempt.answer)
        self.arguments = ["decide", attempt.ref, str(file), "--as", attempt.login, "--json"]

    def press(self) -> Came:
        self.company.capsys.readouterr()
        status = run_command(self.arguments)
        printed, errors = self.company.capsys.readouterr()
        assert bool(printed) != bool(errors)
        told = json.loads(errors or printed)
        return Came(f"{status} {told['error']}", told["message"]) if status else Came("0")


class InTheInbox(Entrance):
    """The page of a question, in a browser with a session."""

    channel: ClassVar[Channel] = Channel.INBOX
    route: ClassVar[str] = "POST /tasks/{ref}"

    def open(self, attempt: Try) -> bool:
        self.path, self.browser = f"/tasks/{attempt.ref}", self.company.browser_of(attempt.login)
        form = form_on(self.browser.get(self.path), self.path)
        self.sent = fields_of(form.sends()) if form else {"csrf": self.browser.csrf()}
        self.sent |= typed(attempt.answer)
        return form is not None

    def press(self) -> Came:
        return came(self.browser.post(self.path, data=self.sent, headers={"origin": self.browser.public}))


class ByALink(Entrance):
    """The link of a mail, up to the button that decides; whoever has none tries that of a colleague, signed in."""

    channel: ClassVar[Channel] = Channel.MAIL_LINK
    route: ClassVar[str] = "POST /links/{token}"
    policy: ClassVar[dict[str, Any]] = {**Entrance.policy, "links": "decide"}

    def open(self, attempt: Try) -> bool:
        with transaction() as session:
            case_id = cases.by_number(session, attempt.ref.partition(":")[0]).id
        with self.company.mail_goes_out():
            deliver(case_id=case_id)
        to, token = self.link_of(attempt)
        is_theirs, self.path = to == attempt.login, f"/links/{token}" if token else ""
        must_sign_in = self.policy["links"] == "login" or not is_theirs
        self.browser = self.company.browser_of(attempt.login) if must_sign_in else self.company.browser()
        self.sent = {"csrf": self.browser.csrf(), "step": "decide"} | typed(attempt.answer)
        form = form_on(self.browser.get(self.path), self.path) if self.path else None
        if form:
            shown_again = self.send(fields_of(form.sends()) | typed(Try("", "").answer))
            confirmation = form_on(shown_again, self.path)
            assert confirmation is not None
            hidden = fields_of(confirmation.sends("decide"))
            self.sent = {name: hidden[name] for name in ("csrf", "step")} | typed(attempt.answer)
        return form is not None

    def press(self) -> Came:
        return came(self.send(self.sent)) if self.path else Came("no link")

    def send(self, sent: dict[str, Any]) -> httpx.Response:
        response: httpx.Response = self.browser.post(self.path, data=sent, headers={"origin": self.browser.public})
        return response

    def link_of(self, attempt: Try) -> tuple[str, str]:
        """To whom it went, and what opens it: one of their own if there is one, else somebody else's."""
        about = [one for one in self.company.mailbox.messages() if f"/tasks/{attempt.ref}" in text_of(one)]
        found = [(str(one["To"].addresses[0].username), token) for one in about for token in tokens_in(one)]
        return next((one for one in found if one[0] == attempt.login), found[0] if found else ("", ""))


class ByALinkAfterSigningIn(ByALink):
    """The same where the policy asks whoever follows a link to sign in."""

    policy: ClassVar[dict[str, Any]] = {**Entrance.policy, "links": "login"}


def form_on(page: httpx.Response, path: str) -> PageForm | None:
    """The form of a page that sends an answer, if it has one."""
    found = [one for one in forms_of(page.text) if one.action.partition("#")[0] == path]
    return found[0] if page.status_code == 200 and found else None


def typed(answer: Any) -> dict[str, str]:
    """An answer as a page sends it; what is no set of fields cannot be typed."""
    return {f"answer.{name}": value for name, value in answer.items()} if isinstance(answer, dict) else {}


def came(response: httpx.Response) -> Came:
    """What a page came to: its status, where it leads, its words."""
    to = response.headers.get("location", "").partition("?")[0].rpartition("/")[2]
    return Came(f"{response.status_code} {to}".strip(), words(response))
