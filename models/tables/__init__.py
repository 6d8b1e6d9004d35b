"""The tables. Importing this package registers all of them on `Base.metadata`."""

from models.tables import (
    audit,
    calendars,
    cases,
    charges,
    claims,
    deadlines,
    feedback,
    goods,
    ledgers,
    notices,
    parties,
    policies,
    questions,
    repairs,
    stations,
    system,
)
from models.tables.base import Base

__all__ = [
    "Base",
    "audit",
    "calendars",
    "cases",
    "charges",
    "claims",
    "deadlines",
    "feedback",
    "goods",
    "ledgers",
    "notices",
    "parties",
    "policies",
    "questions",
    "repairs",
    "stations",
    "system",
]
