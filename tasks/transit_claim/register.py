"""How a claim on a carrier begins: the report is registered, however late it comes."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.forms import local_time
from models.language import N_, _
from models.policy import Policy
from models.queries import deadlines, people
from models.queries.claims import delivery_by_number
from models.roles import DEALER_KINDS, PartyKind
from models.rules.claims import value_of
from models.tables.cases import DocumentKind
from models.tables.goods import Delivery
from models.tables.parties import Party
from models.transit_claim import TransitReport
from tasks.climbing import meet
from tasks.documents import file_document
from tasks.final_ruling.separation import nobody_left_to_rule
from tasks.journal import Work
from tasks.notices import notify, to_party
from tasks.opening import Matter

#: Who gets goods from the company through a carrier.
_CUSTOMERS = DEALER_KINDS | {PartyKind.REPAIR_STATION}


def check(session: Session, report: TransitReport, policy: Policy, at: datetime) -> Matter:
    """Compares a report with the master data; raises InvalidInput that names each wrong field."""
    # It may go on as a claim and come to a ruling, in which whoever registered it takes no part.
    faults = nobody_left_to_rule(session, report.registered_by, policy)
    customer = people.party_by_code(session, report.customer)
    if customer is None or PartyKind(customer.kind) not in _CUSTOMERS:
        faults["customer"] = _(
            N_("There is no dealer or station {code}; use the number from the master data."), code=report.customer
        )
    else:
        faults |= _faults_of_goods(report, customer, delivery_by_number(session, report.delivery))
    carrier = people.party_by_code(session, report.carrier)
    if carrier is not None and carrier.kind != PartyKind.CARRIER:
        faults["carrier"] = _(N_("{name} is no carrier; write the carrier's number or name."), name=carrier.name)
    if report.reported_at > at:
        faults["reported_at"] = _(
            N_("This lies in the future; now it is {now}."), now=local_time(at.astimezone(policy.timezone))
        )
    if faults or customer is None:
        raise InvalidInput(faults, TransitReport.titles())
    return Matter(
        party=customer,
        subject=f"{report.delivery}:{report.waybill}",
        reported_at=report.reported_at,
        repeated_within_days=policy.transit_claims.duplicate_days,
        separate=report.separate,
        registrars=policy.transit_claims.registrars,
    )


def _faults_of_goods(report: TransitReport, customer: Party, delivery: Delivery | None) -> dict[str, str]:
    if delivery is None:
        sentence = _(N_("There is no delivery {number}; use the number from the master data."), number=report.delivery)
        return {"delivery": sentence}
    if delivery.party_id != customer.id:
        sentence = _(N_("Delivery {number} did not go to {customer}."), number=report.delivery, customer=customer.name)
        return {"delivery": sentence}
    if report.pieces > delivery.quantity:
        sentence = _(N_("Only {delivered} pieces were delivered."), delivered=delivery.quantity)
        return {"pieces": sentence}
    full = value_of(report.pieces, delivery.unit_price)
    if not full:
        sentence = _(N_("Delivery {number} has no price; there is nothing to claim."), number=report.delivery)
        return {"delivery": sentence}
    if report.value > full:
        sentence = _(
            N_("{pieces} pieces cost {full} {currency}; the claim may be lower, not higher."),
            pieces=report.pieces,
            full=full,
            currency=delivery.currency,
        )
        return {"value": sentence}
    return {}


def begin(work: Work[TransitReport]) -> None:
    """The damage report is filed, both times count from the receipt, the customer hears what help there is.

    A report that came too late is a breach that stays on record; the carrier may hold it against the customer.
    """
    session, case, report = work.session, work.case, work.report
    limits = work.policy.transit_claims
    file_document(work, DocumentKind.DAMAGE_REPORT, report.model_dump(mode="json"))
    reporting = deadlines.start(
        session, case, "transit-report", limits.transit_report, report.received_at, work.policy, case.party
    )
    meet(session, reporting, report.reported_at)
    company = people.company(session)
    filing = deadlines.start(session, case, "filing", limits.filing, report.received_at, work.policy, company)
    facts = {"filing_due": filing.due_at, "late": reporting.breached_at is not None}
    customer = to_party(session, case.party, case)
    notify(session, case, work.at, "transit_claim/registered", [customer], facts, key="registered")
