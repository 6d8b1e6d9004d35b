"""Policies (规则): one company's numbers and names, read from a file of `policies/` and checked."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator

from models.calendars import is_zone
from models.data_files import Strict, as_ours, mapping_in
from models.errors import InvalidInput
from models.language import N_, _
from models.limits import CountingRules, LapsableLimit, Limit, RungPlan
from models.roles import Role
from models.rules.deadlines import Counting

OFFICE = "office"


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


class BatchQualityPolicy(Strict):
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
    # Policies recorded before this limit existed read it as it stands here.
    settlement: Limit = Limit(
        limit="10 working days", rungs=(RungPlan(at="100%", to=Role.CS_MANAGER), RungPlan(at="+5 days", to="up 2"))
    )


class Policy(Strict):
    """One company's policy, whole. Fields with a default came later than the first recorded policies."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")]
    title: str
    zone: Annotated[str, AfterValidator(is_zone)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    registrars: tuple[Role, ...]
    withdrawers: tuple[Role, ...]
    #: Who may stop and restart a clock.
    clock_keepers: tuple[Role, ...] = (Role.CS_MANAGER,)
    #: Who may change calendars and limits of what is under way.
    rule_keepers: tuple[Role, ...] = (Role.CS_MANAGER, Role.ADMINISTRATOR)
    #: Who gets the SLA board by mail every night; those of a branch see the parties below it.
    told_of_board: tuple[Role, ...] = (Role.MARKETING_VP, Role.CS_MANAGER, Role.OFFICE_MANAGER, Role.REGIONAL_MANAGER)
    supervisors: dict[Role, Role]
    separate_people: tuple[Annotated[frozenset[str], BeforeValidator(_pair)], ...]
    #: How limits are counted that say nothing else themselves.
    counting: CountingRules = CountingRules()
    batch_quality: BatchQualityPolicy

    @model_validator(mode="after")
    def pairs_are_pairs(self) -> Self:
        """Separation of duties is between two different steps."""
        if any(len(pair) != 2 for pair in self.separate_people):
            raise ValueError("separate_people lists pairs of two different steps")
        return self

    @model_validator(mode="after")
    def limits_know_their_place(self) -> Self:
        """Each limit carries its place in the policy, so that its deadlines can be found when it changes."""
        for path, limit in self._placed():
            limit._path = path
        return self

    def _placed(self) -> Iterator[tuple[str, Limit]]:
        for section, content in self:
            if isinstance(content, BaseModel):
                for name, limit in content:
                    if isinstance(limit, Limit):
                        yield f"{section}.{name}", limit

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which people read times."""
        return ZoneInfo(self.zone)

    @property
    def limits(self) -> Mapping[str, Limit]:
        """Every limit by its place, such as `batch_quality.determination`."""
        return dict(self._placed())

    def calendar_of(self, limit: Limit) -> str:
        """The name of the calendar by which a limit is counted."""
        return limit.calendar or self.counting.calendar or OFFICE

    def counting_of(self, limit: Limit) -> Counting:
        """How a limit is counted."""
        return limit.counting(self.counting)

    @property
    def calendars(self) -> frozenset[str]:
        """The names of all calendars that the policy counts by."""
        return frozenset(self.calendar_of(limit) for limit in self.limits.values())

    def supervisor_of(self, role: Role) -> Role:
        """The post above a post, which may give its tasks to somebody else; the vice-president has none above."""
        top = role in {Role.CS_MANAGER, Role.MARKETING_VP}
        return self.supervisors.get(role, Role.MARKETING_VP if top else Role.CS_MANAGER)

    def posts_above(self, role: Role) -> list[Role]:
        """The posts above a post, nearest first; the line ends where a post has no other above it."""
        line: list[Role] = []
        above = self.supervisor_of(role)
        while above != role and above not in line:
            line.append(above)
            above = self.supervisor_of(above)
        return line

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
    content = mapping_in(path, _(N_("this is not a policy: a mapping of names to values is expected")))
    try:
        Policy.model_validate(content)
    except ValidationError as error:
        raise as_ours(error, path.name) from None
    return content
