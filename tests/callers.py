"""Who uses what in the product, read from its source: what comes to call a function, which routes and commands do."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from starlette.routing import Route
from typer import Typer

from deployments.commands import app
from web.app import create_app
from web.prefect.gateway import _DONE_HERE

PROJECT = Path(__file__).parent.parent
FOLDERS = ("models", "tasks", "flows", "web", "deployments")


@dataclass(frozen=True)
class Definition:
    """A function, class or constant; what stands in a module by itself goes by the module's name."""

    name: str
    node: ast.stmt
    module: str
    #: What the module imported, by the names that it uses.
    imported: Mapping[str, str]

    @cached_property
    def uses(self) -> set[str]:
        """Everything it names, in full: `tasks.deciding.decide`."""
        return {self.full_name(one) for one in ast.walk(self.node)}

    def full_name(self, node: ast.AST) -> str:
        """What an expression names; nothing, if it is no name."""
        if isinstance(node, ast.Attribute):
            return f"{self.full_name(node.value)}.{node.attr}"
        return self.imported.get(node.id, f"{self.module}.{node.id}") if isinstance(node, ast.Name) else ""


@cache
def definitions() -> tuple[Definition, ...]:
    """All of the product's; migrations are history."""
    files = [file for folder in FOLDERS for file in sorted((PROJECT / folder).rglob("*.py"))]
    return tuple(one for file in files if "migrations" not in file.parts for one in _defined_in(file))


def _defined_in(file: Path) -> Iterator[Definition]:
    module = ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(file.read_text("utf-8"))
    imported: dict[str, str] = {}
    for one in ast.walk(tree):
        if isinstance(one, ast.ImportFrom):
            imported |= {it.asname or it.name: f"{one.module}.{it.name}" for it in one.names}
        elif isinstance(one, ast.Import):
            tops = {it.name.partition(".")[0] for it in one.names if not it.asname}
            imported |= {top: top for top in tops} | {it.asname: it.name for it in one.names if it.asname}
    for one in tree.body:
        for name in _names_of(one) or [module]:
            yield Definition(name if name == module else f"{module}.{name}", one, module, imported)


def _names_of(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [one.id for one in targets if isinstance(one, ast.Name)]


def users_of(*names: str) -> set[str]:
    """What names one of these itself, other than to import it."""
    imports = ast.Import | ast.ImportFrom
    return {one.name for one in definitions() if not isinstance(one.node, imports) and one.uses & set(names)}


def those_that_reach(*names: str) -> set[str]:
    """These, and what comes to one of them by however many steps."""
    found = set(names)
    while further := users_of(*found) - found:
        found |= further
    return found


def routes_among(names: Iterable[str]) -> set[str]:
    """The routes of the application that these answer: `POST /tasks/{ref}`; in Prefect's place, too."""
    known = set(names)
    ours = {
        f"{method} {route.path}"
        for route in create_app().routes
        if isinstance(route, Route) and _name_of(route.endpoint) in known
        for method in (route.methods or set()) - {"HEAD"}
    }
    return ours | {f"{method} {path}" for (method, path), done in _DONE_HERE.items() if _name_of(done) in known}


def commands_among(names: Iterable[str]) -> set[str]:
    """The commands that these are, as people type them: `aftersales decide`."""
    known = set(names)
    return {typed for typed, command in _commands(app, "aftersales") if _name_of(command) in known}


def _commands(group: Typer, typed: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for one in group.registered_commands:
        assert one.callback is not None
        yield f"{typed} {one.name or one.callback.__name__}", one.callback
    for below in group.registered_groups:
        assert below.typer_instance is not None
        yield from _commands(below.typer_instance, f"{typed} {below.name}")


def _name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def made_in(name: str) -> set[str]:
    """Where an object of a class is made, or a statement that writes its table: `insert(Decision)`."""
    return {one.name for one in definitions() for node in ast.walk(one.node) if _makes(one, node, name)}


def _makes(one: Definition, node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    writes = one.full_name(node.func).rpartition(".")[2] in {"insert", "update", "delete", "merge"}
    return one.full_name(node.func) == name or (writes and any(one.full_name(given) == name for given in node.args))
