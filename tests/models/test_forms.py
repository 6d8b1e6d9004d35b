"""Forms: for each of the batch quality dispute a good answer, and everything that must not pass.

Manual 000 六 工具表格.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import batch_quality
from models.batch_quality import (
    Appeal,
    AppealRuling,
    ArrivedLine,
    BatchVerdict,
    ConfirmedScope,
    CorrectedScope,
    DisputeReport,
    FindingVerdict,
    FreightBill,
    GoodsArrival,
    NameTechnician,
    RecallScope,
    Remedy,
    RemedyChoice,
    ReplacementDispatch,
    RulingOnAppeal,
    ScopeDecision,
    SiteFinding,
    YesNo,
)
from models.errors import InvalidInput
from models.forms import Form, codes_for_labels, due_time, local_time
from models.labels import Labelled
from models.language import speak, speaking

MEGABYTE = "x" * 1_000_000

TECHNICIANS = {"technicians": {"liu.yang": "刘洋 (liu.yang)", "tom.baker": "Tom Baker (tom.baker)"}}
DELIVERED = {"delivered": 200}
OPEN = {
    "deliveries": {"DN-1": "DN-1 (120 pieces open)", "DN-2": "DN-2 (80 pieces open)"},
    "still_open": {"DN-1": 120, "DN-2": 80},
}
LINE = {"delivery": "DN-1", "received": 100, "already_sold": 20}

#: A good answer to each form, and the facts that its question is asked with.
GOOD: dict[type[Form], tuple[dict[str, Any], dict[str, Any]]] = {
    DisputeReport: (
        {
            "dealer": "D-01",
            "product": "LX-019",
            "batch": "MH260901A",
            "faulty_pieces": 5,
            "fault": "Does not light.\nSmells burnt.",
            "reported_at": "2026-11-20T10:00:00+08:00",
            "reported_by": "何老板",
            "registered_by": "li.na",
        },
        {},
    ),
    BatchVerdict: ({"is_batch": "yes", "reason": "Five of one fault."}, {"delivered": 200, "proposal": "yes"}),
    NameTechnician: ({"technician": "tom.baker", "note": "Take the long ladder.\nRing twice."}, TECHNICIANS),
    SiteFinding: (
        {
            "verdict": "quality_fault",
            "pieces_inspected": 20,
            "pieces_faulty": 9,
            "pieces_on_hand": 150,
            "report": "Capacitors bulge.",
        },
        DELIVERED,
    ),
    RecallScope: ({"decision": "send_back", "comment": "Where are the other fifty?"}, {"recall": {"DN-1": 120}}),
    CorrectedScope: ({"pieces_on_hand": 160, "report": "Ten more in the shop window."}, DELIVERED),
    ConfirmedScope: ({"comment": "All of it."}, {"recall": {"DN-1": 120}}),
    RemedyChoice: ({"remedy": "credit", "told_by": "Mr He"}, {}),
    ArrivedLine: (LINE, OPEN),
    GoodsArrival: (
        {
            "lines": [LINE, {"delivery": "DN-2", "received": 80}],
            "not_on_list": 3,
            "waybill": "SF100",
            "more_to_come": "no",
            "note": "",
        },
        OPEN,
    ),
    ReplacementDispatch: ({"waybill": "SF200", "dispatched_at": "2026-11-20T02:00:00Z"}, {}),
    FreightBill: ({"carrier": "SF Express", "bill_number": "F-1", "amount": "380.50"}, {}),
    Appeal: ({"appeals": "yes", "grounds": "The technician saw three pieces only."}, {}),
    RulingOnAppeal: ({"ruling": "quality_fault", "reasons": "The laboratory found the fault."}, {}),
}
FORMS = list(GOOD)

#: What must be answered in each form; the rest may be left out.
NEEDED: dict[type[Form], tuple[str, ...]] = {
    DisputeReport: (
        "dealer",
        "product",
        "batch",
        "faulty_pieces",
        "fault",
        "reported_at",
        "reported_by",
        "registered_by",
    ),
    BatchVerdict: ("is_batch", "reason"),
    NameTechnician: ("technician",),
    SiteFinding: ("verdict", "report"),
    RecallScope: ("decision", "comment"),
    CorrectedScope: ("pieces_on_hand", "report"),
    ConfirmedScope: ("comment",),
    RemedyChoice: ("remedy", "told_by"),
    ArrivedLine: ("delivery", "received"),
    GoodsArrival: ("lines", "waybill", "more_to_come"),
    ReplacementDispatch: ("waybill", "dispatched_at"),
    FreightBill: ("carrier", "bill_number", "amount"),
    Appeal: ("appeals", "grounds"),
    RulingOnAppeal: ("ruling", "reasons"),
}

#: Fields of one line of text.
LINES: list[tuple[type[Form], str]] = [
    (DisputeReport, "dealer"),
    (DisputeReport, "product"),
    (DisputeReport, "batch"),
    (DisputeReport, "reported_by"),
    (DisputeReport, "registered_by"),
    (NameTechnician, "technician"),
    (RemedyChoice, "told_by"),
    (ArrivedLine, "delivery"),
    (GoodsArrival, "waybill"),
    (ReplacementDispatch, "waybill"),
    (FreightBill, "carrier"),
    (FreightBill, "bill_number"),
]

#: Fields of several lines of text that must not be empty.
PROSE: list[tuple[type[Form], str]] = [
    (DisputeReport, "fault"),
    (BatchVerdict, "reason"),
    (SiteFinding, "report"),
    (RecallScope, "comment"),
    (CorrectedScope, "report"),
    (ConfirmedScope, "comment"),
    (Appeal, "grounds"),
    (RulingOnAppeal, "reasons"),
]

#: Fields of several lines of text that may be empty.
NOTES: list[tuple[type[Form], str]] = [(NameTechnician, "note"), (GoodsArrival, "note")]

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

#: Fields with a choice, and what may be chosen.
CHOICES: list[tuple[type[Form], str, type[Labelled], tuple[str, ...]]] = [
    (BatchVerdict, "is_batch", YesNo, ("yes", "no")),
    (SiteFinding, "verdict", FindingVerdict, ("quality_fault", "no_quality_fault", "cannot_attend")),
    (RecallScope, "decision", ScopeDecision, ("confirm", "send_back")),
    (RemedyChoice, "remedy", Remedy, ("replacement", "credit")),
    (GoodsArrival, "more_to_come", YesNo, ("yes", "no")),
    (Appeal, "appeals", YesNo, ("yes", "no")),
    (RulingOnAppeal, "ruling", AppealRuling, ("uphold_finding", "quality_fault")),
]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    speak("en")
    yield
    speak("zh_CN")


def read(form: type[Form], **changed: Any) -> Form:
    """The good answer with some fields changed, checked against its facts."""
    answer, facts = GOOD[form]
    return form.read({**answer, **changed}, facts)


def faults(form: type[Form], answer: object, facts: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What is wrong with an answer, field by field."""
    with pytest.raises(InvalidInput) as refused:
        form.read(answer, GOOD[form][1] if facts is None else facts)
    return refused.value.fields


