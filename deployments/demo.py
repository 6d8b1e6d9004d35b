"""The demo: a fresh rehearsal system, a sample company, and one story played from its beginning to its end."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import exists, or_, select

from deployments import output, stories
from deployments.postgres import cluster_folder, free_port, start_cluster
from deployments.running import DEFAULT_PORT, only_one, running_system, watch
from deployments.sample_company import SAMPLE_COMPANY
from deployments.stories.playing import all_wait
from deployments.system import import_files
from models.errors import InvalidInput
from models.language import N_, _
from models.queries import questions
from models.queries.policies import OPERATOR
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import Decision
from tasks.database import transaction
from tasks.passwords import invented
from tasks.settings import data_folder, settings
from tasks.signing_in import set_password

_MARK = "this-is-a-demo"


def demo_system(port: int | None, announce: Callable[[str, str], None], *, story: str, stay: bool) -> None:
    """Plays a story by its name; `stay` until Ctrl-C.

    Raises InvalidInput if the data folder holds something that is no demo, NotFound for an unknown story.
    """
    told = stories.by_name(story)
    _fresh_folder()
    with running_system(port or _some_port(), rehearsal=True, announce=announce) as running:
        done = import_files(SAMPLE_COMPANY)
        output.say(_(N_("Sample company: {added} lines brought in."), added=done.added))
        number = told.play()
        announce("all", "")
        output.say("")
        if stay:
            # What came out of the story is asked a moment after its end.
            all_wait()
            let_people_in(running.ui_url)
        output.say(_(N_("Mail folder:  {folder}"), folder=running.mail_folder))
        for name, title in stories.others_than(story):
            output.say(_(N_("Another story:  aftersales demo --story {name}  {title}"), name=name, title=title))
        if not stay:
            return
        output.say(
            _(N_("Look around: AFTERSALES_DATA={data} aftersales case {number}"), data=data_folder(), number=number)
        )
        output.say(_(N_("Ctrl-C stops everything.")))
        watch(running, output.say)


def let_people_in(url: str) -> None:
    """Gives everybody one password, made up for this demo, and prints it with the people of its story.

    Of these it tells their posts and how much waits for them in the inbox now.
    """
    password = invented()
    took_part = or_(exists().where(Case.opened_by == Person.id), exists().where(Decision.by_id == Person.id))
    with transaction() as session:
        everybody = session.scalars(select(Person).where(Person.active).order_by(Person.login)).all()
        logins = [one.login for one in everybody]
        played = set(session.scalars(select(Person).where(took_part)))
        rows = [
            (one.login, one.name, ", ".join(sorted(post.label for post in one.roles)), waiting)
            for one in everybody
            if (waiting := len(questions.inbox(session, one))) or one in played
        ]
    for login in logins:
        set_password(login, password, by=OPERATOR, must_change=False)
    text = N_("Sign in at {url} as one of these; everybody's password is {password}")
    output.say(_(text, url=f"{url}/inbox", password=password))
    output.table([_(N_("Login")), _(N_("Full name")), _(N_("Roles")), _(N_("Inbox"))], rows)


def _fresh_folder() -> None:
    """A demo starts with nothing; it clears away an earlier demo, and nothing else."""
    if "AFTERSALES_DATA" not in os.environ:
        os.environ["AFTERSALES_DATA"] = str(user_data_path("aftersales-demo", appauthor=False))
    # A demo reaches nothing that is real: no database, mail server or Prefect that the environment names.
    for name in list(os.environ):
        if name.startswith(("AFTERSALES_", "PREFECT_")) and name not in {"AFTERSALES_DATA", "AFTERSALES_LANGUAGE"}:
            del os.environ[name]
    data = data_folder()
    if data.exists() and any(data.iterdir()):
        if not (data / _MARK).exists():
            raise InvalidInput(
                {"data": _(N_("{data} holds a system that is no demo; name an empty folder."), data=data)}
            )
        _clear(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / _MARK).touch()
    settings.cache_clear()


def _clear(data: Path) -> None:
    with only_one(data):
        cluster = cluster_folder(data)
        if (cluster / "postmaster.pid").exists():
            # Its demo was killed: PostgreSQL still runs, or left this file when the power went.
            start_cluster(data).stop()
        shutil.rmtree(cluster)
        shutil.rmtree(data)


def _some_port() -> int:
    """Prefect's usual port if it is free, else any."""
    with socket.socket() as probe:
        # A port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", DEFAULT_PORT))
        except OSError:
            return free_port()
    return DEFAULT_PORT
