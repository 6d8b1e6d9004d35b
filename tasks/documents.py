"""Documents of a case: records with the facts as they stood when they were made."""

from typing import Any

from sqlalchemy import func, select

from models.tables.cases import Document, DocumentKind
from tasks.journal import Work


def file_document(work: Work[Any], kind: DocumentKind, content: dict[str, Any]) -> None:
    """Adds a record to the case, in the step that made it; a second of its kind gets the next number."""
    same_kind = select(func.count()).where(Document.case_id == work.case.id, Document.kind == kind)
    number = (work.session.scalar(same_kind) or 0) + 1
    work.session.add(Document(case_id=work.case.id, kind=kind, number=number, at=work.at, content=content))
    work.session.flush()
