"""What a policy says on claims on suppliers of bought-in parts and products (外购件索赔)."""

from typing import Annotated

from pydantic import Field

from models.data_files import Strict
from models.limits import Limit
from models.roles import Role


class SupplierClaimsPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
    #: Days in which a second claim for the same goods belongs to the one that is open.
    duplicate_days: Annotated[int, Field(ge=0)]
    claim_confirmation: Limit
    #: Silence of a supplier is raised, never taken for a yes.
    supplier_answer: Limit
    claim_decision: Limit
    old_parts_handover: Limit
    money_received: Limit
