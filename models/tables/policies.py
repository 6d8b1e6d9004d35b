"""Policies (规则): one company's numbers and names, in versions; a case keeps the version it began with."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from models.tables.base import Base, Id


class PolicyVersion(Base):
    """One version of a policy, whole, as it was read from its file."""

    __tablename__ = "policy_version"
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
    #: Its limits also hold for cases that began with an earlier version of the same policy.
    for_open_cases: Mapped[bool]
    #: `recorded_at`, or later the beginning of the day that it names.
    effective_from: Mapped[datetime]

    @property
    def is_dated(self) -> bool:
        """Whether it was recorded for a day that was still to come."""
        return self.effective_from > self.recorded_at
