"""Forms on pages: what is shown, what a browser sends, and the answer that it makes."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

import claimants
import months
import people
import pytest
import returns
import stations
import swaps
from html_pages import PageForm, data_of, form_to, said
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from sqlalchemy import Engine, select

import models
from models.errors import InvalidInput
from models.forms import Amount, Day, Facts, Form, Instant, Line, OptionalProse, Pieces, YesNo
from models.language import LANGUAGES, speaking, spoken_language
from models.tables.cases import Case
from models.tables.questions import Task
from tasks.database import transaction
from tasks.notices import FORMS
from web.forms import Entry, Sheet
from web.rendering import environment

for module in iter_modules(models.__path__):
    import_module(f"models.{module.name}")


def made_of(form: type[Form]) -> list[type[Form]]:
    """The forms that are asked of somebody: those of which no others are made."""
    others = form.__subclasses__()
    return [one for other in others for one in made_of(other)] if others else [form]


ALL = [form for form in made_of(Form) if form.__module__.startswith("models.")]
#: What a form may look at even when nothing is filled in.
FACTS: dict[str, list[str]] = {"taken_numbers": []}
SHANGHAI = ZoneInfo("Asia/Shanghai")
PAGE = (
    '{% from "form.html.j2" import fields, summary %}'
    '<form action="/here" method="post">{{ summary(sheet) }}{{ fields(sheet, "/here") }}</form>'
)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def html_of(sheet: Sheet, entry: Entry, faults: dict[str, str] | None = None) -> str:
    return environment(spoken_language()).from_string(PAGE).render(sheet=sheet.shown(entry, faults))


def page_of(sheet: Sheet, entry: Entry) -> PageForm:
    return form_to(html_of(sheet, entry), "/here")


def comes_back(form: type[Form], facts: Facts, answer: dict[str, Any]) -> Form:
    """The answer after it was shown and sent by a browser."""
    sheet = Sheet(form, facts, SHANGHAI)
    entry = sheet.posted(data_of(page_of(sheet, sheet.filled(answer)).sends()))
    return form.read(sheet.answer(sheet.touched(entry)), facts)


class Crate(Form):
    """A line of `Everything`."""

    heading: ClassVar[str] = "Crate"

    part: Line = Field(title="Part", json_schema_extra={"choices": "parts"})
    pieces: Pieces = Field(title="Pieces")
    note: OptionalProse = Field(default="", title="Note")


class Everything(Form):
    """A field of each kind."""

    heading: ClassVar[str] = "Everything"

    name: Line = Field(title="Name", description="As on the label.")
    words: OptionalProse = Field(default="", title="Words")
    pieces: Pieces = Field(title="Pieces in all")
    spare: int = Field(default=3, title="Spare", strict=True)
    price: Amount = Field(title="Price")
    bought_on: Day = Field(title="Bought on")
    sold_on: Day | None = Field(default=None, title="Sold on")
    arrived_at: Instant = Field(title="Arrived at")
    sound: YesNo = Field(title="Is it sound?")
    kept: YesNo = Field(default=YesNo.NO, title="Is it kept?")
    part: Line = Field(title="Main part", json_schema_extra={"choices": "parts"})
    urgent: bool = Field(default=False, title="Urgent")
    tags: list[Annotated[Line, Field(json_schema_extra={"choices": "parts"})]] = Field(
        default_factory=list, title="Tags", max_length=9
    )
    numbers: list[Line] = Field(default_factory=list, title="Numbers", max_length=9)
    boxes: list[Crate] = Field(title="Boxes", min_length=1, max_length=4)
    extras: list[Crate] = Field(default_factory=list, title="Extras", max_length=50)


PARTS = {"P-001": "P-001 Ballast", "P-002": "P-002 Tube", "P-003": "Ring <tube>", "P-004": "P-004", "P-005": "P-005"}
FILLED: dict[str, Any] = {
    "name": 'He "said" <b>&amp;</b>',
    "words": "\nFirst line is empty\n  third",
    "pieces": 12,
    "spare": 0,
    "price": "1234.50",
    "bought_on": "2026-11-23",
    "arrived_at": "2026-11-23T01:30:00+00:00",
    "sound": "yes",
    "kept": "yes",
    "part": "P-003",
    "urgent": True,
    "tags": ["P-001", "P-004"],
    "numbers": ["K-1", "K-2"],
    "boxes": [{"part": "P-001", "pieces": 1, "note": "top"}, {"part": "P-002", "pieces": 2}],
}


@pytest.fixture
def sheet() -> Sheet:
    return Sheet(Everything, {"parts": PARTS}, SHANGHAI)


# Every form


def test_there_are_forms_of_every_procedure() -> None:
    assert len(ALL) > 100


@pytest.fixture(params=ALL, ids=lambda form: form.__name__)
def form(request: pytest.FixtureRequest) -> type[Form]:
    found: type[Form] = request.param
    return found


def test_each_form_is_shown_with_every_title_and_description(form: type[Form]) -> None:
    sheet = Sheet(form, FACTS, SHANGHAI)
    texts = " ".join(said(html_of(sheet, sheet.fresh())))
    for field in form.model_fields.values():
        assert " ".join(str(field.title).split()) in texts
        assert " ".join((field.description or "").split()) in texts


def test_each_input_of_each_form_has_a_label(form: type[Form]) -> None:
    sheet = Sheet(form, FACTS, SHANGHAI)
    html = html_of(sheet, sheet.fresh())
    labelled = set(re.findall(r'<label for="([^"]*)"', html))
    in_labels = "".join(re.findall(r'<label class="choice">.*?</label>', html, re.DOTALL))
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", html):
        if 'type="hidden"' not in tag:
            assert tag in in_labels or re.search(r'\bid="([^"]*)"', tag)[1] in labelled, tag  # type: ignore[index]


def test_what_nobody_touched_comes_back_as_it_was_in_either_language(form: type[Form]) -> None:
    for language in LANGUAGES:
        with speaking(language):
            sheet = Sheet(form, FACTS, SHANGHAI)
            fresh = sheet.fresh()
            assert sheet.posted(data_of(page_of(sheet, fresh).sends())) == fresh


def test_no_form_has_a_list_in_a_list(form: type[Form]) -> None:
    # Buttons add and remove lines of the form's own lists alone.
    for field in form.schema_for(FACTS)["properties"].values():
        lines = field.get("items", {}).get("properties", {})
        assert not [one for one in lines.values() if one.get("type") == "array"]


@pytest.mark.parametrize(
    "play",
    [
        lambda: people.play(people.opened()),
        lambda: people.play(swaps.opened(), {"counter-check": swaps.checked()}),
        lambda: returns.play_a_return("B-01", "zhou.hai", Random(5)),  # noqa: S311
        lambda: returns.outcome(returns.opened_at_b02(), **returns.of_b02()),
        lambda: people.play(claimants.claim(), claimants.REFERRED, until="final-ruling"),
        lambda: people.play(claimants.ruling_request(), claimants.ruled()),
        lambda: people.play(stations.candidate(), stations.opening(), until="first-month"),
        lambda: people.play(stations.review(), stations.reviewing({"measure": "leave"})),
        lambda: months.lead(months.opened(), months.ALL_ANSWER),
    ],
    ids=["dispute", "swap", "return", "return-by-kind", "claim", "ruling", "station", "review", "month"],
)
def test_what_people_answered_comes_back_from_its_page(company: Engine, play: Callable[[], object]) -> None:
    play()
    with transaction() as session:
        decided = [task for task in session.scalars(select(Task)) if task.decision and task.decision.by]
        answers = [(Form.named(one.form), one.facts, one.decision.answer) for one in decided if one.decision]
        answers += [(Form.named(FORMS[one.procedure]), {}, one.input) for one in session.scalars(select(Case))]
    assert len(answers) > 1
    for form, facts, answer in answers:
        given = {name: to_the_minute(value) for name, value in answer.items()}
        assert comes_back(form, facts, given) == form.read(given, facts)


def to_the_minute(value: object) -> object:
    """Instants of tests have seconds, those that people write have none."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return datetime.fromisoformat(value).replace(second=0, microsecond=0).isoformat()
    return value


