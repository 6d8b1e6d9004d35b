"""What stands beside the questions of a case: remarks, questions back, photographs, and the forms for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from models.forms import Form, local_time
from models.language import _
from models.queries import questions
from models.tables.cases import Case
from models.tables.parties import Person
from tasks import photos, remarks
from tasks.remarks import AnswerBack, QuestionBack, Words
from web.forms import Entry, Sheet, ShownSheet

#: The names of the forms beside a question; that of an answer to a question back goes on with its number.
REMARK, ASK, REPLY, PHOTO, HAND_OVER = "remark", "ask", "reply", "photo", "give"


@dataclass(frozen=True)
class Refused:
    """A form beside a question that was not taken: what was typed, and what is wrong, by field or as a whole."""

    form: str
    entry: Entry
    faults: Mapping[str, str]
    sentence: str = ""


def sheet_of(session: Session, name: str, case: Case, person: Person) -> Sheet:
    """The form with this name: `remark`, `ask` or `reply-7`."""
    zone = questions.policy_of(case).timezone
    if name == ASK:
        return Sheet(QuestionBack, {"people": remarks.askable(session, case, person)}, zone, name)
    return Sheet(Words if name == REMARK else AnswerBack, {}, zone, name)


def shown(sheet: Sheet, name: str, refused: Refused | None) -> ShownSheet:
    """A form as it is shown: with what was typed if it was refused, else fresh."""
    if refused is not None and refused.form == name:
        return sheet.shown(refused.entry, refused.faults)
    return sheet.shown(sheet.fresh())


def asides(
    session: Session, case: Case, person: Person, refused: Refused | None, *, csrf: str, at: str = ""
) -> dict[str, Any]:
    """What the macros of asides.html.j2 show; `at` is the task on whose page they stand."""
    said = remarks.of_case(session, case.id)
    answers = {one.answers_id: one for one in said if one.answers_id}
    mine = [one for one in said if one.asked_id == person.id and one.id not in answers]
    zone = questions.policy_of(case).timezone

    def form(name: str) -> ShownSheet:
        return shown(sheet_of(session, name, case, person), name, refused)

    return {
        "number": case.number,
        "csrf": csrf,
        "at": at,
        "remarks": [one for one in said if not one.answers_id],
        "answers": answers,
        "replies": {one.id: form(f"{REPLY}-{one.id}") for one in mine},
        "remark_sheet": form(REMARK),
        "ask_sheet": form(ASK) if remarks.askable(session, case, person) else None,
        "photos": photos.of_case(session, case.id),
        "local": lambda instant: local_time(instant.astimezone(zone)),
        "heading": lambda task: _(Form.named(task.form).heading),
        "sentence_for": lambda name: refused.sentence if refused is not None and refused.form == name else "",
    }
