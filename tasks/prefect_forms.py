"""What Prefect shows as forms: the start form of a procedure, the resume form of a question.

Each resume form holds its answer under the name of its question. So an answer says what it answers, and one from a page
that was left open is never taken for the question that came after.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.forms import Form, codes_for_labels
from models.language import N_, _, speaking
from models.queries import questions
from models.tables.cases import Case
from models.tables.questions import Task
from tasks.settings import settings

#: Who registers a case is known by who is signed in, so no start form asks for it.
REGISTERED_BY = "registered_by"


def form_key(question: Task, number: int) -> str:
    """Prefect's key of one showing: letters, digits and dashes, and never the same twice in a case."""
    return f"{question_name(question)}-{number}"


def question_name(question: Task) -> str:
    """What a question is called in its case's forms: its key and round."""
    return f"{question.key}-{question.round}"


def start_schema(form: type[Form]) -> dict[str, Any]:
    """The schema of a start form with labels in the language in force. Prefect lets through what it does not name."""
    schema = form.schema_for({}, labels=True)
    return {
        **{name: value for name, value in schema.items() if name != "additionalProperties"},
        "properties": {name: value for name, value in schema["properties"].items() if name != REGISTERED_BY},
        "required": [name for name in schema.get("required", []) if name != REGISTERED_BY],
    }


def answer_schema(question: Task) -> dict[str, Any]:
    """The schema of a resume form: the form with labels in the language in force, under the question's name."""
    form = Form.named(question.form).schema_for(question.facts, labels=True)
    return {
        "title": form["title"],
        "type": "object",
        "properties": {question_name(question): {**form, "position": 0}},
        "required": [question_name(question)],
        "additionalProperties": False,
    }


def answered(session: Session, case: Case, given: Mapping[str, Any]) -> tuple[Task, Any]:
    """The question that a resume form of the case answered, and the answer in codes; `given` is what the form sent.

    Raises InvalidInput for what comes from no such form. Whether the question is still open is the door's matter.
    """
    if not given:
        raise InvalidInput({"form": _(N_("Nothing was filled in."))}, {"form": ""})
    name, answer = next(iter(given.items()))
    question = _question(session, case, name)
    if question is None or len(given) != 1:
        fault = _(N_("This does not say which question it answers. Load the page again, or answer in the inbox."))
        raise InvalidInput({"form": fault}, {"form": ""})
    # Forms are made by runs, which speak the configured language.
    with speaking(settings().language):
        schema = Form.named(question.form).schema_for(question.facts, labels=True)
    return question, codes_for_labels(schema, answer)


def _question(session: Session, case: Case, name: str) -> Task | None:
    key, _dash, number = name.rpartition("-")
    is_round = number.isascii() and number.isdigit() and len(number) <= 6
    return questions.asked(session, case.id, key, int(number)) if is_round else None
