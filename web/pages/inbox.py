"""The inbox (待办): what somebody may decide now, the most urgent first, and the questions back that wait for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from models.forms import Form, due_time
from models.labels import Labelled
from models.language import N_, _
from models.queries import clock, people, questions
from models.tables.parties import Party, Person
from models.tables.policies import PolicyVersion
from models.tables.questions import Task
from tasks import remarks
from tasks.database import transaction
from web.rendering import page
from web.sessions import visitor_of
from web.times import TimeLeft, time_left


class Show(Labelled):
    """Which of the questions are shown."""

    ALL = "all", N_("all")
    MINE = "mine", N_("mine")
    GROUP = "group", N_("the group's")
    LATE = "late", N_("late")


@dataclass(frozen=True)
class Waiting:
    """A question in the list. `taken` says that the reader, or who the reader stands in for, has it alone.

    `due` is empty while the clock stands.
    """

    ref: str
    case: str
    question: str
    party: str
    due: str
    left: TimeLeft
    taken: bool
    #: For whom the reader stands in.
    in_place_of: str
    #: In whose name the answer is given.
    for_party: str

    def belongs_to(self, show: Show) -> bool:
        """Whether it is shown under a choice."""
        return {
            Show.ALL: True,
            Show.MINE: self.taken,
            Show.GROUP: not self.taken,
            Show.LATE: self.left.urgency == "late",
        }[show]


def inbox(request: Request) -> Response:
    """The page of what waits; `?show=` chooses of it."""
    visitor = visitor_of(request)
    asked = request.query_params.get("show", "")
    show = Show(asked) if asked in set(Show) else Show.ALL
    with transaction() as session:
        person = people.person(session, visitor.login)
        waiting = waiting_for(session, person, clock.now(session))
        return page(
            request,
            "inbox.html.j2",
            show=show,
            choices=[(one, sum(what.belongs_to(one) for what in waiting)) for one in Show],
            waiting=[one for one in waiting if one.belongs_to(show)],
            asked_back=remarks.waiting_for(session, person),
        )


def waiting_for(session: Session, person: Person, at: datetime) -> list[Waiting]:
    """What this person may decide now, the most urgent first."""
    # Read in one go, and held, what each question would look up for itself.
    held = _parties_and_policies(session)
    found = [_waiting(session, task, person, at) for task in questions.inbox(session, person)]
    del held
    return found


def _parties_and_policies(session: Session) -> Sequence[object]:
    return [*session.scalars(select(Party)), *session.scalars(select(PolicyVersion))]


def _waiting(session: Session, task: Task, person: Person, at: datetime) -> Waiting:
    zone = questions.policy_of(task.case).timezone
    way = questions.ways_to(session, task, person)[0]
    answers_for = task.for_party or (task.at_party if task.at_party_id != way.holder.party_id else None)
    return Waiting(
        ref=task.ref,
        case=task.case.number,
        question=_(Form.named(task.form).heading),
        party=task.case.party.name,
        due="" if task.deadline.paused_at else due_time(task.deadline.due_at.astimezone(zone)),
        left=time_left(task.deadline, at),
        taken=task.assignee is not None,
        in_place_of=way.holder.name if way.in_place_of else "",
        for_party=answers_for.name if answers_for else "",
    )