# Each kind of field


def test_a_field_of_each_kind_comes_back() -> None:
    facts = {"parts": PARTS}
    assert comes_back(Everything, facts, FILLED) == Everything.read(FILLED, facts)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.text(st.sampled_from("\n <>&'\"{}x")))
def test_whatever_is_typed_is_shown_again_as_it_was(line: str, words: str) -> None:
    sheet = Sheet(Everything, {"parts": PARTS}, SHANGHAI)
    typed = sheet.fresh() | {"name": line, "pieces": line, "price": line, "words": words}
    typed["boxes"] = [sheet.fresh()["boxes"][0] | {"note": words, "pieces": line}]
    back = sheet.posted(data_of(page_of(sheet, typed).sends()))
    assert {name: back[name] for name in ("name", "pieces", "price")} == dict.fromkeys(
        ("name", "pieces", "price"), line
    )
    assert back["words"] == back["boxes"][0]["note"] == words.replace("\n", "\r\n")


def test_nothing_is_chosen_for_a_person_unless_the_form_says_so(sheet: Sheet) -> None:
    form = page_of(sheet, sheet.fresh())
    assert [one.on for one in form.named("answer.sound")] == [False, False]
    assert [one.value for one in form.named("answer.kept") if one.on] == ["no"]
    assert [one.value for one in form.named("answer.part") if one.on] == [""]
    assert form.named("answer.spare")[0].value == "3"


