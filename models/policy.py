"""Policies (规则): one company's numbers and names, read from a file of `policies/` and checked.

Manual 000 一.1 and 三 经理 A: the standards of after-sales are the company's to set and to change.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator

from models.calendars import is_zone
from models.data_files import Strict, read_data_file
from models.errors import InvalidInput
from models.forms import Day
from models.language import N_, _
from models.limits import CountingRules, Limit
from models.roles import Role
from models.rules.deadlines import Counting
from models.sections.access import AccessPolicy
from models.sections.batch_quality import BatchQualityPolicy
from models.sections.claims import ClaimsPolicy
from models.sections.feedback import FeedbackPolicy
from models.sections.parts_return import PartsReturnPolicy
from models.sections.parts_swap import PartsSwapPolicy
from models.sections.stations import StationsPolicy
from models.sections.supplier_claims import SupplierClaimsPolicy
from models.sections.transit_claims import TransitClaimsPolicy
from models.sections.warranty import WarrantyPolicy
from models.sources import Sources, unknown_places

OFFICE = "office"


def _pair(steps: Any) -> frozenset[str]:
    if not isinstance(steps, list | frozenset) or not all(isinstance(one, str) for one in steps):
        raise ValueError("write a pair of steps, for example [report, recall-scope]")
    return frozenset(steps)


def _not_run() -> Any:
    return Field(default=None)


class Policy(Strict):
    """One company's policy, whole. Fields with a default came later than the first recorded policies."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")]
    title: str
    zone: Annotated[str, AfterValidator(is_zone)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    #: The day in `zone` at whose beginning the policy takes effect; without one it does when it is recorded.
    effective_from: Day | None = None
    #: Where values come from, by place; what is not named is a default.
    sources: Sources = Field(default_factory=dict)
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
    #: Who may do what in Prefect, how long sessions last, who may stand in for whom.
    access: AccessPolicy = AccessPolicy()
    # A section that is not there: the company does not run the procedure, and no case of it is opened.
    warranty: WarrantyPolicy = _not_run()
    batch_quality: BatchQualityPolicy = _not_run()
    stations: StationsPolicy = _not_run()
    parts_swap: PartsSwapPolicy = _not_run()
    parts_return: PartsReturnPolicy = _not_run()
    supplier_claims: SupplierClaimsPolicy = _not_run()
    feedback: FeedbackPolicy = _not_run()
    claims: ClaimsPolicy = _not_run()
    transit_claims: TransitClaimsPolicy = _not_run()

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
    """The content of a policy file, checked; raises InvalidInput that names file, line and place."""
    file = read_data_file(path, _(N_("this is not a policy: a mapping of names to values is expected")))
    try:
        policy = Policy.model_validate(file.content)
    except ValidationError as error:
        raise file.faults(error) from None
    # Only here: a recorded policy stays readable when a later program knows a place of it no more.
    if unknown := unknown_places(policy, file.content, policy.sources):
        raise InvalidInput({file.at("sources", place): sentence for place, sentence in unknown.items()})
    return file.content
