"""Forms: what every form refuses, and text in lines and in prose.

Manual 000 六 工具表格.
"""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from dispute_answers import FORMS, GOOD, LINES, NEEDED, NOTES, PROSE, faults, faults_with, only_fault, read
from hypothesis import given
from hypothesis import strategies as st

from models import batch_quality
from models.batch_quality import ConfirmedScope, DisputeReport, FreightBill, RemedyChoice
from models.errors import InvalidInput
from models.forms import Form

pytestmark = pytest.mark.usefixtures("english")

MEGABYTE = "x" * 1_000_000


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


def read_or_faults(form: type[Form], answer: object, facts: Mapping[str, Any]) -> Form | dict[str, str]:
    try:
        return form.read(answer, facts)
    except InvalidInput as refused:
        return refused.fields


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


def test_a_process_that_runs_no_flow_finds_every_form() -> None:
    """Whoever answers on the command line has imported no flow."""
    asked = "from models.forms import Form; print(Form.named('VisitDecision').__module__)"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "models.repair_station_choice"
