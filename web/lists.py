"""The fields of a form together, and lists of lines (明细行) in it, which are forms themselves."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from web.fields import (
    Amount,
    Choice,
    Day,
    FewChoices,
    Instant,
    LeftOut,
    ManyChoices,
    Prose,
    Schema,
    Sent,
    Text,
    Tick,
    Ticks,
    Whole,
    Words,
)

#: Up to so many choices stand below each other, up to so many in a list to pick from; of more, some are typed.
_FEW, _MANY = 4, 60
#: A text that may be longer than this is written in several lines.
_ONE_LINE = 200
#: Of a list whose form names no limit.
_MOST_LINES = 200
_NUMBER_OF_LINE = re.compile(r"[0-9]{1,4}")


class Lines(Text):
    """Any number of lines that are forms themselves."""

    kind = "lines"

    def __init__(self, schema: Schema, needed: bool, zone: ZoneInfo) -> None:
        super().__init__(schema, needed, zone)
        self.line = Fields(schema["items"], zone)
        self.line_title: str = schema["items"]["title"]
        self.least: int = schema.get("minItems", 0)
        self.most: int = schema.get("maxItems", _MOST_LINES)

    @property
    def one_each(self) -> Choice | None:
        """The choice for each of whose values there may be a line: the first thing that a line asks."""
        first = next(iter(self.line.fields.values()))
        return first if isinstance(first, Choice) and first.needed and len(first.choices) > 1 else None

    def fresh(self) -> Any:
        """One line to begin with where some are needed."""
        return [self.line.fresh()] if self.needed else []

    def filled(self, value: Any) -> Any:
        """A line for each."""
        return [self.line.filled(one) for one in value]

    def posted(self, sent: Sent, name: str) -> Any:
        """The lines in their order. Each has an input of its own name, so that one without a tick is a line too."""
        tails = {key.removeprefix(f"{name}.") for key in sent.keys() if key.startswith(f"{name}.")}  # noqa: SIM118
        numbers = sorted(int(tail) for tail in tails if _NUMBER_OF_LINE.fullmatch(tail))
        return [self.line.posted(sent, f"{name}.{number}.") for number in numbers]

    def touched(self, typed: Any) -> Any:
        """Without lines in which nothing was filled in; where one is needed, the first stays and is asked for."""
        touched = [one for one in typed if one != self.line.fresh()]
        return touched or typed[: self.least]

    def answer(self, typed: Any) -> Any:
        """A line for each."""
        return [self.line.answer(one) for one in typed]

    def add(self, typed: list[Any], many: int) -> None:
        """So many empty lines more, as far as the form takes them."""
        typed += [self.line.fresh() for _line in range(min(many, self.most - len(typed)))]

    def add_each(self, typed: list[Any]) -> None:
        """A line for each choice that has none yet, in the place of lines in which nothing was filled in."""
        if self.one_each is None:
            return
        name = next(iter(self.line.fields))
        typed[:] = [one for one in typed if one != self.line.fresh()]
        there = {one[name] for one in typed}
        for code, _label in self.one_each.choices:
            if code not in there and len(typed) < self.most:
                typed.append({**self.line.fresh(), name: code})


class Fields:
    """The fields of a form or of a line, by name, in the order in which people fill them in."""

    def __init__(self, schema: Schema, zone: ZoneInfo) -> None:
        properties = sorted(schema["properties"].items(), key=lambda one: one[1].get("position", 0))
        needed = schema.get("required", ())
        self.fields: dict[str, Text] = {name: field_of(one, name in needed, zone) for name, one in properties}

    def fresh(self) -> dict[str, Any]:
        """Nothing filled in but the form's own defaults."""
        return {name: field.fresh() for name, field in self.fields.items()}

    def filled(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """An answer, in codes, as if somebody had typed it."""
        given = {name: one for name, one in answer.items() if one is not None and name in self.fields}
        return self.fresh() | {name: self.fields[name].filled(one) for name, one in given.items()}

    def posted(self, sent: Sent, before: str) -> dict[str, Any]:
        """What was typed into the inputs whose names begin with `before`."""
        return {name: field.posted(sent, f"{before}{name}") for name, field in self.fields.items()}

    def answer(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """The answer in codes, to be checked by the form."""
        given = {name: field.answer(typed[name]) for name, field in self.fields.items()}
        return {name: one for name, one in given.items() if one is not LeftOut}


def field_of(schema: Schema, needed: bool, zone: ZoneInfo) -> Text:
    """The field for one property of a schema. Where nothing may be said, the other kind is the one that is shown."""
    for other in schema.get("anyOf", ()):
        if other.get("type") != "null":
            schema = {**other, **schema}
    return _kind_of(schema, needed)(schema, needed, zone)


def _kind_of(schema: Schema, needed: bool) -> Callable[[Schema, bool, ZoneInfo], Text]:
    if schema["type"] == "array":
        return Lines if schema["items"]["type"] == "object" else Ticks if "enum" in schema["items"] else Words
    if "enum" in schema:
        # A dot that is set cannot be taken away again.
        is_always_chosen = needed or schema.get("default") in schema["enum"]
        if len(schema["enum"]) <= _FEW and is_always_chosen:
            return FewChoices
        return Choice if len(schema["enum"]) <= _MANY else ManyChoices
    if schema["type"] == "string":
        long = Prose if schema.get("maxLength", 0) > _ONE_LINE else Text
        return {"date": Day, "date-time": Instant}.get(schema.get("format", ""), long)
    return {"integer": Whole, "number": Amount, "boolean": Tick}[schema["type"]]
