"""Reading the company's data files (YAML): clear faults with file, line and place."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from models.errors import InvalidInput
from models.forms import sentence_of
from models.language import N_, _

Location = tuple[str | int, ...]


class Strict(BaseModel):
    """Data of a company: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Loader(yaml.SafeLoader):
    """Days stay text, as JSON keeps them; who expects a day reads it, and names the field if it is none."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class DataFile:
    """A data file as it was read: what it says, and on which lines."""

    name: str
    content: dict[str, Any]
    root: yaml.Node

    def at(self, *location: str | int) -> str:
        """Where people find a place: `lighting.yaml line 47: batch_quality.recall_scope.limit`.

        The line is that of the deepest part of the place that the file has.
        """
        if not location:
            return self.name
        lines = [_line(node) for _part, node in _found(self.root, location)]
        return f"{self.name} line {(lines or [_line(self.root)])[-1]}: {_dotted(location)}"

    def faults(self, error: ValidationError) -> InvalidInput:
        """What pydantic found, as an error of ours: each wrong value by its line and place."""
        faults: dict[str, list[str]] = {}
        for detail in error.errors():
            said = faults.setdefault(self.at(*self._written(detail)), [])
            if (sentence := _sentence(detail)) not in said:
                said.append(sentence)
        return InvalidInput({place: " ".join(said) for place, said in faults.items()})

    def _written(self, detail: ErrorDetails) -> Location:
        """The place as the file has it: without the names that pydantic adds for what it tried there."""
        location = detail["loc"]
        if detail["type"] == "missing" or "[key]" in location:
            return location
        return tuple(part for part, _node in _found(self.root, location))


def read_data_file(path: Path, expected: str) -> DataFile:
    """A file that holds a mapping; raises InvalidInput that names file and line, with `expected` if it holds none."""
    try:
        loader = _Loader(path.read_text("utf-8"))
        root = loader.get_single_node()
        _refuse_what_stands_twice(path.name, root)
        content = loader.construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        where = f" line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise InvalidInput({path.name + where: _(N_("This cannot be read: {problem}"), problem=problem)}) from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InvalidInput({path.name: str(error)}) from None
    if root is None or not isinstance(content, dict):
        raise InvalidInput({path.name: expected})
    return DataFile(path.name, content, root)


def as_ours(error: ValidationError, name: str) -> InvalidInput:
    """What pydantic found in data that is in no file, as an error of ours: each wrong value by its place in `name`."""
    places = {_dotted(detail["loc"]): _sentence(detail) for detail in error.errors()}
    return InvalidInput({f"{name}: {place}" if place else name: sentence for place, sentence in places.items()})


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    ours = sentence_of(detail)
    # Where we have no sentence for a kind of fault, pydantic's says more.
    return detail["msg"] if ours == _(N_("This value cannot be taken.")) else ours


def _refuse_what_stands_twice(name: str, root: yaml.Node | None) -> None:
    """YAML takes the last of two equal keys without a word."""
    twice = {
        f"{name} line {second}: {_dotted(location)}": _(
            N_("This stands here twice, on line {first} and on line {second}; keep one."), first=first, second=second
        )
        for location, first, second in _repeated(root, (), set())
    }
    if twice:
        raise InvalidInput(twice)


def _repeated(node: yaml.Node | None, location: Location, seen: set[int]) -> Iterator[tuple[Location, int, int]]:
    """Each key that its mapping has already: its place, the line of the first and its own."""
    if id(node) in seen:
        return
    # A node that aliases name again, even within itself, is looked at once.
    seen.add(id(node))
    lines: dict[str | int, int] = {}
    for part, named, value in _parts(node):
        if part in lines:
            yield (*location, part), lines[part], _line(named)
        lines.setdefault(part, _line(named))
        yield from _repeated(value, (*location, part), seen)


def _found(node: yaml.Node, location: Location) -> Iterator[tuple[str | int, yaml.Node]]:
    """The parts of a location that are there, from the top, each with the node on whose line it is named."""
    for part in location:
        match = next(((named, value) for known, named, value in _parts(node) if str(known) == str(part)), None)
        if match is None:
            return
        named, node = match
        yield part, named


def _parts(node: yaml.Node | None) -> list[tuple[str | int, yaml.Node, yaml.Node]]:
    """What a mapping or list holds: name or number, the node that names it, the node of its value."""
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), key, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(number, item, item) for number, item in enumerate(node.value)]
    return []


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _dotted(location: Location) -> str:
    return ".".join(map(str, location))
