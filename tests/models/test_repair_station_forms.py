"""What the forms of a station's development refuse: which field, and a sentence that says what would be right."""

from typing import Any

import pytest

from models.errors import InvalidInput
from models.forms import Form
from models.language import speak
from models.repair_station import CandidateSheet, MissingPapers, PaperCheck
from models.repair_station_choice import Recommendation, StationApproval, VisitDecision, VisitScore
from models.repair_station_setup import Agreement, LoanArrival, LoanDispatch
from models.repair_station_start import Activation, FirstMonth, FirstMonthDecision, TrainingResult

REPAIRER = {"name": "Feng", "id_digits": "012X", "skill": "Electrician"}
CRITERIA = {"tools": "Tools", "skill": "Skill"}
SCORES = [{"criterion": "tools", "score": 7}, {"criterion": "skill", "score": 10}]
AREA = {"served_by": "", "exception_reason": ""}
PASSED = {"repairer": "Feng", "certificate_number": "PX-1", "valid_until": "2028-11-30"}

#: Each form with an answer that it takes, and the facts that it is checked against.
GOOD: dict[type[Form], tuple[dict[str, Any], dict[str, Any]]] = {
    CandidateSheet: (
        {
            "office": "B-01",
            "name": "Panyu Repairs",
            "area": "Panyu",
            "contact": "Mr Feng",
            "phone": "020",
            "address": "12 Dabei Road",
            "bank_account": "ICBC 6222",
            "repairers": [REPAIRER],
            "premises_m2": 45,
            "tools": "Meters",
            "phone_24h": "yes",
            "registered_entity": "yes",
            "licence_number": "9144",
            "licence_valid_until": "2031-01-31",
            "reported_at": "2026-11-23T09:00:00+08:00",
            "registered_by": "zhou.hai",
        },
        {},
    ),
    PaperCheck: (
        dict.fromkeys(("licence", "identity", "skill", "premises", "tools", "bank"), "yes") | {"verdict": "complete"},
        {},
    ),
    MissingPapers: ({"answer": "supplied", "supplied": "The licence."}, {"missing": "The licence."}),
    VisitDecision: ({"decision": "visit"}, AREA),
    VisitScore: (
        {"visited_on": "2026-11-25", "scores": SCORES, "report": "Seen."},
        {"criteria": CRITERIA, "weights": {"tools": 40, "skill": 60}, "pass_mark": "60", "applied_on": "2026-11-23"},
    ),
    Recommendation: ({"decision": "recommend", "reason": "Good."}, {**AREA, "passed": False}),
    StationApproval: ({"decision": "approve"}, AREA),
    Agreement: (
        {
            "signature": "signed",
            "agreement_number": "XY-1",
            "signed_on": "2026-12-01",
            "station_number": "R-05",
        },
        {"taken_numbers": ["R-01", "R-04"], "next_number": "R-05", "applied_on": "2026-11-23"},
    ),
    LoanDispatch: (
        {"lines": [{"part": "P-001", "pieces": 4}], "waybill": "YD-1"},
        {
            "parts": {"P-001": "Board", "P-002": "Other board"},
            "kinds": {"P-001": "ballast", "P-002": "ballast"},
            "proposed": {"ballast": 4},
        },
    ),
    LoanArrival: (
        {"lines": [{"part": "P-001", "pieces": 4}]},
        {"parts": {"P-001": "Board"}, "sent": {"P-001": 4}},
    ),
    TrainingResult: (
        {"held_on": "2026-12-05", "passed": [PASSED], "then": "go_on"},
        {"repairers": {"Feng": "Feng", "Qiu": "Qiu"}, "signed_on": "2026-12-01"},
    ),
    Activation: ({"decision": "activate"}, {}),
    FirstMonth: ({"reports_on_time": "yes", "stock_agrees": "yes", "complaints": 0}, {"stock": []}),
    FirstMonthDecision: ({"decision": "keep", "remark": "In time from now on."}, {"found": "Late."}),
}

GONE = object()
CHOOSE, NEEDED, TEXT, WHOLE = "Choose one of:", "This field is needed.", "must not be empty", "Write a whole number"
REFUSAL = "A refusal needs its reason."

