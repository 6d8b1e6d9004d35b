"""Forms of the parts return and the supplier claim: a good answer to each, and what must not pass."""

from collections.abc import Iterator
from typing import Any

import pytest

from models.errors import InvalidInput
from models.forms import Form
from models.language import speaking
from models.parts_exchange import (
    ExchangeArrival,
    ExchangeDispatch,
    RefusedChoice,
    RefusedDispatch,
    ReworkReport,
    ScrapApproval,
)
from models.parts_inspection import (
    DifferenceExplanation,
    FactoryCount,
    InspectionVerdict,
    VerdictConfirmation,
    VerdictReview,
)
from models.parts_list import ListApproval, ListCheck, ReturnList
from models.parts_return import ChargeSettled, ReturnRequest, ReturnShipment
from models.supplier_claim import (
    ClaimConfirmation,
    ClaimDecision,
    MoneyReceived,
    OldPartsHandover,
    SupplierAnswer,
    SupplierClaimReport,
)

Answer = dict[str, Any]

PARTS = {"P-001": "P-001 Ballast", "P-003": "P-003 Ring tube"}
LEDGER = {
    "parts": PARTS,
    "ledger": {"P-001": {"": 3, "MH260101": 2}, "P-003": {"": 4}},
    "stations": {"B-01": "B-01 Office", "R-01": "R-01 Station"},
    "overdue": {"P-003": 1},
    "window": 60,
    "remark": "Count again.",
}
ROW = {"listed": 3, "ledger": 5, "taken_in": 9, "repaired": 8, "difference": 1}
COMPARED = {"parts": PARTS, "compared": {"P-001": ROW}}
APPROVAL = {
    **COMPARED,
    "lines": {"1": "P-001: 3 pieces", "2": "P-003: 4 pieces"},
    "left_behind": {"P-001": "Lost."},
    "overdue": {"P-001": 2},
}
LISTED = {"parts": PARTS, "listed": {"P-001": 3}}
COUNTED = {"parts": PARTS, "counted": {"P-001": 3, "P-003": 2}, "remark": "The third."}
EXCHANGED = {"parts": PARTS, "exchanged": {"P-001": 3, "P-003": 2}}
REPAIRABLE = {"parts": PARTS, "repairable": {"P-001": 3}}
OFFER = {"claimed": "55.50", "offered": "20.00", "reason": "Half of it.", "may_insist": True}
SHIPPED = {"approved": {"P-001 Ballast": "3 pieces"}, "freight_bearer": "the company"}
DISPATCHED = {"waybill": "SF1", "carrier": "SF", "dispatched_at": "2026-11-20T10:00:00+08:00"}


def line(part: str = "P-001", pieces: int = 3, **other: Any) -> Answer:
    return {"part": part, "pieces": pieces, "fault": "Dead", "station": "R-01"} | other


ALL_LINES = [line(), line(batch="MH260101", pieces=2), line("P-003", 4)]
CLAIM = {
    "supplier": "V-01",
    "lines": [{"product": "P-001", "batch": "MH260101", "pieces": 3}],
    "amount": "55.50",
    "currency": "CNY",
    "grounds": "Capacitors bulge.",
    "evidence": "Old parts.",
    "registered_by": "li.na",
}

