"""Keeping calendars (日历): a changed one becomes a new version, and what counts by a version keeps it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.calendars import CompanyCalendar, read_calendar
from models.errors import NotFound
from models.language import N_
from models.queries import audit, clock
from models.rules.calendars import Calendar
from models.tables.calendars import CalendarVersion

_CALENDAR_LOCK = 0x43414C454E  # "CALEN"

# A version never changes, so what was read of it holds for as long as the process lives.
_read: dict[tuple[Engine, int], CompanyCalendar] = {}
_calendars: dict[tuple[Engine, int, tuple[str, ...]], Calendar] = {}


def current(session: Session, name: str) -> CalendarVersion:
    """The newest version of the calendar that policies call `name`; raises NotFound that names those there are."""
    newest = select(CalendarVersion).where(CalendarVersion.name == name).order_by(CalendarVersion.id.desc()).limit(1)
    found = session.scalars(newest).first()
    if found is None:
        known = ", ".join(sorted(session.scalars(select(CalendarVersion.name).distinct()))) or "–"
        raise NotFound(N_("There is no calendar {name}; there are: {known}."), name=name, known=known)
    return found


def all_current(session: Session) -> Sequence[CalendarVersion]:
    """The newest version of each calendar, by name."""
    newest = select(func.max(CalendarVersion.id)).group_by(CalendarVersion.name)
    return session.scalars(
        select(CalendarVersion).where(CalendarVersion.id.in_(newest)).order_by(CalendarVersion.name)
    ).all()


def content_of(session: Session, version_id: int) -> CompanyCalendar:
    """A recorded calendar, read."""
    key = (session.get_bind().engine, version_id)
    if key not in _read:
        _read[key] = read_calendar(session.get_one(CalendarVersion, version_id).content)
    return _read[key]


def calendar_for(session: Session, version_id: int, line: Sequence[str]) -> Calendar:
    """The calendar of a party, given the numbers of the party and of its superiors, nearest first."""
    content = content_of(session, version_id)
    # Most parties have no changes of their own and share one calendar.
    differing = tuple(code for code in line if code in content.parties)
    key = (session.get_bind().engine, version_id, differing)
    if key not in _calendars:
        _calendars[key] = content.for_line(differing)
    return _calendars[key]


def keep(session: Session, name: str, content: Mapping[str, Any], by: str, reason: str) -> CalendarVersion:
    """Makes checked `content` the newest version of a calendar; an unchanged one keeps its version."""
    session.execute(select(func.pg_advisory_xact_lock(_CALENDAR_LOCK)))
    newest = session.scalars(
        select(CalendarVersion).where(CalendarVersion.name == name).order_by(CalendarVersion.id.desc()).limit(1)
    ).first()
    if newest is not None and newest.content == content:
        return newest
    at = clock.now(session)
    version = CalendarVersion(
        name=name,
        version=newest.version + 1 if newest else 1,
        content=dict(content),
        recorded_at=at,
        recorded_by=by,
        reason=reason,
    )
    session.add(version)
    session.flush()
    detail = {"reason": reason, "content": audit.digest_of_rules(version.content)}
    audit.record(session, at, by, "calendar_recorded", f"{name} {version.version}", detail)
    return version
