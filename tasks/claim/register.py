"""How a claim begins: every one is registered, and goes to whoever answers for the party where it arose."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.claim import ClaimReport
from models.errors import InvalidInput
from models.forms import local_time
from models.language import N_, _
from models.policy import Policy
from models.queries import goods, people
from models.queries.claims import levels_of
from models.roles import DEALER_KINDS, PartyKind
from tasks.final_ruling.separation import nobody_left_to_rule
from tasks.journal import Work
from tasks.notices import notify, to_party
from tasks.opening import Matter

#: Where claims arise: at whoever sells to consumers or repairs for them.
_SERVING = DEALER_KINDS | {PartyKind.REPAIR_STATION}


def check(session: Session, report: ClaimReport, policy: Policy, at: datetime) -> Matter:
    """Compares a report with the master data; raises InvalidInput that names each wrong field."""
    # It may come to a ruling, in which whoever registered it takes no part.
    faults = nobody_left_to_rule(session, report.registered_by, policy)
    party = people.party_by_code(session, report.party)
    if party is None or PartyKind(party.kind) not in _SERVING:
        faults["party"] = _(
            N_("There is no dealer or station {code}; use the number from the master data."), code=report.party
        )
    if report.product and goods.product_by_code(session, report.product) is None:
        faults["product"] = _(
            N_("There is no product {code}; use the number from the master data."), code=report.product
        )
    if report.reported_at > at:
        faults["reported_at"] = _(
            N_("This lies in the future; now it is {now}."), now=local_time(at.astimezone(policy.timezone))
        )
    if faults or party is None:
        raise InvalidInput(faults, ClaimReport.titles())
    return Matter(
        party=party,
        subject=f"{report.party}:{report.claimant}:{report.kind}:{report.product}",
        reported_at=report.reported_at,
        repeated_within_days=policy.claims.duplicate_days,
        separate=report.separate,
        registrars=policy.claims.registrars,
    )


def begin(work: Work[ClaimReport]) -> None:
    """The party where it arose is told the number, and who answers first."""
    levels = levels_of(work.case.party)
    first = people.party_by_code(work.session, levels[0].party) if levels else None
    party = to_party(work.session, work.case.party, work.case)
    facts = {"first": first.name if first else ""}
    notify(work.session, work.case, work.at, "claim/registered", [party], facts, key="registered")
