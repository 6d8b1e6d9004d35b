"""Forms as Prefect and people see them: schemas, titles, choices with their labels, times.

Manual 000 六 工具表格.
"""

from datetime import UTC, datetime, timedelta

import pytest
from dispute_answers import CHOICES, DELIVERED, FORMS, GOOD, NEEDED, OPEN, TECHNICIANS
from hypothesis import given
from hypothesis import strategies as st

from models.batch_quality import FreightBill, GoodsArrival, NameTechnician, SiteFinding
from models.forms import Form, codes_for_labels, due_time, local_time
from models.labels import Labelled
from models.language import speaking

pytestmark = pytest.mark.usefixtures("english")


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