def test_a_few_choices_stand_below_each_other_many_in_a_list_and_of_very_many_some_are_offered() -> None:
    def kind(many: int) -> str:
        parts = {f"P-{number}": f"Part {number}" for number in range(many)}
        return Sheet(Crate, {"parts": parts}, SHANGHAI).fields.fields["part"].kind

    assert [kind(many) for many in (2, 4, 5, 60, 61)] == ["radio", "radio", "pick", "pick", "suggest"]


@pytest.mark.parametrize("typed", ["P-42", " P-42 ", "Part 42"])
def test_of_very_many_choices_the_code_is_typed_or_the_label(typed: str) -> None:
    facts = {"parts": {f"P-{number}": f"Part {number}" for number in range(100)}}
    sheet = Sheet(Crate, facts, SHANGHAI)
    answer = sheet.answer(sheet.fresh() | {"part": typed, "pieces": "1"})
    assert Crate.read(answer, facts).part == "P-42"


@pytest.mark.parametrize(
    ("typed", "pieces"), [("12", 12), (" 12 ", 12), ("１２", 12), ("+7", 7), ("1.5", "1.5"), ("a few", "a few")]
)
def test_a_whole_number_is_read_and_what_is_none_stays_as_it_was(sheet: Sheet, typed: str, pieces: object) -> None:
    assert sheet.answer(sheet.fresh() | {"pieces": typed})["pieces"] == pieces


def test_an_amount_is_read_to_the_cent(sheet: Sheet) -> None:
    answer = sheet.answer(sheet.filled(FILLED) | {"price": " １234.56 "})
    assert Everything.read(answer, {"parts": PARTS}).price == Decimal("1234.56")


def test_date_and_time_are_typed_and_shown_in_the_company_s_zone(sheet: Sheet) -> None:
    assert sheet.filled(FILLED)["arrived_at"] == "2026-11-23T09:30"
    assert sheet.answer(sheet.fresh() | {"arrived_at": "2026-11-23T09:30"})["arrived_at"] == "2026-11-23T09:30:00+08:00"


def test_what_is_empty_is_left_out_and_a_default_that_was_emptied_is_not(sheet: Sheet) -> None:
    answer = sheet.answer(sheet.fresh() | {"spare": ""})
    left = {"name", "words", "pieces", "price", "bought_on", "sold_on", "arrived_at", "sound", "part"}
    assert left & answer.keys() == set()
    assert answer["spare"] == ""
    with pytest.raises(InvalidInput) as refused:
        Everything.read(answer, {"parts": PARTS})
    assert refused.value.fields["spare"] == "Write a whole number here."
    assert refused.value.fields["name"] == "This field is needed."


def test_a_day_that_need_not_be_said_is_none(sheet: Sheet) -> None:
    read = Everything.read(sheet.answer(sheet.filled(FILLED)), {"parts": PARTS})
    assert (read.bought_on, read.sold_on) == (date(2026, 11, 23), None)


# Lines


def pressed(sheet: Sheet, entry: Entry, button: str) -> Entry:
    """The entry after a button of the page was pressed, as a browser sends it."""
    sent = data_of(page_of(sheet, entry).sends(button))
    after = sheet.posted(sent)
    assert sheet.pressed(after, sent)
    return after


def parts_of(entry: Entry) -> list[str]:
    return [one["part"] for one in entry["boxes"]]


def test_a_list_that_needs_a_line_begins_with_one_and_another_with_none(sheet: Sheet) -> None:
    assert (len(sheet.fresh()["boxes"]), len(sheet.fresh()["extras"])) == (1, 0)


def test_lines_are_added_and_removed_and_what_was_typed_stays(sheet: Sheet) -> None:
    two = pressed(sheet, sheet.filled(FILLED) | {"name": "Typed"}, "remove:boxes.0")
    assert (two["name"], parts_of(two)) == ("Typed", ["P-002"])
    assert parts_of(pressed(sheet, two, "add:boxes.1")) == ["P-002", ""]


