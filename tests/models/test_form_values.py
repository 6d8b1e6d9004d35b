"""Values in forms: quantities, amounts, instants, choices, and counts that must agree.

Manual 000 六 工具表格.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from dispute_answers import CHOICES, DELIVERED, FORMS, LINE, faults, faults_with, only_fault, read

from models.batch_quality import (
    ArrivedLine,
    CorrectedScope,
    DisputeReport,
    FreightBill,
    GoodsArrival,
    NameTechnician,
    ReplacementDispatch,
    SiteFinding,
)
from models.forms import Form
from models.labels import Labelled

pytestmark = pytest.mark.usefixtures("english")

#: Fields of numbers of pieces that may be none.
PIECES_OR_NONE: list[tuple[type[Form], str]] = [
    (SiteFinding, "pieces_inspected"),
    (SiteFinding, "pieces_faulty"),
    (SiteFinding, "pieces_on_hand"),
    (CorrectedScope, "pieces_on_hand"),
    (ArrivedLine, "received"),
    (ArrivedLine, "already_sold"),
    (GoodsArrival, "not_on_list"),
]
INSTANTS: list[tuple[type[Form], str]] = [(DisputeReport, "reported_at"), (ReplacementDispatch, "dispatched_at")]


# Quantities


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (0, "The smallest value allowed is 1."),
        (-1, "The smallest value allowed is 1."),
        (-(10**40), "The smallest value allowed is 1."),
        (10_000_001, "The largest value allowed is 10000000."),
        (10**40, "The largest value allowed is 10000000."),
        (1.0, "Write a whole number here."),
        (1.5, "Write a whole number here."),
        (float("nan"), "Write a whole number here."),
        (float("inf"), "Write a whole number here."),
        (True, "Write a whole number here."),
        ("5", "Write a whole number here."),
        ("five", "Write a whole number here."),
    ],
)
def test_faulty_pieces_are_a_whole_number_from_one(pieces: object, sentence: str) -> None:
    assert only_fault(DisputeReport, "faulty_pieces", pieces) == sentence


@pytest.mark.parametrize("pieces", [1, 10_000_000])
def test_the_smallest_and_largest_number_of_faulty_pieces_are_taken(pieces: int) -> None:
    assert read(DisputeReport, faulty_pieces=pieces)


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (-1, "The smallest value allowed is 0."),
        (10_000_001, "The largest value allowed is 10000000."),
        (10**40, "The largest value allowed is 10000000."),
        (1.0, "Write a whole number here."),
        (False, "Write a whole number here."),
        ("5", "Write a whole number here."),
    ],
)
@pytest.mark.parametrize(("form", "field"), PIECES_OR_NONE)
def test_pieces_are_a_whole_number_from_nought(form: type[Form], field: str, pieces: object, sentence: str) -> None:
    assert only_fault(form, field, pieces) == sentence


# Amounts


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("-0.01", "The smallest value allowed is 0."),
        (-5, "The smallest value allowed is 0."),
        ("NaN", "Write an amount such as 1234.50."),
        ("sNaN", "Write an amount such as 1234.50."),
        ("Infinity", "Write an amount such as 1234.50."),
        ("-Infinity", "Write an amount such as 1234.50."),
        (float("nan"), "Write an amount such as 1234.50."),
        (float("inf"), "Write an amount such as 1234.50."),
        ("380.505", "Write at most 2 decimal places."),
        (0.125, "Write at most 2 decimal places."),
        (0.1 + 0.2, "Write at most 2 decimal places."),
        ("1e-9999999", "Write at most 2 decimal places."),
        ("1000000000000", "This amount is too large."),
        ("1e9999999", "This amount is too large."),
        ("1,234.50", "Write an amount such as 1234.50."),
        ("¥380", "Write an amount such as 1234.50."),
        ("", "Write an amount such as 1234.50."),
        (True, "Write an amount such as 1234.50."),
    ],
)
def test_an_amount_that_is_none_is_refused(amount: object, sentence: str) -> None:
    assert only_fault(FreightBill, "amount", amount) == sentence


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        ("0", "0"),
        (0, "0"),
        ("0.01", "0.01"),
        (380.5, "380.5"),
        (" 380.50 ", "380.50"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_an_amount_to_the_cent_is_taken_exactly(amount: object, taken: str) -> None:
    bill = read(FreightBill, amount=amount)
    assert isinstance(bill, FreightBill)
    assert bill.amount == Decimal(taken)


# Instants


@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-20T10:00:00",
        "2026-11-20 10:00",
        "2026-11-20",
        "20261120",
        "1763856000",
        " 1763856000.5 ",
        1_763_856_000,
        1_763_856_000.5,
        0,
        True,
        "",
        "yesterday",
        "2026-02-30T10:00:00+08:00",
        "2026-11-20T25:00:00+08:00",
    ],
)
@pytest.mark.parametrize(("form", "field"), INSTANTS)
def test_an_instant_without_zone_or_without_a_calendar_is_refused(
    form: type[Form], field: str, instant: object
) -> None:
    sentence = only_fault(form, field, instant)
    assert sentence == "Write date and time with zone, such as 2026-11-23T09:30:00+08:00."


@pytest.mark.parametrize(("form", "field"), INSTANTS)
def test_a_naive_datetime_is_refused(form: type[Form], field: str) -> None:
    naive = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001
    assert "with zone" in only_fault(form, field, naive)


@pytest.mark.parametrize(
    "instant",
    [
        "0001-01-01T00:00:00+14:00",
        "1989-12-31T23:59:59+08:00",
        "2101-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
@pytest.mark.parametrize(("form", "field"), INSTANTS)
def test_a_year_that_must_be_a_typing_error_is_refused(form: type[Form], field: str, instant: str) -> None:
    assert "Check the year of" in only_fault(form, field, instant)


@pytest.mark.parametrize("instant", ["2026-11-20T10:00:00+08:00", "2026-11-20T02:00:00Z", "2026-11-20 10:00+08:00"])
@pytest.mark.parametrize(("form", "field"), INSTANTS)
def test_an_instant_with_zone_is_taken(form: type[Form], field: str, instant: str) -> None:
    assert getattr(read(form, **{field: instant}), field) == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


# Choices


@pytest.mark.parametrize("chosen", ["perhaps", "", "YES", 1, True])
@pytest.mark.parametrize(("form", "field", "_words", "codes"), CHOICES)
def test_a_choice_that_is_not_offered_is_refused_with_those_that_are(
    form: type[Form], field: str, _words: type[Labelled], codes: tuple[str, ...], chosen: object
) -> None:
    sentence = only_fault(form, field, chosen)
    assert sentence.startswith("Choose one of: ")
    assert all(f"'{code}'" in sentence for code in codes)


@pytest.mark.parametrize(("form", "field", "words", "codes"), CHOICES)
def test_the_choices_are_these(form: type[Form], field: str, words: type[Labelled], codes: tuple[str, ...]) -> None:
    assert tuple(word.value for word in words) == codes
    assert form.model_fields[field].annotation is words


@pytest.mark.parametrize("answer", ["perhaps", 2, "2", ""])
def test_whether_a_case_is_separate_is_answered_yes_or_no(answer: object) -> None:
    assert only_fault(DisputeReport, "separate", answer) == "Answer yes or no."


def test_a_report_is_not_separate_unless_it_says_so() -> None:
    report = read(DisputeReport)
    assert isinstance(report, DisputeReport)
    assert report.separate is False


@pytest.mark.parametrize("login", ["li.na", "nobody", "Tom Baker (tom.baker)", "TOM.BAKER"])
def test_only_a_technician_can_be_sent(login: str) -> None:
    sentence = only_fault(NameTechnician, "technician", login)
    assert sentence == f"{login} is not among the choices: liu.yang, tom.baker."


def test_nobody_can_be_sent_where_nobody_holds_the_post() -> None:
    assert list(faults(NameTechnician, {"technician": "liu.yang"}, {"technicians": {}})) == ["technician"]
    assert list(faults(NameTechnician, {"technician": "liu.yang"}, {})) == ["technician"]


# Counts that must agree


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"pieces_inspected": 0}, "A finding needs at least one inspected piece."),
        ({"pieces_inspected": 8, "pieces_faulty": 9}, "More pieces faulty than inspected."),
        ({"pieces_inspected": 201}, "More pieces than the 200 that were delivered."),
        ({"pieces_on_hand": 201}, "More pieces than the 200 that were delivered."),
        ({"pieces_faulty": 0}, "A quality fault needs at least one faulty piece."),
        ({"verdict": "no_quality_fault", "pieces_inspected": 0, "pieces_faulty": 0}, "at least one inspected piece"),
        ({"verdict": "no_quality_fault", "pieces_inspected": 8, "pieces_faulty": 9}, "More pieces faulty"),
    ],
)
def test_counts_of_a_finding_that_disagree_are_refused(changed: dict[str, Any], sentence: str) -> None:
    wrong = faults_with(SiteFinding, **changed)
    assert list(wrong) == ["form"]
    assert sentence in wrong["form"]


@pytest.mark.parametrize(
    "changed",
    [
        {"pieces_inspected": 200, "pieces_faulty": 200, "pieces_on_hand": 200},
        {"pieces_inspected": 1, "pieces_faulty": 1, "pieces_on_hand": 0},
        {"verdict": "no_quality_fault", "pieces_faulty": 0},
        {"verdict": "no_quality_fault", "pieces_faulty": 2},
    ],
)
def test_counts_of_a_finding_that_agree_are_taken(changed: dict[str, Any]) -> None:
    assert read(SiteFinding, **changed).settles


def test_who_cannot_attend_has_nothing_to_count_and_settles_nothing() -> None:
    finding = SiteFinding.read({"verdict": "cannot_attend", "report": "In hospital."}, DELIVERED)
    assert not finding.settles


@pytest.mark.parametrize("form", [form for form in FORMS if form is not SiteFinding])
def test_every_other_answer_settles_its_question(form: type[Form]) -> None:
    assert read(form).settles


def test_a_corrected_scope_stays_within_the_delivery() -> None:
    assert read(CorrectedScope, pieces_on_hand=200)
    assert only_fault(CorrectedScope, "pieces_on_hand", 201) == "More pieces than the 200 that were delivered."


# Goods that came back


def test_a_line_of_another_delivery_is_refused() -> None:
    wrong = faults_with(GoodsArrival, lines=[LINE, {"delivery": "DN-9", "received": 1}])
    assert wrong == {"lines.1.delivery": "DN-9 is not among the choices: DN-1, DN-2."}


@pytest.mark.parametrize(
    ("lines", "entered"),
    [
        ([{"delivery": "DN-1", "received": 121}], 121),
        ([{"delivery": "DN-1", "received": 120, "already_sold": 1}], 121),
        ([{"delivery": "DN-1", "received": 0, "already_sold": 121}], 121),
        ([{"delivery": "DN-1", "received": 60}, {"delivery": "DN-1", "received": 61}], 121),
        ([{"delivery": "DN-2", "received": 80}, {"delivery": "DN-1", "received": 10_000_000}], 10_000_000),
    ],
)
def test_a_surplus_is_refused_with_what_is_still_open(lines: list[dict[str, Any]], entered: int) -> None:
    assert faults_with(GoodsArrival, lines=lines) == {
        "form": (
            f"Delivery DN-1: {entered} pieces, but only 120 are still open; "
            "enter the surplus as pieces not on the list."
        )
    }


@pytest.mark.parametrize(
    "lines",
    [
        [{"delivery": "DN-1", "received": 120}],
        [{"delivery": "DN-1", "received": 60}, {"delivery": "DN-1", "received": 60}],
        [{"delivery": "DN-1", "received": 0, "already_sold": 120}],
        [{"delivery": "DN-2", "received": 0}],
    ],
)
def test_what_is_still_open_can_come_back_in_any_lines(lines: list[dict[str, Any]]) -> None:
    assert read(GoodsArrival, lines=lines)


def test_an_arrival_counts_listed_and_other_pieces() -> None:
    arrival = read(GoodsArrival)
    assert isinstance(arrival, GoodsArrival)
    assert arrival.pieces == 183  # 100 and 80 of the list, 3 beside it


@pytest.mark.parametrize("wrong", [{}, "DN-1", 5, True])
def test_lines_are_a_list(wrong: object) -> None:
    assert only_fault(GoodsArrival, "lines", wrong) == "This must be a list."


def test_an_arrival_has_one_line_at_least_and_fifty_at_most() -> None:
    none = {"delivery": "DN-1", "received": 0}
    assert only_fault(GoodsArrival, "lines", []) == "At least 1 entry is needed."
    assert read(GoodsArrival, lines=[none] * 50)
    assert only_fault(GoodsArrival, "lines", [none] * 51) == "At most 50 entries are allowed."


def test_faults_of_a_line_are_named_by_its_place() -> None:
    wrong = faults_with(GoodsArrival, lines=[LINE, {"received": -1, "colour": "red"}, "DN-1"])
    assert wrong == {
        "lines.1.delivery": "This field is needed.",
        "lines.1.received": "The smallest value allowed is 0.",
        "lines.1.colour": "There is no such field.",
        "lines.2": "This must be an object with fields.",
    }
