"""Finding measures and proposals (措施、异议建议) that quality information left behind. Manual 000 五 信息反馈流程."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.roles import Role
from models.tables.cases import Case
from models.tables.feedback import Measure, MeasureState, Proposal
from models.tables.goods import Product

_WHOLE = (joinedload(Measure.case), joinedload(Measure.product))


def of_case(session: Session, case: Case, department: Role | None = None) -> Sequence[Measure]:
    """What a case asked for, of one department if named, by number."""
    found = select(Measure).where(Measure.case_id == case.id).options(*_WHOLE).order_by(Measure.number)
    return session.scalars(found.where(Measure.department == department) if department else found).all()


def open_before(session: Session, case: Case, department: Role | None = None) -> Sequence[Measure]:
    """Open measures that other cases asked for before a case, of one department if named, the oldest first."""
    found = select(Measure).where(Measure.case_id < case.id, Measure.state == MeasureState.OPEN).options(*_WHOLE)
    found = found.order_by(Measure.case_id, Measure.number)
    return session.scalars(found.where(Measure.department == department) if department else found).all()


def by_reference(session: Session, reference: str) -> Measure:
    """The measure that people call IF-2026-0001/2."""
    number, _slash, position = reference.rpartition("/")
    found = select(Measure).join(Measure.case).where(Case.number == number, Measure.number == int(position))
    return session.scalars(found.options(*_WHOLE)).one()


def proposal_of(session: Session, product: Product, batch: str) -> Proposal | None:
    """The proposal of a dispute about a batch, if one was ever made."""
    return session.scalars(select(Proposal).where(Proposal.product_id == product.id, Proposal.batch == batch)).first()


def is_disputed(session: Session, product: Product, batch: str, procedure: str) -> bool:
    """Whether any case of `procedure` was ever about this batch, at whichever dealer: D-01:LX-019:MH260901A."""
    about = Case.subject.endswith(f":{product.code}:{batch}", autoescape=True)
    return session.scalar(select(select(Case.id).where(Case.procedure == procedure, about).exists())) or False
