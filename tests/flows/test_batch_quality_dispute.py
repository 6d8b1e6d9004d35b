"""Manual 000 四.1 art. 3, clause by clause: what happens on each way of a batch quality dispute."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from people import CREDITED, answer, business_now, open_tasks, opened, play, report, run
from records import contents, facts, money, numbered_documents, stock_moves, told
from sqlalchemy import Engine, select

from models.errors import AlreadyReported, InvalidInput
from models.queries import cases, deadlines, goods, questions
from models.tables.cases import Case, Step
from models.tables.ledgers import SaleStop
from models.tables.notices import Notice
from models.tables.questions import Task
from tasks.database import transaction
from tasks.verifying import verify

SOUND = {"verdict": "no_quality_fault", "pieces_inspected": 20, "pieces_on_hand": 150, "report": "Wrong voltage."}
NOT_CONFIRMED = {**CREDITED, "site-finding": ("liu.yang", SOUND)}
APPEALED = {
    **NOT_CONFIRMED,
    "appeal": ("li.na", {"appeals": "yes", "grounds": "The voltage was right."}),
    "appeal-ruling": ("chen.min", {"ruling": "quality_fault", "reasons": "The meter was wrong."}),
}


@pytest.fixture
def number(company: Engine) -> str:
    """A case of 12 faulty pieces at D-01, which received 200 in two deliveries at 46.50 and 45.00."""
    return opened(faulty_pieces=12)


def stopped(number: str) -> bool:
    with transaction() as session:
        return bool(goods.sale_stops_of(session, cases.by_number(session, number).id))


def arrival(received: int, sold: int = 0, more: str = "no", **other: Any) -> dict[str, Any]:
    """An arrival of the first delivery of 120 pieces."""
    line = {"delivery": "DN-2026-0001", "received": received, "already_sold": sold}
    return {"lines": [line], "waybill": "SF1", "more_to_come": more, **other}


def test_both_clocks_start_at_the_dealers_report_and_not_at_the_registration(company: Engine) -> None:
    reported_at = business_now() - timedelta(hours=30)
    late = opened(reported_at=reported_at.isoformat())
    run(late)
    with transaction() as session:
        case = cases.by_number(session, late)
        for key in ("acknowledgement", "determination"):
            assert deadlines.of_case(session, case.id, key).started_at == reported_at
        assert deadlines.of_case(session, case.id, "acknowledgement").due_at == reported_at + timedelta(hours=4)


def test_a_technician_is_to_be_named_within_twelve_hours_of_the_report(number: str) -> None:
    play(number, until="name-technician")
    with transaction() as session:
        case = cases.by_number(session, number)
        due = deadlines.of_case(session, case.id, "name-technician").due_at
        assert due == case.reported_at + timedelta(hours=12)


@pytest.mark.parametrize(("faulty", "proposal"), [(2, "no"), (3, "yes"), (12, "yes")])
def test_the_threshold_proposes_and_the_clerk_decides(company: Engine, faulty: int, proposal: str) -> None:
    number = opened(faulty_pieces=faulty)
    run(number)
    assert facts(number, "batch-verdict") == {"delivered": 200, "proposal": proposal}
    answer(number, "batch-verdict", "li.na", {"is_batch": "yes", "reason": "The clerk knows better."})
    run(number)
    assert list(open_tasks(number)) == ["name-technician"]


def test_what_is_no_batch_is_closed_with_the_way_to_ordinary_warranty(number: str) -> None:
    no_batch = {"batch-verdict": ("li.na", {"is_batch": "no", "reason": "Single pieces."})}
    assert play(number, no_batch) == "ordinary_warranty"
    assert told(number, "batch_quality/ordinary_warranty") == ["D-01"]
    assert numbered_documents(number) == [("objection", 1)]
    assert not stopped(number)


def test_the_sale_is_stopped_until_the_finding_and_dealer_and_its_shops_are_told(number: str) -> None:
    play(number, until="site-finding")
    assert stopped(number)
    assert told(number, "batch_quality/sale_stopped") == ["D-01", "S-01", "S-02"]


def test_a_confirmed_finding_takes_the_whole_batch_at_the_dealer_back_at_the_companys_cost(number: str) -> None:
    assert play(number) == "credited"
    assert stock_moves(number) == [
        ("LX-019", "D-01", "disputed", "C-01", "quarantine", 100),
        ("LX-019", "D-01", "disputed", "C-01", "quarantine", 80),
    ]
    assert money(number) == [
        ("freight_expense", "C-01", "carrier_payable", "SF Express", Decimal("380.50"), "CNY"),
        ("after_sales_expense", "C-01", "dealer_credit", "D-01", Decimal("4650.00"), "CNY"),
        ("after_sales_expense", "C-01", "dealer_credit", "D-01", Decimal("3600.00"), "CNY"),
    ]
    assert verify() == []


def test_the_four_records_are_documents_of_the_case(number: str) -> None:
    play(number)
    assert numbered_documents(number) == [
        ("objection", 1),
        ("finding", 1),
        ("recall_list", 1),
        ("recall_list", 2),
        ("freight_bill", 1),
    ]


def test_five_departments_and_logistics_other_dealers_and_the_supplier_are_told(number: str) -> None:
    play(number)
    assert sorted(told(number, "batch_quality/recall_told")) == [
        "gao.jie",
        "lin.tao",
        "sun.wei",
        "xie.juan",
        "zhao.qiang",
    ]
    assert told(number, "batch_quality/other_holder_warned") == ["D-02", "D-03"]
    assert told(number, "batch_quality/supplier_told") == ["V-01"]


def test_no_supplier_is_told_of_goods_the_company_made_itself(company: Engine) -> None:
    number = opened(product="LX-001", batch="MH260815", faulty_pieces=9)
    script = {
        **CREDITED,
        "arrival": ("ma.chao", {**arrival(50), "lines": [{"delivery": "DN-2026-0005", "received": 200}]}),
    }
    assert play(number, script) == "credited"
    assert told(number, "batch_quality/supplier_told") == []
    assert told(number, "batch_quality/other_holder_warned") == ["S-01"]


def test_the_manager_confirms_the_scope_or_sends_it_back_once_and_cannot_refuse(number: str) -> None:
    play(number, until="recall-scope")
    with pytest.raises(InvalidInput) as refused:
        answer(number, "recall-scope", "chen.min", {"decision": "refuse", "comment": "No."})
    assert list(refused.value.fields) == ["decision"]
    answer(number, "recall-scope", "chen.min", {"decision": "send_back", "comment": "Count again."})
    run(number)
    answer(number, "scope-correction", "liu.yang", {"pieces_on_hand": 160, "report": "Counted again."})
    run(number)
    with pytest.raises(InvalidInput):
        answer(number, "recall-confirmation", "chen.min", {"decision": "send_back", "comment": "Once more."})
    answer(number, "recall-confirmation", "chen.min", {"comment": "Right now."})
    assert play(number) == "credited"
    assert numbered_documents(number).count(("finding", 2)) == 1


def test_goods_arrive_in_parts_and_the_dealer_chooses_replacement(number: str) -> None:
    play(number, until="arrival")
    answer(number, "arrival", "ma.chao", arrival(60, more="yes"))
    run(number)
    answer(number, "remedy", "li.na", {"remedy": "replacement", "told_by": "Mr He"})
    answer(number, "arrival", "ma.chao", arrival(50, sold=10, more="no"))
    assert play(number) == "replaced"
    assert stock_moves(number) == [
        ("LX-019", "D-01", "disputed", "C-01", "quarantine", 60),
        ("LX-019", "D-01", "disputed", "C-01", "quarantine", 50),
        ("LX-019", "C-01", "good", "D-01", "good", 110),
    ]
    assert told(number, "batch_quality/replaced") == ["D-01"]
    assert verify() == []


def test_more_than_is_still_open_of_a_delivery_cannot_arrive_a_second_time(number: str) -> None:
    play(number, until="arrival")
    answer(number, "arrival", "ma.chao", arrival(100, more="yes"))
    run(number)
    with pytest.raises(InvalidInput):
        answer(number, "arrival", "ma.chao", arrival(21))
    answer(number, "arrival", "ma.chao", arrival(20))


def test_what_differs_from_the_list_is_told_and_pieces_not_on_it_are_kept_apart(number: str) -> None:
    play(number, until="arrival")
    answer(number, "arrival", "ma.chao", arrival(100, sold=15, not_on_list=4))
    play(number)
    assert told(number, "batch_quality/goods_differ") == ["D-01", "chen.min"]
    assert ("LX-019", "D-01", "unlisted", "C-01", "unlisted", 4) in stock_moves(number)
    assert money(number)[1:] == [("after_sales_expense", "C-01", "dealer_credit", "D-01", Decimal("4650.00"), "CNY")]
    _first, last = contents(number, "recall_list")
    assert [(line["delivery"], line["missing"]) for line in last["lines"]] == [
        ("DN-2026-0001", 5),
        ("DN-2026-0002", 80),
    ]


def test_where_everything_was_sold_nothing_is_settled_and_no_question_stays_open(number: str) -> None:
    play(number, until="arrival")
    answer(number, "arrival", "ma.chao", arrival(0, sold=120))
    assert play(number) == "nothing_came_back"
    assert money(number) == []
    assert open_tasks(number) == {}
    assert verify() == []


def test_not_confirmed_releases_the_sale_gives_reasons_and_leaves_the_goods(number: str) -> None:
    play(number, NOT_CONFIRMED, until="appeal")
    assert not stopped(number)
    assert told(number, "batch_quality/sale_released") == ["D-01", "S-01", "S-02"]
    assert told(number, "batch_quality/not_confirmed") == ["D-01"]
    answer(number, "appeal", "li.na", {"appeals": "no", "grounds": "The dealer agrees."})
    assert play(number) == "not_confirmed"
    assert stock_moves(number) == []


def test_the_dealer_may_appeal_within_five_days_to_the_manager_whose_ruling_can_make_the_recall_due(
    number: str,
) -> None:
    assert play(number, APPEALED) == "credited"
    assert told(number, "batch_quality/appeal_ruled") == ["D-01"]
    with transaction() as session:
        stops = session.scalars(select(SaleStop).order_by(SaleStop.id)).all()
        assert [one.released_at is None for one in stops] == [False, True]
        appeal = session.scalars(select(Task).where(Task.key == "appeal")).one()
        assert appeal.deadline.due_at.astimezone(questions.policy_of(appeal.case).timezone).date() == (
            appeal.opened_at.astimezone(questions.policy_of(appeal.case).timezone).date() + timedelta(days=6)
        )


def test_a_ruling_that_the_finding_stands_closes_the_case(number: str) -> None:
    upheld = {"ruling": "uphold_finding", "reasons": "Measured twice."}
    assert play(number, {**APPEALED, "appeal-ruling": ("chen.min", upheld)}) == "not_confirmed"


def test_a_second_report_within_thirty_days_is_pointed_to_the_open_case_unless_told_otherwise(number: str) -> None:
    with pytest.raises(AlreadyReported) as pointed:
        opened()
    assert pointed.value.fields["case"] == number
    assert opened(separate=True) == "BQ-2026-0002"
    old = (business_now() - timedelta(days=31, hours=2)).isoformat()
    assert opened(reported_at=old) == "BQ-2026-0003"


def test_after_closure_the_same_batch_can_be_reported_again(number: str) -> None:
    play(number)
    assert opened() == "BQ-2026-0002"


def test_the_case_names_the_policy_version_it_began_with(number: str) -> None:
    with transaction() as session:
        policy = cases.by_number(session, number).policy_version
        assert (policy.name, policy.version) == ("lighting", 1)


def test_a_finished_case_run_again_does_nothing_more(number: str) -> None:
    play(number)
    with transaction() as session:
        before = session.scalars(select(Step.at)).all()
    assert run(number) == "credited"
    with transaction() as session:
        assert session.scalars(select(Step.at)).all() == before


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"dealer": "D-99"}, "dealer"),
        ({"dealer": "R-01"}, "dealer"),
        ({"product": "LX-999"}, "product"),
        ({"batch": "no batch code"}, "batch"),
        ({"batch": "MH991231"}, "batch"),
        ({"faulty_pieces": 0}, "faulty_pieces"),
        ({"faulty_pieces": 201}, "faulty_pieces"),
        ({"reported_at": "2099-01-01T00:00:00+08:00"}, "reported_at"),
        ({"reported_at": "2026-11-20T10:00:00"}, "reported_at"),
        ({"reported_by": "He\nBcc: all@example.org"}, "reported_by"),
        ({"fault": "x" * 1_000_000}, "fault"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_report_names_its_field_and_opens_no_case(company: Engine, other: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(**other)
    assert list(refused.value.fields) == [field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Notice)).all() == []


def test_every_fault_of_a_report_is_named_at_once(company: Engine) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(**{**report(), "dealer": "D-99", "product": "LX-999", "batch": "?"})
    assert set(refused.value.fields) == {"dealer", "product", "batch"}
