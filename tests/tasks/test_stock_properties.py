"""What holds of the stock ledger whatever is swapped, sold, refused, owed, issued, lost, returned, judged, repaired,
charged, scrapped or claimed, in whatever order.
"""

from collections import Counter
from random import Random
from typing import Any

from crashing import empty
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from people import Script, business_now, open_tasks, play
from returns import hold, play_a_return
from sqlalchemy import Engine, select
from swaps import checked, days_ago, decision, line, opened, today

from models.queries import questions, stock
from models.tables.cases import Case, Step
from models.tables.ledgers import Condition
from tasks.database import transaction
from tasks.verifying import verify

#: Parts that stations hold at the beginning, each with a product that it is fitted in.
PARTS = {"P-001": "LX-001", "P-002": "LX-002", "P-003": "LX-008", "P-005": "LX-010"}
STATIONS = ("R-01", "R-02", "R-03")
#: Who checks at each counter.
COUNTERS = {"B-01": "zhou.hai", "D-01": "he.jun", "D-02": "li.na"}
#: Bought a month ago, or longer ago than any warranty lasts.
NEW, OLD = 30, 500

REPAIRS = st.lists(
    st.fixed_dictionaries(
        {
            "part": st.sampled_from(sorted(PARTS)),
            "pieces": st.integers(1, 4),
            "bought": st.sampled_from([NEW, NEW, OLD]),
            "entitlement": st.sampled_from(["in_warranty", "in_warranty", "human_cause"]),
            "decision": st.sampled_from(["swap", "swap", "sell", "refuse"]),
            "handed_over": st.integers(1, 4),
        }
    ),
    min_size=1,
    max_size=4,
)


class StockMachine(RuleBasedStateMachine):
    """Cases that move stock, one after the other, to their end. An operation more is a rule more."""

    @initialize()
    def as_the_books_were_opened(self) -> None:
        empty()
        self.slips = 0

    @rule(
        repairs=REPAIRS,
        station=st.sampled_from(STATIONS),
        counter=st.sampled_from(sorted(COUNTERS)),
        approved=st.sampled_from(["yes", "yes", "no"]),
        lost=st.integers(0, 2),
    )
    def a_station_swaps(
        self, repairs: list[dict[str, Any]], station: str, counter: str, approved: str, lost: int
    ) -> None:
        before = at_stations()
        slips = {f"W-{self.slips + place}": one for place, one in enumerate(repairs)}
        self.slips += len(slips)
        by = COUNTERS[counter]
        lines = [handed_in(slip, one) for slip, one in slips.items()]
        number = opened(*lines, station=station, counter=counter, registered_by=by)
        ended(number, by, checked(*(decided(slip, one) for slip, one in slips.items()), by=by), approved, lost)
        # Piece for piece: a station ends with as many as before, but for parts it sold and could not buy anew.
        assert at_stations() == before - sold_and_never_delivered(number)

    @rule(sender=st.sampled_from(sorted(COUNTERS)), chance=st.randoms(use_true_random=False))
    def an_office_returns_its_faulty_parts(self, sender: str, chance: Random) -> None:
        before = at_stations()
        play_a_return(sender, COUNTERS[sender], chance)
        assert at_stations() == before

    @invariant()
    def every_part_adds_up_to_nothing_over_all_accounts(self) -> None:
        total: Counter[str] = Counter()
        with transaction() as session:
            for one in stock.balances(session):
                total[one.product] += one.pieces
        assert not any(total.values())

    @invariant()
    def no_account_that_can_be_counted_was_ever_below_zero(self) -> None:
        with transaction() as session:
            assert list(stock.overdrawn(session)) == []

    @invariant()
    def everything_agrees(self) -> None:
        assert verify() == []


def handed_in(slip: str, one: dict[str, Any]) -> dict[str, Any]:
    return line(
        slip,
        part=one["part"],
        product=PARTS[one["part"]],
        pieces=one["pieces"],
        purchased_on=days_ago(one["bought"]),
        entitlement=one["entitlement"],
    )


def decided(slip: str, one: dict[str, Any]) -> dict[str, Any]:
    """A decision that the form takes: what may not be swapped is sold."""
    chosen = one["decision"]
    if chosen == "swap" and (one["bought"] == OLD or one["entitlement"] == "human_cause"):
        chosen = "sell"
    return decision(slip, chosen, min(one["pieces"], one["handed_over"]), "As it is.")


def ended(number: str, by: str, check: tuple[str, dict[str, Any]], approved: str, lost: int) -> None:
    """Plays a swap to its end: an issue may lose pieces on its way, and what is owed then never comes."""
    script: Script = {
        "counter-check": check,
        "back-order-date": (by, {"promised_on": today().isoformat()}),
        "emergency-issue": ("chen.min", {"approved": approved, "reason": "As it was drawn."}),
        "issue-dispatch": ("ma.chao", {"waybill": "SF1", "dispatched_at": business_now().isoformat()}),
        "back-order-stock": (by, {"news": "never", "note": "As it was drawn."}),
    }
    if play(number, script, until="issue-arrival") is None:
        assert play(number, {**script, "issue-arrival": (by, arrival(number, lost))}) is not None


def arrival(number: str, lost: int) -> dict[str, Any]:
    """What arrived of an issue: up to `lost` pieces fewer of each part."""
    with transaction() as session:
        sent = questions.by_ref(session, open_tasks(number)["issue-arrival"]).facts["pieces"]
    lines = [{"part": part, "received": max(0, pieces - lost)} for part, pieces in sent.items()]
    return {"lines": lines, "note": "The box was open."}


def at_stations() -> Counter[tuple[str, str]]:
    """Good and faulty pieces at each station together, by station and part."""
    held: Counter[tuple[str, str]] = Counter()
    with transaction() as session:
        for one in stock.balances(session):
            if one.party in STATIONS and one.condition in {Condition.GOOD, Condition.FAULTY}:
                held[one.party, one.product] += one.pieces
    return held


def sold_and_never_delivered(number: str) -> Counter[tuple[str, str]]:
    """Pieces that a consumer has and pays for, and that the counter could not replace."""
    with transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        given_up = session.get(Step, (case.id, "end-back-order"))
        never: Counter[tuple[str, str]] = Counter()
        for one in given_up.result["value"] if given_up else []:
            never[case.party.code, one["part"]] += one["pieces"] if one["sold"] else 0
        return never


def test_no_sequence_of_swaps_and_returns_unbalances_the_books(company: Engine) -> None:
    for sender in COUNTERS:
        hold(sender, "P-003", 4, days_ago=70)
        hold(sender, "P-005", 3)
    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=6, stateful_step_count=4, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
