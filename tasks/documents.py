"""Documents of a case: records with the facts as they stood when they were made, some of them as a file too."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from models.tables.cases import Document, DocumentFile, DocumentKind
from tasks.journal import Work

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class File:
    """What people open, print and send: a file name, a media type, its bytes."""

    name: str
    media_type: str
    content: bytes


def file_document(work: Work[Any], kind: DocumentKind, content: dict[str, Any], file: File | None = None) -> Document:
    """Adds a record to the case, in the step that made it; a second of its kind gets the next number."""
    same_kind = select(func.count()).where(Document.case_id == work.case.id, Document.kind == kind)
    number = (work.session.scalar(same_kind) or 0) + 1
    document = Document(case_id=work.case.id, kind=kind, number=number, at=work.at, content=content)
    if file is not None:
        document.file = DocumentFile(name=file.name, media_type=file.media_type, content=file.content)
    work.session.add(document)
    work.session.flush()
    return document
