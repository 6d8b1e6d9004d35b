"""What commands print: one JSON document for programs, or tables and sentences for people."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

#: Whether this call prints JSON.
as_json = False
#: How wide tables are in a file or a pipe, where no window has a width.
_WIDE = 200


def data(value: Any) -> None:
    """The one JSON document of a call."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A sentence for people; control characters in it are shown, not obeyed."""
    _console().print(Text(_harmless(text)))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people. Nothing is cut off, and what the first column names stays in one piece, to be copied."""
    lines = [[_harmless(str(cell if cell is not None else "")) for cell in row] for row in rows]
    names = not any(" " in line[0] for line in lines)
    shown = Table(header_style="bold")
    for place, title in enumerate(head):
        shown.add_column(title, overflow="fold", no_wrap=names and place == 0)
    for line in lines:
        shown.add_row(*map(Text, line))
    _console().print(shown)


@contextmanager
def progress(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for work that takes a while, on standard error; the block is given a function that hears what is done."""
    console = _errors()
    with Progress(console=console, transient=True, disable=as_json or not console.is_terminal) as bar:
        shown = bar.add_task(text, total=total)
        yield lambda done: bar.update(shown, completed=done)


def failed(code: str, message: str, fields: Mapping[str, str]) -> None:
    """An error, on standard error, never a stack trace."""
    if as_json:
        sys.stderr.write(
            json.dumps({"error": code, "message": message, "fields": dict(fields)}, ensure_ascii=False) + "\n"
        )
    else:
        _errors().print(Text(_harmless(message), style="red"))


def warn(text: str) -> None:
    """Something that people should look at, on standard error; the call goes on."""
    if as_json:
        sys.stderr.write(json.dumps({"warning": text}, ensure_ascii=False) + "\n")
    else:
        _errors().print(Text(_harmless(text), style="yellow"))


def _harmless(text: str) -> str:
    return "".join(mark if mark == "\n" or mark.isprintable() else f"\\x{ord(mark):02x}" for mark in text)


def _console() -> Console:
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE
    return Console(soft_wrap=True, highlight=False, width=width)


def _errors() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False)
