"""A claim on a supplier: manual 000 三 经理 B, one after the other on each way that it can take."""

from decimal import Decimal
from typing import Any

import pytest
from crashing import survives_every_boundary
from people import CREDITED, Script, answer, forward, open_tasks, play, run
from people import opened as dispute_opened
from records import children, documents, letter_text, letters, money, stock_moves
from returns import EXCHANGED, RECOVERED, held, outcome
from returns import opened as return_opened
from sqlalchemy import Engine, select

from deployments.views import whole_case
from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.language import speaking
from models.queries import cases, questions
from models.tables.cases import Case, Document
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.opening import open_case
from tasks.summary import story
from tasks.supplier_claim import SUPPLIER_CLAIM
from tasks.sweeping import sweep
from tasks.verifying import verify

INSISTED: Script = {
    **RECOVERED,
    "supplier-answer": [
        ("xie.juan", {"answer": "refuses", "reason": "Installed wrongly.", "told_by": "Mr Tian"}),
        ("xie.juan", {"answer": "in_part", "amount": "30.00", "reason": "Half of it.", "told_by": "Mr Tian"}),
    ],
    "claim-decision": [
        ("chen.min", {"decision": "insist", "reason": "The finding says otherwise."}),
        ("chen.min", {"decision": "accept", "reason": "Better than nothing."}),
    ],
    "money-received": ("xie.juan", {"amount": "30.00", "received_on": "2026-11-20", "reference": "BANK-8"}),
}
GIVEN_UP: Script = {**INSISTED, "claim-decision": ("chen.min", {"decision": "give_up", "reason": "Not worth it."})}


def claim(**other: Any) -> dict[str, Any]:
    """Three ballasts of V-01 at 18.50, as purchasing registers it."""
    return {
        "supplier": "V-01",
        "lines": [{"product": "P-001", "pieces": 3}],
        "amount": "55.50",
        "currency": "CNY",
        "grounds": "Capacitors bulge.",
        "evidence": "Old parts, report of our laboratory.",
        "registered_by": "xie.juan",
    } | other


def opened(**other: Any) -> str:
    """The number of a case opened by such a claim."""
    return open_case(SUPPLIER_CLAIM, claim(**other))


@pytest.fixture
def out_of_a_return(company: Engine) -> str:
    """The claim for three ballasts that B-01 returned; they lie in quarantine."""
    number = return_opened()
    outcome(number)
    (child,) = children(number)
    return child


def test_a_claim_goes_to_the_supplier_with_its_evidence_once_purchasing_confirms_it(out_of_a_return: str) -> None:
    play(out_of_a_return, RECOVERED, until="supplier-answer")
    ((who, text),) = letters(out_of_a_return, "supplier_claim/claimed")
    assert who == "V-01"
    for said in ("55.50", "P-001", "Capacitors bulge.", "As agreed in the contract.", "PR-2026-0001"):
        assert said in text
    assert documents(out_of_a_return) == ["evidence_list", "supplier_claim"]
    with transaction() as session:
        task = questions.by_ref(session, open_tasks(out_of_a_return)["supplier-answer"])
        assert task.for_party is not None
        assert (task.for_party.code, task.role) == ("V-01", "purchasing_dept")


def test_what_the_supplier_accepts_it_owes_pays_and_gets_the_old_parts_for(out_of_a_return: str) -> None:
    assert play(out_of_a_return, RECOVERED) == "recovered"
    assert money(out_of_a_return) == [
        ("supplier_recovery", "C-01", "supplier_receivable", "V-01", Decimal("55.50"), "CNY"),
        ("supplier_receivable", "V-01", "bank", "C-01", Decimal("55.50"), "CNY"),
    ]
    assert stock_moves(out_of_a_return) == [("P-001", "C-01", "quarantine", "V-01", "faulty", 3)]
    assert documents(out_of_a_return) == [
        "evidence_list",
        "supplier_claim",
        "supplier_answer",
        "shipping_note",
        "settlement",
    ]
    assert "3" in letter_text(out_of_a_return, "supplier_claim/agreed")
    assert verify() == []


def test_money_and_old_parts_go_side_by_side(out_of_a_return: str) -> None:
    play(out_of_a_return, RECOVERED, until="old-parts-handover")
    assert set(open_tasks(out_of_a_return)) == {"money-received", "old-parts-handover"}


