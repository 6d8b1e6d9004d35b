"""Master data (主数据) as it is brought in: one form per sheet, a row per line. The sheet's first column is its key."""

import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from models.forms import Amount, Day, Form, Line, OptionalLine, Pieces
from models.labels import Labelled
from models.language import LANGUAGES, N_, _, speaking
from models.roles import PartyKind, Role

_EMAIL = r"^$|^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"

Code = Annotated[str, Field(pattern=_CODE, max_length=40)]


class Language(Labelled):
    """The languages that mails are written in."""

    ZH_CN = "zh_CN", N_("Chinese")
    EN = "en", N_("English")


def _from_list(value: Any) -> Any:
    """Several roles stand in one cell, with commas or semicolons between them."""
    if isinstance(value, str):
        return [part.strip() for part in re.split("[,;，；、]", value) if part.strip()]
    return value


def _whole(value: Any) -> Any:
    """Workbooks keep whole numbers as 100.0, and CSV files keep them as text."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value


def _text(value: Any) -> Any:
    """A number that stands for a name or code, as workbooks keep it; text stays, with the noughts in front of it."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(_whole(value))
    return value


class Held(Labelled):
    """The conditions in which opening stock can be."""

    GOOD = "good", N_("good")
    FAULTY = "faulty", N_("faulty")


class Row(Form):
    """A line of a sheet."""

    sheet: ClassVar[str]
    #: The column that says which line it is; a second import finds it by this.
    key: ClassVar[str]


class PartyRow(Row):
    """The company, its offices, dealers, stations, carriers and suppliers."""

    sheet, key, heading = "parties", "code", N_("Parties")

    code: Code = Field(title=N_("Number"), description=N_("Letters, digits, dots and dashes; it stays for ever."))
    name: Line = Field(title=N_("Name"))
    kind: PartyKind = Field(title=N_("Kind"))
    superior: OptionalLine = Field(
        default="", title=N_("Responsible superior"), description=N_("The number of the party that answers for it.")
    )
    contact: OptionalLine = Field(default="", title=N_("Contact"))
    phone: Annotated[OptionalLine, BeforeValidator(_text)] = Field(default="", title=N_("Phone"))
    email: OptionalLine = Field(
        default="",
        pattern=_EMAIL,
        title=N_("E-mail"),
        description=N_("Without one the clerk is asked to pass messages on."),
    )
    language: Language = Field(default=Language.ZH_CN, title=N_("Language"))
    area: OptionalLine = Field(
        default="",
        title=N_("Area"),
        description=N_("Where consumers look for it, such as a district; one station serves an area."),
    )
    address: OptionalLine = Field(default="", title=N_("Address"))


class PersonRow(Row):
    """People with a login and the roles they hold."""

    sheet, key, heading = "people", "login", N_("People")

    login: Code = Field(title=N_("Login"))
    name: Line = Field(title=N_("Full name"))
    email: OptionalLine = Field(min_length=3, pattern=_EMAIL, title=N_("E-mail"))
    party: Line = Field(title=N_("Works for"), description=N_("The number of the party."))
    roles: Annotated[list[Role], BeforeValidator(_from_list)] = Field(
        title=N_("Roles"), description=N_("One or several, with semicolons between them.")
    )
    language: Language = Field(default=Language.ZH_CN, title=N_("Language"))
    active: bool = Field(default=True, title=N_("Active"), description=N_("Nobody is deleted; people become inactive."))


class ProductRow(Row):
    """Finished products."""

    sheet, key, heading = "products", "code", N_("Products")

    code: Code = Field(title=N_("Number"))
    name: Line = Field(title=N_("Name"))
    supplier: OptionalLine = Field(
        default="", title=N_("Supplier"), description=N_("Only if bought in: the supplier's number.")
    )
    goods_kind: OptionalLine = Field(
        default="",
        pattern=f"^$|{_CODE}",
        title=N_("Kind of goods"),
        description=N_("As the policy's warranty terms and swap list call it, such as electronic_ballast."),
    )
    price: Amount | None = Field(
        default=None, title=N_("Price"), description=N_("Of one piece, for whoever has to pay for it.")
    )
    currency: str = Field(default="CNY", pattern="^[A-Z]{3}$", title=N_("Currency"))


