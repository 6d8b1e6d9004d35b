"""A changed calendar or limit (重新推算): what it would move first, then the change itself, with a reason on record."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.calendars import read_calendar
from models.forms import Form, Prose
from models.language import N_
from models.policy import Policy, read_policy
from models.queries import audit, calendars, cases, clock, people, policies, projecting
from models.queries.projecting import CalendarSource, Projected, Rules
from models.tables.parties import Person
from tasks.database import transaction
from tasks.permission import refuse_unless

Progress = Callable[[int], None]
_SHOWN = 20


class ReasonToChange(Form):
    """Why the rules change for what is under way; it is kept with every deadline that moves."""

    reason: Prose


@dataclass
class Effect:
    """What a change does to the open deadlines: how many move, by how much, which would be late or no longer."""

    checked: int = 0
    earlier: int = 0
    later: int = 0
    #: How far the farthest move goes, either way.
    most_earlier: timedelta = timedelta()
    most_later: timedelta = timedelta()
    would_be_late: list[Projected] = field(default_factory=list)
    no_longer_late: list[Projected] = field(default_factory=list)
    #: The farthest moves, farthest first.
    farthest: list[Projected] = field(default_factory=list)
    #: Set when the change was applied: how many deadlines were changed.
    applied: int | None = None
    #: Set for a policy that is to come: when it takes effect. It moves nothing that is under way.
    effective_from: datetime | None = None

    def add(self, one: Projected) -> None:
        """Takes one more deadline into account."""
        self.checked += 1
        by = one.due_after - one.due_before
        if by:
            self.later += by > timedelta()
            self.earlier += by < timedelta()
            self.most_later, self.most_earlier = max(self.most_later, by), min(self.most_earlier, by)
            self.farthest = heapq.nlargest(_SHOWN, [*self.farthest, one], key=_distance)
        if one.breached_after and not one.breached_before:
            self.would_be_late.append(one)
        if one.breached_before and not one.breached_after:
            self.no_longer_late.append(one)

    @property
    def moved(self) -> int:
        """How many deadlines are due at another time."""
        return self.earlier + self.later


def _distance(one: Projected) -> timedelta:
    return abs(one.due_after - one.due_before)


def preview_calendars(contents: Mapping[str, Mapping[str, Any]], progress: Progress = lambda done: None) -> Effect:
    """What these calendars, by name, would move; nothing is changed."""
    with transaction() as session:
        rules = Rules(CalendarSource(session, {name: read_calendar(content) for name, content in contents.items()}))
        return _effect(session, rules, progress)


def apply_calendars(
    contents: Mapping[str, Mapping[str, Any]], reason: str, by: str, progress: Progress = lambda done: None
) -> Effect:
    """Records changed calendars and counts open deadlines by them. Interrupted, it goes on when called again.

    Raises InvalidInput, NotFound or NotAllowed; then nothing has changed.
    """
    checked = ReasonToChange.read({"reason": reason}).reason
    with transaction() as session:
        person = _keeper(session, by)
        versions = [calendars.keep(session, name, content, person.login, checked) for name, content in contents.items()]
        cause = ", ".join(f"calendar {one.name} {one.version}" for one in versions)
    return _applied(None, cause, checked, by, progress)


def preview_policy(content: dict[str, Any], progress: Progress = lambda done: None) -> Effect:
    """What the limits of this policy would move; nothing is changed. Raises InvalidInput for an unknown calendar.

    One that names a day to come would move nothing: it is for cases that begin from then on.
    """
    with transaction() as session:
        policy = read_policy(content)
        policies.refuse_unknown_calendars(session, policy)
        if later := policies.day_to_come(session, policy):
            return Effect(effective_from=later)
        return _effect(session, Rules(CalendarSource(session), policy), progress)


def apply_policy(content: dict[str, Any], reason: str, by: str, progress: Progress = lambda done: None) -> Effect:
    """Records a policy whose limits also hold for open cases, and counts their deadlines by it.

    One that names a day to come is recorded for the cases that begin from then on, and no open deadline moves, now or
    on that day; applied again once it is in force, it holds for open cases too.
    Raises InvalidInput, NotFound or NotAllowed; then nothing has changed.
    """
    checked = ReasonToChange.read({"reason": reason}).reason
    with transaction() as session:
        person = _keeper(session, by)
        later = policies.day_to_come(session, read_policy(content))
        version = policies.keep(session, content, person.login, checked, for_open_cases=later is None)
        if later:
            return Effect(applied=0, effective_from=later)
        cause = f"policy {version.name} {version.version}"
    return _applied(read_policy(content), cause, checked, by, progress)


def _keeper(session: Session, login: str) -> Person:
    person = people.person(session, login)
    allowed = read_policy(policies.current(session).content).rule_keepers
    refuse_unless(person, allowed, N_("{person} may not change the rules; that takes one of: {roles}."))
    return person


def _effect(session: Session, rules: Rules, progress: Progress) -> Effect:
    at, effect, last = clock.now(session), Effect(), 0
    while chunk := list(projecting.unended(session, rules, at, last)):
        for one in chunk:
            effect.add(one)
        last = chunk[-1].id
        progress(effect.checked)
    return effect


def _applied(policy: Policy | None, cause: str, reason: str, by: str, progress: Progress) -> Effect:
    """Chunk by chunk, each in a transaction of its own that holds its cases no longer than it must."""
    effect, last, applied = Effect(), 0, 0
    while True:
        with transaction() as session:
            chunk = projecting.next_unended(session, last)
            if not chunk:
                break
            # Read under the locks: nobody answers, pauses or is reminded meanwhile.
            cases.hold(session, set(chunk.values()))
            at, last = clock.now(session), max(chunk)
            rules = Rules(CalendarSource(session), policy)
            fresh = [one for one in projecting.these(session, rules, at, list(chunk)) if one.ended_at is None]
            changed = [one for one in fresh if one.differs]
            projecting.write(session, changed, at, cause, reason, by)
            for one in fresh:
                effect.add(one)
            applied += len(changed)
            progress(effect.checked)
    with transaction() as session:
        detail = {"reason": reason, "checked": effect.checked, "changed": applied, "moved": effect.moved}
        audit.record(session, clock.now(session), by, "deadlines_counted_anew", cause, detail)
    effect.applied = applied
    return effect
