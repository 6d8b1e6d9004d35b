"""A decision (决定) as pages tell it: who answered what, for whom, when and by which way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.forms import Form, local_time
from models.language import N_, _
from models.queries import questions
from models.tables.cases import Case
from models.tables.questions import Channel, Decision, Task
from tasks.deciding import decider_text

WAYS = {
    Channel.PREFECT: N_("in Prefect's form"),
    Channel.COMMAND_LINE: N_("by command line"),
    Channel.INBOX: N_("on this site"),
    Channel.MAIL_LINK: N_("by a link in a mail"),
    Channel.SWEEP: N_("by the lapse rule"),
}


@dataclass(frozen=True)
class Told:
    """A decision in words; `answer` is what was filled in, as titles and values, and empty for silence."""

    question: str
    ref: str
    by: str
    for_party: str
    at: str
    way: str
    answer: list[tuple[str, str]]


def made_in(session: Session, case: Case) -> Sequence[Decision]:
    """The decisions of a case so far, the first in front."""
    return session.scalars(
        select(Decision)
        .join(Decision.task)
        .where(Task.case_id == case.id)
        .order_by(Decision.at, Decision.task_id)
        .options(joinedload(Decision.task), joinedload(Decision.by), joinedload(Decision.in_place_of))
    ).all()


def told(decision: Decision) -> Told:
    """A decision, in the language in force and the zone of its case."""
    task = decision.task
    form = Form.named(task.form)
    return Told(
        question=_(form.heading),
        ref=task.ref,
        by=decider_text(decision),
        for_party=decision.on_behalf_of.name if decision.on_behalf_of else "",
        at=local_time(decision.at.astimezone(questions.policy_of(task.case).timezone)),
        way=_(WAYS[Channel(decision.channel)]),
        answer=form.read(decision.answer, task.facts).told(task.facts) if decision.by else [],
    )