#: A good answer to each form, and the facts that its question is asked with.
GOOD: dict[type[Form], tuple[Answer, dict[str, Any]]] = {
    ReturnRequest: ({"party": "B-01", "month": "2026-11", "registered_by": "zhou.hai"}, {}),
    ReturnList: ({"lines": ALL_LINES}, LEDGER),
    ListCheck: ({"state": "send_back", "comment": "The tubes are missing."}, COMPARED),
    ListApproval: (
        {"comment": "Send it.", "cuts": [{"line": "2", "reason": "Too heavy."}], "excused": ["P-001"]},
        APPROVAL,
    ),
    ReturnShipment: ({"waybill": "SF1", "carrier": "SF", "packed_by_kind": "yes", "freight": "25.00"}, SHIPPED),
    ChargeSettled: (
        {"amount": "20.40", "paid_on": "2026-11-20", "reference": "PAY-1"},
        {"amount": "20.40", "currency": "CNY"},
    ),
    FactoryCount: ({"lines": [{"part": "P-001", "counted": 2}, {"part": "P-003", "counted": 1}]}, LISTED),
    DifferenceExplanation: ({"accepted": "no", "explanation": "We counted."}, {"differences": {"P-001": [3, 2]}}),
    InspectionVerdict: (
        {
            "lines": [
                {"part": "P-001", "own_quality": 1, "human_cause": 2},
                {"part": "P-003", "repairable": 1, "not_ours": 1},
            ],
            "findings": "Capacitors bulge.",
        },
        COUNTED,
    ),
    VerdictReview: ({"state": "confirm", "comment": "Agreed."}, {"verdict": [["Findings", "Bulges."]]}),
    VerdictConfirmation: ({"comment": "Agreed."}, {"verdict": [["Findings", "Bulges."]]}),
    ExchangeDispatch: (DISPATCHED, EXCHANGED),
    ExchangeArrival: ({"lines": [{"part": "P-001", "received": 3}, {"part": "P-003", "received": 0}]}, EXCHANGED),
    RefusedChoice: ({"choice": "send_back"}, {"parts": PARTS, "refused": {"P-001": 1}}),
    RefusedDispatch: ({"waybill": "SF1", "carrier": "SF"}, {"parts": PARTS, "refused": {"P-001": 1}}),
    ReworkReport: ({"lines": [{"part": "P-001", "repaired": 2}]}, REPAIRABLE),
    ScrapApproval: ({"decision": "keep", "comment": "For tests."}, {"parts": PARTS, "scrap": {"P-001": 1}}),
    SupplierClaimReport: (CLAIM, {}),
    ClaimConfirmation: ({"amount": "55.50"}, {"amount": "55.50", "currency": "CNY"}),
    SupplierAnswer: (
        {"answer": "in_part", "amount": "20.00", "reason": "Half.", "told_by": "Mr Tian"},
        {"claimed": "55.50"},
    ),
    ClaimDecision: ({"decision": "insist", "reason": "The finding is clear."}, OFFER),
    OldPartsHandover: ({"waybill": "SF1", "carrier": "SF"}, {"old_parts": {"P-001 Ballast": 3}}),
    MoneyReceived: (
        {"amount": "20.00", "received_on": "2026-11-20", "reference": "BANK-7"},
        {"agreed": "20.00", "currency": "CNY"},
    ),
}

