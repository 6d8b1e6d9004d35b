"""Keeping policies: a changed policy becomes a new version, an unchanged one stays."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.language import N_
from models.queries import audit, clock
from models.tables.policies import PolicyVersion

_POLICY_LOCK = 0x504F4C494359  # "POLICY"


def current(session: Session) -> PolicyVersion:
    """The version that new cases begin with; raises NotFound before any was loaded."""
    found = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).first()
    if found is None:
        raise NotFound(N_("No policy is loaded."))
    return found


def keep(session: Session, content: dict[str, Any]) -> PolicyVersion:
    """Makes checked `content` the current policy: the newest version if it is the same, else a new one."""
    session.execute(select(func.pg_advisory_xact_lock(_POLICY_LOCK)))
    newest = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).first()
    if newest is not None and newest.content == content:
        return newest
    name = content["name"]
    last = session.scalar(select(func.max(PolicyVersion.version)).where(PolicyVersion.name == name)) or 0
    at = clock.now(session)
    version = PolicyVersion(name=name, version=last + 1, content=content, recorded_at=at)
    session.add(version)
    session.flush()
    audit.record(session, at, "operator", "policy_recorded", f"{name} {version.version}", {})
    return version
