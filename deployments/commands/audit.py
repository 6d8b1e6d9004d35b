"""Commands about the audit trail: audit export, audit check."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from sqlalchemy.orm import Session

from deployments import output
from deployments.commands import app
from models.audit_file import FIRST, Checked, check_files, summary, trailer_line
from models.errors import InvalidInput
from models.language import N_, _
from models.queries import audit, clock
from models.tables.audit import AuditEntry
from tasks.database import transaction

_STANDARD_OUTPUT = "-"

audit_app = typer.Typer(no_args_is_help=True, help=_(N_("The audit trail as a file, and the check of such a file.")))
app.add_typer(audit_app, name="audit")


@dataclass(frozen=True)
class Exported:
    """Where an exported file ends."""

    entries: int
    last: int
    last_digest: str


@audit_app.command("export", help=_(N_("Writes the audit trail, one entry a line.")))
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help=_(N_("Where to, or - for standard output.")))],
    after: Annotated[
        int, typer.Option("--after", metavar="NUMBER", min=0, help=_(N_("Only what follows on this entry.")))
    ] = 0,
) -> None:
    """The file is checked with `audit check`, here or elsewhere, without the database."""
    with transaction() as session:
        digest, last = _digest_of(session, after), audit.last_number(session)
        with _opened(file) as out, output.progress(_(N_("Writing")), max(last - after, 0)) as heard:
            done = _write(session, out, after, digest, heard)
    # On standard output stands the file and nothing else.
    if file != _STANDARD_OUTPUT:
        _say_where_it_ends(file, after, done)


@audit_app.command("check", help=_(N_("Checks exported files, each newer one against the one before it.")))
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE ...", help=_(N_("Files of `audit export`, the oldest first.")))
    ],
) -> int:
    """Needs no database. Exit status 1 if anything is found."""
    try:
        checked = check_files(files)
    except OSError as error:
        text = N_("{file} cannot be read: {reason}")
        raise InvalidInput({"file": _(text, file=error.filename, reason=error.strerror)}) from None
    found = any(one.faults for one in checked)
    if output.as_json:
        views = [_view(file, one) for file, one in zip(files, checked, strict=True)]
        output.data({"ok": not found, "files": views})
        return int(found)
    for file, one in zip(files, checked, strict=True):
        for sentence in [fault.message for fault in one.faults] or [summary(one)]:
            output.say(f"{file}: {sentence}")
    return int(found)


def _say_where_it_ends(file: str, after: int, done: Exported) -> None:
    if output.as_json:
        return output.data({"written": file, **vars(done)})
    output.say(_(N_("Written: {file}"), file=file))
    output.say(summary(Checked(after, done.entries, done.last, done.last_digest)))


def _digest_of(session: Session, number: int) -> str:
    """The digest of the entry that a file goes on after."""
    if number == 0:
        return FIRST
    found = session.get(AuditEntry, number)
    if found is None:
        text = N_("There is no entry {number}; the last one is {last}.")
        raise InvalidInput({"after": _(text, number=number, last=audit.last_number(session))})
    return found.digest


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The file to write to. Nothing that is there is overwritten, and no half of a file is left."""
    if file == _STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    try:
        out = path.open("xb")
        # What is still to be written when the file is closed is part of it.
        with _gone_if_unfinished(path), out:
            yield out
    except FileExistsError:
        raise InvalidInput({"file": _(N_("{file} is there already; name another one."), file=file)}) from None
    except OSError as error:
        text = N_("{file} cannot be written: {reason}")
        raise InvalidInput({"file": _(text, file=file, reason=error.strerror)}) from None


@contextmanager
def _gone_if_unfinished(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink()
        raise


def _write(session: Session, out: BinaryIO, after: int, digest: str, heard: Callable[[int], None]) -> Exported:
    entries, last = 0, after
    for entry in audit.entries_after(session, after):
        out.write(f"{audit.line_of(entry)}\n".encode())
        entries, last, digest = entries + 1, entry.number, entry.digest
        heard(entries)
    exported_at = audit.time_text(clock.now(session))
    out.write(f"{trailer_line(after, entries, last, digest, exported_at)}\n".encode())
    return Exported(entries, last, digest)


def _view(file: Path, checked: Checked) -> dict[str, Any]:
    return {
        "file": str(file),
        "after": checked.after,
        "entries": checked.entries,
        "last": checked.last,
        "last_digest": checked.last_digest,
        "faults": [
            {"what": one.wrong.name.lower(), "number": one.number, "line": one.line, "message": one.message}
            for one in checked.faults
        ],
    }