#: Form, what is changed in its good answer, the field that is named, and a part of the sentence.
BAD: list[tuple[type[Form], Answer, str, str]] = [
    (ReturnRequest, {"month": "11/2026"}, "month", "Write year and month, such as 2026-11."),
    (ReturnRequest, {"month": "2026-00"}, "month", "Write year and month"),
    (ReturnRequest, {"party": ""}, "party", "must not be empty"),
    (ReturnRequest, {"party": "B-01\nBcc: x@y"}, "party", "one line of text"),
    (ReturnRequest, {"separate": "perhaps"}, "separate", "yes or no"),
    (ReturnRequest, {"day": 1}, "day", "no such field"),
    (ReturnList, {"lines": [line("P-009")]}, "lines.0.part", "P-001, P-003"),
    (ReturnList, {"lines": [line(station="R-09")]}, "lines.0.station", "B-01, R-01"),
    (ReturnList, {"lines": [line(pieces=0)]}, "lines.0.pieces", "smallest value allowed is 1"),
    (ReturnList, {"lines": [line(pieces="3")]}, "lines.0.pieces", "whole number"),
    (ReturnList, {"lines": [*ALL_LINES, line("P-003", 1)]}, "form", "5 pieces are listed, but the ledger has 4"),
    (
        ReturnList,
        {"lines": [line(batch="XX", pieces=1)]},
        "form",
        "batch XX: 1 pieces are listed, but the ledger has 0",
    ),
    (ReturnList, {"lines": ALL_LINES[:2]}, "form", "P-003: 0 of 4 pieces are listed; add a statement"),
    (ReturnList, {"left_behind": [{"part": "P-001", "reason": "x"}]}, "form", "P-001 is listed whole"),
    (ReturnList, {"left_behind": [{"part": "P-001", "reason": ""}]}, "left_behind.0.reason", "must not be empty"),
    (ReturnList, {"left_behind": [{"part": "P-009", "reason": "x"}]}, "left_behind.0.part", "not among the choices"),
    (ListCheck, {"state": "good"}, "state", "Choose one of"),
    (ListCheck, {"state": None}, "state", "Choose one of"),
    (ListCheck, {"comment": ""}, "comment", "must not be empty"),
    (ListCheck, {"comment": "x" * 4001}, "comment", "At most 4000 characters"),
    (ListCheck, {"pieces": 3}, "pieces", "no such field"),
    (ListApproval, {"cuts": [{"line": "3", "reason": "x"}]}, "cuts.0.line", "3 is not among the choices: 1, 2"),
    (ListApproval, {"cuts": [{"line": "1", "reason": ""}]}, "cuts.0.reason", "must not be empty"),
    (ListApproval, {"excused": ["P-009"]}, "excused", "P-009 is not among the choices"),
    (ListApproval, {"comment": ""}, "comment", "must not be empty"),
    (ListApproval, {"cuts": "all"}, "cuts", "must be a list"),
    (ReturnShipment, {"packed_by_kind": "no"}, "packed_by_kind", "Pack the parts by kind"),
    (ReturnShipment, {"freight": "-1"}, "freight", "smallest value allowed is 0"),
    (ReturnShipment, {"freight": "25.001"}, "freight", "at most 2 decimal places"),
    (ReturnShipment, {"freight": "a lot"}, "freight", "such as 1234.50"),
    (ReturnShipment, {"waybill": ""}, "waybill", "must not be empty"),
    (ReturnShipment, {"carrier": "x" * 121}, "carrier", "At most 120 characters"),
    (ChargeSettled, {"amount": "20.39"}, "amount", "The charge is 20.40"),
    (ChargeSettled, {"amount": "20.41"}, "amount", "The charge is 20.40"),
    (ChargeSettled, {"paid_on": "yesterday"}, "paid_on", "such as 2026-11-23"),
    (ChargeSettled, {"paid_on": 20261120}, "paid_on", "such as 2026-11-23"),
    (ChargeSettled, {"reference": ""}, "reference", "must not be empty"),
    (FactoryCount, {"lines": []}, "lines", "At least 1"),
    (FactoryCount, {"lines": [{"part": "P-003", "counted": 1}]}, "form", "P-001 is missing"),
    (FactoryCount, {"lines": [{"part": "P-001", "counted": 1}] * 2}, "form", "P-001 stands in two lines"),
    (FactoryCount, {"lines": [{"part": "P-009", "counted": 1}]}, "lines.0.part", "not among the choices"),
    (FactoryCount, {"lines": [{"part": "P-001", "counted": -1}]}, "lines.0.counted", "smallest value allowed is 0"),
    (FactoryCount, {"lines": [{"part": "P-001", "counted": 1.5}]}, "lines.0.counted", "whole number"),
    (DifferenceExplanation, {"accepted": "maybe"}, "accepted", "Choose one of"),
    (DifferenceExplanation, {"accepted": True}, "accepted", "Choose one of"),
    (DifferenceExplanation, {"explanation": ""}, "explanation", "must not be empty"),
    (DifferenceExplanation, {"explanation": "\x07"}, "explanation", "plain text"),
    (DifferenceExplanation, {"pieces": 1}, "pieces", "no such field"),
    (InspectionVerdict, {"lines": [{"part": "P-001", "own_quality": 3}]}, "form", "P-003 is missing"),
    (
        InspectionVerdict,
        {"lines": [{"part": "P-001", "own_quality": 2}, {"part": "P-003", "not_ours": 2}]},
        "form",
        "P-001: 2 pieces are judged, but 3 were counted",
    ),
    (
        InspectionVerdict,
        {"lines": [{"part": "P-001", "own_quality": 3}, {"part": "P-003", "not_ours": 3}]},
        "form",
        "P-003: 3 pieces are judged, but 2 were counted",
    ),
    (
        InspectionVerdict,
        {"lines": [{"part": "P-001", "own_quality": 3}, {"part": "P-001", "own_quality": 0}]},
        "form",
        "two lines",
    ),
    (InspectionVerdict, {"lines": [{"part": "P-009"}]}, "lines.0.part", "not among the choices"),
    (InspectionVerdict, {"lines": [{"part": "P-001", "own_quality": -3}]}, "lines.0.own_quality", "smallest value"),
    (InspectionVerdict, {"findings": ""}, "findings", "must not be empty"),
    (VerdictReview, {"state": "refuse"}, "state", "Choose one of"),
    (VerdictReview, {"state": ""}, "state", "Choose one of"),
    (VerdictReview, {"comment": ""}, "comment", "must not be empty"),
    (VerdictReview, {"comment": 5}, "comment", "Write text here"),
    (VerdictReview, {"verdict": "x"}, "verdict", "no such field"),
    (VerdictConfirmation, {"comment": ""}, "comment", "must not be empty"),
    (VerdictConfirmation, {"comment": None}, "comment", "Write text here"),
    (VerdictConfirmation, {"comment": ["x"]}, "comment", "Write text here"),
    (VerdictConfirmation, {"comment": "x" * 4001}, "comment", "At most 4000"),
    (VerdictConfirmation, {"state": "send_back"}, "state", "no such field"),
    (ExchangeDispatch, {"dispatched_at": "2026-11-20T10:00:00"}, "dispatched_at", "with zone"),
    (ExchangeDispatch, {"dispatched_at": "1026-11-20T10:00:00+08:00"}, "dispatched_at", "Check the year"),
    (ExchangeDispatch, {"dispatched_at": 1}, "dispatched_at", "with zone"),
    (ExchangeDispatch, {"waybill": ""}, "waybill", "must not be empty"),
    (ExchangeDispatch, {"carrier": None}, "carrier", "Write text here"),
    (ExchangeArrival, {"lines": [{"part": "P-001", "received": 3}]}, "form", "P-003 is missing"),
    (
        ExchangeArrival,
        {"lines": [{"part": "P-001", "received": 4}, {"part": "P-003", "received": 0}]},
        "form",
        "P-001: 4 pieces are entered; at most 3 are possible",
    ),
    (ExchangeArrival, {"lines": [{"part": "P-001", "received": -1}]}, "lines.0.received", "smallest value"),
    (ExchangeArrival, {"lines": [{"part": "P-009", "received": 1}]}, "lines.0.part", "not among the choices"),
    (ExchangeArrival, {"lines": []}, "lines", "At least 1"),
    (RefusedChoice, {"choice": "keep"}, "choice", "Choose one of"),
    (RefusedChoice, {"choice": ""}, "choice", "Choose one of"),
    (RefusedChoice, {"choice": None}, "choice", "Choose one of"),
    (RefusedChoice, {"choice": ["scrap"]}, "choice", "Choose one of"),
    (RefusedChoice, {"comment": "x"}, "comment", "no such field"),
    (RefusedDispatch, {"waybill": ""}, "waybill", "must not be empty"),
    (RefusedDispatch, {"waybill": "SF\n1"}, "waybill", "one line of text"),
    (RefusedDispatch, {"carrier": ""}, "carrier", "must not be empty"),
    (RefusedDispatch, {"carrier": 7}, "carrier", "Write text here"),
    (RefusedDispatch, {"freight": "1"}, "freight", "no such field"),
    (ReworkReport, {"lines": [{"part": "P-001", "repaired": 4}]}, "form", "P-001: 4 pieces are entered; at most 3"),
    (ReworkReport, {"lines": []}, "lines", "At least 1"),
    (ReworkReport, {"lines": [{"part": "P-001", "repaired": 1}] * 2}, "form", "two lines"),
    (ReworkReport, {"lines": [{"part": "P-001", "repaired": "all"}]}, "lines.0.repaired", "whole number"),
    (ReworkReport, {"lines": [{"part": "P-009", "repaired": 1}]}, "lines.0.part", "not among the choices"),
    (ScrapApproval, {"decision": "sell"}, "decision", "Choose one of"),
    (ScrapApproval, {"decision": None}, "decision", "Choose one of"),
    (ScrapApproval, {"comment": ""}, "comment", "must not be empty"),
    (ScrapApproval, {"comment": "x" * 4001}, "comment", "At most 4000"),
    (ScrapApproval, {"pieces": 1}, "pieces", "no such field"),
    (SupplierClaimReport, {"currency": "cny"}, "currency", "three letters"),
    (SupplierClaimReport, {"lines": []}, "lines", "At least 1"),
    (SupplierClaimReport, {"lines": CLAIM["lines"] * 2}, "form", "P-001, batch MH260101, stands in two lines"),
    (SupplierClaimReport, {"amount": "NaN"}, "amount", "such as 1234.50"),
    (SupplierClaimReport, {"amount": "1000000000000"}, "amount", "too large"),
    (SupplierClaimReport, {"evidence": ""}, "evidence", "must not be empty"),
    (ClaimConfirmation, {"amount": "0"}, "amount", "above 0"),
    (ClaimConfirmation, {"amount": "-5"}, "amount", "smallest value allowed is 0"),
    (ClaimConfirmation, {"amount": "5.555"}, "amount", "at most 2 decimal places"),
    (ClaimConfirmation, {"amount": "all"}, "amount", "such as 1234.50"),
    (ClaimConfirmation, {"note": "\x00"}, "note", "plain text"),
    (SupplierAnswer, {"amount": "0"}, "form", "lies between 0 and 55.50"),
    (SupplierAnswer, {"amount": "55.50"}, "form", "lies between 0 and 55.50"),
    (SupplierAnswer, {"answer": "accepts"}, "form", "accepts 55.50"),
    (SupplierAnswer, {"answer": "refuses"}, "form", "accepts no amount"),
    (SupplierAnswer, {"reason": ""}, "form", "Write the supplier's reasons."),
    (SupplierAnswer, {"answer": "perhaps"}, "answer", "Choose one of"),
    (SupplierAnswer, {"told_by": ""}, "told_by", "must not be empty"),
    (ClaimDecision, {"decision": "sue"}, "decision", "Choose one of"),
    (ClaimDecision, {"decision": None}, "decision", "Choose one of"),
    (ClaimDecision, {"reason": ""}, "reason", "must not be empty"),
    (ClaimDecision, {"reason": 1}, "reason", "Write text here"),
    (ClaimDecision, {"amount": "1"}, "amount", "no such field"),
    (OldPartsHandover, {"waybill": ""}, "waybill", "must not be empty"),
    (OldPartsHandover, {"waybill": "a\tb"}, "waybill", "one line of text"),
    (OldPartsHandover, {"carrier": ""}, "carrier", "must not be empty"),
    (OldPartsHandover, {"carrier": "x" * 121}, "carrier", "At most 120"),
    (OldPartsHandover, {"pieces": 3}, "pieces", "no such field"),
    (MoneyReceived, {"amount": "19.99"}, "amount", "The supplier owes 20.00"),
    (MoneyReceived, {"amount": "0"}, "amount", "The supplier owes 20.00"),
    (MoneyReceived, {"received_on": "2026-02-30"}, "received_on", "such as 2026-11-23"),
    (MoneyReceived, {"received_on": "2206-11-20"}, "received_on", "Check the year"),
    (MoneyReceived, {"reference": ""}, "reference", "must not be empty"),
]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.mark.parametrize("form", GOOD, ids=lambda form: form.__name__)
def test_a_good_answer_passes_and_comes_back_as_it_is_kept(form: type[Form]) -> None:
    given, facts = GOOD[form]
    answer = form.read(given, facts)
    assert form.read(answer.model_dump(mode="json"), facts) == answer
    assert answer.told()


