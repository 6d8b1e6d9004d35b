"""Commands that run a system: up and demo."""

import signal
from typing import Annotated

import typer

from deployments import output
from deployments.commands import app
from deployments.demo import demo_system
from deployments.running import DEFAULT_HOST, DEFAULT_PORT, running_system, watch
from deployments.stories import FIRST
from models.language import N_, _

Port = Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help=_(N_("Where people sign in.")))]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help=_(N_("Which address of this machine listens.")))]


@app.command(help=_(N_("Runs everything in the foreground until Ctrl-C.")))
def up(
    port: Port = DEFAULT_PORT,
    host: Host = DEFAULT_HOST,
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help=_(N_("A new system's clock may be set.")))] = False,
) -> None:
    """PostgreSQL, mail, Prefect's server, the web part, worker, schedules."""
    stop_on_terminate()
    with running_system(port, host=host, rehearsal=rehearsal, announce=announce) as running:
        announce("all", "")
        watch(running, output.say)


@app.command(help=_(N_("Plays a story from its beginning to its end on a fresh rehearsal system.")))
def demo(
    leave: Annotated[bool, typer.Option("--exit", help=_(N_("Stop at the end.")))] = False,
    port: Annotated[int | None, typer.Option("--port", metavar="N", min=1, max=65535)] = None,
    story: Annotated[
        str, typer.Option("--story", metavar="NAME", help=_(N_("What is played; the demo names the others.")))
    ] = FIRST,
) -> None:
    """Stays until Ctrl-C, so that people can look around."""
    stop_on_terminate()
    demo_system(port, announce, story=story, stay=not leave)


def announce(part: str, url: str) -> None:
    """One line for each part that is ready."""
    if output.as_json:
        output.data({"ready": part, "url": url} if url else {"ready": part})
    else:
        output.say(_(N_("ready: {part} {url}"), part=part, url=url))


def stop_on_terminate() -> None:
    """SIGTERM of a service manager ends us as Ctrl-C does, in order; so does a SIGINT that our starter ignores."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)