def faults_with(form: type[Form], **changed: Any) -> dict[str, str]:
    """What is wrong with the good answer once some fields are changed."""
    return faults(form, {**GOOD[form][0], **changed})


def only_fault(form: type[Form], field: str, value: Any) -> str:
    """The sentence about the one field that was changed; nothing else may be wrong."""
    wrong = faults_with(form, **{field: value})
    assert list(wrong) == [field]
    return wrong[field]


def read_or_faults(form: type[Form], answer: object, facts: Mapping[str, Any]) -> Form | dict[str, str]:
    try:
        return form.read(answer, facts)
    except InvalidInput as refused:
        return refused.fields


# Every form


def test_every_form_of_the_procedure_is_here() -> None:
    declared = {thing for thing in vars(batch_quality).values() if isinstance(thing, type) and issubclass(thing, Form)}
    assert declared - {Form} == set(GOOD) == set(NEEDED)


@pytest.mark.parametrize("form", FORMS)
def test_a_good_answer_is_taken(form: type[Form]) -> None:
    answer, facts = GOOD[form]
    assert isinstance(form.read(answer, facts), form)


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_read_back_from_json_is_the_same(form: type[Form]) -> None:
    answer, facts = GOOD[form]
    taken = form.read(answer, facts)
    assert form.read(taken.model_dump(mode="json"), facts) == taken


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_found_by_the_name_that_a_task_keeps(form: type[Form]) -> None:
    assert Form.named(form.__name__) is form


