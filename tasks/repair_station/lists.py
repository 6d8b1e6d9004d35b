"""What the forms on a candidate and its station are checked against."""

from collections.abc import Iterable
from typing import Any

from models.forms import YesNo
from models.queries import stations, stock
from models.repair_station import CandidateSheet, PaperCheck
from models.repair_station_choice import Recommendation, VisitScore
from models.repair_station_setup import Agreement, Founding, LoanDispatch
from models.repair_station_start import FirstMonth
from models.rules.stations import next_number, passes, total_of
from models.tables.ledgers import Condition
from models.tables.stations import Station
from tasks.journal import Work

Development = Work[CandidateSheet]


def station_of(work: Development, number: str) -> Station:
    """The station that this case made, by the number that the clerk gave it."""
    station = stations.by_code(work.session, number)
    assert station is not None, "the agreement has brought it into the books"
    return station


def paper_facts(work: Development, supplied: str) -> dict[str, Any]:
    """For the clerk: what the sheet says that decides by itself, and what came since."""
    return {
        "registered_entity": work.report.registered_entity.value,
        "licence_valid_until": work.report.licence_valid_until.isoformat(),
        "supplied": supplied,
    }


def missing(check: PaperCheck) -> dict[str, Any]:
    """For the office: what the clerk misses."""
    return {"missing": check.missing}


def area_facts(work: Development) -> dict[str, Any]:
    """For who decides: the stations that are active in the area, and what is said for a second one."""
    active = stations.active_in(work.session, work.report.area)
    asked = work.report.exception is YesNo.YES
    return {
        "served_by": ", ".join(f"{one.party.name} ({one.party.code})" for one in active),
        "exception_reason": work.report.exception_reason if asked else "",
    }


def criteria(work: Development) -> dict[str, Any]:
    """For the visitor: what is looked at, how much of the whole it is, and since when there is a candidate."""
    policy = work.policy.stations
    return {
        "criteria": {code: one.title for code, one in policy.criteria.items()},
        "weights": policy.weights,
        "pass_mark": str(policy.pass_mark),
        "applied_on": applied_on(work),
    }


def points(work: Development, visit: VisitScore) -> dict[str, Any]:
    """For the manager: the points of the visit."""
    policy = work.policy.stations
    total = total_of(visit.by_criterion, policy.weights)
    return {
        "total": str(total),
        "pass_mark": str(policy.pass_mark),
        "passed": passes(total, policy.pass_mark),
        **area_facts(work),
    }


def for_approval(work: Development, visit: VisitScore, advice: Recommendation) -> dict[str, Any]:
    """For the vice-president: the points, and what the manager says."""
    return {**points(work, visit), "recommendation": advice.reason}


def agreement_terms(work: Development, in_the_way: Founding) -> dict[str, Any]:
    """For the clerk: what the policy proposes, the numbers that are taken, and why the last answer made no station."""
    policy = work.policy.stations
    taken = stations.numbers_like(work.session, policy.number_prefix)
    return {
        "next_number": next_number(policy.number_prefix, taken),
        "taken_numbers": list(taken),
        "term_months": policy.term_months,
        "deposit": f"{policy.deposit} {work.policy.currency}",
        "in_the_way": [] if in_the_way is Founding.DONE else [in_the_way.label],
        "applied_on": applied_on(work),
    }


def parts_to_lend(work: Development) -> dict[str, Any]:
    """For the keeper: the parts of the kinds that stations get, and how many pieces of a kind."""
    proposed = work.policy.stations.opening_stock
    parts = stations.parts_of_kinds(work.session, proposed)
    return {
        "parts": {one.code: one.name for one in parts},
        "kinds": {one.code: one.goods_kind for one in parts},
        "proposed": proposed,
    }


def parts_sent(work: Development, dispatch: LoanDispatch) -> dict[str, Any]:
    """For the station: what the keeper sent."""
    parts = parts_to_lend(work)["parts"]
    return {"parts": {code: parts[code] for code in dispatch.pieces}, "sent": dispatch.pieces}


def trainees(work: Development, agreement: Agreement) -> dict[str, Any]:
    """For the trainer: the repairers on the sheet."""
    return {
        "repairers": {one.name: f"{one.name}: {one.skill}" for one in work.report.repairers},
        "signed_on": str(agreement.signed_on),
    }


def ready(work: Development, number: str) -> dict[str, Any]:
    """For the manager: what has been done for the station that is to be activated."""
    station = station_of(work, number)
    held = stock.balances(work.session, number)
    return {
        "station": f"{station.party.name} ({number}), {station.party.address}",
        "repairers": sorted({one.name for one in stations.repairers(work.session, station)}),
        "on_loan": sum(one.pieces for one in held if one.condition is Condition.GOOD),
        "terminals": len(stations.terminals(work.session, station.area)),
    }


def stock_by_the_books(work: Development, number: str) -> dict[str, Any]:
    """For the office: what the station should have."""
    return {"stock": told(stock.balances(work.session, number))}


def told(held: Iterable[stock.Balance]) -> list[str]:
    """Balances that are counted in pieces on a shelf, as people read them."""
    shelves = {Condition.GOOD, Condition.FAULTY}
    return [f"{one.product} {one.condition.label} {one.pieces}" for one in held if one.condition in shelves]


def found(check: FirstMonth) -> dict[str, Any]:
    """For the manager: what the office found."""
    return {"found": "; ".join(f"{title}: {value}" for title, value in check.told())}


def applied_on(work: Development) -> str:
    """The day on which the candidate applied, in the zone of the company."""
    return work.case.reported_at.astimezone(work.policy.timezone).date().isoformat()
