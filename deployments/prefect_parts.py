"""Prefect's own parts of a running system: its server, its worker, and what is deployed to them."""

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from deployments.parts import Part, answers, environment, prefect_command, wait_until
from models.errors import Unavailable
from models.language import N_

POOL = "aftersales"
_SERVER_SECONDS = 240.0
_DEPLOY_SECONDS = 240.0
#: Where prefect.yaml and policies/ lie: in the project, or beside this package once it is installed.
HOME = next(
    folder for folder in (Path(__file__).parent.parent, Path(__file__).parent) if (folder / "prefect.yaml").exists()
)


@dataclass(frozen=True)
class PrefectServer:
    """Prefect's server as our processes reach it: its API, and the `user:password` that it asks for."""

    api_url: str
    auth_string: str


def prefect_server(
    stack: ExitStack, data: Path, prefects: URL, port: int, auth_string: str
) -> tuple[Part, PrefectServer]:
    """Prefect's server on a PostgreSQL database of its own, reached from this machine alone and by who knows its key.

    It has one key and no people; those come through the web part.
    """
    prefect = PrefectServer(f"http://127.0.0.1:{port}/api", auth_string)
    part = Part(
        "prefect",
        [
            sys.executable,
            "-m",
            "deployments.prefect_server",
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ],
        environment(
            PREFECT_HOME=str(data / "prefect"),
            PREFECT_API_DATABASE_CONNECTION_URL=prefects.set(drivername="postgresql+asyncpg").render_as_string(
                hide_password=False
            ),
            PREFECT_SERVER_API_AUTH_STRING=auth_string,
            # Its own services call it too.
            PREFECT_API_AUTH_STRING=auth_string,
            PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT="false",
            # Our suspensions never expire, and looking for expired ones every five seconds costs a third of a core.
            PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS="3600",
        ),
        data / "logs" / "prefect-server.log",
    )
    part.start()
    stack.callback(part.stop)
    wait_until("Prefect", lambda: answers(f"{prefect.api_url}/health"), part, _SERVER_SECONDS)
    return part, prefect


def worker_part(stack: ExitStack, data: Path, prefect: PrefectServer, public: str) -> Part:
    """Prefect's own process worker. Without --limit: with one it dies when a run is woken quickly."""
    part = Part(
        "worker",
        prefect_command("worker", "start", "--pool", POOL, "--type", "process"),
        # Runs log where people see them.
        _client_environment(data, prefect) | {"PREFECT_UI_URL": public},
        data / "logs" / "worker.log",
    )
    part.start()
    stack.callback(part.stop)
    return part


def _client_environment(data: Path, prefect: PrefectServer) -> dict[str, str]:
    scratch = data / "tmp"
    scratch.mkdir(exist_ok=True)
    return environment(
        PREFECT_HOME=str(data / "prefect"),
        # Prefect's worker keeps a folder of a fixed name there, which another user of the machine may own.
        TMPDIR=str(scratch),
        PREFECT_API_URL=prefect.api_url,
        **({"PREFECT_API_AUTH_STRING": prefect.auth_string} if prefect.auth_string else {}),
        PREFECT_WORKER_QUERY_SECONDS="2",
        AFTERSALES_DATA=str(data),
    )


def deploy(data: Path, prefect: PrefectServer, worker: Part) -> None:
    """`prefect deploy --all`, once the worker has made its pool."""

    def has_pool() -> bool:
        return answers(f"{prefect.api_url}/work_pools/{POOL}", prefect.auth_string)

    wait_until("worker", has_pool, worker, _DEPLOY_SECONDS)
    log = data / "logs" / "deploy.log"
    with log.open("ab") as written:
        done = subprocess.run(
            prefect_command("deploy", "--all"),
            check=False,
            cwd=HOME,
            env=_client_environment(data, prefect),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            timeout=_DEPLOY_SECONDS,
            start_new_session=True,
        )
    if done.returncode:
        raise Unavailable(N_("{part} does not start; see {log}"), part="prefect deploy", log=log)