@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_field_is_refused(form: type[Form]) -> None:
    assert faults_with(form, surprise="!") == {"surprise": "There is no such field."}


@pytest.mark.parametrize("form", FORMS)
def test_a_field_whose_name_is_no_text_is_refused(form: type[Form]) -> None:
    answer, facts = GOOD[form]
    assert list(faults(form, {**answer, 5: "!"}, facts)) == ["5"]


@pytest.mark.parametrize(("form", "field"), [(form, field) for form, fields in NEEDED.items() for field in fields])
def test_a_missing_field_is_named(form: type[Form], field: str) -> None:
    answer = {name: value for name, value in GOOD[form][0].items() if name != field}
    assert faults(form, answer) == {field: "This field is needed."}


@pytest.mark.parametrize("form", FORMS)
def test_all_missing_fields_are_named_at_once(form: type[Form]) -> None:
    assert faults(form, {}) == dict.fromkeys(NEEDED[form], "This field is needed.")


@pytest.mark.parametrize("answer", [None, [], [{}], "text", "", 5, 0.5, True, b"{}", object()])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_object_is_refused_and_does_not_crash(form: type[Form], answer: object) -> None:
    assert faults(form, answer) == {"form": "This must be an object with fields."}


@pytest.mark.parametrize("form", FORMS)
def test_null_is_no_answer_to_any_field(form: type[Form]) -> None:
    fields = list(form.model_fields)
    wrong = faults(form, dict.fromkeys(fields))
    assert list(wrong) == fields
    assert all(sentence.startswith(("Write", "Choose", "Answer", "This must be a list")) for sentence in wrong.values())


@pytest.mark.parametrize("form", FORMS)
def test_lists_and_objects_where_a_value_belongs_are_named(form: type[Form]) -> None:
    nested: Any = {}
    for _depth in range(200):
        nested = {"a": [nested]}
    fields = list(form.model_fields)
    assert list(faults(form, dict.fromkeys(fields, nested))) == fields


def test_the_message_names_each_field_and_its_fault() -> None:
    with pytest.raises(InvalidInput) as refused:
        FreightBill.read({"carrier": "SF", "amount": -1})
    assert refused.value.message == (
        "This input cannot be taken: [Bill number] This field is needed. [Amount] The smallest value allowed is 0."
    )
    assert (refused.value.code, refused.value.exit_status) == ("invalid_input", 2)


# Text


@pytest.mark.parametrize(("form", "field"), LINES)
def test_a_megabyte_is_no_line(form: type[Form], field: str) -> None:
    assert "At most 120 characters" in only_fault(form, field, MEGABYTE)


@pytest.mark.parametrize(("form", "field"), PROSE + NOTES)
def test_a_megabyte_is_no_prose(form: type[Form], field: str) -> None:
    assert "At most 4000 characters" in only_fault(form, field, MEGABYTE)


