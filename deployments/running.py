"""A running system: PostgreSQL, mail, Prefect's server, web part, worker. Started in order, stopped in reverse."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from deployments import output
from deployments.catcher import MailCatcher
from deployments.parts import Part
from deployments.postgres import create_database, free_port, start_cluster
from deployments.prefect_parts import HOME, POOL, PrefectServer, deploy, prefect_server, worker_part
from deployments.system import load_calendars, load_policy, migrate_database
from deployments.web_part import public_url, refuse_if_taken, web_part
from models.errors import InvalidInput, Unavailable
from models.language import N_, _
from tasks import database
from tasks.settings import RUNNING_FILE, data_folder, psycopg2_url, settings

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4200

Announce = Callable[[str, str], None]


@dataclass(frozen=True)
class Running:
    """A system that is up: where people reach it, and its parts to watch."""

    ui_url: str
    mail_folder: Path | None
    parts: tuple[Part, ...]


@contextmanager
def running_system(port: int, *, rehearsal: bool, announce: Announce, host: str = DEFAULT_HOST) -> Iterator[Running]:
    """Brings everything up; `announce` hears each part that is ready, with its address. All is stopped at the end.

    `host` and `port` are where the web part listens: people sign in there, and Prefect's UI lies behind it. Prefect
    itself listens where only this machine reaches it. Raises Unavailable or InvalidInput.
    """
    public = public_url(host, port)
    data = data_folder()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fault = _(N_("{folder} cannot be made: {reason}"), folder=data, reason=error.strerror)
        raise InvalidInput({"data": fault}) from None
    with ExitStack() as stack:
        stack.enter_context(only_one(data))
        # What a system that was killed has left there holds no more.
        _take_down()
        stack.callback(_take_down)
        refuse_if_taken(host, port)
        ours, prefects = _databases(stack, data)
        _write_down(database_url=ours.render_as_string(hide_password=False))
        announce("postgres", _address(ours))
        migrate_database(rehearsal=rehearsal)
        _load_rules()
        announce("database", ours.database or "")
        mail_folder = _mail(stack, data, announce)
        servers, prefect = _prefect(stack, data, prefects)
        _write_down(prefect_api_url=prefect.api_url, prefect_api_auth_string=prefect.auth_string, ui_url=public)
        web = web_part(stack, data, host, port, public)
        announce("web", public)
        announce("prefect", f"{public}/")
        worker = worker_part(stack, data, prefect, public)
        deploy(data, prefect, worker)
        announce("worker", POOL)
        yield Running(public, mail_folder, (*servers, web, worker))


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


def _prefect(stack: ExitStack, data: Path, prefects: URL) -> tuple[list[Part], PrefectServer]:
    """The Prefect of the environment; without one, a server of ours with a key made at this start."""
    auth_string = os.environ.get("PREFECT_API_AUTH_STRING", "")
    if named := os.environ.get("PREFECT_API_URL"):
        return [], PrefectServer(named, auth_string)
    auth_string = auth_string or f"aftersales:{secrets.token_urlsafe(32)}"
    server, prefect = prefect_server(stack, data, prefects, free_port(), auth_string)
    return [server], prefect


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
    settings.cache_clear()


def _address(url: URL) -> str:
    return url.set(password=None).render_as_string()
