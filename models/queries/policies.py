"""Keeping policies: a changed policy becomes a new version, an unchanged one stays, and each has its time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import InvalidInput, NotFound
from models.language import N_, _
from models.limits import Limit
from models.policy import Policy, read_policy
from models.queries import audit, calendars, clock
from models.tables.cases import Case
from models.tables.policies import PolicyVersion

#: Who records what is read from a file when the system starts.
OPERATOR = "operator"
_POLICY_LOCK = 0x504F4C494359  # "POLICY"

#: Recorded for a day that was still to come. All others hold from their recording on, which their ids keep in order
#: even where the clock of a rehearsal was set back in between.
_DATED = PolicyVersion.effective_from > PolicyVersion.recorded_at


def current(session: Session) -> PolicyVersion:
    """The version that new cases begin with now, by the business clock; raises NotFound before any was loaded.

    The one that took effect last; of two that took effect at once, the later one.
    """
    found = _in_force(session)
    if found is None:
        raise NotFound(N_("No policy is loaded."))
    return found


def _in_force(session: Session) -> PolicyVersion | None:
    undated = select(PolicyVersion).where(~_DATED).order_by(PolicyVersion.id.desc())
    dated = (
        select(PolicyVersion)
        .where(_DATED, PolicyVersion.effective_from <= clock.now(session))
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.id.desc())
    )
    newest, begun = (session.scalars(query.limit(1)).first() for query in (undated, dated))
    if newest is None or begun is None:
        return newest or begun
    return begun if begun.id > newest.id or begun.effective_from > newest.effective_from else newest


def to_come(session: Session) -> Sequence[PolicyVersion]:
    """The versions that take effect later, in the order in which they do; of two for one day, the later one."""
    waiting = (
        select(PolicyVersion)
        .where(_DATED, PolicyVersion.effective_from > clock.now(session))
        .order_by(PolicyVersion.effective_from, PolicyVersion.id)
    )
    return list({version.effective_from: version for version in session.scalars(waiting)}.values())


def day_to_come(session: Session, policy: Policy) -> datetime | None:
    """When a policy takes effect that names a day to come: as that day begins in its zone; None if it does at once."""
    if policy.effective_from is None:
        return None
    begins = datetime.combine(policy.effective_from, time(), policy.timezone)
    return begins if begins > clock.now(session) else None


def limit_in_force(session: Session, case: Case, policy: Policy, limit: Limit) -> tuple[Policy, Limit]:
    """The limit as it holds for a case now, with its policy.

    A case keeps the version it began with, but a later version whose limits were applied to open cases counts. Such
    a version is never dated: it is applied when it holds.
    """
    own = case.policy_version
    applied = select(PolicyVersion).where(
        PolicyVersion.name == own.name, PolicyVersion.id > own.id, PolicyVersion.for_open_cases, ~_DATED
    )
    if own.is_dated:
        # What was recorded after it may have held before it took effect.
        applied = applied.where(PolicyVersion.effective_from >= own.effective_from)
    later = session.scalars(applied.order_by(PolicyVersion.id.desc()).limit(1)).first()
    if later is None:
        return policy, limit
    newer = read_policy(later.content)
    return newer, newer.limits.get(limit.path, limit)


def refuse_unknown_calendars(session: Session, policy: Policy, besides: Iterable[str] = ()) -> None:
    """Raises InvalidInput for a calendar that the policy counts by and nobody recorded, nor is named in `besides`."""
    known = {version.name for version in calendars.all_current(session)} | set(besides)
    if unknown := sorted(policy.calendars - known):
        raise InvalidInput(
            {
                "calendar": _(
                    N_("There is no calendar {name}; there are: {known}."),
                    name=unknown[0],
                    known=", ".join(sorted(known)) or "–",
                )
            }
        )


def is_older_than_what_was_applied(session: Session, content: dict[str, Any]) -> bool:
    """Whether a file's content is what was in force before somebody applied another policy by name and reason."""
    in_force = _in_force(session)
    if in_force is None or in_force.recorded_by == OPERATOR or _same(session, content):
        return False
    loaded = select(PolicyVersion).where(PolicyVersion.recorded_by == OPERATOR).order_by(PolicyVersion.id.desc())
    last = session.scalars(loaded.limit(1)).first()
    return last is not None and last.content == content


def _same(session: Session, content: dict[str, Any]) -> list[PolicyVersion]:
    """The versions in force and to come that say exactly this."""
    versions = [_in_force(session), *to_come(session)]
    return [version for version in versions if version is not None and version.content == content]


def keep(
    session: Session,
    content: dict[str, Any],
    by: str = OPERATOR,
    reason: str = "",
    *,
    for_open_cases: bool = False,
) -> PolicyVersion:
    """Makes checked `content` the policy from its day on: the version in force or to come that says so, else a new one.

    With `for_open_cases` the same content becomes a version of its own if it was not for open cases before; one that
    is to come is for new cases only, whatever is asked. Raises InvalidInput for a calendar that is not there, and for
    a first policy that would leave the company without one until its day.
    """
    session.execute(select(func.pg_advisory_xact_lock(_POLICY_LOCK)))
    policy = read_policy(content)
    later = day_to_come(session, policy)
    for_open_cases = for_open_cases and later is None
    for known in _same(session, content):
        if known.for_open_cases or not for_open_cases:
            return known
    refuse_unknown_calendars(session, policy)
    if later is not None and _in_force(session) is None:
        raise InvalidInput({"effective_from": _(N_("No policy is in force yet; the first one names no day to come."))})
    name = content["name"]
    last = session.scalar(select(func.max(PolicyVersion.version)).where(PolicyVersion.name == name)) or 0
    at = clock.now(session)
    version = PolicyVersion(
        name=name,
        version=last + 1,
        content=content,
        recorded_at=at,
        recorded_by=by,
        reason=reason,
        for_open_cases=for_open_cases,
        effective_from=later or at,
    )
    session.add(version)
    session.flush()
    detail = {"reason": reason, "content": audit.digest_of_rules(content)}
    if later:
        detail["effective_from"] = later.isoformat()
    audit.record(session, at, by, "policy_recorded", f"{name} {version.version}", detail)
    return version
