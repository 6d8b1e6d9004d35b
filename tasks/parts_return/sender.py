"""Asking the people of the office or distributor that returns its parts."""

from typing import Any, TypeVar

from models.forms import Form
from models.language import N_
from models.parts_return import ReturnRequest
from models.roles import POST_AT, PartyKind, Role
from tasks.asking import Question, put
from tasks.journal import CaseFile, Work, step

F = TypeVar("F", bound=Form)


@step(N_("Post that answers at the sender determined"))
def post_of_the_sender(work: Work[ReturnRequest]) -> Role:
    """The post whose holders at the sender are asked."""
    return POST_AT[PartyKind(work.case.party.kind)]


def put_to_the_sender(parts: CaseFile[ReturnRequest], key: str, form: type[F], **how: Any) -> Question[F]:
    """A question to the sender's own people; the clerks answer for one that has none. See `tasks.asking.put`."""
    return put(parts, key, form, of=post_of_the_sender(parts), at=parts.report.party, **how)
