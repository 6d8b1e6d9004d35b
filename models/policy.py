"""Policies (规则): one company's numbers and names, read from a file of `policies/` and checked."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from models.errors import InvalidInput
from models.roles import Role
from models.rules.deadlines import Budget, Unit, instant_of_share
from models.tables.deadlines import Passing

_BUDGET = re.compile(r"([0-9]{1,4}) (hours|days)")
_SHARE = re.compile(r"([0-9]{1,3})%")


def read_budget(text: str) -> Budget:
    """`4 hours` or `2 days`; raises ValueError with what would be right."""
    if not (found := _BUDGET.fullmatch(text)) or int(found[1]) < 1:
        raise ValueError(f"{text!r} is not a time; write for example '4 hours' or '2 days'")
    return Budget(int(found[1]), Unit(found[2]))


def _is_limit(text: str) -> str:
    read_budget(text)
    return text


def _is_rung_time(text: str) -> str:
    if text.startswith("+"):
        read_budget(text[1:])
    elif not (found := _SHARE.fullmatch(text)) or not 1 <= int(found[1]) <= 100:
        raise ValueError(f"{text!r} is not a time of a rung; write for example '80%' or '+1 days' after due")
    return text


def _is_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write for example 'Asia/Shanghai'") from None


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _pair(steps: Any) -> frozenset[str]:
    if not isinstance(steps, list | frozenset) or not all(isinstance(one, str) for one in steps):
        raise ValueError("write a pair of steps, for example [report, recall-scope]")
    return frozenset(steps)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RungPlan(_Strict):
    """When somebody is told: a share of the time (`80%`), or a time after due (`+1 days`)."""

    at: Annotated[str, AfterValidator(_is_rung_time)]
    to: Role | Literal["assignee"]

    @property
    def is_escalation(self) -> bool:
        """At due or later it is an escalation; before, a reminder."""
        return self.at.startswith("+") or self.at == "100%"

    def instant(self, start: datetime, due: datetime, zone: ZoneInfo) -> datetime:
        """When this rung happens for a deadline that began at `start` and is due at `due`; days are those of `zone`."""
        if self.at.startswith("+"):
            later = read_budget(self.at[1:])
            if later.unit is Unit.HOURS:
                return due.astimezone(UTC) + timedelta(hours=later.amount)
            return due.astimezone(zone) + timedelta(days=later.amount)
        return instant_of_share(start, due, int(self.at[:-1]) / 100)


class Limit(_Strict):
    """A time that people have for something, what its passing means, and who is told when."""

    limit: Annotated[str, AfterValidator(_is_limit)]
    passing: Literal[Passing.RUNGS_ONLY] = Passing.RUNGS_ONLY
    rungs: tuple[RungPlan, ...] = ()

    @property
    def budget(self) -> Budget:
        """The limit as an amount and a unit."""
        return read_budget(self.limit)


class LapsableLimit(Limit):
    """A limit whose passing may answer the question, because the procedure knows what silence means."""

    passing: Passing = Passing.RUNGS_ONLY  # type: ignore[assignment]


class BatchQualityPolicy(_Strict):
    """The numbers of the batch quality dispute; the keys of limits are those of its tasks and deadlines."""

    threshold_pieces: Annotated[int, Field(ge=1)]
    threshold_share: Annotated[Decimal, Field(gt=0, le=1)]
    batch_code_pattern: Annotated[str, AfterValidator(_is_pattern)]
    duplicate_days: Annotated[int, Field(ge=0)]
    told_of_recall: tuple[Role, ...]
    acknowledgement: Limit
    determination: Limit
    batch_verdict: Limit
    name_technician: Limit
    recall_scope: Limit
    scope_correction: Limit
    remedy: Limit
    arrival: Limit
    replacement_dispatch: Limit
    freight_bill: Limit
    appeal: LapsableLimit
    appeal_ruling: Limit


class Policy(_Strict):
    """One company's policy, whole."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")]
    title: str
    zone: Annotated[str, AfterValidator(_is_zone)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    registrars: tuple[Role, ...]
    withdrawers: tuple[Role, ...]
    supervisors: dict[Role, Role]
    separate_people: tuple[Annotated[frozenset[str], BeforeValidator(_pair)], ...]
    batch_quality: BatchQualityPolicy

    @model_validator(mode="after")
    def pairs_are_pairs(self) -> Self:
        """Separation of duties is between two different steps."""
        if any(len(pair) != 2 for pair in self.separate_people):
            raise ValueError("separate_people lists pairs of two different steps")
        return self

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which days begin and end."""
        return ZoneInfo(self.zone)

    def supervisor_of(self, role: Role) -> Role:
        """Who may give a task of `role` to somebody else."""
        return self.supervisors.get(role, Role.CS_MANAGER)

    def kept_apart_from(self, key: str) -> frozenset[str]:
        """The steps of a case that somebody who did step `key` may not do."""
        return frozenset(step for pair in self.separate_people if key in pair for step in pair if step != key)


def read_policy(content: dict[str, Any]) -> Policy:
    """A checked policy from data; raises InvalidInput that names each wrong value by its place."""
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise InvalidInput(
            {".".join(map(str, detail["loc"])) or "policy": detail["msg"] for detail in error.errors()}
        ) from None


def load_policy_file(path: Path) -> dict[str, Any]:
    """The content of a policy file, checked; raises InvalidInput that names file and place."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InvalidInput({path.name: str(error)}) from None
    if not isinstance(content, dict):
        raise InvalidInput({path.name: "this is not a policy: a mapping of names to values is expected"})
    try:
        read_policy(content)
    except InvalidInput as error:
        raise InvalidInput({f"{path.name}: {place}": fault for place, fault in error.fields.items()}) from None
    return content
