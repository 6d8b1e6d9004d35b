"""The line of responsibility (逐级负责, manual 000 四.1 art. 5 and 7): who stands above whoever has the ball."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.queries import people, questions
from models.roles import PartyKind, Role
from models.tables.deadlines import Deadline
from models.tables.parties import Party
from models.tables.questions import Task
from tasks.notices import Recipient, to_party, to_person, to_role

#: The posts of a party that answer for the parties below it.
_HEADS = (Role.OFFICE_MANAGER, Role.REGIONAL_MANAGER)
#: Where the company's own line begins: a dealer's matter that no party above it settled.
_OUR_FIRST = Role.CS_MANAGER


def up(session: Session, deadline: Deadline, tasks: Sequence[Task], steps: int) -> list[Recipient]:
    """Who is told `steps` levels above whoever has the ball; above the top it is the top."""
    line = _line(session, deadline, tasks)
    level = line[min(steps, len(line)) - 1]
    return to_role(session, level) if isinstance(level, Role) else _heads_of(session, level, deadline)


def _line(session: Session, deadline: Deadline, tasks: Sequence[Task]) -> list[Party | Role]:
    """Party by party up to the company, then post by post; for a post of the company the posts above it."""
    policy = questions.policy_of(deadline.case)
    holder = deadline.intervals[-1].holder
    if holder.kind != PartyKind.COMPANY:
        parties = [one for one in people.superiors(holder) if one.kind != PartyKind.COMPANY]
        return [*parties, _OUR_FIRST, *policy.posts_above(_OUR_FIRST)]
    role = Role(tasks[0].role) if tasks else Role.CS_CLERK
    return [*policy.posts_above(role)] or [role]


def _heads_of(session: Session, party: Party, deadline: Deadline) -> list[Recipient]:
    """The heads of an office by name, else its own address."""
    heads = {one.id: one for role in _HEADS for one in people.holders(session, role) if one.party_id == party.id}
    return [to_person(one) for one in heads.values()] or [to_party(session, party, deadline.case)]


def holder_of(session: Session, task: Task) -> Party:
    """The party that has the ball while a task is open: the one it is answered for, else its people's, if all agree."""
    if asked := task.for_party or task.at_party:
        return asked
    parties = {one.party for one in questions.candidates(session, task)}
    return parties.pop() if len(parties) == 1 else people.company(session)
