"""Which swap slips are taken, who registers them, and each repair once: manual 000 四.1 art. 6."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import yaml
from conftest import POLICY
from people import business_now, play
from records import letter_text, stock_moves
from sqlalchemy import Engine, select
from swaps import checked, decision, held, line, opened, today

from models.errors import InvalidInput, NotAllowed, NotFound
from models.queries import cases, policies, questions, repairs, stations
from models.rules.warranty import Promise
from models.tables.cases import Case
from models.tables.goods import Product
from models.tables.ledgers import StockMove
from models.tables.parties import Party
from models.tables.repairs import Entitlement, Repair
from models.tables.stations import StationState
from tasks.database import transaction
from tasks.settings import settings
from tasks.verifying import verify
from tasks.withdrawing import withdraw


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow speaks the configured language; letters are in their recipients'."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


def use(**section: Any) -> None:
    """Makes the lighting maker's policy with another section on swaps the current one."""
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    with transaction() as session:
        policies.keep(session, content | {"parts_swap": content["parts_swap"] | section})


# One repair, once


def test_a_slip_that_was_swapped_is_not_swapped_again(company: Engine) -> None:
    first = opened()
    play(first, {"counter-check": checked()})
    with pytest.raises(InvalidInput) as refused:
        opened(line("W-0"), line("W-1", pieces=1))
    assert refused.value.fields == {"lines.1.slip": f"Slip W-1 was already swapped in case {first}."}
    other_station = opened(station="R-02")
    assert play(other_station, {"counter-check": checked()}) == "swapped"


def test_a_slip_that_is_being_checked_is_not_handed_in_at_another_counter(company: Engine) -> None:
    first = opened()
    with pytest.raises(InvalidInput) as refused:
        opened(counter="D-01", registered_by="he.jun")
    assert refused.value.fields == {"lines.0.slip": f"Slip W-1 is being checked in case {first}."}
    withdraw(first, "Opened at the wrong counter.", "li.na")
    assert opened(counter="D-01", registered_by="he.jun") != first


def reported(number: str, **other: Any) -> None:
    """A month's report has recorded the slip before, and booked the part that it used."""
    with transaction() as session:
        case = cases.by_number(session, number)
        station = session.scalars(select(Party).where(Party.code == "R-01")).one()
        goods = {one.code: one.id for one in session.scalars(select(Product))}
        repair = {
            "station_id": station.id,
            "slip": "W-7",
            "product_id": goods["LX-001"],
            "part_id": goods["P-001"],
            "pieces": 2,
            "batch": "",
            "fault": "Dark",
            "entitlement": Entitlement.IN_WARRANTY,
            "purchased_on": today() - timedelta(days=100),
            "received_on": today() - timedelta(days=2),
            "done_on": today() - timedelta(days=1),
            "fee": Decimal(5),
            "charged": Decimal(0),
            "currency": "CNY",
            "case_id": case.id,
            "recorded_at": business_now(),
        }
        repairs.record(session, repair | other)
        for place, (frm, to) in enumerate([("good", "with_consumer"), ("with_consumer", "faulty")]):
            session.add(
                StockMove(
                    case_id=case.id, step="month", line=place, at=business_now(), product_id=goods["P-001"], batch="",
                    quantity=2, from_party_id=station.id, from_condition=frm, to_party_id=station.id, to_condition=to,
                )
            )  # fmt: skip


def test_a_slip_that_a_months_report_recorded_is_neither_recorded_nor_fitted_twice(company: Engine) -> None:
    month = opened(line("W-6"))
    reported(month)
    number = opened(line("W-7"))
    assert play(number, {"counter-check": checked(decision("W-7"))}) == "swapped"
    assert [one[2:] for one in stock_moves(number)] == [("faulty", "B-01", "faulty", 2), ("good", "R-01", "good", 2)]
    with transaction() as session:
        [kept] = session.scalars(select(Repair).where(Repair.slip == "W-7"))
        assert (kept.case.number, kept.fee) == (month, Decimal("5.00"))
    assert held("R-01", "P-001") == {"good": 4, "opening": -4}
    assert verify() == []


def test_a_slip_that_was_recorded_with_something_else_names_what_differs(company: Engine) -> None:
    month = opened(line("W-6"))
    reported(month, pieces=3, batch="MH260901A")
    with pytest.raises(InvalidInput) as refused:
        opened(line("W-7"))
    assert refused.value.fields == {
        "lines.0.slip": f"Slip W-7 is recorded in case {month} with another: Pieces, Batch code."
    }


def test_a_report_that_was_quicker_and_says_something_else_refuses_only_that_repair(company: Engine) -> None:
    number = opened(line("W-7"), line("W-8", pieces=1))
    month = opened(line("W-6"))
    reported(month, done_on=today() - timedelta(days=2))
    script = {"counter-check": checked(decision("W-7"), decision("W-8", pieces=1))}
    assert play(number, script) == "partly_swapped"
    assert month in letter_text(number, "parts_swap/refused")
    assert verify() == []


