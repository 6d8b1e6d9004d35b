"""How a station's state changes, and who hears of it. Both procedures of stations come through here."""

from datetime import date
from typing import Any

from models.language import N_
from models.queries import stations
from models.roles import PartyKind
from models.rules.stations import are_in_order
from models.tables.parties import Party
from models.tables.stations import Station, StationState
from tasks.journal import Work
from tasks.notices import Recipient, notify, to_party

_REPAIRS = (StationState.ACTIVE, StationState.SUSPENDED)


def suspend(work: Work[Any], station: Station, why: str, until: date | None = None) -> None:
    """The station repairs no more, until a day or until somebody decides; it and its office are told why.

    One that is closed or was never opened stays as it is, and so does a suspension unless it gets a new last day. Why
    is the decider's word, or one of ours, marked N_.
    """
    if station.state not in _REPAIRS or (station.state == StationState.SUSPENDED and until is None):
        return
    stations.change(work.session, station, StationState.SUSPENDED, work.at, why, work.case.id)
    station.suspended_until = until
    facts = {"station": station.party.name, "why": why, "last_day": until.isoformat() if until else ""}
    told = who_answers_for(work, station)
    notify(work.session, work.case, work.at, "repair_station/suspended", told, facts, key=f"{work.key}:suspended")


def may_be_active(work: Work[Any], station: Station) -> bool:
    """Its papers are in order, its term runs, and no other station has its area for itself."""
    today = today_of(work)
    papers = stations.end_of(stations.papers(work.session, [station.party_id]))
    taken = station.exclusive and stations.serving(work.session, station.area, besides=station.party.code) is not None
    return are_in_order(papers, today) and today <= station.term_ends_on and not taken


def lift_suspension(work: Work[Any], station: Station) -> bool:
    """The station repairs again, if it may; whether it does now."""
    if station.state == StationState.ACTIVE:
        return True
    if station.state != StationState.SUSPENDED or not may_be_active(work, station):
        return False
    why = N_("the suspension was lifted")
    stations.change(work.session, station, StationState.ACTIVE, work.at, why, work.case.id)
    facts = {"station": station.party.name}
    told = who_answers_for(work, station)
    notify(work.session, work.case, work.at, "station_review/lifted", told, facts, key=f"{work.key}:lifted")
    return True


def who_answers_for(work: Work[Any], station: Station) -> list[Recipient]:
    """The station itself, and the office above it (逐级负责, manual 000 四.1 art. 5)."""
    office = station.party.superior
    parties: list[Party] = [station.party]
    if office is not None and office.kind == PartyKind.BRANCH_OFFICE:
        parties.append(office)
    return [to_party(work.session, one, work.case) for one in parties]


def today_of(work: Work[Any]) -> date:
    """The day it is, in the zone of the company."""
    return work.at.astimezone(work.policy.timezone).date()
