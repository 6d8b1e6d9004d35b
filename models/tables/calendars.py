"""Calendars (日历) as they were recorded: whole, in versions; a deadline keeps the version it is counted by."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from models.tables.base import Base, Id


class CalendarVersion(Base):
    """One version of a calendar with its statutory days resolved, who recorded it and why."""

    __tablename__ = "calendar_version"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    reason: Mapped[str]
