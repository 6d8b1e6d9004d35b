"""Clocks that were stopped: their ledger, their rungs, whose time it was."""

from datetime import datetime, timedelta

from clocks import instant, the

from models.queries import clock, deadlines, people


def ledger(number: str, key: str = "determination") -> list[tuple[datetime, datetime | None]]:
    """From when to when the clock of a deadline ran or stood."""
    with the(number, key) as (_session, deadline):
        return [(one.started_at, one.stopped_at) for one in deadline.intervals]


def rungs(number: str, key: str = "determination") -> list[int]:
    """The numbers of the rungs that happened."""
    with the(number, key) as (_session, deadline):
        return [one.number for one in deadline.rungs]


def shares(number: str, key: str = "determination") -> dict[str, tuple[timedelta, timedelta]]:
    """Party to the time that went by with it, running and paused."""
    with the(number, key) as (session, deadline):
        return {one.party.code: (one.used, one.paused) for one in deadlines.shares(deadline, clock.now(session))}


def shares_at(number: str, key: str, at: str) -> dict[str, tuple[timedelta, timedelta]]:
    """The same as it was at a time."""
    with the(number, key) as (_session, deadline):
        return {one.party.code: (one.used, one.paused) for one in deadlines.shares(deadline, instant(at))}


def stands_between(number: str, key: str, stopped: str, restarted: str) -> None:
    """A pause from and to these very instants; commands take the time that the business clock has."""
    with the(number, key) as (session, deadline):
        assert deadlines.pause(deadline, instant(stopped), "waiting", "chen.min", people.company(session))
    with the(number, key) as (_session, deadline):
        assert deadlines.resume(deadline, instant(restarted), "chen.min")
