"""A running system: PostgreSQL, mail, Prefect's server, the worker. Started in order, stopped in reverse."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import URL

from deployments import output
from deployments.catcher import MailCatcher
from deployments.parts import Part, environment, prefect_command, wait_until
from deployments.postgres import create_database, start_cluster
from deployments.system import load_calendars, load_policy, migrate_database
from models.errors import InvalidInput, Unavailable
from models.language import N_, _
from tasks import database
from tasks.settings import RUNNING_FILE, data_folder, psycopg2_url, settings

POOL = "aftersales"
DEFAULT_PORT = 4200
_SERVER_SECONDS = 240.0
_DEPLOY_SECONDS = 240.0
#: Where prefect.yaml and policies/ lie: in the project, or beside this package once it is installed.
HOME = next(
    folder for folder in (Path(__file__).parent.parent, Path(__file__).parent) if (folder / "prefect.yaml").exists()
)

Announce = Callable[[str, str], None]


@dataclass(frozen=True)
class Running:
    """A system that is up: where people reach it, and its parts to watch."""

    ui_url: str
    mail_folder: Path | None
    parts: tuple[Part, ...]


@contextmanager
def running_system(port: int, *, rehearsal: bool, announce: Announce) -> Iterator[Running]:
    """Brings everything up; `announce` hears each part that is ready, with its address. All is stopped at the end.

    `port` is where Prefect's UI listens on this machine. Raises Unavailable or InvalidInput.
    """
    data = data_folder()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fault = _(N_("{folder} cannot be made: {reason}"), folder=data, reason=error.strerror)
        raise InvalidInput({"data": fault}) from None
    with ExitStack() as stack:
        stack.enter_context(only_one(data))
        stack.callback(_take_down)
        ours, prefects = _databases(stack, data)
        _write_down(database_url=ours.render_as_string(hide_password=False))
        announce("postgres", _address(ours))
        migrate_database(rehearsal=rehearsal)
        _load_rules()
        announce("database", ours.database or "")
        mail_folder = _mail(stack, data, announce)
        api_url = os.environ.get("PREFECT_API_URL", "")
        parts: list[Part] = []
        if not api_url:
            server, api_url = prefect_server(stack, data, prefects, port)
            parts.append(server)
        ui_url = settings().ui_url or api_url.removesuffix("/api")
        _write_down(prefect_api_url=api_url, ui_url=ui_url)
        announce("prefect", ui_url)
        worker = _worker(stack, data, api_url)
        _deploy(data, api_url, worker)
        announce("worker", POOL)
        yield Running(ui_url, mail_folder, (*parts, worker))


def watch(running: Running, say: Callable[[str], None]) -> None:
    """Stays until interrupted; a part that ends by itself is started again."""
    while True:
        for part in running.parts:
            if part.restart_if_ended():
                say(_(N_("{part} had ended and was started again; see {log}"), part=part.name, log=part.log))
        time.sleep(1)


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Holds the data folder: two systems never run on one. Raises Unavailable if another holds it."""
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Unavailable(N_("A system is running in {data} already."), data=data) from None
        yield


def _load_rules() -> None:
    """Calendars first: the policy counts by them."""
    for name in load_calendars(HOME / settings().calendars):
        text = N_(
            "Calendar {name} differs from its file {file}; what is under way counts as before. "
            "See what would move: aftersales calendar {file}"
        )
        output.warn(_(text, name=name, file=HOME / settings().calendars))
    if not load_policy(HOME / settings().policy):
        text = N_("A policy applied with «aftersales policy» is in force; its file {file} is older and is not read.")
        output.warn(_(text, file=HOME / settings().policy))


def _databases(stack: ExitStack, data: Path) -> tuple[URL, URL]:
    """Our database and Prefect's, in the PostgreSQL inside or in yours."""
    if named := os.environ.get("AFTERSALES_DATABASE_URL"):
        ours = psycopg2_url(named)
        prefects = (
            psycopg2_url(settings().prefect_database_url)
            if settings().prefect_database_url
            else ours.set(database=f"{ours.database}_prefect")
        )
        if not settings().prefect_database_url and prefects.database:
            _create_beside(ours, prefects.database)
        return ours, prefects
    cluster = start_cluster(data)
    stack.callback(cluster.stop)
    for name in ("aftersales", "prefect"):
        cluster.ensure_database(name)
    return cluster.url("aftersales"), cluster.url("prefect")


