"""The one door for decisions (决定): Prefect, inbox, mail, command line and the lapse rule all come through here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.errors import AfterSalesError, AlreadyDecided, CaseEnded, NotAllowed, SeparationOfDuties
from models.forms import Form, local_time
from models.language import N_, _
from models.queries import answer_links, audit, cases, clock, people, questions
from models.queries.standing_in import Way
from models.roles import Role
from models.tables.cases import Case
from models.tables.parties import Party, Person
from models.tables.questions import Channel, Decision, Task, TaskState
from tasks.climbing import meet
from tasks.database import transaction
from tasks.refusals import note_refusal

#: A deputy and whose post it is: B for A.
IN_PLACE_OF = N_("{name} in place of {holder}")


@dataclass(frozen=True)
class Decided:
    """A decision as it was recorded; `in_place_of` is the login of whom a deputy stood in for."""

    task_ref: str
    case_number: str
    case_id: int
    at: datetime
    by: str
    on_behalf_of: str | None
    channel: Channel
    in_place_of: str | None = None


def decide(task_ref: str, answer: object, *, by: str, channel: Channel, link: int | None = None) -> Decided:
    """Records `answer` as the decision of the person with the login `by`, if it may be.

    Under the case's lock it checks, in this order: does the task exist; may this person decide it (role, area,
    assignment, or as deputy of somebody who may); is it still open; separation of duties; does the answer fit the
    form. The first decision counts. A `link` by which it comes in is used up with it. Raises NotFound, NotAllowed,
    AlreadyDecided, CaseEnded, SeparationOfDuties or InvalidInput; then nothing has changed but that the audit trail
    tells of the refusal. The caller wakes the run (`tasks.waking`).
    """
    assert channel is not Channel.SWEEP, "the sweep decides nothing in a person's name"
    try:
        with transaction() as session:
            return _decided(session, task_ref, answer, by, channel, link)
    except AfterSalesError as error:
        note_refusal(task_ref, by, error, channel)
        raise


def _decided(session: Session, task_ref: str, answer: object, by: str, channel: Channel, link: int | None) -> Decided:
    case = cases.lock(session, questions.by_ref(session, task_ref).case_id)
    task = questions.by_ref(session, task_ref, lock=True)
    person = people.person(session, by)
    ways = questions.ways_to(session, task, person)
    refuse_if_not_theirs(task, person, ways)
    refuse_if_over(task, case)
    # Nobody does two steps that are kept apart in two linked cases at once.
    questions.hold_people(session, task, ways)
    free = questions.unbarred(session, task, ways)
    refuse_if_separated(session, task, ways, free)
    form = Form.named(task.form).read(answer, task.facts)
    at = clock.now(session)
    if link is not None:
        answer_links.use(session, link, task, person, at)
    return record(session, task, form.model_dump(mode="json"), at, channel, free[0], form)


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
    way: Way | None,
    form: Form | None,
) -> Decided:
    """Writes a checked decision, ends the task and its deadline, and adds the audit entry."""
    person, in_place_of = (way.acts, way.in_place_of) if way else (None, None)
    by = person.login if person else "sweep"
    behalf = _on_behalf_of(task, way.holder) if way else None
    task.decision = Decision(
        answer=answer, by=person, in_place_of=in_place_of, on_behalf_of=behalf, channel=channel, at=at
    )
    task.state = TaskState.DECIDED
    if form is None or form.settles:
        meet(session, task.deadline, at)
    detail: dict[str, Any] = {
        "answer": answer,
        "channel": channel.value,
        "on_behalf_of": behalf.code if behalf else None,
    }
    if way and in_place_of:
        detail["in_place_of"] = people.logins(way.people[1:])
    audit.record(session, at, by, "decided", task.ref, detail)
    return Decided(
        task.ref,
        task.case.number,
        task.case_id,
        at,
        by,
        behalf.code if behalf else None,
        channel,
        in_place_of.login if in_place_of else None,
    )


def _on_behalf_of(task: Task, holder: Person) -> Party | None:
    """The party in whose name the answer stands: that of the case, or one asked that has nobody to answer itself."""
    asked = task.at_party if task.at_party is not None and holder.party_id != task.at_party_id else None
    return task.for_party or asked


def refuse_if_not_theirs(task: Task, person: Person, ways: Sequence[Way]) -> None:
    """Only the assignee decides an assigned task; any other is decided by those of its post who are asked.

    `ways` are those on which the person comes to it, also as a deputy; without one this says what the task takes.
    """
    if ways:
        return
    role = Role(task.role)
    if task.assignee is not None and task.assignee.id != person.id:
        raise NotAllowed(
            N_("{person} may not decide this: it is assigned to {assignee}."),
            person=person.label,
            assignee=task.assignee.label,
        )
    if task.at_party is not None:
        raise NotAllowed(
            N_("{person} may not decide this: it is asked of {role} at {party}."),
            person=person.label,
            role=role.label,
            party=task.at_party.name,
        )
    if role in person.roles:
        raise NotAllowed(
            N_("{person} may not decide this: it is asked of the {role} in whose area {party} is."),
            person=person.label,
            role=role.label,
            party=task.case.party.name,
        )
    raise NotAllowed(
        N_("{person} may not decide this: it takes the role {role}."), person=person.label, role=role.label
    )


def refuse_if_over(task: Task, case: Case) -> None:
    """A task is decided once; a later answer is told who was first."""
    if task.decision is not None:
        zone = questions.policy_of(case).timezone
        raise AlreadyDecided(
            N_("{by} has already decided this, at {at}."),
            by=decider_text(task.decision),
            at=local_time(task.decision.at.astimezone(zone)),
        )
    if task.state == TaskState.WITHDRAWN and case.is_open:
        raise AlreadyDecided(N_("This question was taken back; it needs no answer any more."))
    if task.state == TaskState.WITHDRAWN and case.closed_at is not None:
        raise CaseEnded(N_("Case {number} is closed."), number=case.number)
    if task.state == TaskState.WITHDRAWN:
        raise CaseEnded(N_("Case {number} was withdrawn."), number=case.number)


def decider_text(decision: Decision) -> str:
    """Who decided, with login, in the language in force: a person, one in place of another, or the lapse rule."""
    if decision.by is None:
        return _(N_("the lapse rule"))
    if decision.in_place_of is None:
        return decision.by.label
    return _(IN_PLACE_OF, name=decision.by.label, holder=decision.in_place_of.label)


def refuse_if_separated(session: Session, task: Task, ways: Sequence[Way], free: Sequence[Way]) -> None:
    """Two steps that the policy keeps apart are not done by one person, in one case or in two that are linked.

    A deputy, whoever the deputy stands in for and everybody between count as one: nobody approves what they asked for
    by way of somebody else. Of `ways`, `free` are those on which nobody did such a step.
    """
    if free:
        return
    person = ways[0].acts
    done = questions.done_in(session, [task.case_id])
    who, steps = next(
        (one, barred) for one in ways[0].people if (barred := questions.steps_that_bar(session, task, one, done))
    )
    here = questions.done_in(session, [task.case_id], linked=False)
    if who is not person:
        text = N_(
            "{person} may not decide this in place of {who}, who has done: {steps}. Two different people are needed."
        )
    elif questions.steps_that_bar(session, task, person, here):
        text = N_(
            "{person} may not decide this, having done in the same case: {steps}. Two different people are needed."
        )
    else:
        text = N_(
            "{person} may not decide this, having done in a linked case: {steps}. Two different people are needed."
        )
    raise SeparationOfDuties(text, person=person.label, who=who.label, steps=", ".join(steps))
