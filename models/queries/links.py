"""Cases that came out of other cases, seen from both sides."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, union_all
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


def families(session: Session, case_ids: Collection[int]) -> dict[int, int]:
    """The cases that hang together with these, up and down over any number of links, each with its family.

    Two cases belong to one family if they have the same number here; it is the lowest of its cases.
    """
    up = select(CaseLink.child_id.label("one"), CaseLink.parent_id.label("other"))
    ways = union_all(up, select(CaseLink.parent_id, CaseLink.child_id)).subquery()
    known = select(Case.id).where(Case.id.in_(case_ids)).cte(recursive=True)
    known = known.union(select(ways.c.other).join(known, ways.c.one == known.c.id))
    linked = select(CaseLink.parent_id, CaseLink.child_id).where(CaseLink.parent_id.in_(select(known.c.id)))
    family = {one: one for one in case_ids}

    def first_of(case_id: int) -> int:
        while family.setdefault(case_id, case_id) != case_id:
            family[case_id] = case_id = family[family[case_id]]
        return case_id

    for parent, child in session.execute(linked):
        low, high = sorted((first_of(parent), first_of(child)))
        family[high] = low
    return {case_id: first_of(case_id) for case_id in list(family)}