def _create_beside(ours: URL, name: str) -> None:
    try:
        create_database(ours, name)
    except Exception as error:
        raise Unavailable(
            N_(
                "The database {name} for Prefect cannot be made: {reason} "
                "Make it yourself, or set AFTERSALES_PREFECT_DATABASE_URL."
            ),
            name=name,
            reason=str(error).strip(),
        ) from error


def _mail(stack: ExitStack, data: Path, announce: Announce) -> Path | None:
    """The mail server of the settings; without one, a catcher that keeps every message as a file."""
    if os.environ.get("AFTERSALES_SMTP_HOST"):
        announce("mail", settings().smtp_host)
        return None
    catcher = MailCatcher(data / "mail")
    catcher.start()
    stack.callback(catcher.stop)
    _write_down(smtp_host="127.0.0.1", smtp_port=catcher.port, smtp_security="none")
    announce("mail", str(catcher.folder))
    return catcher.folder


def prefect_server(stack: ExitStack, data: Path, prefects: URL, port: int) -> tuple[Part, str]:
    """Prefect's server on a PostgreSQL database of its own; the part and the address of its API."""
    if _answers(f"http://127.0.0.1:{port}"):
        raise InvalidInput({"port": _(N_("Port {port} is in use; choose another with --port."), port=port)})
    api_url = f"http://127.0.0.1:{port}/api"
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
            PREFECT_SERVER_UI_API_URL=os.environ.get("PREFECT_SERVER_UI_API_URL", api_url),
            # Our suspensions never expire, and looking for expired ones every five seconds costs a third of a core.
            PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS="3600",
        ),
        data / "logs" / "prefect-server.log",
    )
    part.start()
    stack.callback(part.stop)
    wait_until("Prefect", lambda: _answers(f"{api_url}/health"), part, _SERVER_SECONDS)
    return part, api_url


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _worker(stack: ExitStack, data: Path, api_url: str) -> Part:
    """Prefect's own process worker. Without --limit: with one it dies when a run is woken quickly."""
    part = Part(
        "worker",
        prefect_command("worker", "start", "--pool", POOL, "--type", "process"),
        _client_environment(data, api_url),
        data / "logs" / "worker.log",
    )
    part.start()
    stack.callback(part.stop)
    return part


def _client_environment(data: Path, api_url: str) -> dict[str, str]:
    scratch = data / "tmp"
    scratch.mkdir(exist_ok=True)
    return environment(
        PREFECT_HOME=str(data / "prefect"),
        # Prefect's worker keeps a folder of a fixed name there, which another user of the machine may own.
        TMPDIR=str(scratch),
        PREFECT_API_URL=api_url,
        PREFECT_WORKER_QUERY_SECONDS="2",
        AFTERSALES_DATA=str(data),
    )


def _deploy(data: Path, api_url: str, worker: Part) -> None:
    """`prefect deploy --all`, once the worker has made its pool."""

    def has_pool() -> bool:
        return _answers(f"{api_url}/work_pools/{POOL}")

    wait_until("worker", has_pool, worker, _DEPLOY_SECONDS)
    log = data / "logs" / "deploy.log"
    with log.open("ab") as written:
        done = subprocess.run(
            prefect_command("deploy", "--all"),
            check=False,
            cwd=HOME,
            env=_client_environment(data, api_url),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            timeout=_DEPLOY_SECONDS,
            start_new_session=True,
        )
    if done.returncode:
        raise Unavailable(N_("{part} does not start; see {log}"), part="prefect deploy", log=log)


def _write_down(**facts: object) -> None:
    """Adds to the file by which other processes find this system; only its owner can read it."""
    file = data_folder() / RUNNING_FILE
    known = json.loads(file.read_text()) if file.exists() else {}
    unfinished = file.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(known | facts, indent=1))
    unfinished.rename(file)
    settings.cache_clear()
    database.engine.cache_clear()


def _take_down() -> None:
    (data_folder() / RUNNING_FILE).unlink(missing_ok=True)


def _address(url: URL) -> str:
    return url.set(password=None).render_as_string()