def test_the_company_insists_once_and_then_takes_what_is_offered_or_gives_up(out_of_a_return: str) -> None:
    play(out_of_a_return, INSISTED, until="supplier-answer")
    answer(out_of_a_return, "supplier-answer", *INSISTED["supplier-answer"][0])  # type: ignore[arg-type]
    run(out_of_a_return)
    with speaking("en"), pytest.raises(InvalidInput, match="offers nothing"):
        answer(out_of_a_return, "claim-decision", "chen.min", {"decision": "accept", "reason": "Yes."})
    answer(out_of_a_return, "claim-decision", *INSISTED["claim-decision"][0])  # type: ignore[arg-type]
    run(out_of_a_return)
    ((who, text),) = letters(out_of_a_return, "supplier_claim/insisted")
    assert who == "V-01"
    assert "The finding says otherwise." in text
    answer(out_of_a_return, "supplier-answer", *INSISTED["supplier-answer"][1])  # type: ignore[arg-type]
    run(out_of_a_return)
    with speaking("en"), pytest.raises(InvalidInput, match="insisted once"):
        answer(out_of_a_return, "claim-decision", "chen.min", {"decision": "insist", "reason": "Again."})
    assert play(out_of_a_return, INSISTED) == "partly_recovered"
    assert money(out_of_a_return)[0][4] == money(out_of_a_return)[1][4] == Decimal("30.00")
    assert held("V-01", "P-001") == {"faulty": 3}
    assert verify() == []


def test_a_claim_that_is_given_up_leaves_no_money_and_keeps_the_old_parts(out_of_a_return: str) -> None:
    assert play(out_of_a_return, GIVEN_UP) == "given_up"
    assert money(out_of_a_return) == stock_moves(out_of_a_return) == []
    assert held("C-01", "P-001")["quarantine"] == 3
    assert verify() == []


def test_an_offer_can_be_turned_down_and_the_claim_given_up(company: Engine) -> None:
    part = ("xie.juan", {"answer": "in_part", "amount": "10", "reason": "No more.", "told_by": "Mr Tian"})
    assert play(opened(), {**RECOVERED, "supplier-answer": part}) == "given_up"


def test_an_offer_can_be_taken_at_once(company: Engine) -> None:
    way: Script = {
        **RECOVERED,
        "supplier-answer": (
            "xie.juan",
            {"answer": "in_part", "amount": "10", "reason": "No more.", "told_by": "Mr Tian"},
        ),
        "claim-decision": ("chen.min", {"decision": "accept", "reason": "Take it."}),
        "money-received": ("xie.juan", {"amount": "10", "received_on": "2026-11-20", "reference": "BANK-9"}),
    }
    assert play(opened(), way) == "partly_recovered"
    assert verify() == []


def test_a_suppliers_silence_is_raised_and_never_taken_for_a_yes(out_of_a_return: str) -> None:
    play(out_of_a_return, RECOVERED, until="supplier-answer")
    forward(days=26)
    swept = sweep()
    assert (swept.lapsed, swept.escalated >= 2) == (0, True)
    assert list(open_tasks(out_of_a_return)) == ["supplier-answer"]


def test_purchasing_states_the_amount_where_it_was_not_known(company: Engine) -> None:
    number = opened(amount="0")
    play(number, RECOVERED, until="claim-confirmation")
    with speaking("en"), pytest.raises(InvalidInput, match="above 0"):
        answer(number, "claim-confirmation", "xie.juan", {"amount": "0"})
    assert play(number, RECOVERED) == "recovered"


def test_only_old_parts_that_the_company_has_are_handed_over(company: Engine) -> None:
    number = opened()
    assert play(number, RECOVERED) == "recovered"
    assert stock_moves(number) == []
    assert "shipping_note" not in documents(number)


def test_a_claim_does_not_take_pieces_that_an_open_return_still_needs(company: Engine) -> None:
    waiting = return_opened()
    play(waiting, EXCHANGED, until="inspection-verdict")
    assert held("C-01", "P-001")["quarantine"] == 3
    number = opened()
    assert play(number, RECOVERED) == "recovered"
    assert stock_moves(number) == []
    assert outcome(waiting) == "exchanged"
    (child,) = children(waiting)
    assert play(child, RECOVERED) == "recovered"
    assert held("V-01", "P-001") == {"faulty": 3}
    assert verify() == []


# Out of a batch quality dispute


REPLACED: Script = {
    **CREDITED,
    "remedy": ("li.na", {"remedy": "replacement", "told_by": "Mr He"}),
}


@pytest.mark.parametrize(
    ("way", "amount"),
    [
        (CREDITED, "8630.50"),  # 100 × 46.50 + 80 × 45.00 + 380.50 freight
        (REPLACED, "8250.00"),
    ],
    ids=["credited", "replaced"],
)
def test_a_dispute_over_a_bought_in_batch_yields_a_claim(company: Engine, way: Script, amount: str) -> None:
    dispute = dispute_opened(faulty_pieces=12)
    play(dispute, way)
    (child,) = children(dispute)
    with transaction() as session:
        case = cases.by_number(session, child)
        assert (case.party.code, case.input["amount"], case.input["currency"]) == ("V-01", amount, "CNY")
        assert case.input["lines"] == [{"product": "LX-019", "batch": "MH260901A", "pieces": 180}]
        assert case.input["grounds"] == "Capacitors bulge."
    assert verify() == []


