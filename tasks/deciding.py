"""The one door for decisions (决定). Prefect's form, the command line and the lapse rule all come through here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.errors import AlreadyDecided, CaseEnded, NotAllowed, SeparationOfDuties
from models.forms import Form, local_time
from models.language import N_, _
from models.queries import audit, cases, clock, people, questions
from models.roles import Role
from models.tables.cases import Case
from models.tables.parties import Party, Person
from models.tables.questions import Channel, Decision, Task, TaskState
from tasks.climbing import meet
from tasks.database import transaction


@dataclass(frozen=True)
class Decided:
    """A decision as it was recorded."""

    task_ref: str
    case_number: str
    case_id: int
    at: datetime
    by: str
    on_behalf_of: str | None
    channel: Channel


def decide(task_ref: str, answer: object, *, by: str, channel: Channel) -> Decided:
    """Records `answer` as the decision of the person with the login `by`, if it may be.

    Under the case's lock it checks, in this order: does the task exist; may this person decide it (role,
    assignment); is it still open; separation of duties; does the answer fit the form. The first decision
    counts. Raises NotFound, NotAllowed, AlreadyDecided, CaseEnded, SeparationOfDuties or InvalidInput, and
    then nothing has changed. The caller wakes the run (`tasks.waking`).
    """
    with transaction() as session:
        case_id = questions.by_ref(session, task_ref).case_id
        case = cases.lock(session, case_id)
        task = questions.by_ref(session, task_ref, lock=True)
        person = people.person(session, by)
        refuse_if_not_theirs(session, task, person)
        refuse_if_over(task, case)
        refuse_if_separated(session, task, person)
        form = Form.named(task.form).read(answer, task.facts)
        return record(session, task, form.model_dump(mode="json"), clock.now(session), channel, person, form)


def lapse(session: Session, task: Task, at: datetime) -> Decided:
    """The policy's lapse rule answers for somebody who kept silent. The caller holds the case's lock."""
    decided = record(session, task, {}, at, Channel.SWEEP, None, None)
    task.state = TaskState.LAPSED
    return decided


def record(
    session: Session,
    task: Task,
    answer: dict[str, Any],
    at: datetime,
    channel: Channel,
    person: Person | None,
    form: Form | None,
) -> Decided:
    """Writes a checked decision, ends the task and its deadline, and adds the audit entry."""
    by = person.login if person else "sweep"
    behalf = _on_behalf_of(task, person) if person else None
    task.decision = Decision(answer=answer, by=person, on_behalf_of=behalf, channel=channel, at=at)
    task.state = TaskState.DECIDED
    if form is None or form.settles:
        meet(session, task.deadline, at)
    detail = {"answer": answer, "channel": channel.value, "on_behalf_of": behalf.code if behalf else None}
    audit.record(session, at, by, "decided", task.ref, detail)
    return Decided(task.ref, task.case.number, task.case_id, at, by, behalf.code if behalf else None, channel)


def _on_behalf_of(task: Task, person: Person) -> Party | None:
    """The party in whose name the answer stands: that of the case, or one asked that has nobody to answer itself."""
    asked = task.at_party if task.at_party is not None and person.party_id != task.at_party_id else None
    return task.for_party or asked


def refuse_if_not_theirs(session: Session, task: Task, person: Person) -> None:
    """Only the assignee decides an assigned task; any other is decided by holders of its role where it is asked."""
    if task.assignee is not None and task.assignee.id != person.id:
        raise NotAllowed(
            N_("{person} may not decide this: it is assigned to {assignee}."),
            person=person.label,
            assignee=task.assignee.label,
        )
    if task.at_party is not None and person not in questions.asked_people(session, task):
        raise NotAllowed(
            N_("{person} may not decide this: it is asked of {role} at {party}."),
            person=person.label,
            role=Role(task.role).label,
            party=task.at_party.name,
        )
    if task.at_party is None and task.role not in person.roles:
        raise NotAllowed(
            N_("{person} may not decide this: it takes the role {role}."),
            person=person.label,
            role=Role(task.role).label,
        )


def refuse_if_over(task: Task, case: Case) -> None:
    """A task is decided once; a later answer is told who was first."""
    if task.decision is not None:
        by = task.decision.by.label if task.decision.by else _(N_("the lapse rule"))
        zone = questions.policy_of(case).timezone
        raise AlreadyDecided(
            N_("{by} has already decided this, at {at}."), by=by, at=local_time(task.decision.at.astimezone(zone))
        )
    if task.state == TaskState.WITHDRAWN and case.is_open:
        raise AlreadyDecided(N_("This question was taken back; it needs no answer any more."))
    if task.state == TaskState.WITHDRAWN:
        raise CaseEnded(N_("Case {number} was withdrawn."), number=case.number)


def refuse_if_separated(session: Session, task: Task, person: Person) -> None:
    """Two steps that the policy keeps apart are not done by one person in one case."""
    if barred := questions.steps_that_bar(session, task, person):
        raise SeparationOfDuties(
            N_("{person} may not decide this, having done in the same case: {steps}. Two different people are needed."),
            person=person.label,
            steps=", ".join(barred),
        )
