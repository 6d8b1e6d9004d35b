"""What no form takes, whichever it is: each fault is named by its field, in a sentence that a person understands."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

import models
from models.errors import InvalidInput
from models.forms import Form, codes_for_labels
from models.language import speaking

NO_FORMS = {"forms", "master_data"}
ALL = [
    form
    for module in iter_modules(models.__path__)
    if module.name not in NO_FORMS
    for form in vars(import_module(f"models.{module.name}")).values()
    # Those from which others are made are asked of nobody.
    if isinstance(form, type)
    and issubclass(form, Form)
    and form.__module__ == f"models.{module.name}"
    and not form.__subclasses__()
]
#: What a form may look at even when nothing is filled in.
FACTS: dict[str, list[str]] = {"taken_numbers": []}
#: What is said where nobody thought of a sentence.
NO_SENTENCE = "This value cannot be taken."


def faults(form: type[Form], answer: object) -> dict[str, str]:
    with speaking("en"), pytest.raises(InvalidInput) as refused:
        form.read(answer, FACTS)
    return refused.value.fields


def required(form: type[Form]) -> set[str]:
    return {name for name, field in form.model_fields.items() if field.is_required()}


@pytest.fixture(params=ALL, ids=lambda form: form.__name__)
def form(request: pytest.FixtureRequest) -> type[Form]:
    found: type[Form] = request.param
    return found


def test_there_are_forms_of_every_procedure() -> None:
    assert len(ALL) > 100


def test_it_has_a_heading_and_titles(form: type[Form]) -> None:
    assert form.heading
    assert all(field.title for field in form.model_fields.values())


def test_what_a_person_leaves_untouched_is_among_the_labels_shown_and_means_what_the_form_takes_it_for(
    form: type[Form],
) -> None:
    with speaking("zh_CN"):
        schema = form.schema_for(FACTS, labels=True)
    for name, field in schema["properties"].items():
        if "default" in field and "enum" in field:
            assert field["default"] in field["enum"]
            untouched = codes_for_labels(schema, {name: field["default"]})
            assert untouched == {name: form.model_fields[name].get_default(call_default_factory=True)}


@pytest.mark.parametrize("answer", ["a text", ["a list"], 7, None])
def test_what_is_no_object_is_refused(form: type[Form], answer: object) -> None:
    assert faults(form, answer) == {"form": "This must be an object with fields."}


def test_each_needed_field_is_named_where_nothing_is_filled_in(form: type[Form]) -> None:
    if needed := required(form):
        assert faults(form, {}) == dict.fromkeys(needed, "This field is needed.")


def test_a_field_that_there_is_not_is_named(form: type[Form]) -> None:
    assert faults(form, {"surprise": "x"})["surprise"] == "There is no such field."


@pytest.mark.parametrize("value", [None, {"unexpected": 1}, [[]], "\x00", "x" * 5000, -1])
def test_a_value_of_the_wrong_kind_is_named_with_a_sentence_of_its_own(form: type[Form], value: object) -> None:
    answer = dict.fromkeys(form.model_fields, value)
    named = faults(form, answer)
    assert {name.split(".")[0] for name in named} & set(form.model_fields)
    assert NO_SENTENCE not in named.values()
