"""Limits (时限规定): how long somebody has for something, how it is counted, and who is told when."""

import re
from datetime import datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator

from models.calendars import clock_time
from models.data_files import Strict
from models.roles import Role
from models.rules.deadlines import Budget, Clock, Counting, CountsFrom, LastDay, Unit, shifted
from models.tables.deadlines import Passing

_BUDGET = re.compile(r"([0-9]{1,4}) (hour|working[ _]hour|day|working[ _]day|month)s?")
_SHARE = re.compile(r"([0-9]{1,3})%")
_UP = re.compile(r"up ([1-9])")


def read_budget(text: str) -> Budget:
    """`4 hours`, `2 days`, `5 working days` or `6 months`; raises ValueError with what would be right."""
    if not (found := _BUDGET.fullmatch(text)) or int(found[1]) < 1:
        raise ValueError(f"{text!r} is not a time; write for example '4 hours', '2 days', '5 working days', '6 months'")
    return Budget(int(found[1]), Unit(found[2].replace(" ", "_") + "s"))


def _is_budget(text: str) -> str:
    read_budget(text)
    return text


def _is_rung_time(text: str) -> str:
    if text.startswith(("+", "-")):
        read_budget(text[1:])
    elif not (found := _SHARE.fullmatch(text)) or not 1 <= int(found[1]) <= 100:
        raise ValueError(
            f"{text!r} is not a time of a rung; write for example '80%', '-4 hours' before due or '+1 days' after it"
        )
    return text


def _is_up(text: str) -> str:
    if not _UP.fullmatch(text):
        raise ValueError(
            f"{text!r} is not somebody to tell; write a role, 'assignee', or 'up 1' for the next in the line"
        )
    return text


def _time_of_day(value: Any) -> Any:
    # YAML reads an unquoted 16:00 as 960.
    if value is None or value == "none" or isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise ValueError("write a time of day in quotes, for example '16:00'")
    return clock_time(value)


class RungPlan(Strict):
    """When somebody is told: a share of the time (`80%`), or a time before (`-4 hours`) or after due (`+1 days`).

    `to` is a role, `assignee` for whoever has the ball, or `up 1`, `up 2`, …: that many steps up the line of
    responsibility (逐级负责, manual 000 四.1 art. 5) from whoever has it. With `hands_over` the role gets the task.
    """

    at: Annotated[str, AfterValidator(_is_rung_time)]
    to: Role | Literal["assignee"] | Annotated[str, AfterValidator(_is_up)]
    hands_over: bool = False

    @model_validator(mode="after")
    def handed_to_a_role(self) -> Self:
        """A task belongs to a role."""
        if self.hands_over and not isinstance(self.to, Role):
            raise ValueError("a rung that hands the task over names the role that gets it")
        return self

    @property
    def is_escalation(self) -> bool:
        """At due or later it is an escalation; before, a reminder."""
        return self.at.startswith("+") or self.at == "100%"

    @property
    def steps_up(self) -> int:
        """How many steps up the line it goes; 0 if it names somebody."""
        found = _UP.fullmatch(self.to)
        return int(found[1]) if found else 0

    def instant(self, clock: Clock, due: datetime) -> datetime:
        """When this rung happens for a clock that is due at `due`; never before the clock's event."""
        if self.at[0] in "+-":
            direction = 1 if self.at[0] == "+" else -1
            return max(clock.event, shifted(due, read_budget(self.at[1:]), clock.calendar, direction))
        share = int(self.at[:-1]) / 100
        return due if share == 1.0 else clock.instant_of_share(share)


class CountingRules(Strict):
    """How a limit is counted, where it differs from the policy's own."""

    calendar: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")] | None = None
    #: `none` says that there is no cut-off here, whatever the policy says.
    cut_off: Annotated[time | Literal["none"] | None, BeforeValidator(_time_of_day)] = None
    counts_from: CountsFrom | None = None
    last_day: LastDay | None = None

    def counting(self, otherwise: "CountingRules") -> Counting:
        """The counting in force, with what is not said here taken from `otherwise`."""
        cut_off = self.cut_off or otherwise.cut_off
        return Counting(
            cut_off=cut_off if isinstance(cut_off, time) else None,
            counts_from=self.counts_from or otherwise.counts_from or CountsFrom.EVENT,
            last_day=self.last_day or otherwise.last_day or LastDay.KEPT,
        )


class Limit(CountingRules):
    """A time that people have for something, what its passing means, and who is told when."""

    limit: Annotated[str, AfterValidator(_is_budget)]
    passing: Literal[Passing.RUNGS_ONLY] = Passing.RUNGS_ONLY
    rungs: tuple[RungPlan, ...] = ()
    #: Where the policy has it, such as `batch_quality.determination`; filled in by the policy.
    _path: str = PrivateAttr(default="")

    @model_validator(mode="after")
    def handed_over_once(self) -> Self:
        """Who has a task is clear at every time."""
        if sum(rung.hands_over for rung in self.rungs) > 1:
            raise ValueError("one rung at most hands the task over")
        return self

    @property
    def budget(self) -> Budget:
        """The limit as an amount and a unit."""
        return read_budget(self.limit)

    @property
    def path(self) -> str:
        """Its place in the policy."""
        return self._path


class LapsableLimit(Limit):
    """A limit whose passing may answer the question, because the procedure knows what silence means."""

    passing: Passing = Passing.RUNGS_ONLY  # type: ignore[assignment]