#: What is changed in the good answer, the field that is named, and what its sentence says.
BAD: list[tuple[type[Form], dict[str, Any], str, str]] = [
    (CandidateSheet, {"repairers": []}, "repairers", "At least 1 entry is needed."),
    (CandidateSheet, {"repairers": [REPAIRER, REPAIRER]}, "repairers", "Feng stands here twice"),
    (CandidateSheet, {"repairers": [{**REPAIRER, "id_digits": "12X"}]}, "repairers.0.id_digits", "the right form"),
    (CandidateSheet, {"exception": "yes"}, "form", "needs its reason"),
    (CandidateSheet, {"premises_m2": 0}, "premises_m2", "The smallest value allowed is 1."),
    (CandidateSheet, {"email": "feng at home"}, "email", "the right form"),
    (CandidateSheet, {"licence_valid_until": "31.01.2031"}, "licence_valid_until", "Write a date such as"),
    (CandidateSheet, {"registered_entity": "perhaps"}, "registered_entity", CHOOSE),
    (CandidateSheet, {"area": ""}, "area", TEXT),
    (CandidateSheet, {"address": GONE}, "address", NEEDED),
    (PaperCheck, {"bank": "no"}, "form", "A paper is missing; send the sheet back"),
    (PaperCheck, {"bank": "no", "verdict": "send_back"}, "form", "Say what is missing"),
    (PaperCheck, {"verdict": "refuse"}, "form", "why the candidate is refused"),
    (PaperCheck, {"licence": "expired"}, "licence", CHOOSE),
    (PaperCheck, {"verdict": GONE}, "verdict", NEEDED),
    (MissingPapers, {"answer": "later"}, "answer", CHOOSE),
    (MissingPapers, {"supplied": ""}, "supplied", TEXT),
    (MissingPapers, {"supplied": GONE}, "supplied", NEEDED),
    (MissingPapers, {"supplied": "a\x00b"}, "supplied", "Control characters"),
    (MissingPapers, {"by": "me"}, "by", "There is no such field."),
    (VisitDecision, {"decision": "refuse"}, "form", REFUSAL),
    (VisitDecision, {"decision": "maybe"}, "decision", CHOOSE),
    (VisitDecision, {"decision": GONE}, "decision", NEEDED),
    (VisitDecision, {"reason": 7}, "reason", "Write text here."),
    (VisitDecision, {"reason": "x" * 4001}, "reason", "At most 4000 characters"),
    (VisitScore, {"scores": SCORES[:1]}, "form", "Score each criterion once; look at: Skill."),
    (VisitScore, {"scores": [*SCORES, SCORES[0]]}, "form", "look at: Tools."),
    (VisitScore, {"scores": [*SCORES, {"criterion": "smell", "score": 1}]}, "scores.2.criterion", "not among"),
    (VisitScore, {"scores": [SCORES[0], {"criterion": "skill", "score": 11}]}, "scores.1.score", "largest value"),
    (VisitScore, {"scores": [SCORES[0], {"criterion": "skill", "score": -1}]}, "scores.1.score", "smallest value"),
    (VisitScore, {"visited_on": "2026-11-22"}, "visited_on", "The candidate applied on 2026-11-23"),
    (Recommendation, {"reason": ""}, "form", "below the pass mark"),
    (Recommendation, {"decision": "refuse", "reason": ""}, "form", REFUSAL),
    (Recommendation, {"decision": "approve"}, "decision", CHOOSE),
    (Recommendation, {"decision": GONE}, "decision", NEEDED),
    (Recommendation, {"score": 90}, "score", "There is no such field."),
    (StationApproval, {"decision": "refuse"}, "form", REFUSAL),
    (StationApproval, {"second_in_the_area": "yes"}, "form", "asks for no second station"),
    (StationApproval, {"second_in_the_area": "maybe"}, "second_in_the_area", CHOOSE),
    (StationApproval, {"decision": "recommend"}, "decision", CHOOSE),
    (StationApproval, {"decision": GONE}, "decision", NEEDED),
    (Agreement, {"station_number": "R-04"}, "station_number", "R-04 is taken; the next free number is R-05."),
    (Agreement, {"station_number": "R 05"}, "station_number", "the right form"),
    (Agreement, {"station_number": ""}, "form", "needs its number, its day and the number of the station"),
    (Agreement, {"agreement_number": ""}, "form", "needs its number, its day and the number of the station"),
    (Agreement, {"signed_on": GONE}, "form", "needs its number, its day and the number of the station"),
    (Agreement, {"signed_on": "2026-11-01"}, "signed_on", "the agreement cannot lie before"),
    (Agreement, {"term_months": 0}, "term_months", "The smallest value allowed is 1."),
    (Agreement, {"deposit": "-1"}, "deposit", "The smallest value allowed is 0."),
    (LoanDispatch, {"lines": []}, "lines", "At least 1 entry is needed."),
    (LoanDispatch, {"lines": [{"part": "P-001", "pieces": 3}]}, "form", "say why in the note"),
    (LoanDispatch, {"lines": [{"part": "P-001", "pieces": 2}] * 2}, "lines", "P-001 stands here twice."),
    (LoanDispatch, {"lines": [{"part": "P-009", "pieces": 4}]}, "lines.0.part", "not among the choices"),
    (LoanDispatch, {"lines": [{"part": "P-001", "pieces": "four"}]}, "lines.0.pieces", WHOLE),
    (LoanDispatch, {"waybill": GONE}, "waybill", NEEDED),
    (LoanArrival, {"lines": [{"part": "P-001", "pieces": 5}]}, "lines", "Of P-001 only 4 pieces were sent."),
    (LoanArrival, {"lines": [{"part": "P-001", "pieces": 1}] * 2}, "lines", "P-001 stands here twice."),
    (LoanArrival, {"lines": [{"part": "P-002", "pieces": 1}]}, "lines.0.part", "not among the choices"),
    (LoanArrival, {"lines": [{"part": "P-001", "pieces": -1}]}, "lines.0.pieces", "The smallest value allowed is 0."),
    (LoanArrival, {"lines": GONE}, "lines", NEEDED),
    (TrainingResult, {"passed": []}, "form", "Go on if somebody passed"),
    (TrainingResult, {"then": "repeat"}, "form", "repeat or refuse if nobody did"),
    (TrainingResult, {"passed": [{**PASSED, "repairer": "Lu"}]}, "passed.0.repairer", "not among the choices"),
    (TrainingResult, {"passed": [PASSED, {**PASSED, "certificate_number": "2"}]}, "form", "Feng stands here twice."),
    (TrainingResult, {"passed": [PASSED, {**PASSED, "repairer": "Qiu"}]}, "form", "PX-1 stands here twice."),
    (TrainingResult, {"passed": [{**PASSED, "valid_until": "2026-12-04"}]}, "form", "cannot expire before"),
    (TrainingResult, {"held_on": "2026-11-30"}, "held_on", "The agreement was signed on 2026-12-01"),
    (Activation, {"decision": "refuse"}, "form", REFUSAL),
    (Activation, {"decision": "yes"}, "decision", CHOOSE),
    (Activation, {"decision": GONE}, "decision", NEEDED),
    (Activation, {"reason": ["x"]}, "reason", "Write text here."),
    (Activation, {"from": "2026-12-01"}, "from", "There is no such field."),
    (FirstMonth, {"reports_on_time": "no"}, "form", "Something was not right"),
    (FirstMonth, {"stock_agrees": "no"}, "form", "Something was not right"),
    (FirstMonth, {"complaints": 1}, "form", "Something was not right"),
    (FirstMonth, {"complaints": -1}, "complaints", "The smallest value allowed is 0."),
    (FirstMonth, {"complaints": "none"}, "complaints", WHOLE),
    (FirstMonth, {"reports_on_time": GONE}, "reports_on_time", NEEDED),
    (FirstMonthDecision, {"decision": "close"}, "decision", CHOOSE),
    (FirstMonthDecision, {"decision": GONE}, "decision", NEEDED),
    (FirstMonthDecision, {"remark": ""}, "remark", TEXT),
    (FirstMonthDecision, {"remark": GONE}, "remark", NEEDED),
    (FirstMonthDecision, {"until": "2027-01-31"}, "until", "There is no such field."),
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


def test_an_exception_that_is_asked_for_is_not_approved_in_passing() -> None:
    with pytest.raises(InvalidInput) as refused:
        StationApproval.read({"decision": "approve"}, {**AREA, "exception_reason": "Three weeks of queue."})
    assert "approve that too, or refuse" in refused.value.fields["form"]


def test_a_candidate_who_withdraws_signs_nothing() -> None:
    assert Agreement.read({"signature": "withdraws"}, GOOD[Agreement][1]).agreement_number == ""
