"""How a batch quality dispute begins: every report is registered, the two days count from the dealer's report."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from models.batch_quality import DisputeReport
from models.errors import InvalidInput
from models.forms import local_time
from models.language import N_, _
from models.policy import Policy
from models.queries import deadlines, goods, people
from models.roles import DEALER_KINDS, PartyKind
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work
from tasks.notices import notify, to_party
from tasks.opening import Matter


def check(session: Session, report: DisputeReport, policy: Policy, at: datetime) -> Matter:
    """Compares a report with the master data; raises InvalidInput that names each wrong field."""
    faults: dict[str, str] = {}
    dealer = people.party_by_code(session, report.dealer)
    product = goods.product_by_code(session, report.product)
    if dealer is None or PartyKind(dealer.kind) not in DEALER_KINDS:
        faults["dealer"] = _(N_("There is no dealer {code}; use the number from the master data."), code=report.dealer)
    if product is None:
        faults["product"] = _(
            N_("There is no product {code}; use the number from the master data."), code=report.product
        )
    if not re.fullmatch(policy.batch_quality.batch_code_pattern, report.batch):
        faults["batch"] = _(
            N_("{code} is not a batch code; it must fit the pattern {pattern}."),
            code=report.batch,
            pattern=policy.batch_quality.batch_code_pattern,
        )
    if report.reported_at > at:
        faults["reported_at"] = _(
            N_("This lies in the future; now it is {now}."), now=local_time(at.astimezone(policy.timezone))
        )
    if dealer is not None and product is not None and not faults:
        delivered = sum(one.quantity for one in goods.deliveries_of_batch(session, product, report.batch, dealer))
        if not delivered:
            faults["batch"] = _(
                N_("{dealer} never received {product} of batch {batch}."),
                dealer=dealer.name,
                product=product.name,
                batch=report.batch,
            )
        elif report.faulty_pieces > delivered:
            faults["faulty_pieces"] = _(
                N_("Only {delivered} pieces of this batch were delivered."), delivered=delivered
            )
    if faults or dealer is None:
        raise InvalidInput(faults, DisputeReport.titles())
    return Matter(
        party=dealer,
        subject=f"{report.dealer}:{report.product}:{report.batch}",
        reported_at=report.reported_at,
        repeated_within_days=policy.batch_quality.duplicate_days,
        separate=report.separate,
    )


def begin(work: Work[DisputeReport]) -> None:
    """The objection form is filed, both clocks start at the dealer's report, the dealer is told the number."""
    limits = work.policy.batch_quality
    file_document(work, DocumentKind.OBJECTION, work.report.model_dump(mode="json"))
    session, case, reported_at = work.session, work.case, work.report.reported_at
    company = people.company(session)
    acknowledgement = deadlines.start(
        session, case, "acknowledgement", limits.acknowledgement, reported_at, work.policy, company
    )
    determination = deadlines.start(
        session, case, "determination", limits.determination, reported_at, work.policy, company
    )
    notify(
        session,
        case,
        work.at,
        "batch_quality/acknowledged",
        [to_party(session, case.party, case)],
        {"determination_due": determination.due_at},
        key="acknowledged",
        meets=acknowledgement,
    )
