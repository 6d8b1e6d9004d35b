"""The command about documents: a record of a case as its file, or as its facts."""

import json
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments import output
from deployments.commands import app
from deployments.commands.cases import Number
from models.errors import InvalidInput, NotFound
from models.language import N_, _
from models.queries import cases
from models.tables.cases import Case, Document, DocumentKind
from tasks.database import transaction


@app.command(help=_(N_("Writes a document of a case: its file, or its facts as JSON if it has none.")))
def document(
    case_number: Number,
    kind: Annotated[DocumentKind, typer.Argument(metavar="KIND", help=_(N_("The kind of document, such as ruling.")))],
    number: Annotated[
        int, typer.Option("--number", metavar="N", min=1, help=_(N_("Which, if the case has several of its kind.")))
    ] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_(N_("Where to; without it, its own name here.")))
    ] = None,
) -> None:
    """Facts without --out are printed. Nothing that is there is overwritten."""
    with transaction() as session:
        case = cases.by_number(session, case_number)
        found = session.get(Document, (case.id, kind.value, number))
        if found is None:
            raise _there_is_none(session, case, kind, number)
        name, content, facts = (found.file.name, found.file.content, None) if found.file else ("", b"", found.content)
    if facts is not None and out is None:
        return output.data(facts)
    written = out or Path(name)
    _write(written, content if facts is None else json.dumps(facts, ensure_ascii=False, indent=2).encode())
    if output.as_json:
        return output.data({"written": str(written)})
    output.say(_(N_("Written: {file}"), file=written))


def _there_is_none(session: Session, case: Case, kind: DocumentKind, number: int) -> NotFound:
    there = session.execute(
        select(Document.kind, Document.number).where(Document.case_id == case.id).order_by(Document.at)
    )
    return NotFound(
        N_("Case {case} has no document {kind} {number}; there are: {documents}."),
        case=case.number,
        kind=kind.value,
        number=number,
        documents=", ".join(f"{one} {count}" for one, count in there) or "–",
    )


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as opened:
            opened.write(content)
    except FileExistsError:
        raise InvalidInput({"out": _(N_("{file} is there already; name another with --out."), file=file)}) from None
    except OSError as error:
        raise InvalidInput(
            {"out": _(N_("{file} cannot be written: {reason}"), file=file, reason=error.strerror)}
        ) from None
