"""The business clock, the rules by which clocks of cases count, and a case whose clock runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import yaml
from conftest import POLICY
from people import opened, play
from sqlalchemy.orm import Session

from models.queries import cases, clock, deadlines, policies
from models.tables.deadlines import Deadline, DeadlineState
from tasks.database import transaction

#: A Monday at eight; two days from then end on Wednesday at 24:00.
REPORTED, DUE = "2026-11-23T08:00:00+08:00", "2026-11-26T00:00:00+08:00"
#: As the technician finds it where only a few pieces were delivered.
FEW_PIECES = {
    "verdict": "quality_fault",
    "pieces_inspected": 5,
    "pieces_faulty": 5,
    "pieces_on_hand": 10,
    "report": "Capacitors bulge.",
}


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def it_is(at: str) -> None:
    """Sets the business clock; it runs on from there."""
    with transaction() as session:
        clock.set_to(session, instant(at))


def policy_with(limits: dict[str, Any], **policy: Any) -> dict[str, Any]:
    """The lighting maker's policy with other limits of the batch quality dispute."""
    content: dict[str, Any] = yaml.safe_load(POLICY.read_text("utf-8")) | policy
    return content | {"batch_quality": content["batch_quality"] | limits}


def use(content: dict[str, Any]) -> None:
    """Makes a policy the current one."""
    with transaction() as session:
        policies.keep(session, content)


def waiting_for_the_finding(dealer: str = "D-01", reported_at: str = REPORTED) -> str:
    """A case whose technician is named and silent, an hour after its report."""
    it_is((instant(reported_at) + timedelta(hours=1)).isoformat())
    number = opened(dealer=dealer, reported_at=reported_at)
    play(number, until="site-finding")
    return number


@contextmanager
def the(number: str, key: str = "determination") -> Iterator[tuple[Session, Deadline]]:
    """A deadline of the case, in a transaction."""
    with transaction() as session:
        yield session, deadlines.of_case(session, cases.by_number(session, number).id, key)


def due(number: str, key: str = "determination") -> datetime:
    with the(number, key) as (_session, deadline):
        return deadline.due_at


def state(number: str, key: str = "determination") -> DeadlineState:
    with the(number, key) as (session, deadline):
        return deadlines.state_of(deadline, clock.now(session))
