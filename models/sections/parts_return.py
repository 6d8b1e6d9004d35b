"""What a policy says on faulty parts returned to the factory (维修配件返厂). Manual 000 五 维修配件返厂、对换流程."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from models.data_files import Strict
from models.labels import Labelled
from models.language import N_
from models.limits import LapsableLimit, Limit
from models.roles import Role
from models.rules.parts_return import ListDay


class FreightBearer(Labelled):
    """Who pays the carrier for faulty parts on their way to the factory."""

    COMPANY = "company", N_("the company")
    SENDER = "sender", N_("the sender")


class RefusedGoods(Labelled):
    """What becomes of pieces that are not exchanged."""

    SEND_BACK = "send_back", N_("send them back at the sender's cost")
    SCRAP = "scrap", N_("scrap them at the factory")


def _is_a_day(value: Any) -> Any:
    # Months have different lengths; from the 29th on a day is missing in some of them.
    if value == "last" or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 28):
        return value
    raise ValueError("write a day from 1 to 28, or last for the last day of the month")


class PartsReturnPolicy(Strict):
    """The numbers and posts of the procedure; the keys of limits are those of its tasks and deadlines."""

    #: Who may open such a case.
    registrars: tuple[Role, ...]
    #: The day of the month on which the return list falls due.
    list_day: Annotated[ListDay, BeforeValidator(_is_a_day)]
    #: Days a sender may keep a faulty part before it is charged.
    window: Annotated[int, Field(ge=1)]
    #: Whether a sender that owes a charge gets no further return or swap until it is settled.
    block_on_overdue: bool
    freight_bearer: FreightBearer
    #: Pieces of one part by which the factory's count may differ without a question to the sender.
    difference_tolerance: Annotated[int, Field(ge=0)]
    #: What becomes of refused pieces of which the sender says nothing.
    refused_goods: RefusedGoods
    #: Who approves that the company's own parts are scrapped; without one nobody is asked.
    scrap_approver: Role | None
    return_list: Limit
    list_check: Limit
    list_approval: Limit
    return_shipment: Limit
    factory_count: Limit
    #: Silence accepts the factory's count.
    difference_explanation: LapsableLimit
    inspection_verdict: Limit
    verdict_review: Limit
    exchange_dispatch: Limit
    exchange_arrival: Limit
    #: Silence leaves it to `refused_goods`.
    refused_choice: LapsableLimit
    refused_dispatch: Limit
    rework: Limit
    scrap_approval: Limit
    charge_settled: Limit
