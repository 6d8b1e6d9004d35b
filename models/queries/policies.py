"""Keeping policies: a changed policy becomes a new version, an unchanged one stays."""

from collections.abc import Iterable
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


def current(session: Session) -> PolicyVersion:
    """The version that new cases begin with; raises NotFound before any was loaded."""
    found = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).first()
    if found is None:
        raise NotFound(N_("No policy is loaded."))
    return found


def limit_in_force(session: Session, case: Case, policy: Policy, limit: Limit) -> tuple[Policy, Limit]:
    """The limit as it holds for a case now, with its policy.

    A case keeps the version it began with, but a later version whose limits were applied to open cases counts.
    """
    later = session.scalars(
        select(PolicyVersion)
        .where(
            PolicyVersion.name == case.policy_version.name,
            PolicyVersion.id > case.policy_id,
            PolicyVersion.for_open_cases,
        )
        .order_by(PolicyVersion.id.desc())
        .limit(1)
    ).first()
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
    newest = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).first()
    if newest is None or newest.recorded_by == OPERATOR or newest.content == content:
        return False
    loaded = select(PolicyVersion).where(PolicyVersion.recorded_by == OPERATOR).order_by(PolicyVersion.id.desc())
    last = session.scalars(loaded.limit(1)).first()
    return last is not None and last.content == content


def keep(
    session: Session,
    content: dict[str, Any],
    by: str = OPERATOR,
    reason: str = "",
    *,
    for_open_cases: bool = False,
) -> PolicyVersion:
    """Makes checked `content` the current policy: the newest version if it is the same, else a new one.

    With `for_open_cases` the same content becomes a version of its own if it was not for open cases before.
    Raises InvalidInput for a calendar that is not there.
    """
    session.execute(select(func.pg_advisory_xact_lock(_POLICY_LOCK)))
    newest = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).first()
    if newest is not None and newest.content == content and (newest.for_open_cases or not for_open_cases):
        return newest
    refuse_unknown_calendars(session, read_policy(content))
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
    )
    session.add(version)
    session.flush()
    audit.record(session, at, by, "policy_recorded", f"{name} {version.version}", {"reason": reason})
    return version
