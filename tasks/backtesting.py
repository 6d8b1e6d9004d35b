"""A changed policy over all closed cases (回溯检验): which would have been late, and which would not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.calendars import read_calendar
from models.policy import read_policy
from models.queries import clock, policies, projecting
from models.queries.projecting import CalendarSource, Projected, Rules
from tasks.database import transaction
from tasks.reprojecting import Progress


@dataclass
class BackTest:
    """What a changed policy would have done to all closed cases."""

    checked: int = 0
    late_before: int = 0
    late_after: int = 0
    #: The deadlines that were late and would not have been, or the other way round.
    differing: list[Projected] = field(default_factory=list)
    case_ids: set[int] = field(default_factory=set)

    @property
    def cases(self) -> int:
        """How many closed cases were looked at."""
        return len(self.case_ids)

    def add(self, one: Projected) -> None:
        """Takes one more deadline into account."""
        self.checked += 1
        self.case_ids.add(one.case_id)
        self.late_before += one.breached_before
        self.late_after += one.breached_after
        if one.breached_before != one.breached_after:
            self.differing.append(one)


def back_test(
    content: dict[str, Any],
    contents: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress = lambda done: None,
) -> BackTest:
    """Counts every deadline of every closed case by the limits of a policy, and by calendars if any are given.

    Raises InvalidInput for a calendar that the policy counts by and that is neither given nor recorded.
    """
    tested, last = BackTest(), 0
    tried = {name: read_calendar(one) for name, one in (contents or {}).items()}
    with transaction() as session:
        policy = read_policy(content)
        policies.refuse_unknown_calendars(session, policy, besides=tried)
        rules, at = Rules(CalendarSource(session, tried), policy), clock.now(session)
        while chunk := list(projecting.ended(session, rules, at, last)):
            for one in chunk:
                tested.add(one)
            last = chunk[-1].id
            progress(tested.checked)
    return tested
