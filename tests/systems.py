"""A whole system that another process runs: `aftersales up` on a folder of its own, and its command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from accounts import PASSWORD

from deployments.postgres import free_port

AFTERSALES = Path(sys.executable).parent / "aftersales"
POLICY = Path(__file__).parent.parent / "policies" / "lighting.yaml"
PATIENCE_SECONDS = 120


class System:
    """A system that another process runs, and its command line; `data` is the folder it keeps everything in."""

    def __init__(self, data: Path, *, policy: Path = POLICY, language: str = "en") -> None:
        self.data = data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("AFTERSALES_", "PREFECT_"))
        } | {
            "AFTERSALES_DATA": str(data),
            "AFTERSALES_LANGUAGE": language,
            "AFTERSALES_POLICY": str(policy),
        }
        self.process: subprocess.Popen[str] | None = None

    def up(self) -> list[dict[str, str]]:
        """Starts it; what it says until all is ready."""
        self.process = subprocess.Popen(
            [AFTERSALES, "up", "--rehearsal", "--port", str(self.port), "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said.append(json.loads(line))
            if said[-1]["ready"] == "all":
                break
        return said

    def stop(self) -> int:
        """Presses Ctrl-C; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def call(self, *arguments: str, given: Any = None) -> Any:
        """A command's JSON; it must succeed."""
        done = subprocess.run(
            [AFTERSALES, *arguments, "--json"],
            env=self.environment,
            input=json.dumps(given) if given is not None else None,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def case(self, number: str) -> Any:
        """A case once it waits or has ended."""
        return self.call("case", number, "--wait", str(PATIENCE_SECONDS))

    @property
    def prefect(self) -> httpx.Client:
        """Prefect's API as workers reach it: on this machine, with the key that was made when it started."""
        written = json.loads((self.data / "running.json").read_text())
        user, password = written["prefect_api_auth_string"].split(":")
        return httpx.Client(base_url=written["prefect_api_url"], auth=(user, password))

    def give_password(self, login: str) -> None:
        """Somebody can sign in from now on, with `PASSWORD`."""
        command = [AFTERSALES, "password", login, "--lasting"]
        subprocess.run(command, env=self.environment, input=PASSWORD, text=True, check=True, capture_output=True)

    def signed_in(self, login: str) -> httpx.Client:
        """The browser of somebody who has signed in at the one address for people."""
        self.give_password(login)
        browser = httpx.Client(base_url=self.address, headers={"origin": self.address})
        assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
        return browser

    def finished(self, run_id: str) -> str:
        """The name of a Prefect run's last state."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            state = self.prefect.get(f"/flow_runs/{run_id}").json()["state"]
            if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} or time.monotonic() > give_up_at:
                return str(state["name"])
            time.sleep(0.3)
