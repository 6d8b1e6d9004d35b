"""The forms of a parts swap, filled in wrongly: which field it is, and a sentence that a person understands."""

from typing import Any

import pytest

from models.errors import InvalidInput
from models.forms import Form
from models.language import speak
from models.parts_back_order import BackOrderDate, BackOrderStock, EmergencyIssue, IssueArrival, IssueDispatch
from models.parts_swap import CounterCheck, SwapSlip

LINE: dict[str, Any] = {
    "slip": "W-1",
    "product": "LX-001",
    "part": "P-001",
    "pieces": 2,
    "batch": "",
    "fault": "Does not light",
    "purchased_on": "2026-08-01",
    "received_on": "2026-11-10",
    "done_on": "2026-11-11",
    "entitlement": "in_warranty",
}
SLIP: dict[str, Any] = {"station": "R-01", "counter": "B-01", "lines": [LINE], "registered_by": "zhou.hai"}


@pytest.fixture(autouse=True)
def in_english() -> None:
    speak("en")


def refused(form: type[Form], answer: object, facts: dict[str, Any] | None = None) -> tuple[dict[str, str], str]:
    """The faults by field, and what a person is told."""
    with pytest.raises(InvalidInput) as raised:
        form.read(answer, facts)
    return raised.value.fields, raised.value.message


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"station": ""}, "station", "This field must not be empty."),
        ({"counter": None}, "counter", "Write text here."),
        ({"lines": []}, "lines", "At least 1 entry is needed."),
        ({"lines": [LINE] * 31}, "lines", "At most 30 entries are allowed."),
        ({"lines": "W-1"}, "lines", "This must be a list."),
        ({"lines": [LINE | {"slip": "W\n1"}]}, "lines.0.slip", "line breaks are not allowed"),
        ({"lines": [LINE, LINE | {"pieces": 0}]}, "lines.1.pieces", "The smallest value allowed is 1."),
        ({"lines": [LINE | {"pieces": 1.5}]}, "lines.0.pieces", "Write a whole number here."),
        (
            {"lines": [LINE | {"purchased_on": "2026-11-11"}]},
            "lines.0.received_on",
            "before the purchase on 2026-11-11",
        ),
        (
            {"lines": [LINE | {"done_on": "2026-11-09"}]},
            "lines.0.done_on",
            "before the day it was received, 2026-11-10",
        ),
        ({"lines": [LINE | {"received_on": 20261110}]}, "lines.0.received_on", "Write a date such as 2026-11-23."),
        ({"lines": [LINE | {"entitlement": "maybe"}]}, "lines.0.entitlement", "Choose one of"),
        ({"lines": [LINE | {"colour": "red"}]}, "lines.0.colour", "There is no such field."),
        ({"lines": [LINE | {"fault": "x" * 121}]}, "lines.0.fault", "At most 120 characters are allowed."),
    ],
)
def test_a_swap_slip_names_field_and_line(changes: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(SwapSlip, SLIP | changes)
    assert list(fields) == [field]
    assert sentence in fields[field]


def test_people_are_told_the_line_as_they_count_it_and_the_fields_title() -> None:
    _fields, message = refused(SwapSlip, SLIP | {"lines": [LINE, LINE | {"done_on": "2026-11-09"}]})
    assert "[Repairs 2, Repaired on]" in message


def in_term(**other: Any) -> dict[str, Any]:
    return {
        "pieces": 2,
        "standing": "in_term",
        "last_day": "2027-08-01",
        "promise": "repair",
        "claimed": "in_warranty",
        "free": True,
        "price": "18.50",
        "charge": "20.35",
        "currency": "CNY",
    } | other


BEYOND = in_term(standing="beyond_term", last_day="2026-08-01", free=False)
FACTS: dict[str, Any] = {
    "slips": {"W-1": "W-1: 2 × Ballast", "W-2": "W-2: 2 × Ballast"},
    "lines": {"W-1": in_term(), "W-2": BEYOND},
}
REFUSED = {"slip": "W-2", "decision": "refuse", "reason": "Out of warranty."}


def decided(**first: Any) -> dict[str, Any]:
    """The second repair is refused; the first decided like this."""
    return {"lines": [{"slip": "W-1", "decision": "swap", "pieces": 2} | first, REFUSED]}


def test_a_check_that_keeps_to_the_terms_is_taken() -> None:
    check = CounterCheck.read(decided(), FACTS)
    assert [line.decision.value for line in check.lines] == ["swap", "refuse"]
    assert CounterCheck.read(decided(decision="sell", pieces=1, reason="Dropped."), FACTS).lines[0].pieces == 1


@pytest.mark.parametrize(
    ("first", "field", "sentence"),
    [
        ({"slip": "W-9"}, "lines.0.slip", "W-9 is not among the choices: W-1, W-2."),
        ({"decision": "refuse"}, "lines.0", "Give the reason for refusing"),
        ({"pieces": 0}, "lines.0", "No faulty part, no new part: enter 1 to 2 pieces"),
        ({"pieces": 3}, "lines.0", "enter 1 to 2 pieces"),
        ({"pieces": 1}, "lines.0", "Say why it is fewer than 2 pieces"),
        ({"pieces": -1}, "lines.0.pieces", "The smallest value allowed is 0."),
        ({"decision": "keep"}, "lines.0.decision", "Choose one of"),
        ({"slip": "W-2", "reason": "Fell down."}, "lines.0", "Out of warranty, or caused by people: no swap."),
    ],
)
def test_a_counter_check_names_the_line_and_what_would_be_right(
    first: dict[str, Any], field: str, sentence: str
) -> None:
    fields, _message = refused(CounterCheck, decided(**first), FACTS)
    assert list(fields) == [field]
    assert sentence in fields[field]


def test_each_repair_is_decided_once() -> None:
    fields, _message = refused(CounterCheck, {"lines": [REFUSED, REFUSED]}, FACTS)
    assert fields == {"form": "Decided twice: W-2."}
    fields, _message = refused(CounterCheck, {"lines": [REFUSED]}, FACTS)
    assert fields == {"form": "Still to be decided: W-1."}


@pytest.mark.parametrize("decision", ["swap", "sell"])
def test_what_needs_a_ruling_can_only_be_refused(decision: str) -> None:
    facts = FACTS | {"lines": FACTS["lines"] | {"W-1": in_term(standing="needs_ruling", free=False, price=None)}}
    fields, _message = refused(CounterCheck, decided(decision=decision), facts)
    assert "needs a ruling" in fields["lines.0"]
    CounterCheck.read(decided(decision="refuse", reason="Needs a ruling."), facts)


def test_a_part_without_a_price_is_not_sold() -> None:
    facts = FACTS | {"lines": FACTS["lines"] | {"W-1": in_term(price=None, charge=None)}}
    fields, _message = refused(CounterCheck, decided(decision="sell"), facts)
    assert fields == {"lines.0": "The part has no price in the master data, so it cannot be sold."}


def test_the_counter_sees_what_the_terms_say_and_what_a_sale_costs() -> None:
    first, second = CounterCheck.hint(FACTS)
    assert first == (
        "W-1: 2 × Ballast",
        "in warranty until 2027-08-01 (repair); the station says: quality fault within the warranty",
    )
    assert "the warranty ended on 2026-08-01" in second[1]
    assert "buy it at 18.50 CNY, the consumer may be charged 20.35 CNY a piece" in second[1]


LACKING: dict[str, Any] = {"parts": {"P-002": "Ballast (P-002)"}, "pieces": {"P-002": 3}, "today": "2026-11-20"}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({}, "promised_on", "This field is needed."),
        ({"promised_on": "2026-11-19"}, "promised_on", "This lies in the past; today is 2026-11-20."),
        ({"promised_on": "tomorrow"}, "promised_on", "Write a date such as 2026-11-23."),
        ({"promised_on": "2206-11-20"}, "promised_on", "Check the year of 2206-11-20."),
        ({"promised_on": 46000}, "promised_on", "Write a date such as 2026-11-23."),
        ({"promised_on": "2026-11-20", "note": "\x00"}, "note", "Control characters are not allowed"),
    ],
)
def test_a_wrong_promise_is_refused(answer: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(BackOrderDate, answer, LACKING)
    assert list(fields) == [field]
    assert sentence in fields[field]


def test_a_promise_may_be_for_today() -> None:
    assert BackOrderDate.read({"promised_on": "2026-11-20"}, LACKING).promised_on.isoformat() == "2026-11-20"


def test_whoever_promises_or_approves_reads_that_the_consumer_waits() -> None:
    """Manual 000 四.2 art. 2."""
    for hint in (BackOrderDate.hint(LACKING), EmergencyIssue.hint(LACKING | {"promised_on": "2026-11-23"})):
        assert ("Ballast (P-002)", "3 pieces") in hint
        assert any("three days promised to the consumer run on" in text for _title, text in hint)


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({"reason": "Why not"}, "approved", "This field is needed."),
        ({"approved": True, "reason": "x"}, "approved", "Choose one of"),
        ({"approved": "yes"}, "reason", "This field is needed."),
        ({"approved": "yes", "reason": "  "}, "reason", "This field must not be empty."),
        ({"approved": "yes", "reason": "x" * 4001}, "reason", "At most 4000 characters are allowed."),
        ({"approved": "yes", "reason": "x", "pieces": 3}, "pieces", "There is no such field."),
    ],
)
def test_a_wrong_approval_is_refused(answer: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(EmergencyIssue, answer, LACKING)
    assert list(fields) == [field]
    assert sentence in fields[field]


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({"dispatched_at": "2026-11-20T10:00:00+08:00"}, "waybill", "This field is needed."),
        ({"waybill": "", "dispatched_at": "2026-11-20T10:00:00+08:00"}, "waybill", "must not be empty"),
        ({"waybill": "A\nB", "dispatched_at": "2026-11-20T10:00:00+08:00"}, "waybill", "line breaks are not allowed"),
        ({"waybill": "A", "dispatched_at": "2026-11-20T10:00:00"}, "dispatched_at", "with zone"),
        ({"waybill": "A", "dispatched_at": 1790000000}, "dispatched_at", "with zone"),
        ({"waybill": "A"}, "dispatched_at", "This field is needed."),
    ],
)
def test_a_wrong_dispatch_is_refused(answer: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(IssueDispatch, answer, LACKING)
    assert list(fields) == [field]
    assert sentence in fields[field]


def arrived(received: Any = 3, part: str = "P-002", note: str = "") -> dict[str, Any]:
    return {"lines": [{"part": part, "received": received}], "note": note}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        (arrived(4), "lines.0", "Only 3 pieces of P-002 were dispatched."),
        (arrived(part="P-001"), "lines.0.part", "P-001 is not among the choices: P-002."),
        (arrived(-1), "lines.0.received", "The smallest value allowed is 0."),
        (arrived("three"), "lines.0.received", "Write a whole number here."),
        (arrived(2), "form", "Pieces are missing; say in the note what is known of them."),
        ({"lines": arrived()["lines"] * 2}, "form", "Count each part once: P-002."),
        ({"lines": []}, "lines", "At least 1 entry is needed."),
    ],
)
def test_a_wrong_count_is_refused(answer: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(IssueArrival, answer, LACKING)
    assert list(fields) == [field]
    assert sentence in fields[field]


def test_every_part_of_an_issue_is_counted() -> None:
    facts = LACKING | {"parts": {"P-002": "a", "P-004": "b"}, "pieces": {"P-002": 3, "P-004": 1}}
    fields, _message = refused(IssueArrival, arrived(), facts)
    assert fields == {"form": "Count each part once: P-002, P-004."}


@pytest.mark.parametrize(
    ("answer", "field", "sentence"),
    [
        ({}, "news", "This field is needed."),
        ({"news": "soon"}, "news", "Choose one of"),
        ({"news": "later"}, "promised_on", "Name the day until which the parts will be there."),
        ({"news": "later", "promised_on": "2026-11-01"}, "promised_on", "This lies in the past"),
        ({"news": "never"}, "note", "Tell the station why the part will not come."),
        ({"news": "here", "promised_on": "soon"}, "promised_on", "Write a date such as 2026-11-23."),
    ],
)
def test_wrong_news_of_a_back_order_is_refused(answer: dict[str, Any], field: str, sentence: str) -> None:
    fields, _message = refused(BackOrderStock, answer, LACKING | {"on_hand": {"P-002": 0}})
    assert list(fields) == [field]
    assert sentence in fields[field]


def test_the_counter_that_waits_sees_what_the_books_hold() -> None:
    hint = BackOrderStock.hint(LACKING | {"on_hand": {"P-002": 1}})
    assert ("On hand by the books: Ballast (P-002)", "1") in hint
