"""What a policy says on loss and damage in transit (承运方索赔). Manual 000 四.1 art. 4."""

from typing import Annotated

from pydantic import Field

from models.data_files import Strict
from models.limits import Limit
from models.roles import Role


class TransitClaimsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
    duplicate_days: Annotated[int, Field(ge=0)]
    #: Who deals with a carrier that the company recommended; with one that the customer chose, the customer does.
    recommended_carrier: Role
    #: How often the carrier may be asked for more than it offers.
    offer_rounds: Annotated[int, Field(ge=1)]
    #: From the receipt of the goods.
    transit_report: Limit
    #: From the receipt of the goods.
    filing: Limit
    transit_cause: Limit
    transit_papers: Limit
    claim_sent: Limit
    carrier_answer: Limit
    offer: Limit
    settlement_received: Limit
