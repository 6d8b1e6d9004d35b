"""What the forms of a station's review refuse: which field, and a sentence that says what would be right."""

from typing import Any

import pytest

from models.errors import InvalidInput
from models.forms import Form
from models.language import speak
from models.station_closure import LastClaims, LastSettlement, LoanCount, LoanSentBack, NeighbourChoice
from models.station_review import NewPaper, ReviewDecision, ReviewRequest, StationFacts

PAPERS = {"today": "2026-11-23", "certificates": {"PX-1": "Feng PX-1"}}
DECIDING = {
    "today": "2026-11-23",
    "term_ends_on": "2026-12-23",
    "term_is_the_matter": False,
    "suspended": False,
}
RENEW = {"measure": "renew", "agreement_number": "XY-2", "term_ends_on": "2027-12-23"}
CERTIFICATE = {"kind": "certificate", "repairer": "Qiu", "number": "PX-2", "valid_until": "2028-11-30"}

#: Each form with an answer that it takes, and the facts that it is checked against.
GOOD: dict[type[Form], tuple[dict[str, Any], dict[str, Any]]] = {
    ReviewRequest: (
        {"station": "R-01", "reason": "false_claim", "detail": "Slip 17.", "registered_by": "li.na"},
        {},
    ),
    StationFacts: ({"file_in_order": "All there.", "left": ["PX-1"]}, PAPERS),
    NewPaper: (
        {"kind": "licence", "number": "L-2", "valid_until": "2031-01-31"},
        PAPERS,
    ),
    ReviewDecision: ({**RENEW, "reason": "Good work."}, DECIDING),
    NeighbourChoice: ({"neighbour": "R-02"}, {"neighbours": {"R-02": "R-02", "none": "none"}, "proposed": []}),
    LoanSentBack: ({"waybill": "YD-9"}, {"stock": []}),
    LoanCount: (
        {"lines": [{"part": "P-001", "good": 3, "faulty": 1}]},
        {"parts": {"P-001": "Board"}, "listed": {"P-001": 4}},
    ),
    LastClaims: ({"claims": "nothing", "detail": "Mr Cai."}, {}),
    LastSettlement: ({"sheet_number": "JS-1", "claims_settled": "yes"}, {}),
}

GONE = object()
CHOOSE, NEEDED, TEXT = "Choose one of:", "This field is needed.", "must not be empty"
NO_SUCH = "There is no such field."

