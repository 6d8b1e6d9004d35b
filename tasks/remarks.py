"""What people say of a case beside its forms: remarks (备注), and questions back (追问) that are answered once.

Nothing of it moves the case: the clock of a question runs on while somebody asks back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased, joinedload

from models.errors import AlreadyDecided, NotAllowed, NotFound
from models.forms import Form, Line, Prose, local_time, one_of
from models.language import N_
from models.queries import audit, cases, clock, people, questions
from models.roles import PartyKind
from models.tables.cases import Case
from models.tables.parties import Person
from models.tables.questions import Decision, Task
from models.tables.remarks import Remark
from tasks.database import transaction
from tasks.notices import notify, to_person
from tasks.seeing import case_seen, task_seen


class Words(Form):
    """A remark on a case."""

    heading: ClassVar[str] = N_("Remark")

    text: Prose = Field(title=N_("Remark"), description=N_("Everybody who sees the case reads it."))


class QuestionBack(Form):
    """A question to somebody who has to do with the case; its facts are `people`, by login."""

    heading: ClassVar[str] = N_("Ask back")

    to: Line = Field(title=N_("Whom to ask"), json_schema_extra={"choices": "people"})
    text: Prose = Field(title=N_("What to ask"), description=N_("It goes out by mail; the answer stands at the case."))

    @field_validator("to")
    @classmethod
    def has_to_do_with_the_case(cls, to: str, info: ValidationInfo) -> str:
        """Nobody is asked who may not read the case."""
        return one_of("people", to, info)


class AnswerBack(Form):
    """The answer to a question back."""

    heading: ClassVar[str] = N_("Answer a question back")

    text: Prose = Field(title=N_("Answer"))


def remark(number: str, text: str, by: str, ref: str = "") -> int:
    """Adds a remark to a case, or at the task `ref` of it; the same words twice in a row are one remark.

    Raises NotFound, also for somebody who may not see the case, or InvalidInput. Returns the remark's number.
    """
    checked = Words.read({"text": text})
    with transaction() as session:
        place, person = _place(session, number, by, ref)
        return _said(session, place, Remark(by=person, text=checked.text), "remarked", {}).id


def ask_back(number: str, to: str, text: str, by: str, ref: str = "") -> int:
    """Asks somebody who has to do with the case, at the task `ref` if one is named, and writes to them.

    Raises NotFound, also for somebody who may not see the case, or InvalidInput. Returns the number of the question.
    """
    with transaction() as session:
        place, person = _place(session, number, by, ref)
        checked = QuestionBack.read({"to": to, "text": text}, {"people": askable(session, place.case, person)})
        asked = people.person(session, checked.to)
        said = _said(session, place, Remark(by=person, text=checked.text, asked=asked), "asked_back", {"to": to})
        facts = {"remark": said, "by": person.label, "form": Form.named(place.task.form) if place.task else None}
        notify(session, place.case, said.at, "asked_back", [to_person(asked)], facts, key=f"asked-back:{said.id}")
        return said.id


def answer_back(question_id: int, text: str, by: str) -> int:
    """Answers a question back, once, and writes to who asked. Only who was asked may.

    Raises NotFound, also for somebody who may not see the case, NotAllowed, AlreadyDecided or InvalidInput. Returns the
    number of the answer.
    """
    checked = AnswerBack.read({"text": text})
    with transaction() as session:
        question = question_back(session, question_id)
        place, person = _place(session, question.case.number, by, question.task.ref if question.task else "")
        _refuse_unless_asked(question, person)
        _refuse_second_answer(session, question)
        answer = Remark(by=person, text=checked.text, answers=question)
        said = _said(session, place, answer, "answered_back", {"question": question.id})
        facts = {"question": question, "answer": said, "by": person.label}
        key = f"answered-back:{question.id}"
        notify(session, place.case, said.at, "answered_back", [to_person(question.by)], facts, key=key)
        return said.id


def question_back(session: Session, question_id: int) -> Remark:
    """The question back with this number; raises NotFound."""
    found = session.get(Remark, question_id) if 0 < question_id < 2**63 else None
    if found is None or found.asked is None:
        raise NotFound(N_("There is no question back {number}."), number=question_id)
    return found


def askable(session: Session, case: Case, person: Person) -> dict[str, str]:
    """Who may be asked back, by login: who registered the case, who decided in it, and the people of its party."""
    deciders = (
        select(Person)
        .join(Decision, (Decision.by_id == Person.id) | (Decision.in_place_of_id == Person.id))
        .join(Task, Task.id == Decision.task_id)
        .where(Task.case_id == case.id)
    )
    found = [session.get_one(Person, case.opened_by), *session.scalars(deciders)]
    if case.party.kind != PartyKind.COMPANY:
        found += session.scalars(select(Person).where(Person.party_id == case.party_id))
    others = {one.login: one.label for one in found if one.active and one.id != person.id}
    return dict(sorted(others.items()))


def of_case(session: Session, case_id: int) -> Sequence[Remark]:
    """What was said of a case, the oldest first."""
    return session.scalars(
        select(Remark)
        .where(Remark.case_id == case_id)
        .order_by(Remark.id)
        .options(joinedload(Remark.by), joinedload(Remark.asked), joinedload(Remark.task), joinedload(Remark.answers))
    ).all()


def waiting_for(session: Session, person: Person) -> Sequence[Remark]:
    """The questions back that this person has not answered yet, the oldest first."""
    answer = aliased(Remark)
    return session.scalars(
        select(Remark)
        .where(Remark.asked_id == person.id, ~exists().where(answer.answers_id == Remark.id))
        .order_by(Remark.id)
        .options(joinedload(Remark.by), joinedload(Remark.case))
    ).all()


def answer_of(question_id: int, login: str) -> int | None:
    """The number of the answer that this person has given to a question back."""
    with transaction() as session:
        found = select(Remark.id).join(Remark.by).where(Remark.answers_id == question_id, Person.login == login)
        return session.scalar(found)


@dataclass(frozen=True)
class _Place:
    """Where something is said: the case, locked, and the task, if it is said at one."""

    case: Case
    task: Task | None


def _place(session: Session, number: str, login: str, ref: str) -> tuple[_Place, Person]:
    case, person = case_seen(session, number, login)
    cases.lock(session, case.id)
    task = task_seen(session, ref, login)[0] if ref else None
    if task is not None and task.case_id != case.id:
        raise NotFound(N_("There is no task {ref}."), ref=ref)
    return _Place(case, task), person


def _said(session: Session, place: _Place, said: Remark, operation: str, detail: Mapping[str, Any]) -> Remark:
    """Adds what somebody said, unless it is what they said last: a form that was sent twice says it once."""
    newest = select(Remark).where(Remark.case_id == place.case.id).order_by(Remark.id.desc()).limit(1)
    last = session.scalars(newest).first()
    if last is not None and _same(last) == _same(said) and last.task is place.task:
        return last
    said.case, said.task, said.at = place.case, place.task, clock.now(session)
    session.add(said)
    session.flush()
    subject = place.task.ref if place.task else place.case.number
    audit.record(session, said.at, said.by.login, operation, subject, {"remark": said.id, "text": said.text, **detail})
    return said


def _same(one: Remark) -> tuple[object, ...]:
    return one.text, one.by, one.asked, one.answers


def _refuse_unless_asked(question: Remark, person: Person) -> None:
    if question.asked is not person:
        assert question.asked is not None, "a question back asks somebody"
        raise NotAllowed(
            N_("{person} may not answer this: it is asked of {asked}."),
            person=person.label,
            asked=question.asked.label,
        )


def _refuse_second_answer(session: Session, question: Remark) -> None:
    answer = session.scalars(select(Remark).where(Remark.answers_id == question.id)).first()
    if answer is not None:
        zone = questions.policy_of(question.case).timezone
        raise AlreadyDecided(
            N_("{by} has already answered this, at {at}."),
            by=answer.by.label,
            at=local_time(answer.at.astimezone(zone)),
        )
