"""How a station's development begins: the candidate sheet is compared with the offices and stations there are."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.forms import YesNo, local_time
from models.language import N_, _
from models.policy import Policy
from models.queries import people, stations
from models.repair_station import CandidateSheet
from models.roles import PartyKind
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work
from tasks.notices import notify, to_party
from tasks.opening import Matter


def check(session: Session, sheet: CandidateSheet, policy: Policy, at: datetime) -> Matter:
    """Compares a sheet with the master data; raises InvalidInput that names each wrong field."""
    faults: dict[str, str] = {}
    now = at.astimezone(policy.timezone)
    office = people.party_by_code(session, sheet.office)
    if office is None or office.kind != PartyKind.BRANCH_OFFICE:
        faults["office"] = _(
            N_("There is no branch office {code}; use the number from the master data."), code=sheet.office
        )
    if sheet.licence_valid_until < now.date():
        faults["licence_valid_until"] = _(N_("The licence has expired; ask for a valid one first."))
    if sheet.reported_at > at:
        faults["reported_at"] = _(N_("This lies in the future; now it is {now}."), now=local_time(now))
    serving = stations.serving(session, sheet.area) if policy.stations.exclusive_area else None
    if serving is not None and sheet.exception is YesNo.NO:
        faults["area"] = _(
            N_(
                "{station} ({code}) serves {area} already, and one station serves an area. "
                "Look elsewhere, or ask for an exception and say why."
            ),
            station=serving.party.name,
            code=serving.party.code,
            area=sheet.area,
        )
    if faults or office is None:
        raise InvalidInput(faults, CandidateSheet.titles())
    return Matter(
        party=office,
        subject=f"{sheet.area}:{sheet.name}",
        reported_at=sheet.reported_at,
        repeated_within_days=policy.stations.duplicate_days,
        registrars=policy.stations.registrars,
    )


def begin(work: Work[CandidateSheet]) -> None:
    """The sheet is filed, and the office responsible is told the number."""
    file_document(work, DocumentKind.CANDIDATE_SHEET, work.report.model_dump(mode="json"))
    office = to_party(work.session, work.case.party, work.case)
    facts = {"name": work.report.name, "area": work.report.area}
    notify(work.session, work.case, work.at, "repair_station/registered", [office], facts, key="registered")