#: What is changed in the good answer, the field that is named, and what its sentence says.
BAD: list[tuple[type[Form], dict[str, Any], str, str]] = [
    (ReviewRequest, {"station": ""}, "station", TEXT),
    (ReviewRequest, {"reason": "gossip"}, "reason", CHOOSE),
    (ReviewRequest, {"upheld_complaints": -1}, "upheld_complaints", "The smallest value allowed is 0."),
    (ReviewRequest, {"detail": GONE}, "detail", NEEDED),
    (ReviewRequest, {"registered_by": GONE}, "registered_by", NEEDED),
    (StationFacts, {"left": ["PX-9"]}, "left", "PX-9 is not among the choices: PX-1."),
    (StationFacts, {"left": "PX-1"}, "left", "This must be a list."),
    (StationFacts, {"left": [""]}, "left.0", TEXT),
    (StationFacts, {"file_in_order": ""}, "file_in_order", TEXT),
    (StationFacts, {"file_in_order": GONE}, "file_in_order", NEEDED),
    (NewPaper, {"kind": GONE}, "kind", NEEDED),
    (NewPaper, {"number": ""}, "form", "needs its number and its last day"),
    (NewPaper, {"valid_until": GONE}, "form", "needs its number and its last day"),
    (NewPaper, {"valid_until": "2026-11-22"}, "form", "This paper has expired already"),
    (NewPaper, {"repairer": "Feng"}, "form", "Name the repairer of a certificate, and of a certificate alone."),
    (NewPaper, {**CERTIFICATE, "repairer": ""}, "form", "Name the repairer of a certificate"),
    (NewPaper, {**CERTIFICATE, "number": "PX-1"}, "form", "The certificate PX-1 is recorded already."),
    (NewPaper, {"kind": "passport"}, "kind", CHOOSE),
    (ReviewDecision, {"agreement_number": ""}, "form", "give the number of the new agreement and its last day"),
    (ReviewDecision, {"term_ends_on": GONE}, "form", "give the number of the new agreement and its last day"),
    (ReviewDecision, {"term_ends_on": "2026-12-23"}, "form", "The present agreement ends on 2026-12-23"),
    (ReviewDecision, {"measure": "suspend"}, "form", "give a last day that is still to come"),
    (ReviewDecision, {"measure": "suspend", "suspended_until": "2026-11-22"}, "form", "still to come"),
    (ReviewDecision, {"measure": "lift"}, "form", "The station is not suspended."),
    (ReviewDecision, {"reason": ""}, "reason", TEXT),
    (ReviewDecision, {"measure": "forget"}, "measure", CHOOSE),
    (NeighbourChoice, {"neighbour": "R-99"}, "neighbour", "R-99 is not among the choices: R-02, none."),
    (NeighbourChoice, {"neighbour": ""}, "neighbour", TEXT),
    (NeighbourChoice, {"neighbour": GONE}, "neighbour", NEEDED),
    (NeighbourChoice, {"note": 5}, "note", "Write text here."),
    (NeighbourChoice, {"address": "x"}, "address", NO_SUCH),
    (LoanSentBack, {"waybill": ""}, "waybill", TEXT),
    (LoanSentBack, {"waybill": GONE}, "waybill", NEEDED),
    (LoanSentBack, {"waybill": "a\nb"}, "waybill", "line breaks are not allowed"),
    (LoanSentBack, {"waybill": "x" * 121}, "waybill", "At most 120 characters"),
    (LoanSentBack, {"lines": []}, "lines", NO_SUCH),
    (LoanCount, {"lines": [{"part": "P-001", "good": 4, "faulty": 1}]}, "lines", "the station had 4 pieces of P-001"),
    (LoanCount, {"lines": [{"part": "P-001", "good": 1}] * 2}, "lines", "P-001 stands here twice."),
    (LoanCount, {"lines": [{"part": "P-002", "good": 1}]}, "lines.0.part", "not among the choices"),
    (LoanCount, {"lines": [{"part": "P-001", "good": -1}]}, "lines.0.good", "The smallest value allowed is 0."),
    (LoanCount, {"lines": GONE}, "lines", NEEDED),
    (LastClaims, {"claims": "much"}, "claims", CHOOSE),
    (LastClaims, {"claims": GONE}, "claims", NEEDED),
    (LastClaims, {"detail": ""}, "detail", TEXT),
    (LastClaims, {"detail": GONE}, "detail", NEEDED),
    (LastClaims, {"amount": "10"}, "amount", NO_SUCH),
    (LastSettlement, {"claims_settled": "no"}, "claims_settled", "Settle the station's claims first"),
    (LastSettlement, {"claims_settled": "almost"}, "claims_settled", CHOOSE),
    (LastSettlement, {"claims_settled": GONE}, "claims_settled", NEEDED),
    (LastSettlement, {"sheet_number": ""}, "sheet_number", TEXT),
    (LastSettlement, {"paid": "1"}, "paid", NO_SUCH),
]


@pytest.fixture(autouse=True)
def in_english() -> None:
    speak("en")


def changed(good: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (good | change).items() if value is not GONE}


@pytest.mark.parametrize("form", GOOD, ids=lambda form: form.__name__)
def test_a_good_answer_is_taken(form: type[Form]) -> None:
    form.read(*GOOD[form])


@pytest.mark.parametrize(("form", "change", "field", "sentence"), BAD)
def test_a_bad_answer_names_its_field_and_says_what_is_wrong(
    form: type[Form], change: dict[str, Any], field: str, sentence: str
) -> None:
    good, facts = GOOD[form]
    with pytest.raises(InvalidInput) as refused:
        form.read(changed(good, change), facts)
    assert list(refused.value.fields) == [field]
    assert sentence in refused.value.fields[field]


def test_where_the_term_is_the_matter_the_station_cannot_be_left_as_it_is() -> None:
    with pytest.raises(InvalidInput) as refused:
        ReviewDecision.read({"measure": "leave", "reason": "Later."}, {**DECIDING, "term_is_the_matter": True})
    assert "renew it, suspend the station or close it" in refused.value.fields["form"]


def test_no_new_paper_needs_no_number() -> None:
    assert NewPaper.read({"kind": "none"}, PAPERS).number == ""