class PartRow(ProductRow):
    """Parts for repairs."""

    sheet, heading = "parts", N_("Parts")


class DeliveryRow(Row):
    """What was delivered to whom, with batch code and unit price."""

    sheet, key, heading = "deliveries", "number", N_("Deliveries")

    number: Code = Field(title=N_("Delivery"))
    party: Line = Field(title=N_("Delivered to"), description=N_("The number of the party."))
    product: Line = Field(title=N_("Product"), description=N_("The number of a product or part."))
    batch: Line = Field(title=N_("Batch code"))
    quantity: Annotated[Pieces, BeforeValidator(_whole)] = Field(title=N_("Pieces"))
    unit_price: Amount = Field(title=N_("Unit price"))
    currency: str = Field(default="CNY", pattern="^[A-Z]{3}$", title=N_("Currency"))
    delivered_on: Day = Field(title=N_("Delivered on"), description=N_("Such as 2026-11-23."))


class StockRow(Row):
    """Opening stock (期初库存): what a party holds of a part before the first move is booked."""

    sheet, key, heading = "stock", "number", N_("Opening stock")

    number: Code = Field(title=N_("Line of the count"), description=N_("The number of the line in the count's record."))
    party: Line = Field(title=N_("Held by"), description=N_("The number of the party."))
    product: Line = Field(title=N_("Product"), description=N_("The number of a product or part."))
    condition: Held = Field(default=Held.GOOD, title=N_("Condition"))
    quantity: Annotated[Pieces, BeforeValidator(_whole)] = Field(title=N_("Pieces"))


class HeldStation(Labelled):
    """What a repair station does that was there before the books."""

    ACTIVE = "active", N_("active")
    SUSPENDED = "suspended", N_("suspended")


class StationRow(Row):
    """Repair stations that have an agreement already; new ones come in through their procedure."""

    sheet, key, heading = "stations", "party", N_("Repair stations")

    party: Line = Field(title=N_("Station"), description=N_("The number of the party; its area stands there."))
    state: HeldStation = Field(default=HeldStation.ACTIVE, title=N_("State"))
    exclusive: bool = Field(
        default=True, title=N_("Alone in its area"), description=N_("No other station serves the area beside it.")
    )
    agreement_number: Annotated[Line, BeforeValidator(_text)] = Field(title=N_("Agreement number"))
    signed_on: Day = Field(title=N_("Signed on"))
    term_ends_on: Day = Field(title=N_("Term ends on"), description=N_("The last day of the agreement."))
    licence_number: Annotated[Line, BeforeValidator(_text)] = Field(title=N_("Business licence"))
    licence_valid_until: Day = Field(title=N_("Licence valid until"), description=N_("Its last day."))
    currency: str = Field(default="CNY", pattern="^[A-Z]{3}$", title=N_("Currency"))


#: In the order in which they refer to each other.
SHEETS: tuple[type[Row], ...] = (PartyRow, PersonRow, ProductRow, PartRow, DeliveryRow, StockRow, StationRow)


def names_of_column(row: type[Row], field: str) -> set[str]:
    """What a column's heading may say: the field's name, or its title in any language."""
    names = {field}
    for language in LANGUAGES:
        with speaking(language):
            names.add(_(row.model_fields[field].title or field))
    return names


def read_cell(row: type[Row], field: str, value: Any) -> Any:
    """A cell as the form wants it: a chosen label is its code again, a code that looks like a number is text."""
    annotation = row.model_fields[field].annotation
    if isinstance(annotation, type) and issubclass(annotation, Labelled):
        return _code_of(annotation, value)
    if field == "roles" and isinstance(value, str):
        return [_code_of(Role, one) for one in _from_list(value)]
    if annotation is bool and value in _TRUE | _FALSE:
        return value in _TRUE
    return _text(value) if annotation is str else value


_TRUE, _FALSE = {"1", "yes", "true", "是", "TRUE"}, {"0", "no", "false", "否", "FALSE"}


def _code_of(words: type[Labelled], value: Any) -> Any:
    for language in LANGUAGES:
        with speaking(language):
            for member in words:
                if value == member.label:
                    return member.value
    return value