@pytest.mark.parametrize("form", [form for form in GOOD if GOOD[form][1]], ids=lambda form: form.__name__)
def test_a_form_shows_what_is_to_be_considered(form: type[Form]) -> None:
    rows = form.hint(GOOD[form][1])
    assert rows
    assert all(title and text for title, text in rows)


@pytest.mark.parametrize(
    ("form", "changed", "field", "sentence"), BAD, ids=[f"{one[0].__name__}-{one[3][:30]}" for one in BAD]
)
def test_a_bad_answer_is_told_which_field_is_wrong_and_what_would_be_right(
    form: type[Form], changed: Answer, field: str, sentence: str
) -> None:
    given, facts = GOOD[form]
    with pytest.raises(InvalidInput) as refused:
        form.read({**given, **changed}, facts)
    assert sentence in refused.value.fields[field]


@pytest.mark.parametrize("form", GOOD, ids=lambda form: form.__name__)
def test_each_form_is_tried_with_five_bad_answers(form: type[Form]) -> None:
    assert sum(one[0] is form for one in BAD) >= 5


@pytest.mark.parametrize("form", GOOD, ids=lambda form: form.__name__)
def test_what_is_needed_is_asked_for(form: type[Form]) -> None:
    needed = [name for name, field in form.model_fields.items() if field.is_required()]
    with pytest.raises(InvalidInput) as refused:
        form.read({}, GOOD[form][1])
    assert [refused.value.fields[name] for name in needed] == ["This field is needed."] * len(needed)


