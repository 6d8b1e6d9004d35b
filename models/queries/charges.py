"""Charges for faulty parts that were kept too long: who owes one, and is served no further until it is settled."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from models.errors import NotAllowed
from models.language import N_
from models.policy import Policy
from models.tables.cases import Case
from models.tables.charges import PartsCharge
from models.tables.parties import Party
from models.tables.questions import Task, TaskState

#: The question by which finance confirms a charge. Its answer lifts the block, whenever the flow comes to book it.
SETTLED = "charge-settled"


def open_charges(session: Session, party: Party | None = None) -> Sequence[PartsCharge]:
    """What a party owes, or all parties if none is named, the oldest first. A withdrawn case charges nobody."""
    confirmed = exists().where(
        Task.case_id == PartsCharge.case_id, Task.key == SETTLED, Task.state == TaskState.DECIDED
    )
    found = (
        select(PartsCharge)
        .join(Case)
        .where(PartsCharge.settled_at.is_(None), Case.withdrawn_at.is_(None), ~confirmed)
        .options(joinedload(PartsCharge.case), joinedload(PartsCharge.party))
        .order_by(PartsCharge.id)
    )
    return session.scalars(found.where(PartsCharge.party_id == party.id) if party else found).all()


def charge_of(session: Session, case_id: int) -> PartsCharge:
    """The charge that a case has made; one is made at most."""
    return session.scalars(select(PartsCharge).where(PartsCharge.case_id == case_id)).one()


def refuse_if_blocked(session: Session, party: Party, policy: Policy) -> None:
    """Raises NotAllowed for a party that owes a charge, where the policy blocks its next application."""
    if policy.parts_return is None or not policy.parts_return.block_on_overdue:
        return
    for charge in open_charges(session, party):
        raise NotAllowed(
            N_(
                "{party} owes {amount} {currency} for faulty parts that came back too late (case {case}). "
                "Pay it and have finance confirm it in that case, then apply again."
            ),
            party=party.name,
            amount=charge.amount,
            currency=charge.currency,
            case=charge.case.number,
        )
