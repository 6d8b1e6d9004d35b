"""The audit trail (审计): append-only, each entry chained to the one before it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class AuditEntry(Base):
    """Who did what to what. `digest` covers the entry and the digest before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (CheckConstraint("number > 0", name="counts_from_one"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    operation: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