def test_a_whole_list_needs_no_statement_and_one_with_less_needs_one_for_its_part() -> None:
    less = {
        "lines": [line(pieces=1), line("P-003", 4)],
        "left_behind": [{"part": "P-001", "reason": "Needed as proof."}],
    }
    assert ReturnList.read(less, LEDGER).pieces_of("P-001") == 1


def test_what_is_ours_is_exchanged_and_what_is_not_is_refused() -> None:
    verdict = InspectionVerdict.read(*GOOD[InspectionVerdict])
    assert verdict.exchanged == {"P-001": 1, "P-003": 1}
    assert verdict.refused == {"P-001": 2, "P-003": 1}
    assert verdict.repairable == {"P-003": 1}
    assert verdict.own_quality == {"P-001": 1}


def test_there_is_nothing_to_take_where_nothing_is_offered_and_nobody_insists_twice() -> None:
    nothing = OFFER | {"offered": "0"}
    with pytest.raises(InvalidInput, match="offers nothing"):
        ClaimDecision.read({"decision": "accept", "reason": "x"}, nothing)
    with pytest.raises(InvalidInput, match="insisted once"):
        ClaimDecision.read({"decision": "insist", "reason": "x"}, OFFER | {"may_insist": False})
    assert ClaimDecision.read({"decision": "give_up", "reason": "x"}, nothing)


def test_prefects_form_offers_the_choices_in_nested_lines() -> None:
    schema = ListApproval.schema_for(APPROVAL, labels=True)
    assert schema["properties"]["cuts"]["items"]["properties"]["line"]["enum"] == [
        "P-001: 3 pieces",
        "P-003: 4 pieces",
    ]
    assert schema["properties"]["excused"]["items"]["enum"] == list(PARTS.values())
