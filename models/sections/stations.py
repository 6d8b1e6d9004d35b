"""What a policy says on repair stations: their development, renewal, suspension and closure.

Manual 000 五 维修点开发流程.
"""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.data_files import Strict
from models.limits import LapsableLimit, Limit
from models.roles import Role
from models.rules.deadlines import Unit


class Criterion(Strict):
    """What the visit looks at, as people read it, and how much of the whole it is, in percent."""

    title: Annotated[str, Field(min_length=1)]
    weight: Annotated[int, Field(ge=1, le=100)]


class StationsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may enter a candidate, and who may open a review of a station.
    registrars: tuple[Role, ...]
    review_registrars: tuple[Role, ...]
    #: Days within which a second sheet of the same candidate belongs to the case that is open.
    duplicate_days: Annotated[int, Field(ge=0)]
    #: One station serves an area.
    exclusive_area: bool
    #: What the numbers of stations begin with, such as `R-`.
    number_prefix: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    term_months: Annotated[int, Field(ge=1, le=120)]
    #: In the currency of the policy.
    deposit: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    criteria: Annotated[dict[str, Criterion], Field(min_length=1)]
    #: Points out of 100.
    pass_mark: Annotated[Decimal, Field(ge=0, le=100)]
    #: Pieces on loan by kind of goods.
    opening_stock: dict[str, Annotated[int, Field(ge=1)]]
    trainer: Role
    suspend_on_expiry: bool
    #: Upheld complaints in a quarter.
    complaints_to_suspend: Annotated[int, Field(ge=1)]

    paper_check: Limit
    #: For everything that waits for the candidate: silence ends the application.
    application: LapsableLimit
    visit_decision: Limit
    visit: Limit
    recommendation: Limit
    approval: Limit
    signature: Limit
    loan_dispatch: Limit
    loan_arrival: Limit
    training: Limit
    activation: Limit
    #: From the activation on.
    first_month: Limit
    first_month_decision: Limit

    #: Silence leaves the manager to decide without the clerk's note.
    review_facts: LapsableLimit
    #: The review opens so many days before the term ends; silence until then suspends the station.
    renewal_decision: LapsableLimit
    review_decision: Limit
    #: Silence leaves the station without the paper, and the manager decides.
    new_paper: LapsableLimit
    neighbour: Limit
    parts_sent: Limit
    parts_count: Limit
    #: Silence means that the station has nothing more to claim.
    last_claims: LapsableLimit
    last_settlement: Limit

    @property
    def weights(self) -> dict[str, int]:
        """The weight of each criterion of the visit, in percent."""
        return {code: criterion.weight for code, criterion in self.criteria.items()}

    @property
    def review_days(self) -> int:
        """How many days before the end of the term its review opens."""
        return self.renewal_decision.budget.amount

    @model_validator(mode="after")
    def weights_are_a_whole(self) -> Self:
        """Points are out of 100."""
        if (total := sum(self.weights.values())) != 100:
            raise ValueError(f"the weights of the criteria must add up to 100; they add up to {total}")
        return self

    @model_validator(mode="after")
    def renewal_is_counted_in_days(self) -> Self:
        """The review opens so many days before the end of the term."""
        if self.renewal_decision.budget.unit is not Unit.DAYS:
            raise ValueError("renewal_decision is a number of days before the end of the term, for example '30 days'")
        return self
