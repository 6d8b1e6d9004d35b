"""Standing in (代理): it is made and ended on record, told to both, and never leads back to where it began."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import AlreadyDecided, InvalidInput, NotAllowed
from models.forms import Form, due_time, local_time
from models.language import N_, _
from models.policy import read_policy
from models.queries import audit, clock, people, policies, questions, standing_in
from models.queries.access import access
from models.roles import Role
from models.rules.standing_in import Standing, Standings
from models.standing_in import StandingIn, StandingState
from models.tables.parties import Person
from models.tables.questions import Task
from models.tables.standing_in import Delegation
from tasks.database import transaction
from tasks.notices import Letter, queue, to_person
from tasks.permission import refuse_unless
from tasks.procedures import PROCEDURES


def delegate(
    principal: str,
    deputy: str,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    by: str,
    role: Role | str | None = None,
    procedure: str | None = None,
) -> int:
    """Lets `deputy` act for `principal` from a time until before another, in one role or procedure if named.

    Logins throughout; times carry a zone, by the business clock. The principal may say so, and those whom the policy
    names (`access.delegators`) for others, but nobody names themselves as the deputy of another. Raises NotFound,
    NotAllowed or InvalidInput by field. Returns the number of the delegation.
    """
    with transaction() as session:
        maker, at = people.person(session, by), clock.now(session)
        if principal != maker.login:
            _refuse_for_others(session, maker, deputy)
        given = {"principal": principal, "deputy": deputy, "from_at": from_at, "until_at": until_at}
        what = {"role": role, "procedure": procedure, "reason": reason}
        form = StandingIn.read(given | what, facts_of_form(session, at))
        standing_in.hold(session)
        made = Delegation(
            principal=people.person(session, form.principal),
            deputy=people.person(session, form.deputy),
            from_at=form.from_at,
            until_at=form.until_at,
            role=form.role,
            procedure=form.procedure,
            reason=form.reason,
            made_at=at,
            made_by=maker,
        )
        _refuse_if_it_does_not_fit(session, made, at)
        waiting = _waiting(session, made)
        session.add(made)
        session.flush()
        audit.record(session, at, maker.login, "delegation_made", subject_of(made), _recorded(made))
        _tell(session, at, made, "delegation_made", waiting, maker)
        return made.id


def end_delegation(number: int, by: str) -> int:
    """Ends a delegation before its time, whether it has begun or not; the principal may, and the policy's delegators.

    Raises NotFound, NotAllowed, or AlreadyDecided for one that is over. Returns its number.
    """
    with transaction() as session:
        standing_in.hold(session)
        found, maker, at = standing_in.by_id(session, number, lock=True), people.person(session, by), clock.now(session)
        if found.principal is not maker:
            _refuse_for_others(session, maker)
        ended = found.ended_at or (found.until_at if found.until_at <= at else None)
        if ended is not None:
            raise AlreadyDecided(
                N_("This delegation is over since {at}."), at=local_time(ended.astimezone(zone(session)))
            )
        # The clock of a rehearsal may have been set back since it was made.
        found.ended_at = max(at, found.made_at)
        audit.record(session, at, maker.login, "delegation_ended", subject_of(found), _recorded(found))
        _tell(session, at, found, "delegation_ended", [], maker)
        return found.id


def facts_of_form(session: Session, at: datetime) -> dict[str, Any]:
    """What the form is checked against: who is active, which procedures there are, the business time."""
    active = session.scalars(select(Person).where(Person.active).order_by(Person.login))
    return {
        "people": {one.login: one.label for one in active},
        "procedures": {code: one.name for code, one in PROCEDURES.items()},
        "now": at.isoformat(),
    }


def state_of(one: Delegation, at: datetime) -> StandingState:
    """How a delegation stands at a time."""
    if one.ended_at is not None:
        return StandingState.ENDED
    if one.until_at <= at:
        return StandingState.OVER
    return StandingState.TO_COME if one.from_at > at else StandingState.IN_FORCE


def zone(session: Session) -> ZoneInfo:
    """In which people write and read the days of a delegation: that of the policy in force."""
    return read_policy(policies.current(session).content).timezone


def subject_of(one: Delegation) -> str:
    """What a delegation is called in records."""
    return f"delegation:{one.id}"


def _refuse_for_others(session: Session, maker: Person, deputy: str = "") -> None:
    allowed = access(session).delegators
    refuse_unless(
        maker, allowed, N_("{person} may not say who stands in for somebody else; that takes one of: {roles}.")
    )
    if deputy == maker.login:
        raise NotAllowed(
            N_("{person} may not take somebody else's place on their own word; let them or somebody else say it."),
            person=maker.label,
        )


def _refuse_if_it_does_not_fit(session: Session, made: Delegation, at: datetime) -> None:
    known = Standings(map(standing_in.as_standing, standing_in.not_over(session, at)))
    new = Standing(made.principal.id, made.deputy.id, standing_in.as_standing(made).reach)
    posts = set(made.principal.roles)
    for chain in known.behind(new.principal, within=new.reach):
        posts |= session.get_one(Person, chain.people[-1]).roles
    faults = {}
    if made.role is not None and made.role not in posts:
        text = N_("{person} does not hold the role {role}.")
        faults["role"] = _(text, person=made.principal.label, role=Role(made.role).label)
    longest = access(session).longest_chain
    if known.is_a_circle(new):
        text = N_("{principal} stands in for {deputy} in that time; name somebody else.")
        faults["deputy"] = _(text, principal=made.principal.label, deputy=made.deputy.label)
    elif known.length_with(new) > longest:
        text = N_("{count} would stand one behind the other, and at most {longest} may; name another deputy.")
        faults["deputy"] = _(text, count=known.length_with(new), longest=longest)
    if faults:
        raise InvalidInput(faults, StandingIn.titles())


def _recorded(one: Delegation) -> dict[str, Any]:
    return {
        "principal": one.principal.login,
        "deputy": one.deputy.login,
        "from": one.from_at.isoformat(),
        "until": one.until_at.isoformat(),
        "role": one.role,
        "procedure": one.procedure,
        "reason": one.reason,
    }


def _waiting(session: Session, made: Delegation) -> list[Task]:
    """What the principal may decide now and the deputy may decide then."""
    reach = standing_in.as_standing(made).reach
    return [
        task
        for task in questions.inbox(session, made.principal)
        if reach.covers(questions.who_is_asked(session, task).role, task.case.procedure)
        and not questions.steps_that_bar(session, task, made.deputy)
    ]


def _tell(session: Session, at: datetime, one: Delegation, letter: str, waiting: list[Task], maker: Person) -> None:
    told = [to_person(one.deputy), to_person(one.principal)]
    facts = _facts(session, one, waiting, maker)
    queue(session, at, [Letter(letter, told, facts, f"{subject_of(one)}:{letter}", zone=zone(session))])


def _facts(session: Session, one: Delegation, waiting: list[Task], maker: Person) -> Callable[[], dict[str, Any]]:
    """Called in the language of each who is told."""

    def facts() -> dict[str, Any]:
        rows = [
            (
                task.ref,
                _(Form.named(task.form).heading),
                due_time(task.deadline.due_at.astimezone(questions.policy_of(task.case).timezone)),
            )
            for task in waiting
        ]
        head = [_(N_("Task")), _(N_("Question")), _(N_("Due"))]
        table = {
            "title": _(N_("What waits now")),
            "legend": [],
            "head": head,
            "rows": [{"cells": row, "bars": []} for row in rows],
        }
        return {
            "delegation": one,
            "by": maker.label,
            "role": Role(one.role).label if one.role else "",
            "procedure": PROCEDURES[one.procedure].name if one.procedure else "",
            "tables": [table] if rows else [],
        }

    return facts
