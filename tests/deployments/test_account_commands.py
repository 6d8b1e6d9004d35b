"""`aftersales password`: typed, piped in, or made up; never shown but once. A demo's people get one and the same."""

import os
import pty
import re
import sys
from io import BytesIO, TextIOWrapper

import pytest
from accounts import PASSWORD, audited
from command_line import CommandLine
from people import opened, play
from sqlalchemy import Engine

from deployments.demo import let_people_in
from models.errors import NotAllowed
from tasks.signing_in import sign_in, signed_in

HERE = "192.0.2.7"


@pytest.fixture
def aftersales(company: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(capsys, monkeypatch)


def pipe_in(aftersales: CommandLine, content: bytes) -> None:
    aftersales.monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))


def must_change(login: str, password: str) -> bool:
    view = signed_in(sign_in(login, password, HERE))
    assert view is not None
    return view.must_change


def test_a_password_that_is_made_up_is_printed_once_and_must_be_changed(aftersales: CommandLine) -> None:
    printed = aftersales("password", "li.na", "--random")
    (made,) = re.findall(r"[a-z0-9]{5}(?:-[a-z0-9]{5}){3}", printed)
    assert must_change("li.na", made)
    assert [(one.actor, one.subject, one.detail) for one in audited("password_set")] == [
        ("operator", "li.na", {"must_change": True})
    ]


def test_a_password_that_is_made_up_stands_in_the_json_document(aftersales: CommandLine) -> None:
    told = aftersales.json("password", "li.na", "--random", "--lasting")
    assert told == {"login": "li.na", "must_change": False, "password": told["password"]}
    assert not must_change("li.na", told["password"])


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\nwhat comes after it\n"])
def test_a_password_that_is_piped_in_is_the_first_line(aftersales: CommandLine, ending: bytes) -> None:
    pipe_in(aftersales, PASSWORD.encode() + ending)
    printed = aftersales("password", "li.na")
    assert PASSWORD not in printed
    assert must_change("li.na", PASSWORD)


def test_the_json_document_does_not_repeat_a_password_that_was_piped_in(aftersales: CommandLine) -> None:
    pipe_in(aftersales, PASSWORD.encode())
    assert aftersales.json("password", "li.na") == {"login": "li.na", "must_change": True}


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"password123", b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe"])
def test_a_password_that_cannot_be_taken_is_refused(aftersales: CommandLine, content: bytes) -> None:
    pipe_in(aftersales, content)
    told = aftersales.error("password", "li.na", status=2)
    assert set(told["fields"]) == {"password"}
    assert audited("password_set") == []


def test_a_login_that_nobody_has_is_refused(aftersales: CommandLine) -> None:
    aftersales("password", "nobody.here", "--random", status=4)


def test_a_new_password_ends_sessions_and_opens_a_login_that_was_braked(aftersales: CommandLine) -> None:
    pipe_in(aftersales, PASSWORD.encode())
    aftersales("password", "li.na", "--lasting")
    token = sign_in("li.na", PASSWORD, HERE)
    for _try in range(6):
        with pytest.raises(NotAllowed):
            sign_in("li.na", "not the password at all", HERE)
    pipe_in(aftersales, b"another five words here")
    aftersales("password", "li.na", "--lasting")
    assert signed_in(token) is None
    assert not must_change("li.na", "another five words here")


def test_a_demo_tells_how_its_people_sign_in_and_for_whom_something_waits(aftersales: CommandLine) -> None:
    play(opened(), until="site-finding")
    aftersales.capsys.readouterr()
    let_people_in("http://127.0.0.1:4200")
    printed = aftersales.capsys.readouterr().out
    (made,) = re.findall(r"[a-z0-9]{5}(?:-[a-z0-9]{5}){3}", printed)
    assert "http://127.0.0.1:4200/inbox" in printed
    listed = {login: int(waiting) for login, waiting in re.findall(r"│ ([a-z]+\.[a-z]+) .*│ +(\d+) +│", printed)}
    # The clerk and the head of technology have answered; the technician whom he named is asked.
    assert listed == {"li.na": 0, "sun.wei": 0, "liu.yang": 1}
    # Who has no part in the story may look around, too.
    assert [login for login in (*listed, "zheng.yu", "grace.shen") if must_change(login, made)] == []


@pytest.mark.parametrize(("second", "status"), [(PASSWORD, 0), ("something else here", 2)])
def test_at_a_terminal_a_password_is_asked_twice_and_not_shown(company: Engine, second: str, status: int) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["AFTERSALES_LANGUAGE"] = "en"
        os.execv(sys.executable, [sys.executable, "-c", COMMAND])  # noqa: S606
    shown = b""
    for prompt, typed in ((b"New password: ", PASSWORD), (b"Once more: ", second)):
        shown += read_until(terminal, prompt)
        os.write(terminal, typed.encode() + b"\n")
    shown += read_until(terminal, b"no such end")
    _pid, ended = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(ended) == status, shown
    assert PASSWORD.encode() not in shown
    if status:
        assert b"not the same password" in shown
        assert audited("password_set") == []
    else:
        assert must_change("li.na", PASSWORD)


COMMAND = "from deployments.cli import main; main(['password', 'li.na'])"


def read_until(terminal: int, end: bytes) -> bytes:
    """What the terminal shows up to an end, or until the program has ended."""
    shown = b""
    while not shown.endswith(end):
        try:
            part = os.read(terminal, 1024)
        except OSError:
            break
        if not part:
            break
        shown += part
    return shown