def test_the_closed_dispute_names_the_open_claim_and_both_cases_show_their_link(company: Engine) -> None:
    dispute = dispute_opened(faulty_pieces=12)
    play(dispute)
    (child,) = children(dispute)
    told = dict(letters(dispute, "case_closed"))
    assert set(told) == {"D-01", "li.na"}
    assert child in told["li.na"]
    with transaction() as session:
        above, below = cases.by_number(session, dispute), cases.by_number(session, child)
        assert child in story(session, above)
        assert dispute in story(session, below)
        assert whole_case(session, above)["linked"]["children"] == [child]
        assert whole_case(session, below)["linked"]["parents"] == [dispute]


def test_the_disputed_goods_go_to_the_supplier_when_it_has_settled(company: Engine) -> None:
    dispute = dispute_opened(faulty_pieces=12)
    play(dispute)
    (child,) = children(dispute)
    way: Script = {
        **RECOVERED,
        "claim-confirmation": ("xie.juan", {"amount": "8630.50"}),
        "money-received": ("xie.juan", {"amount": "8630.50", "received_on": "2026-11-20", "reference": "BANK-10"}),
    }
    assert play(child, way) == "recovered"
    assert stock_moves(child) == [("LX-019", "C-01", "quarantine", "V-01", "faulty", 180)]
    assert verify() == []


def test_after_an_appeal_the_ruling_gives_the_grounds(company: Engine) -> None:
    dispute = dispute_opened(faulty_pieces=12)
    sound = {"verdict": "no_quality_fault", "pieces_inspected": 20, "pieces_on_hand": 150, "report": "Wrong voltage."}
    play(
        dispute,
        {
            **CREDITED,
            "site-finding": ("liu.yang", sound),
            "appeal": ("li.na", {"appeals": "yes", "grounds": "The voltage was right."}),
            "appeal-ruling": ("chen.min", {"ruling": "quality_fault", "reasons": "The meter was wrong."}),
        },
    )
    with transaction() as session:
        assert cases.by_number(session, children(dispute)[0]).input["grounds"] == "The meter was wrong."


def test_goods_of_the_companys_own_make_and_goods_that_did_not_come_back_yield_no_claim(company: Engine) -> None:
    own = dispute_opened(product="LX-001", batch="MH260815", faulty_pieces=9)
    came = {
        "lines": [{"delivery": "DN-2026-0005", "received": 200}],
        "waybill": "SF1",
        "more_to_come": "no",
    }
    assert play(own, {**CREDITED, "arrival": ("ma.chao", came)}) == "credited"
    sold = dispute_opened(faulty_pieces=12)
    gone = {
        "lines": [{"delivery": "DN-2026-0001", "received": 0, "already_sold": 120}],
        "waybill": "SF1",
        "more_to_come": "no",
    }
    assert play(sold, {**CREDITED, "arrival": ("ma.chao", gone)}) == "nothing_came_back"
    assert children(own) == children(sold) == []


# When it begins


@pytest.mark.parametrize(
    ("other", "field", "sentence"),
    [
        ({"supplier": "V-99"}, "supplier", "no supplier V-99"),
        ({"supplier": "D-01"}, "supplier", "no supplier D-01"),
        ({"lines": [{"product": "P-999", "pieces": 1}]}, "lines.0.product", "no part or product P-999"),
        ({"lines": [{"product": "P-005", "pieces": 1}]}, "lines.0.product", "bought from V-02"),
        ({"lines": [{"product": "P-003", "pieces": 1}]}, "lines.0.product", "makes it itself"),
        ({"lines": [{"product": "P-001", "pieces": 0}]}, "lines.0.pieces", "smallest value allowed is 1"),
        ({"lines": []}, "lines", "At least 1"),
        ({"lines": [{"product": "P-001", "pieces": 1}] * 2}, "form", "two lines"),
        ({"amount": "-1"}, "amount", "smallest value allowed is 0"),
        ({"amount": "1.005"}, "amount", "at most 2 decimal places"),
        ({"currency": "yuan"}, "currency", "three letters"),
        ({"grounds": ""}, "grounds", "must not be empty"),
    ],
)
def test_a_wrong_claim_names_its_field_and_opens_no_case(
    company: Engine, other: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(**other)
    assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Document)).all() == []
        assert session.scalars(select(Notice)).all() == []


def test_the_same_goods_are_claimed_once_unless_it_is_another_matter(company: Engine) -> None:
    opened()
    with pytest.raises(AlreadyReported):
        opened(grounds="Again.")
    assert opened(separate=True) == "SC-2026-0002"
    with pytest.raises(NotAllowed):
        opened(registered_by="zhou.hai")


@pytest.mark.parametrize(
    ("way", "ends"), [(RECOVERED, "recovered"), (GIVEN_UP, "given_up")], ids=["recovered", "given_up"]
)
def test_a_claim_comes_to_the_same_end_wherever_its_process_is_killed(company: Engine, way: Any, ends: str) -> None:
    survives_every_boundary(opened, way, outcome=ends)
