"""What the forms of a review are checked against: what the books say of the station."""

from collections import Counter
from datetime import timedelta
from typing import Any

from models.language import N_, _
from models.queries import goods, people, stations, stock
from models.rules.stations import deposit_split
from models.station_closure import NOBODY
from models.station_review import Measure, Obstacle, Reason, ReviewRequest
from models.tables.ledgers import Condition
from models.tables.stations import Station, StationState
from tasks.journal import Work
from tasks.repair_station.lists import told
from tasks.repair_station.states import today_of

Review = Work[ReviewRequest]

_YEAR = timedelta(days=365)


def station_of(work: Review) -> Station:
    """The station that is looked at."""
    return stations.of_party(work.session, work.case.party)


def station_facts(work: Review) -> dict[str, Any]:
    """For everybody: agreement, papers, stock, repairs and what was late."""
    station, today = station_of(work), today_of(work)
    papers = stations.papers(work.session, [station.party_id])
    return {
        "state": StationState(station.state).label,
        "agreement": _(
            N_("{number}, until {day}"), number=station.agreement_number, day=station.term_ends_on.isoformat()
        ),
        "papers": [f"{one.name} {one.number} → {one.valid_until}" for one in papers if not one.has_left],
        "stock": told(stock.balances(work.session, station.party.code)),
        "repairs": stations.repairs_since(work.session, station.party, today - _YEAR),
        "late": stations.cases_late_since(work.session, station.party, work.at - _YEAR),
        "certificates": {one.number: f"{one.name} {one.number}" for one in papers if one.is_certificate},
        "today": today.isoformat(),
    }


def decision_facts(work: Review, clerk: str, obstacle: Obstacle) -> dict[str, Any]:
    """For the manager: the books, what the clerk adds, what the rules propose, and what stood in the way before."""
    station, reason = station_of(work), work.report.reason
    proposed = reason in {Reason.COMPLAINTS, Reason.FALSE_CLAIM}
    return {
        **station_facts(work),
        "clerk": clerk,
        "proposal": Measure.SUSPEND.label if proposed else "",
        "in_the_way": [] if obstacle is Obstacle.NOTHING else [obstacle.label],
        "term_ends_on": station.term_ends_on.isoformat(),
        "term_is_the_matter": reason is Reason.TERM_ENDS,
        "suspended": station.state == StationState.SUSPENDED,
    }


def neighbours(work: Review) -> dict[str, Any]:
    """For the clerk: the active stations, and which of them the same office answers for."""
    station = station_of(work)
    active = stations.listed(work.session, states=[StationState.ACTIVE])
    names = {one.party.code: f"{one.party.name} ({one.area})" for one in active}
    same = [one.party.code for one in active if one.party.superior_id == station.party.superior_id]
    return {"neighbours": {**names, NOBODY: _(N_("none is near"))}, "proposed": same}


def on_shelves(work: Review) -> list[stock.Balance]:
    """What the books know at the station, good and faulty."""
    shelves = {Condition.GOOD, Condition.FAULTY}
    return [one for one in stock.balances(work.session, work.case.party.code) if one.condition in shelves]


def lent(work: Review) -> dict[str, int]:
    """Pieces at the station by part, good and faulty together."""
    pieces: Counter[str] = Counter()
    for one in on_shelves(work):
        pieces[one.product] += one.pieces
    return dict(pieces)


def stock_to_send(work: Review) -> dict[str, Any]:
    """For the station: what it is to send back."""
    return {"stock": told(stock.balances(work.session, work.case.party.code))}


def parts_expected(work: Review, listed: dict[str, int]) -> dict[str, Any]:
    """For the keeper: what is on its way."""
    parts = {code: part.name for code in listed if (part := goods.product_by_code(work.session, code))}
    return {"parts": parts, "listed": listed}


def open_accounts(work: Review, claims: str) -> dict[str, Any]:
    """For finance: deposit, debt, and what the station claims."""
    party, currency = work.case.party, work.policy.currency
    deposit = stations.deposit_of(work.session, party, currency)
    owed = stations.owed_by(work.session, party, currency)
    _kept, paid_back = deposit_split(deposit, owed)
    return {
        "deposit": f"{deposit} {currency}",
        "owed": f"{owed} {currency}",
        "paid_back": f"{paid_back} {currency}",
        "claims": claims,
    }


def company_code(work: Review) -> str:
    """The company's number, as the ledgers of money have it."""
    return people.company(work.session).code