# The slip


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"station": "R-99"}, "station", "There is no station R-99"),
        ({"station": "D-01"}, "station", "There is no station D-01"),
        # R-04 is in the master data, but no agreement was ever signed with it.
        ({"station": "R-04"}, "station", "R-04 is not an active station, but without an agreement."),
        ({"counter": "S-01"}, "counter", "There is no office or distributor S-01"),
        ({"counter": "C-01"}, "counter", "There is no office or distributor C-01"),
        ({"product": "LX-999"}, "lines.0.product", "There is no product or part LX-999"),
        ({"part": "P-999"}, "lines.0.part", "There is no product or part P-999"),
        (
            {"part": "P-006"},
            "lines.0.part",
            "is of the kind «plastic_part»; swapped are: electronic_ballast, ring_tube",
        ),
        ({"batch": "no code"}, "lines.0.batch", "no code is not a batch code"),
        ({"batch": "MH991231"}, "lines.0.batch", "By its code it was made on 2099-12-31, after the repair."),
        ({"received_on": "2099-01-01", "done_on": "2099-01-01"}, "lines.0.received_on", "This lies in the future"),
        ({"registered_by": "he.jun"}, "registered_by", "not at the counter B-01"),
        ({"registered_by": "wu.jiang"}, "registered_by", "not at the counter B-01"),
    ],
)
def test_a_wrong_slip_names_its_field_and_opens_no_case(
    company: Engine, other: dict[str, Any], field: str, sentence: str
) -> None:
    of_the_line = {name: value for name, value in other.items() if name in line()}
    with pytest.raises(InvalidInput) as refused:
        opened(line(**of_the_line), **{name: value for name, value in other.items() if name not in of_the_line})
    assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []


def test_every_fault_of_a_slip_is_named_at_once(company: Engine) -> None:
    twice = [line("W-1", part="P-999"), line("W-1", product="LX-999", batch="?"), line("W-2")]
    with pytest.raises(InvalidInput) as refused:
        opened(*twice, station="R-99", counter="D-99")
    assert set(refused.value.fields) == {
        "station",
        "counter",
        "lines.0.part",
        "lines.1.product",
        "lines.1.batch",
        "lines.1.slip",
    }
    assert "[Repairs 2, Batch code]" in refused.value.message


@pytest.mark.parametrize("login", ["cai.ming", "liu.yang", "gao.jie"])
def test_neither_the_station_nor_others_register_a_slip(company: Engine, login: str) -> None:
    with pytest.raises(NotAllowed):
        opened(registered_by=login)


def test_nobody_unknown_registers_a_slip(company: Engine) -> None:
    with pytest.raises(NotFound):
        opened(registered_by="nobody")


def test_a_clerk_registers_for_any_counter(company: Engine) -> None:
    assert opened(registered_by="li.na").startswith("PS-")


def test_a_company_may_want_the_counter_that_answers_for_the_station(company: Engine) -> None:
    use(counters="superior")
    with pytest.raises(InvalidInput) as refused:
        opened(counter="B-02", registered_by="wu.jiang")
    assert refused.value.fields == {"counter": "B-02 does not answer for R-01; it may swap at: B-01."}
    assert opened()
    use(counters="any")
    assert opened(line("W-2"), counter="B-02", registered_by="wu.jiang")


def test_a_company_without_terms_cannot_swap(company: Engine) -> None:
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    del content["warranty"]
    content["sources"] = {}
    with transaction() as session:
        policies.keep(session, content)
    with pytest.raises(NotAllowed):
        opened()


def test_the_terms_of_the_shipped_policy_are_the_manuals(company: Engine) -> None:
    number = opened()
    with transaction() as session:
        policy = questions.policy_of(cases.by_number(session, number))
    terms = {kind: (term.promise, term.months) for kind, term in policy.warranty.table.items()}
    assert terms == {
        "electronic_ballast": (Promise.REPAIR, 12),
        "ring_tube": (Promise.REPLACE, 6),
        "planar_tube": (Promise.REPLACE, 6),
        "plastic_part": (Promise.NONE, 0),
        "energy_saving_lamp": (Promise.REPLACE, 12),
    }
    assert policy.warranty.charge_rate == Decimal("0.10")


def test_a_suspended_station_swaps_nothing_until_it_may_repair_again(company: Engine) -> None:
    with transaction() as session:
        suspended = stations.by_code(session, "R-01")
        assert suspended is not None
        suspended.state = StationState.SUSPENDED
    with pytest.raises(InvalidInput) as refused:
        opened()
    assert refused.value.fields["station"] == "R-01 is not an active station, but suspended."
    with transaction() as session:
        again = stations.by_code(session, "R-01")
        assert again is not None
        again.state = StationState.ACTIVE
    assert opened()
