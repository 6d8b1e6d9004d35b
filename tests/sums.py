"""The sum behind a due time, as people read it, and cases whose sum is looked at."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from clocks import REPORTED, instant, policy_with, the, use, waiting_for_the_finding

from models.queries import clock, deadlines, people
from models.rules.explaining import Rule
from tasks.explaining import Why, why

COMPANY, DEALER, OFFICE = "明辉照明有限公司", "广州恒达灯饰经销商", "华南办事处"
NOTHING = timedelta()
UNKNOWN = "The holidays and make-up days of 2027 are not published yet; days of that year may move."


def reported(at: str = REPORTED, **limit: Any) -> str:
    """A case that waits for the finding, an hour after its report, counted by another limit if one is given."""
    if limit:
        use(policy_with({"determination": {"rungs": [], **limit}}))
    return waiting_for_the_finding(reported_at=at)


def told(number: str, key: str = "determination", at: str = "") -> Why:
    """The sum seen at a time, now if none is given, checked for what holds of every sum."""
    with the(number, key) as (session, deadline):
        seen_at = instant(at) if at else clock.now(session)
        found = why(session, deadline, seen_at)
        assert found.intervals[0].start == deadline.started_at
        assert all(earlier.end == later.start for earlier, later in pairwise(found.intervals))
        assert all(one.start < one.end for one in found.intervals)
        assert found.intervals[-1].end == found.due
        assert all(one.counted in (NOTHING, one.end - one.start) for one in found.intervals)
        assert sum((one.counted for one in found.intervals), start=NOTHING) == found.counted
        assert found.counted == deadlines.clock_of(deadline).size()
        assert deadline.is_over or found.due == deadlines.due_of(deadline, seen_at)
        return found


def sums(found: Why) -> list[tuple[str, str, float, Rule, str]]:
    """Each interval as people read it: from, to (both in Shanghai), hours that count, rule, words."""
    zone = instant(REPORTED).tzinfo
    return [
        (
            f"{one.start.astimezone(zone):%m-%d %H:%M}",
            f"{one.end.astimezone(zone):%m-%d %H:%M}",
            one.counted / timedelta(hours=1),
            one.rule,
            one.why,
        )
        for one in found.intervals
    ]


def stands_between(number: str, stopped: str, restarted: str = "", reason: str = "The shop is closed") -> None:
    """A pause from and to these very instants; commands take the time that the business clock has."""
    with the(number) as (session, deadline):
        dealer = people.party_by_code(session, "D-01")
        assert dealer is not None
        assert deadlines.pause(deadline, instant(stopped), reason, "chen.min", dealer)
    if restarted:
        with the(number) as (_session, deadline):
            assert deadlines.resume(deadline, instant(restarted), "chen.min")