def test_a_list_grows_to_what_its_form_takes(sheet: Sheet) -> None:
    entry = sheet.filled(FILLED)
    for _line in range(2):
        entry = pressed(sheet, entry, "add:boxes.1")
    assert len(entry["boxes"]) == 4
    assert "add:boxes.1" not in html_of(sheet, entry)
    assert sheet.pressed(entry, data_of([("do", "add:boxes.10")]))
    assert len(entry["boxes"]) == 4


def test_ten_lines_come_at_once_where_many_may_be_needed(sheet: Sheet) -> None:
    entry = sheet.fresh()
    for button in ("add:extras.1", "add:extras.1", "add:extras.10"):
        entry = pressed(sheet, entry, button)
    assert len(entry["extras"]) == 12


def test_a_line_for_each_choice_comes_in_the_place_of_empty_lines(sheet: Sheet) -> None:
    # Four of the five parts, since the form takes four lines; P-002 stands there already.
    entry = sheet.fresh() | {"boxes": [sheet.fresh()["boxes"][0], {"part": "P-002", "pieces": "7", "note": ""}]}
    after = pressed(sheet, entry, "each:boxes")
    assert parts_of(after) == ["P-002", "P-001", "P-003", "P-004"]
    assert after["boxes"][0]["pieces"] == "7"


@pytest.mark.parametrize("button", ["send", "add", "add:name", "remove:boxes.7", "remove:boxes.-1", "each:nothing", ""])
def test_a_button_that_no_page_has_changes_nothing(sheet: Sheet, button: str) -> None:
    entry = sheet.filled(FILLED)
    sheet.pressed(entry, data_of([("do", button)]))
    assert entry == sheet.filled(FILLED)


def test_lines_that_nobody_touched_are_left_out_and_one_that_is_needed_is_asked_for(sheet: Sheet) -> None:
    empty = sheet.fresh()["boxes"][0]
    touched = empty | {"pieces": "x"}
    entry = sheet.fresh() | {"boxes": [empty, touched, empty], "extras": [empty]}
    assert sheet.touched(entry) == sheet.fresh() | {"boxes": [touched], "extras": []}
    assert sheet.touched(sheet.fresh())["boxes"] == [empty]


# Faults


def test_each_fault_stands_at_its_field_and_above_the_form_with_a_way_there(sheet: Sheet) -> None:
    entry = sheet.filled(FILLED) | {"pieces": "many"}
    entry["boxes"][1]["part"] = ""
    faults = {"pieces": "Not so.", "boxes.1.part": "Needed.", "boxes": "Too few.", "form": "All wrong.", "gone": "?"}
    html = html_of(sheet, entry, faults)
    shown = sheet.shown(entry, faults)
    assert [(one.where, one.sentence, one.id) for one in shown.faults] == [
        ("", "All wrong.", ""),
        ("", "?", ""),
        ("Pieces in all", "Not so.", "answer-pieces"),
        ("Boxes", "Too few.", "answer-boxes"),
        ("Boxes, line 2: Part", "Needed.", "answer-boxes-1-part"),
    ]
    for place in ("pieces", "boxes", "boxes-1-part"):
        assert f'href="#answer-{place}"' in html
        assert f'id="answer-{place}-fault"' in html
        assert f'id="answer-{place}"' in html
    assert 'value="many" autocomplete="off" inputmode="numeric" aria-describedby="answer-pieces-fault"' in html


def test_a_description_is_read_out_with_its_field(sheet: Sheet) -> None:
    html = html_of(sheet, sheet.fresh())
    assert 'aria-describedby="answer-name-hint"' in html
    assert '<p class="hint" id="answer-name-hint">As on the label.</p>' in html


def test_labels_of_choices_are_shown_inert(sheet: Sheet) -> None:
    html = html_of(sheet, sheet.fresh() | {"name": '"><script>alert(1)</script>'})
    assert "<tube>" not in html
    assert "<script>" not in html
    assert "Ring <tube>" in list(said(html))


# What a page knows itself


def test_what_the_page_knows_is_not_asked_and_choices_can_be_named_for_a_text() -> None:
    sheet = Sheet(Crate, {"parts": PARTS}, SHANGHAI, "box", without=["part"], choices={"note": {"a": "Note <a>"}})
    form = page_of(sheet, sheet.fresh())
    assert [one.name for one in form.controls if one.kind != "option"] == ["box.pieces"]
    assert [(one.value, one.on) for one in form.named("box.note")] == [("", True), ("a", False)]
