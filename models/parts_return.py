"""Parts return (维修配件返厂): who returns, what is shipped, what is charged, how it can end.

The list is in `models.parts_list`, what happens at the factory in `models.parts_inspection` and
`models.parts_exchange`. Manual 000 五 维修配件返厂、对换流程.
"""

import re
from decimal import Decimal
from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator

from models.forms import Amount, Day, Facts, Form, Line, YesNo, facts_of, fault
from models.labels import Labelled
from models.language import N_, _


class Outcome(Labelled):
    """How a parts return ends."""

    EXCHANGED = "exchanged", N_("everything that arrived was exchanged for good parts")
    PARTLY_EXCHANGED = "partly_exchanged", N_("exchanged in part; the rest was refused")
    REFUSED = "refused", N_("nothing was exchanged: all of it was refused")
    NOTHING_ARRIVED = "nothing_arrived", N_("sent, but nothing arrived at the factory")
    NOTHING_RETURNED = "nothing_returned", N_("nothing was sent back")


class ReturnRequest(Form):
    """An office or distributor returns its faulty parts; at the end of a month the calendar asks for it."""

    heading: ClassVar[str] = N_("Return of faulty parts to the factory")
    aside: ClassVar[frozenset[str]] = Form.aside | {"party"}

    party: Line = Field(title=N_("Sender"), description=N_("The number of the office or distributor, such as B-01."))
    month: Line = Field(title=N_("Month"), description=N_("The month of the return list, such as 2026-11."))
    registered_by: Line = Field(title=N_("Registered by"), description=N_("Your login."))
    separate: bool = Field(
        default=False,
        title=N_("Open a separate case"),
        description=N_("Only if the month's first return has left and this is a second one."),
    )

    @field_validator("month")
    @classmethod
    def is_a_month(cls, month: str) -> str:
        """Year and month, as the list is called."""
        if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
            raise fault(N_("Write year and month, such as 2026-11."))
        return month


class ReturnShipment(Form):
    """The sender ships what was approved, packed by kind, with the list enclosed."""

    heading: ClassVar[str] = N_("Ship the faulty parts to the factory")

    waybill: Line = Field(title=N_("Waybill number"))
    carrier: Line = Field(title=N_("Carrier"))
    packed_by_kind: YesNo = Field(title=N_("Packed by kind, with the list enclosed?"))
    freight: Amount = Field(
        default=Decimal(0),
        title=N_("Freight"),
        description=N_("What the carrier charges, in the currency of the policy; 0 if it is not known yet."),
    )

    @field_validator("packed_by_kind")
    @classmethod
    def is_packed_by_kind(cls, packed: YesNo) -> YesNo:
        """What is not sorted cannot be counted at the factory."""
        if packed is YesNo.NO:
            raise fault(N_("Pack the parts by kind, enclose the list, then enter the shipment."))
        return packed

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What goes, and who pays the carrier."""
        return [*facts["approved"].items(), (_(N_("The freight is paid by")), _(facts["freight_bearer"]))]


class ChargeSettled(Form):
    """Finance confirms that the sender has paid for what it kept too long; until then it gets nothing further."""

    heading: ClassVar[str] = N_("Is the charge for overdue parts paid?")

    amount: Amount = Field(title=N_("Amount received"), description=N_("In the currency of the policy."))
    paid_on: Day = Field(title=N_("Paid on"))
    reference: Line = Field(title=N_("Payment reference"))

    @field_validator("amount")
    @classmethod
    def is_the_charge(cls, amount: Decimal, info: ValidationInfo) -> Decimal:
        """A part of it settles nothing."""
        if amount != (charged := Decimal(facts_of(info)["amount"])):
            raise fault(N_("The charge is {charged}; confirm when exactly that has come in."), charged=charged)
        return amount

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What is owed."""
        return [(_(N_("Charged")), f"{facts['amount']} {facts['currency']}")]
