"""Links in mail that open one question: what the database knows of them."""

from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from models.errors import NotAllowed
from models.language import N_
from models.queries import audit
from models.tables.answer_links import AnswerLink
from models.tables.parties import Person
from models.tables.questions import Task
from models.tables.system import System

#: What is wrong with a link is nobody's business who did not get it.
SPENT = N_("This link opens nothing any more. Sign in to answer.")


def by_code_hash(session: Session, code_hash: str) -> AnswerLink | None:
    """The link whose code has this SHA-256, made for somebody who is active."""
    found = select(AnswerLink).join(AnswerLink.person).where(AnswerLink.code_hash == code_hash, Person.active)
    return session.scalars(found).first()


def key(session: Session) -> str:
    """What links are signed with."""
    return session.get_one(System, 1).link_key


def use(session: Session, link_id: int, task: Task, person: Person, at: datetime) -> None:
    """Uses a link up for the decision that is made in this transaction, by business time; raises NotAllowed.

    Of many who use it at once one has it: the row is changed only where nobody has used it.
    """
    used = session.execute(
        update(AnswerLink)
        .where(
            AnswerLink.id == link_id,
            AnswerLink.task_id == task.id,
            AnswerLink.person_id == person.id,
            AnswerLink.used_at.is_(None),
            AnswerLink.expires_at > at,
        )
        .values(used_at=at)
    )
    assert isinstance(used, CursorResult)
    if used.rowcount != 1:
        raise NotAllowed(SPENT)
    audit.record(session, at, person.login, "link_used", task.ref, {})
