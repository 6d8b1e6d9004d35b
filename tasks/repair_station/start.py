"""The station begins: its address is published, and after a month somebody looks; or it is given up again."""

from models.language import N_
from models.queries import stations
from models.repair_station import CandidateSheet
from models.repair_station_start import FirstMonth, FirstMonthDecision
from models.tables.cases import DocumentKind
from models.tables.parties import Person
from models.tables.stations import StationState
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.linking import open_child
from tasks.notices import notify, to_party
from tasks.repair_station.lists import station_of
from tasks.repair_station.states import suspend
from tasks.station_review import STATION_REVIEW


@step(N_("Station activated and its address published"))
def activate(work: Work[CandidateSheet], number: str) -> None:
    """The station is active, and every shop of its area can tell a consumer its address (manual 000 四.2 art. 1)."""
    station = station_of(work, number)
    station.activated_at = work.at
    stations.change(work.session, station, StationState.ACTIVE, work.at, N_("the manager activated it"), work.case.id)
    party = station.party
    facts = {"station": party.name, "area": station.area, "address": party.address, "phone": party.phone}
    told = {
        "published": [to_party(work.session, one, work.case) for one in stations.terminals(work.session, station.area)],
        "activated": [to_party(work.session, party, work.case)],
    }
    for letter, recipients in told.items():
        key = f"{work.key}:{letter}"
        notify(work.session, work.case, work.at, f"repair_station/{letter}", recipients, facts, key=key)


@step(N_("Station given up before it opened"))
def give_up(work: Work[CandidateSheet], number: str, reason: str) -> str:
    """A station that never opens is wound up in a case of its own, whose number this is: parts and deposit go back.

    Its area is free for others from here on.
    """
    station = station_of(work, number)
    why = N_("it was given up before it opened")
    stations.change(work.session, station, StationState.SUSPENDED, work.at, why, work.case.id)
    registrar = work.session.get_one(Person, work.case.opened_by).login
    report = {"station": number, "reason": "not_opened", "detail": reason, "registered_by": registrar}
    return open_child(work, STATION_REVIEW, report)


@step(N_("Check of the station's first month filed"))
def file_first_month(work: Work[CandidateSheet], check: FirstMonth) -> None:
    """What the office found in the first month."""
    file_document(work, DocumentKind.REVIEW, check.model_dump(mode="json"))


@step(N_("Station suspended after its first month"))
def suspend_after_first_month(work: Work[CandidateSheet], number: str, decision: FirstMonthDecision) -> None:
    """The manager has suspended the station; a review lifts that or closes it."""
    suspend(work, station_of(work, number), decision.remark)
