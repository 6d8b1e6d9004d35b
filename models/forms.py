"""Forms (表单): what people fill in, checked in one place, with messages and titles in their language.

Manual 000 六 工具表格 had them on paper.

One class serves Prefect's start form, its resume form, the command line and every check. A form is checked
against `facts`, the JSON that the question was asked with (who may be chosen, how much was delivered), so a
check needs no database.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Self, TypeVar, cast, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

import models
from models.errors import InvalidInput
from models.labels import Labelled
from models.language import N_, _

Facts = Mapping[str, Any]

D = TypeVar("D", bound=date)

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_PROSE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def fault(text: str, **facts: object) -> PydanticCustomError:
    """An error of ours for a pydantic validator to raise; `text` comes from the catalogues."""
    return PydanticCustomError("rule", "{sentence}", {"sentence": _(text, **facts)})


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise fault(N_("Control characters and line breaks are not allowed here; write one line of text."))
    return text


def _prose(text: str) -> str:
    if _CONTROL_IN_PROSE.search(text):
        raise fault(N_("Control characters are not allowed; write plain text."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def not_a_number(text: str) -> BeforeValidator:
    """Refuses a bare number with `text` as the fault; pydantic would take it as seconds since 1970."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float | Decimal) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
            raise fault(text)
        return value

    return BeforeValidator(check)


def in_our_times(day: D) -> D:
    """A typing error in the year is noticed here and not when somebody counts with it."""
    if not 1990 <= day.year <= 2100:
        raise fault(N_("Check the year of {day}."), day=day)
    return day


def _fits_a_column(amount: Decimal) -> Decimal:
    if amount >= 10**12:
        raise fault(N_("This amount is too large."))
    return amount


