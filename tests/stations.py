"""Scripted people of repair stations: a candidate of 番禺 up to its activation, and reviews of R-01."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from people import business_now, play
from sqlalchemy import select

from models.queries import clock, stations
from models.tables.stations import Station, StationChange
from tasks.database import transaction
from tasks.opening import open_case
from tasks.repair_station import REPAIR_STATION
from tasks.station_review import STATION_REVIEW

OFFICE, CLERK, MANAGER, VICE_PRESIDENT, TRAINER, KEEPER, FINANCE = (
    "zhou.hai",
    "li.na",
    "chen.min",
    "zhao.qiang",
    "sun.wei",
    "ma.chao",
    "xie.juan",
)
PAPERS = dict.fromkeys(("licence", "identity", "skill", "premises", "tools", "bank"), "yes")
#: 8 x 20 + 7 x 20 + 9 x 30 + 8 x 15 + 9 x 15 = 825 of 1000, which is 82.5 points of 100.
GOOD_SCORES = {"premises": 8, "tools": 7, "skill": 9, "location": 8, "attitude": 9}
#: 5 in everything is 50 points of 100.
POOR_SCORES = dict.fromkeys(GOOD_SCORES, 5)
LOAN = [{"part": "P-001", "pieces": 4}, {"part": "P-003", "pieces": 6}, {"part": "P-005", "pieces": 2}]

#: The opening stock of R-01, all of it good.
AT_R_01 = {"P-001": 4, "P-002": 3, "P-003": 6, "P-005": 2}


#: Business hours of a Monday, from which all days here are counted.
MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def begin_on_monday() -> None:
    """Sets the rehearsal clock, so that no expectation depends on the day on which the tests run."""
    with transaction() as session:
        clock.set_to(session, MONDAY)


def today(**later: float) -> date:
    """The day it is for the company, or later."""
    return (business_now() + timedelta(**later)).astimezone(ZoneInfo("Asia/Shanghai")).date()


def sheet(**other: Any) -> dict[str, Any]:
    """The sheet of a candidate in 广州番禺, which has no station."""
    return {
        "office": "B-01",
        "name": "Panyu Repairs",
        "area": "广州番禺",
        "contact": "Mr Feng",
        "phone": "020-5550405",
        "address": "12 Dabei Road",
        "email": "feng@station.example",
        "bank_account": "ICBC 6222",
        "repairers": [
            {"name": "Feng Liang", "id_digits": "012X", "skill": "Electrician"},
            {"name": "Qiu Ming", "id_digits": "3391", "skill": "Apprentice"},
        ],
        "premises_m2": 45,
        "tools": "Meters, irons",
        "phone_24h": "yes",
        "registered_entity": "yes",
        "licence_number": "9144-05",
        "licence_valid_until": today(days=1500).isoformat(),
        "reported_at": (business_now() - timedelta(hours=1)).isoformat(),
        "registered_by": OFFICE,
    } | other


def candidate(**other: Any) -> str:
    """The number of a case opened by such a sheet."""
    return open_case(REPAIR_STATION, sheet(**other))


def visit(scores: dict[str, int] | None = None) -> dict[str, Any]:
    given = GOOD_SCORES if scores is None else scores
    lines = [{"criterion": code, "score": score} for code, score in given.items()]
    return {"visited_on": today().isoformat(), "scores": lines, "report": "Seen."}


def agreement(**other: Any) -> dict[str, Any]:
    return {
        "signature": "signed",
        "agreement_number": "XY-2026-001",
        "signed_on": "2026-12-01",
        "station_number": "R-05",
    } | other


def training(*passed: str, then: str = "go_on") -> dict[str, Any]:
    """A training on 1 December 2026 that these repairers passed, with certificates for two years."""
    lines = [
        {"repairer": name, "certificate_number": f"PX-{place}", "valid_until": "2028-11-30"}
        for place, name in enumerate(passed, 1)
    ]
    return {"held_on": "2026-12-01", "passed": lines, "then": then}


def opening(**other: Any) -> dict[str, Any]:
    """Who answers what on the way to an active station; `other` replaces answers, underscores for dashes."""
    return {
        "paper-check": (CLERK, {**PAPERS, "verdict": "complete"}),
        "visit-decision": (MANAGER, {"decision": "visit"}),
        "station-visit": (OFFICE, visit()),
        "station-recommendation": (MANAGER, {"decision": "recommend"}),
        "station-approval": (VICE_PRESIDENT, {"decision": "approve"}),
        "station-agreement": (CLERK, agreement()),
        "loan-dispatch": (KEEPER, {"lines": LOAN, "waybill": "YD-1"}),
        "loan-arrival": (CLERK, {"lines": LOAN}),
        "station-training": (TRAINER, training("Feng Liang")),
        "station-activation": (MANAGER, {"decision": "activate"}),
        "first-month-check": (OFFICE, {"reports_on_time": "yes", "stock_agrees": "yes", "complaints": 0}),
    } | {key.replace("_", "-"): given for key, given in other.items()}


def opened_station(**other: Any) -> str:
    """The number of a case whose station R-05 is active, and has had its first month."""
    number = candidate()
    assert play(number, opening(**other)) == "active"
    return number


def request(reason: str = "companys_request", **other: Any) -> dict[str, Any]:
    return {"station": "R-01", "reason": reason, "detail": "See the file.", "registered_by": CLERK} | other


def review(reason: str = "companys_request", **other: Any) -> str:
    """The number of a review of R-01."""
    return open_case(STATION_REVIEW, request(reason, **other))


def reviewing(decision: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Who answers what in a review in which the manager decides at once."""
    return {
        "review-facts": (CLERK, {"file_in_order": "All there."}),
        "review-decision": (MANAGER, {"reason": "So it is.", **decision}),
        "neighbour-station": (CLERK, {"neighbour": "R-02"}),
        "station-parts-sent": ("cai.ming", {"waybill": "YD-9"}),
        "station-parts-count": (KEEPER, {"lines": [{"part": part, "good": good} for part, good in AT_R_01.items()]}),
        "last-claims": ("cai.ming", {"claims": "nothing", "detail": "Mr Cai."}),
        "last-settlement": (FINANCE, {"sheet_number": "JS-1", "claims_settled": "yes"}),
    } | {key.replace("_", "-"): given for key, given in other.items()}


def set_station(code: str, **values: Any) -> None:
    """Changes a station as time would have."""
    with transaction() as session:
        station = stations.by_code(session, code)
        assert station is not None
        for name, value in values.items():
            setattr(station, name, value)


def station(code: str) -> Station:
    with transaction() as session:
        found = stations.by_code(session, code)
        assert found is not None
        session.expunge(found)
        return found


def changes(code: str) -> list[tuple[str | None, str]]:
    """The states that a station went through."""
    with transaction() as session:
        found = stations.by_code(session, code)
        assert found is not None
        rows = select(StationChange).where(StationChange.station_id == found.party_id).order_by(StationChange.id)
        return [(one.from_state, one.to_state) for one in session.scalars(rows)]
