"""The processes of a running system: Prefect's server and worker, started, watched and stopped by us."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from models.errors import Unavailable
from models.language import N_

_STOP_SECONDS = 15
_RESTART_AFTER_SECONDS = 5.0


@dataclass
class Part:
    """A process of ours with its log; everything it started is stopped with it."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Starts the process in a session of its own, so that a Ctrl-C at the terminal reaches only us."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started = time.monotonic()

    @property
    def has_ended(self) -> bool:
        """Whether the process ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def restart_if_ended(self) -> bool:
        """Starts it again if it ended, not more often than every few seconds; whether it did."""
        if not self.has_ended or time.monotonic() - self._started < _RESTART_AFTER_SECONDS:
            return False
        self.start()
        return True

    def stop(self) -> None:
        """Stops the process and all that it started: asked first, forced after a while."""
        if self.process is None or self.process.poll() is not None:
            return
        family = _family(self.process.pid)
        for one in family:
            _quietly(one.terminate)
        _gone, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
        for one in alive:
            _quietly(one.kill)
        self.process.wait()


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _quietly(act: Callable[[], object]) -> None:
    try:
        act()
    except psutil.NoSuchProcess:
        return


def wait_until(what: str, ready: Callable[[], bool], part: Part, seconds: float) -> None:
    """Waits until a part is ready; raises Unavailable if it ended or took too long, naming its log."""
    give_up_at = time.monotonic() + seconds
    while not ready():
        if part.has_ended or time.monotonic() > give_up_at:
            raise Unavailable(N_("{part} does not start; see {log}"), part=what, log=part.log)
        time.sleep(0.2)


def answers(url: str, auth_string: str = "") -> bool:
    """Whether a server answers there that all is well; `auth_string` is the `user:password` that it asks for."""
    user, _colon, password = auth_string.partition(":")
    try:
        return httpx.get(url, timeout=2, auth=(user, password) if user else None).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def prefect_command(*arguments: str) -> list[str]:
    """Prefect's command line under this interpreter."""
    return [sys.executable, "-m", "prefect", "--no-prompt", *arguments]


def environment(**more: str) -> dict[str, str]:
    """This process's environment for a part: this interpreter is the `python` that it finds."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_COLORS": "false",
        **more,
    }