#: One line of text that may stand in a mail header.
Line = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
#: Several lines of text.
Prose = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_prose)]
#: The same two, where nothing need be said.
OptionalLine = Annotated[str, Field(max_length=120), AfterValidator(_one_line)]
OptionalProse = Annotated[str, Field(max_length=4000), AfterValidator(_prose)]
#: A number of pieces that is at least one, and small enough for any warehouse.
Pieces = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
#: A number of pieces that may be none.
PiecesOrNone = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
#: An amount of money to the cent; the currency stands beside it.
Amount = Annotated[
    Decimal,
    Field(ge=0, decimal_places=2, allow_inf_nan=False),
    AfterValidator(_fits_a_column),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
#: An instant with its zone.
Instant = Annotated[
    AwareDatetime,
    not_a_number(N_("Write date and time with zone, such as 2026-11-23T09:30:00+08:00.")),
    AfterValidator(in_our_times),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
#: A day.
Day = Annotated[date, not_a_number(N_("Write a date such as 2026-11-23.")), AfterValidator(in_our_times)]


class YesNo(Labelled):
    """An answer that must be chosen: an untouched switch would read as no."""

    YES = "yes", N_("yes")
    NO = "no", N_("no")


class Form(BaseModel):
    """The root of all forms: unknown fields are refused, titles and messages come from the catalogues."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, validate_default=True)

    heading: ClassVar[str] = ""
    #: Fields that are not retold where a case is described in a few lines.
    aside: ClassVar[frozenset[str]] = frozenset({"registered_by", "separate"})
    _by_name: ClassVar[dict[str, type["Form"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        # Tasks are kept with the name of their form, so no two may share one.
        known = Form._by_name.setdefault(cls.__name__, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"there are two forms {cls.__name__}: in {known.__module__} and in {cls.__module__}")
        Form._by_name[cls.__name__] = cls

    @staticmethod
    def named(name: str) -> type["Form"]:
        """The form class that a stored task names."""
        if name not in Form._by_name:
            # Only its flow may have imported it, and whoever answers on the command line runs no flow.
            for module in iter_modules(models.__path__):
                import_module(f"models.{module.name}")
        return Form._by_name[name]

    @classmethod
    def read(cls, answer: object, facts: Facts | None = None) -> Self:
        """The checked form; raises InvalidInput with one sentence a field."""
        try:
            return cls.model_validate(answer, context=dict(facts or {}))
        except ValidationError as error:
            raise InvalidInput(_faults(error), cls.titles()) from None

    @classmethod
    def hint(cls, facts: Facts) -> list[tuple[str, str]]:
        """What the person should know when answering, as titles and values in the language in force."""
        return []

    @classmethod
    def titles(cls) -> dict[str, str]:
        """Field to title in the language in force, lines.part for one of a list's; the whole form needs none."""
        titles = {"form": ""}
        for name, field in cls.model_fields.items():
            titles[name] = _(field.title or name)
            for line in get_args(field.annotation):
                if isinstance(line, type) and issubclass(line, Form):
                    titles |= {f"{name}.{inner}": title for inner, title in line.titles().items() if title}
        return titles

    def told(self, facts: Facts = MappingProxyType({})) -> list[tuple[str, str]]:
        """What was filled in, as titles and values in the language in force; with the question's `facts` as labels."""
        fields = type(self).model_fields.items()
        given = [
            (_(field.title or name), _chosen(field, getattr(self, name), facts))
            for name, field in fields
            if name not in self.aside
        ]
        return [(title, said(value)) for title, value in given if value is not None and value not in ("", [])]

    @property
    def settles(self) -> bool:
        """Whether this answer ends the time that ran for it; "I cannot" does not."""
        return True

    @classmethod
    def schema_for(cls, facts: Facts, *, labels: bool = False) -> dict[str, Any]:
        """The JSON schema of this form with the choices that `facts` leave open.

        With `labels` people see labels in place of codes, as Prefect's form shows what stands in `enum`;
        `codes_for_labels` turns the answer back.
        """
        schema = cls.model_json_schema()
        return cast(dict[str, Any], _plain(schema, schema.get("$defs", {}), facts, labels))

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema["title"] = _(cls.heading)
        schema.pop("description", None)
        for position, (name, value) in enumerate(schema.get("properties", {}).items()):
            field = cls.model_fields[name]
            value["position"] = position
            value["title"] = _(field.title or name)
            if field.description:
                value["description"] = _(field.description)
            if value.get("type") == "number" and "default" in value:
                # Pydantic writes decimals as text; a browser sends a default that is left alone back as it stands.
                value["default"] = float(value["default"])
        return schema


def said(value: Any) -> str:
    """A value of a form as people read it: labels in place of codes, lines of a list one after the other."""
    if isinstance(value, bool):
        return _(N_("yes")) if value else _(N_("no"))
    if isinstance(value, list | tuple):
        return ", ".join(said(one) for one in value)
    if isinstance(value, Form):
        return "(" + ", ".join(f"{title} {text}" for title, text in value.told()) + ")"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return str(getattr(value, "label", value))


def facts_of(info: ValidationInfo) -> Facts:
    """The facts a validator may compare an answer with."""
    return cast(Facts, info.context or {})


def one_of(choices: str, value: str, info: ValidationInfo) -> str:
    """`value` if it is among the choices the question was asked with; a fault that lists them otherwise."""
    open_choices = facts_of(info).get(choices, {})
    if value not in open_choices:
        raise fault(N_("{value} is not among the choices: {choices}."), value=value, choices=", ".join(open_choices))
    return value


def _chosen(field: FieldInfo, value: Any, facts: Facts) -> Any:
    """The label of a choice that the question's facts left open; any other value as it is."""
    extra = field.json_schema_extra
    labels = facts.get(str(extra.get("choices")), {}) if isinstance(extra, dict) else {}
    return labels.get(value, value) if isinstance(labels, Mapping) and isinstance(value, str) else value


def codes_for_labels(schema: Mapping[str, Any], answer: Any) -> Any:
    """`answer` to a form shown with labels, with the codes in their place; what is no label stays as it is."""
    if isinstance(answer, Mapping):
        properties = schema.get("properties", {})
        return {name: codes_for_labels(properties.get(name, {}), value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [codes_for_labels(schema.get("items", {}), value) for value in answer]
    if "codes" in schema and answer in schema["enum"]:
        return schema["codes"][schema["enum"].index(answer)]
    return answer


def _plain(node: Any, definitions: Mapping[str, Any], facts: Facts, labels: bool) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions, facts, labels) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    node = {key: value for key, value in node.items() if key != "$defs"}
    if "choices" in node:
        options = facts.get(node.pop("choices"), {})
        if node.get("default") == "":
            options = {"": "—"} | dict(options)
        node["enum"], node["labels"] = list(options), list(options.values())
    shown = node.pop("labels", None)
    if labels and shown is not None:
        node["codes"], node["enum"] = node["enum"], shown
        if "default" in node:
            node["default"] = dict(zip(node["codes"], shown, strict=True)).get(node["default"], node["default"])
    return {key: _plain(value, definitions, facts, labels) for key, value in node.items()}


_SENTENCES = {
    "missing": N_("This field is needed."),
    "extra_forbidden": N_("There is no such field."),
    "string_too_long": N_("At most {max_length} characters are allowed."),
    "too_long": N_("At most {max_length} entries are allowed."),
    "string_too_short": N_("This field must not be empty."),
    "too_short": N_("At least {min_length} entry is needed."),
    "string_type": N_("Write text here."),
    "string_unicode": N_("Write text here."),
    "int_type": N_("Write a whole number here."),
    "int_parsing": N_("Write a whole number here."),
    "int_from_float": N_("Write a whole number here."),
    "bool_type": N_("Answer yes or no."),
    "bool_parsing": N_("Answer yes or no."),
    "greater_than_equal": N_("The smallest value allowed is {ge}."),
    "less_than_equal": N_("The largest value allowed is {le}."),
    "enum": N_("Choose one of: {expected}."),
    "literal_error": N_("Choose one of: {expected}."),
    "decimal_parsing": N_("Write an amount such as 1234.50."),
    "decimal_type": N_("Write an amount such as 1234.50."),
    "finite_number": N_("Write an amount such as 1234.50."),
    "decimal_max_places": N_("Write at most {decimal_places} decimal places."),
    "datetime_parsing": N_("Write date and time with zone, such as 2026-11-23T09:30:00+08:00."),
    "datetime_from_date_parsing": N_("Write date and time with zone, such as 2026-11-23T09:30:00+08:00."),
    "datetime_type": N_("Write date and time with zone, such as 2026-11-23T09:30:00+08:00."),
    "timezone_aware": N_("Write date and time with zone, such as 2026-11-23T09:30:00+08:00."),
    "date_parsing": N_("Write a date such as 2026-11-23."),
    "date_type": N_("Write a date such as 2026-11-23."),
    "date_from_datetime_inexact": N_("Write a date such as 2026-11-23."),
    "date_from_datetime_parsing": N_("Write a date such as 2026-11-23."),
    "string_pattern_mismatch": N_("This does not have the right form: {pattern}"),
    "model_type": N_("This must be an object with fields."),
    "dict_type": N_("This must be an object with fields."),
    "list_type": N_("This must be a list."),
}


def _faults(error: ValidationError) -> dict[str, str]:
    faults: dict[str, str] = {}
    for detail in error.errors():
        place = ".".join(str(part) for part in detail["loc"]) or "form"
        faults.setdefault(place, sentence_of(detail))
    return faults


def sentence_of(detail: ErrorDetails) -> str:
    """What pydantic found wrong, in a sentence of ours."""
    if detail["type"] == "rule":
        return detail["msg"]
    text, facts = _SENTENCES.get(detail["type"]), dict(detail.get("ctx", {}))
    if "expected" in facts:
        # Pydantic lists choices in English.
        facts["expected"] = facts["expected"].replace("' or '", _(N_("' or '")))
    return _(text, **facts) if text else _(N_("This value cannot be taken."))


def local_time(instant: datetime) -> str:
    """An instant as people read it, in the zone it carries: 2026-11-23 09:30."""
    return instant.strftime("%Y-%m-%d %H:%M")


def due_time(due: datetime) -> str:
    """A due instant as people read it: a day ends at 24:00, not at 00:00 of the next."""
    if (due.hour, due.minute, due.second) == (0, 0, 0):
        return f"{due - timedelta(days=1):%Y-%m-%d} 24:00"
    return local_time(due)
