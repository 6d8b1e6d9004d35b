"""`python -m web` as it runs: large bodies, slow requests, its settings, its log."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import httpx
import psutil
import pytest
from accounts import audited, give_password
from browsing import PUBLIC, Site, words
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn import Config, Server
from websockets.sync.client import connect

from models.errors import InvalidInput
from web.patience import patient
from web.settings import web_settings

MIB = 1024 * 1024
HEAD_SECONDS, BODY_SECONDS = 1.0, 3.0
#: What a busy machine may take longer.
LATER = 8.0


class Serving:
    """The process, its address, and what it wrote."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = folder / "web.log"
        told = {
            "AFTERSALES_WEB_PORT": str(self.port),
            "AFTERSALES_UI_URL": self.url,
            "AFTERSALES_WEB_HEAD_SECONDS": str(HEAD_SECONDS),
            "AFTERSALES_WEB_BODY_SECONDS": str(BODY_SECONDS),
            "AFTERSALES_LANGUAGE": "en",
        }
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web"], env={**os.environ, **told, **settings}, stdout=log, stderr=log
            )
        give_up_at = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < give_up_at, self.log
            time.sleep(0.1)

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).text == "ok"
        except httpx.HTTPError:
            return False

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def memory(self) -> int:
        """Bytes that the process holds."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


@pytest.fixture
def serve(company: Engine, tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    started: list[Serving] = []

    def serve(**settings: str) -> Serving:
        started.append(Serving(tmp_path, **settings))
        return started[-1]

    yield serve
    for one in started:
        one.process.terminate()
        assert one.process.wait(30) in {0, -15}


def seconds_until_closed(opened: socket.socket, drip: bytes = b"", every: float = 0.2) -> tuple[float, bytes]:
    """How long a connection stays while `drip` is sent again and again, and what came back."""
    began, answer = time.monotonic(), b""
    opened.settimeout(every)
    while time.monotonic() - began < 60:
        try:
            if drip:
                opened.sendall(drip)
            part = opened.recv(65_536)
            if not part:
                break
            answer += part
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began, answer


def until(opened: socket.socket, end: bytes) -> bytes:
    """What comes back, up to its end."""
    answer = b""
    while end not in answer and (part := opened.recv(65_536)):
        answer += part
    return answer


def test_slow_requests_give_their_connection_back_and_others_are_served_meanwhile(
    serve: Callable[..., Serving],
) -> None:
    serving = serve()
    head = b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1:%d\r\norigin: %s\r\n" % (serving.port, serving.url.encode())
    form = b"content-type: application/x-www-form-urlencoded\r\n"
    silent = [serving.connect() for _time in range(100)]
    assert serving.answers()
    # A head that comes letter by letter, from the first connection of many that say nothing at all.
    silent[0].sendall(head)
    took, answer = seconds_until_closed(silent[0], b"x")
    assert HEAD_SECONDS * 0.5 < took < HEAD_SECONDS + LATER
    assert answer.startswith(b"HTTP/1.1 408 ")
    for one in silent[1:]:
        _took, answer = seconds_until_closed(one)
        assert answer.startswith(b"HTTP/1.1 408 ")
    # A body that comes letter by letter, of a known length and in chunks.
    for body, drip in (
        (b"content-length: 1000\r\n\r\nlogin=", b"x"),
        (b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ):
        with serving.connect() as slow:
            slow.sendall(head + form + body)
            took, answer = seconds_until_closed(slow, drip)
        assert BODY_SECONDS * 0.5 < took < BODY_SECONDS + LATER
        assert answer.startswith(b"HTTP/1.1 408 ")
    # A second request on a connection has no more time than the first.
    with serving.connect() as second:
        second.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert until(second, b"\r\n\r\nok").startswith(b"HTTP/1.1 200 ")
        second.sendall(b"GET /healthz HTTP/1.1\r\n")
        took, answer = seconds_until_closed(second, b"x")
        assert HEAD_SECONDS * 0.5 < took < HEAD_SECONDS + LATER
        assert answer.startswith(b"HTTP/1.1 408 ")
    assert serving.answers()
    assert "Traceback" not in serving.log


def test_a_socket_that_stands_is_no_slow_request() -> None:
    async def echo(opened: WebSocket) -> None:
        await opened.accept()
        await opened.send_text(await opened.receive_text())
        await opened.close()

    app = Starlette(routes=[WebSocketRoute("/echo", echo)])
    server = Server(Config(app, host="127.0.0.1", port=0, http=patient(0.3, 0.3), log_config=None))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with connect(f"ws://127.0.0.1:{port}/echo") as opened:
        time.sleep(1)
        opened.send("still here")
        assert opened.recv() == "still here"
    server.should_exit = True
    thread.join()


def test_fifty_megabytes_are_refused_and_never_held(serve: Callable[..., Serving]) -> None:
    serving = serve(AFTERSALES_WEB_BODY_SECONDS="60")
    headers = {"origin": serving.url, "content-type": "multipart/form-data; boundary=x"}
    before = serving.memory()

    def streamed() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        for _part in range(50):
            yield b"\xff" * MIB

    for body in (b"\xff" * (50 * MIB), streamed()):
        try:
            answer = httpx.post(f"{serving.url}/sign-in", content=body, headers=headers, timeout=60)
            assert answer.status_code == 413
        except httpx.TransportError:
            # The connection may end before all of it was sent.
            pass
    assert serving.answers()
    assert serving.memory() - before < 40 * MIB
    assert "Traceback" not in serving.log


def test_too_large_a_body_is_said_in_a_sentence(site: Site) -> None:
    """However it comes: as a form, in chunks, or where nobody reads it."""
    browser = site.signed_in("tom.baker")
    csrf, photo = browser.csrf(), b"\xff" * (13 * MIB)
    answer = browser.post("/sign-out", data={"csrf": csrf}, files={"photo": photo}, headers={"origin": PUBLIC})
    assert answer.status_code == 413
    assert "at most 12 MB" in words(answer)
    answer = browser.post(
        "/sign-out",
        content=(b"x" * MIB for _part in range(13)),
        headers={"origin": PUBLIC, "content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert "at most 12 MB" in words(answer)
    assert "at most 12 MB" in words(browser.request("GET", "/password", content=photo))
    assert browser.get("/password").status_code == 200


def test_what_is_as_large_as_a_photograph_is_taken(site: Site) -> None:
    browser = site.signed_in("tom.baker")
    photo = b"\xff" * (10 * MIB)
    answer = browser.post(
        "/sign-out", data={"csrf": browser.csrf()}, files={"photo": photo}, headers={"origin": PUBLIC}
    )
    assert answer.status_code == 303


def test_a_form_of_thousands_of_fields_is_refused(site: Site) -> None:
    browser = site.browser()
    fields = {f"field{number}": "x" for number in range(5000)}
    assert browser.post("/sign-in", data=fields, headers={"origin": PUBLIC}).status_code == 400
    broken = {"origin": PUBLIC, "content-type": "multipart/form-data"}
    assert browser.post("/sign-in", content=b"--x", headers=broken).status_code == 400


def test_the_process_believes_no_proxy_that_is_not_named(serve: Callable[..., Serving]) -> None:
    give_password("tom.baker")
    serving = serve()
    forged = {"x-forwarded-for": "198.51.100.9", "x-forwarded-proto": "https", "origin": serving.url}
    fields = {"login": "tom.baker", "password": "tarpaulin over seven crates"}
    assert httpx.post(f"{serving.url}/sign-in", data=fields, headers=forged).status_code == 303
    answer = httpx.get(f"{serving.url}/sign-in")
    assert "server" not in answer.headers
    with serving.connect() as large:
        large.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 100_000)
        assert until(large, b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    lines = [line for line in serving.log.splitlines() if "web.access" in line]
    assert re.fullmatch(r"[-\d]+ [\d:,]+ INFO web.access POST /sign-in 303 -", lines[-2])
    assert lines[-1].endswith("GET /sign-in 200 -")
    assert addresses() == ["127.0.0.1"]


def test_a_proxy_that_is_named_is_believed(serve: Callable[..., Serving]) -> None:
    give_password("tom.baker")
    serving = serve(AFTERSALES_TRUSTED_PROXY="127.0.0.1")
    fields = {"login": "tom.baker", "password": "tarpaulin over seven crates"}
    headers = {"x-forwarded-for": "198.51.100.9", "origin": serving.url}
    assert httpx.post(f"{serving.url}/sign-in", data=fields, headers=headers).status_code == 303
    assert addresses() == ["198.51.100.9"]


def addresses() -> list[str]:
    """From where people signed in, as the audit trail has it."""
    return [entry.detail["address"] for entry in audited("signed_in")]


WRONG_SETTINGS = [
    ({"AFTERSALES_UI_URL": "after-sales.example"}, "AFTERSALES_UI_URL"),
    ({"AFTERSALES_UI_URL": "https://after-sales.example/here"}, "AFTERSALES_UI_URL"),
    ({"AFTERSALES_UI_URL": "https://user@after-sales.example"}, "AFTERSALES_UI_URL"),
    ({"AFTERSALES_UI_URL": "https://after-sales.example:port"}, "AFTERSALES_UI_URL"),
    ({"AFTERSALES_WEB_PORT": "0"}, "AFTERSALES_WEB_PORT"),
    ({"AFTERSALES_WEB_BODY_SECONDS": "0"}, "AFTERSALES_WEB_BODY_SECONDS"),
    ({"AFTERSALES_PASSWORDS": "off"}, "AFTERSALES_PASSWORDS"),
    ({"AFTERSALES_OIDC_ISSUER": "http://login.example"}, "AFTERSALES_OIDC_ISSUER"),
    ({"AFTERSALES_OIDC_ISSUER": "https://login.example"}, "AFTERSALES_OIDC_CLIENT_ID"),
    (
        {"AFTERSALES_OIDC_ISSUER": "https://login.example", "AFTERSALES_OIDC_CLIENT_ID": "x"},
        "AFTERSALES_OIDC_CLIENT_SECRET",
    ),
]


@pytest.mark.parametrize(("told", "named"), WRONG_SETTINGS)
def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch, told: dict[str, str], named: str) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as refused:
        web_settings()
    assert named in refused.value.fields


def test_the_process_says_which_setting_is_wrong() -> None:
    told = {"AFTERSALES_PASSWORDS": "off", "AFTERSALES_LANGUAGE": "en"}
    ended = subprocess.run(
        [sys.executable, "-m", "web"], env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "AFTERSALES_PASSWORDS" in ended.stderr
    assert "Traceback" not in ended.stderr
