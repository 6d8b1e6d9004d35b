"""How a review of a station begins: somebody asks for it, or the calendar does."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.language import N_, _
from models.policy import Policy
from models.queries import stations
from models.rules.stations import are_in_order, asks_for_suspension, day_before
from models.station_review import Reason, ReviewRequest
from models.tables.cases import DocumentKind
from models.tables.stations import Station, StationState
from tasks.documents import file_document
from tasks.journal import Work
from tasks.notices import notify
from tasks.opening import Matter
from tasks.repair_station.states import who_answers_for


def check(session: Session, request: ReviewRequest, policy: Policy, at: datetime) -> Matter:
    """Compares a request with the station; raises InvalidInput that names each wrong field."""
    station = stations.by_code(session, request.station)
    if station is None:
        unknown = _(
            N_("There is no repair station {code} in the books; stations have an agreement."), code=request.station
        )
        raise InvalidInput({"station": unknown}, ReviewRequest.titles())
    today = at.astimezone(policy.timezone).date()
    papers = stations.papers_until(session, [station])[station.party_id]
    if faults := _wrong_state(station, request) | _wrong_reason(station, request, policy, today, papers):
        raise InvalidInput(faults, ReviewRequest.titles())
    opens_on = day_before(station.term_ends_on, policy.stations.review_days)
    what = {
        Reason.TERM_ENDS: f":{station.term_ends_on}",
        Reason.PAPERS_EXPIRED: f":{papers}",
        Reason.SUSPENSION_ENDS: f":{station.suspended_until}",
    }.get(request.reason, "")
    return Matter(
        party=station.party,
        subject=f"{request.station}:{request.reason.value}{what}",
        # The time to renew ends with the term, whenever the calendar was looked at.
        reported_at=datetime.combine(opens_on, time(), policy.timezone) if request.reason is Reason.TERM_ENDS else at,
        repeated_within_days=policy.stations.duplicate_days,
        registrars=policy.stations.review_registrars,
    )


def _wrong_state(station: Station, request: ReviewRequest) -> dict[str, str]:
    code, name = station.party.code, station.party.name
    if station.state == StationState.CLOSED:
        return {"station": _(N_("{station} ({code}) is closed already."), station=name, code=code)}
    if station.state == StationState.PREPARING and station.case is not None and station.case.is_open:
        return {
            "station": _(
                N_("{station} ({code}) is still being set up in case {case}."),
                station=name,
                code=code,
                case=station.case.number,
            )
        }
    if (request.reason is Reason.NOT_OPENED) != (station.activated_at is None):
        return {
            "reason": _(
                N_("A station that never opened is given up; choose «{reason}» for it and for no other."),
                reason=Reason.NOT_OPENED.label,
            )
        }
    return {}


def _wrong_reason(
    station: Station, request: ReviewRequest, policy: Policy, today: date, papers: date | None
) -> dict[str, str]:
    rules, name = policy.stations, station.party.name
    opens_on = day_before(station.term_ends_on, rules.review_days)
    if request.reason is Reason.TERM_ENDS and today < opens_on:
        return {
            "reason": _(
                N_("The agreement of {station} ends on {day}; its review opens on {opens}."),
                station=name,
                day=station.term_ends_on,
                opens=opens_on,
            )
        }
    if request.reason is Reason.PAPERS_EXPIRED and are_in_order(papers, today):
        return {"reason": _(N_("The papers of {station} are in order until {day}."), station=name, day=papers or "–")}
    if request.reason is Reason.SUSPENSION_ENDS and not _suspension_is_over(station, today):
        return {"reason": _(N_("{station} is not suspended until a day that has passed."), station=name)}
    complaints = request.upheld_complaints
    if request.reason is Reason.COMPLAINTS and not asks_for_suspension(complaints, rules.complaints_to_suspend):
        return {
            "upheld_complaints": _(
                N_("A review for complaints takes at least {number} upheld ones in the quarter."),
                number=rules.complaints_to_suspend,
            )
        }
    return {}


def _suspension_is_over(station: Station, today: date) -> bool:
    return station.suspended_until is not None and station.suspended_until < today


def begin(work: Work[ReviewRequest]) -> None:
    """The request is filed; the station and its office are told that it is looked at, and why."""
    file_document(work, DocumentKind.REVIEW, work.report.model_dump(mode="json"))
    station = stations.of_party(work.session, work.case.party)
    facts = {
        "station": station.party.name,
        "reason": work.report.reason.label_text,
        "detail": work.report.detail,
        "term_ends_on": station.term_ends_on.isoformat(),
    }
    told = who_answers_for(work, station)
    notify(work.session, work.case, work.at, "station_review/opened", told, facts, key="opened")


def falls_due(session: Session, policy: Policy, at: datetime) -> Iterator[dict[str, Any]]:
    """Terms that end soon, papers that have expired, suspensions that are over."""
    today = at.astimezone(policy.timezone).date()
    running = stations.listed(session, states=stations.IN_THE_NETWORK)
    papers = stations.papers_until(session, running)
    for station in (one for one in running if one.activated_at is not None):
        due = {
            Reason.TERM_ENDS: today >= day_before(station.term_ends_on, policy.stations.review_days),
            Reason.PAPERS_EXPIRED: not are_in_order(papers[station.party_id], today),
            Reason.SUSPENSION_ENDS: _suspension_is_over(station, today),
        }
        for reason in (one for one, is_due in due.items() if is_due):
            yield {"station": station.party.code, "reason": reason, "detail": _(N_("Opened by the calendar."))}
