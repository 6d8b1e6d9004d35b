"""The web part of a running system: the one address at which people sign in, with Prefect's UI behind it."""

import os
import socket
import sys
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path

from deployments.parts import Part, answers, environment, wait_until
from models.errors import InvalidInput
from models.language import N_, _

_WEB_SECONDS = 60.0


def public_url(host: str, port: int) -> str:
    """The address that people open. Raises InvalidInput where it cannot be guessed."""
    if named := os.environ.get("AFTERSALES_UI_URL"):
        return named.rstrip("/")
    if not _is_this_machine(host):
        fault = _(
            N_(
                "Others reach {host}, so say by which address they do: AFTERSALES_UI_URL=https://after-sales.example. "
                "Put a proxy with a certificate in front of it."
            ),
            host=host,
        )
        raise InvalidInput({"host": fault})
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_if_taken(host: str, port: int) -> None:
    """Raises InvalidInput if nothing can listen there."""
    try:
        family, kind, _number, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # A port that was left a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except socket.gaierror:
        raise InvalidInput({"host": _(N_("{host} is no address of this machine."), host=host)}) from None
    except OSError:
        raise InvalidInput({"port": _(N_("Port {port} is in use; choose another with --port."), port=port)}) from None


def web_part(stack: ExitStack, data: Path, host: str, port: int, public: str) -> Part:
    """The one address for people: our pages, and Prefect's behind the same session."""
    part = Part(
        "web",
        [sys.executable, "-m", "web"],
        environment(
            AFTERSALES_DATA=str(data),
            AFTERSALES_WEB_HOST=host,
            AFTERSALES_WEB_PORT=str(port),
            AFTERSALES_UI_URL=public,
        ),
        data / "logs" / "web.log",
    )
    part.start()
    stack.callback(part.stop)
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    wait_until("web", lambda: answers(f"http://{here}:{port}/healthz"), part, _WEB_SECONDS)
    return part
