"""Cases that came out of other cases, seen from both sides."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.queries.cases import OPEN
from models.tables.cases import Case, CaseLink


def parents(session: Session, case_id: int) -> Sequence[Case]:
    """The cases out of which a case came, the oldest first."""
    return session.scalars(
        select(Case).join(CaseLink, CaseLink.parent_id == Case.id).where(CaseLink.child_id == case_id).order_by(Case.id)
    ).all()


def children(session: Session, case_id: int, *, only_open: bool = False) -> Sequence[Case]:
    """The cases that came out of a case, the oldest first."""
    found = select(Case).join(CaseLink, CaseLink.child_id == Case.id).where(CaseLink.parent_id == case_id)
    return session.scalars(found.where(OPEN).order_by(Case.id) if only_open else found.order_by(Case.id)).all()


def without_run(session: Session, case_id: int) -> list[str]:
    """The numbers of open children that no Prefect run carries yet."""
    return [one.number for one in children(session, case_id, only_open=True) if one.flow_run_id is None]