@pytest.mark.parametrize("control", ["\n", "\r\n", "\r", "\t", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize(("form", "field"), LINES)
def test_control_characters_and_line_breaks_are_refused_in_a_line(form: type[Form], field: str, control: str) -> None:
    sentence = only_fault(form, field, f"Mr He{control}Bcc: all@example.com")
    assert "Control characters and line breaks are not allowed" in sentence


@pytest.mark.parametrize("control", ["\x00", "\x08", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize(("form", "field"), PROSE + NOTES)
def test_control_characters_are_refused_in_prose(form: type[Form], field: str, control: str) -> None:
    assert "Control characters are not allowed" in only_fault(form, field, f"red{control}red")


@pytest.mark.parametrize(("form", "field"), LINES + PROSE + NOTES)
def test_half_a_character_is_no_text(form: type[Form], field: str) -> None:
    assert only_fault(form, field, "half \ud83d of a lamp") == "Write text here."


@pytest.mark.parametrize("empty", ["", " ", "\t\n", "\u3000"])
@pytest.mark.parametrize(("form", "field"), LINES + PROSE)
def test_blank_text_is_empty(form: type[Form], field: str, empty: str) -> None:
    assert only_fault(form, field, empty) == "This field must not be empty."


@pytest.mark.parametrize(("form", "field"), NOTES)
def test_a_note_may_be_empty(form: type[Form], field: str) -> None:
    assert getattr(read(form, **{field: "  "}), field) == ""


@pytest.mark.parametrize("value", [5, 0.5, True, ["text"]])
@pytest.mark.parametrize(("form", "field"), LINES + PROSE + NOTES)
def test_what_is_no_text_is_refused(form: type[Form], field: str, value: object) -> None:
    assert only_fault(form, field, value) == "Write text here."


def test_a_line_of_120_characters_is_taken_and_one_of_121_is_not() -> None:
    assert read(RemedyChoice, told_by="何" * 120)
    assert "At most 120" in only_fault(RemedyChoice, "told_by", "何" * 121)


def test_prose_of_4000_characters_is_taken_and_4001_are_not() -> None:
    assert read(ConfirmedScope, comment="何" * 4000)
    assert "At most 4000" in only_fault(ConfirmedScope, "comment", "何" * 4001)


def test_blanks_around_text_are_dropped_and_line_breaks_are_written_one_way() -> None:
    taken = read(DisputeReport, dealer=" D-01\n", fault=" one\r\ntwo\rthree\n\tfour ")
    assert isinstance(taken, DisputeReport)
    assert (taken.dealer, taken.fault) == ("D-01", "one\ntwo\nthree\n\tfour")


def test_braces_and_markup_in_an_answer_stay_as_they_were_written() -> None:
    written = "{name} {0} %s <script>alert(1)</script> {{ case }} 'quoted' \\n"
    assert read(ConfirmedScope, comment=written).model_dump() == {"comment": written}


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


# The schema that Prefect shows


@pytest.mark.parametrize("form", FORMS)
def test_the_schema_has_no_loose_ends(form: type[Form]) -> None:
    schema = form.schema_for(GOOD[form][1])
    text = str(schema)
    assert "$ref" not in text
    assert "$defs" not in text
    assert "'choices'" not in text
    assert "'labels'" not in text


@pytest.mark.parametrize("form", FORMS)
def test_fields_stand_in_their_order(form: type[Form]) -> None:
    properties = form.schema_for(GOOD[form][1])["properties"]
    assert [properties[name]["position"] for name in form.model_fields] == list(range(len(form.model_fields)))


@pytest.mark.parametrize("form", FORMS)
def test_needed_fields_are_marked_so(form: type[Form]) -> None:
    assert tuple(form.schema_for(GOOD[form][1])["required"]) == NEEDED[form]


@pytest.mark.parametrize("form", FORMS)
def test_unknown_fields_are_refused_by_the_schema_too(form: type[Form]) -> None:
    assert form.schema_for(GOOD[form][1])["additionalProperties"] is False


def test_the_title_of_a_form_and_the_titles_of_its_fields_are_what_people_read() -> None:
    schema = FreightBill.schema_for({})
    assert schema["title"] == "Freight bill"
    assert {name: value["title"] for name, value in schema["properties"].items()} == {
        "carrier": "Carrier",
        "bill_number": "Bill number",
        "amount": "Amount",
    }
    assert schema["properties"]["amount"]["description"] == "In the currency of the policy."


def test_the_docstring_of_a_form_is_not_shown_to_people() -> None:
    assert "description" not in SiteFinding.schema_for(DELIVERED)


def test_a_choice_shows_codes_to_programs_and_labels_to_people() -> None:
    codes = SiteFinding.schema_for(DELIVERED)["properties"]["verdict"]
    assert codes["enum"] == ["quality_fault", "no_quality_fault", "cannot_attend"]
    assert "codes" not in codes
    labels = SiteFinding.schema_for(DELIVERED, labels=True)["properties"]["verdict"]
    assert labels["enum"] == [
        "it is a quality fault",
        "it is not a quality fault",
        "I cannot attend, name somebody else",
    ]
    assert labels["codes"] == ["quality_fault", "no_quality_fault", "cannot_attend"]


def test_choices_come_from_the_facts() -> None:
    codes = NameTechnician.schema_for(TECHNICIANS)["properties"]["technician"]
    assert codes["enum"] == ["liu.yang", "tom.baker"]
    labels = NameTechnician.schema_for(TECHNICIANS, labels=True)["properties"]["technician"]
    assert labels["enum"] == ["刘洋 (liu.yang)", "Tom Baker (tom.baker)"]
    assert labels["codes"] == ["liu.yang", "tom.baker"]


def test_choices_inside_lines_come_from_the_facts_too() -> None:
    line = GoodsArrival.schema_for(OPEN, labels=True)["properties"]["lines"]["items"]
    assert line["title"] == "What arrived of one delivery"
    assert line["properties"]["delivery"]["enum"] == ["DN-1 (120 pieces open)", "DN-2 (80 pieces open)"]
    assert line["properties"]["delivery"]["codes"] == ["DN-1", "DN-2"]


def test_one_schema_does_not_leak_its_choices_into_the_next() -> None:
    NameTechnician.schema_for(TECHNICIANS, labels=True)
    other = NameTechnician.schema_for({"technicians": {"new.one": "New One"}})["properties"]["technician"]
    assert other["enum"] == ["new.one"]


def test_an_answer_with_labels_becomes_one_with_codes() -> None:
    schema = GoodsArrival.schema_for(OPEN, labels=True)
    answer = {
        "lines": [{"delivery": "DN-2 (80 pieces open)", "received": 7}],
        "waybill": "DN-2 (80 pieces open)",
        "more_to_come": "no",
        "surprise": {"deep": ["yes"]},
    }
    assert codes_for_labels(schema, answer) == {
        "lines": [{"delivery": "DN-2", "received": 7}],
        "waybill": "DN-2 (80 pieces open)",
        "more_to_come": "no",
        "surprise": {"deep": ["yes"]},
    }


@pytest.mark.parametrize("answer", [None, "text", 5, [1], [{"lines": "x"}], {"lines": "x"}, {"lines": {"a": 1}}])
def test_an_answer_of_the_wrong_shape_passes_through_to_be_refused_later(answer: object) -> None:
    schema = GoodsArrival.schema_for(OPEN, labels=True)
    assert codes_for_labels(schema, answer) == answer


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize(("form", "field", "words", "_codes"), CHOICES)
def test_every_label_leads_back_to_its_code(
    form: type[Form], field: str, words: type[Labelled], _codes: tuple[str, ...], language: str
) -> None:
    with speaking(language):
        schema = form.schema_for(GOOD[form][1], labels=True)
        for word in words:
            assert codes_for_labels(schema, {field: word.label}) == {field: word.value}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=8), st.data())
def test_labels_lead_back_to_codes_whatever_people_are_called(names: dict[str, str], data: st.DataObject) -> None:
    technicians = {login: f"{name} ({login})" for login, name in names.items()}
    schema = NameTechnician.schema_for({"technicians": technicians}, labels=True)
    login = data.draw(st.sampled_from(sorted(technicians))) if technicians else ""
    shown = {"technician": technicians.get(login, "nobody"), "note": "n"}
    assert codes_for_labels(schema, shown) == {"technician": login if technicians else "nobody", "note": "n"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(FORMS), st.data())
def test_no_answer_in_json_crashes_a_form(form: type[Form], data: st.DataObject) -> None:
    good, facts = GOOD[form]
    changed = data.draw(st.dictionaries(st.sampled_from([*form.model_fields, "surprise"]), JSON, max_size=4))
    outcome = read_or_faults(form, good | changed, facts)
    if isinstance(outcome, Form):
        assert form.read(outcome.model_dump(mode="json"), facts) == outcome
    else:
        assert outcome
        assert all(outcome.values())
        assert ("surprise" in changed) == ("surprise" in outcome)


# Times as people read them


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        (datetime(2026, 11, 6, 0, 0, tzinfo=UTC), "2026-11-05 24:00"),
        (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), "2026-02-28 24:00"),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), "2026-12-31 24:00"),
        (datetime(2026, 11, 6, 0, 1, tzinfo=UTC), "2026-11-06 00:01"),
        (datetime(2026, 11, 5, 23, 59, tzinfo=UTC), "2026-11-05 23:59"),
    ],
)
def test_a_day_that_is_due_ends_at_24_00(due: datetime, shown: str) -> None:
    assert due_time(due) == shown


def test_an_instant_is_shown_to_the_minute_in_the_zone_it_carries() -> None:
    instant = datetime(2026, 11, 23, 1, 30, 59, tzinfo=UTC)
    assert local_time(instant) == "2026-11-23 01:30"
    assert local_time(instant + timedelta(days=1)) == "2026-11-24 01:30"


def test_a_process_that_runs_no_flow_finds_every_form() -> None:
    """Whoever answers on the command line has imported no flow."""
    asked = "from models.forms import Form; print(Form.named('VisitDecision').__module__)"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "models.repair_station_choice"
