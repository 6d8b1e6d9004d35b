"""What a session may do in Prefect: the table of Prefect's routes, and what the policy lets each post do there.

Prefect knows one secret and no people. Whoever has a session here reaches of Prefect what `routes.csv` names for them,
and a route that it does not name is nobody's: a new version of Prefect opens nothing by itself.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from models.queries.access import access
from models.roles import Role
from models.sections.access import AccessPolicy
from tasks.database import transaction
from web.prefect.paths import fits

TABLE = Path(__file__).parent / "routes.csv"


class Capability(StrEnum):
    """What a route takes."""

    #: To look: at runs, deployments, logs, artifacts.
    READ = "read"
    #: To start a procedure; the case is registered by who starts it.
    START = "start"
    #: To answer a question in a run's form; whose question it is, the one door says.
    RESUME = "resume"
    #: Everything else that people do with Prefect.
    ALL = "all"
    #: Nothing that a person does: workers and runs have a way of their own.
    NOBODY = "nobody"


class Level(StrEnum):
    """How far the policy lets people into Prefect, see `AccessPolicy`."""

    NONE = "none"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


MAY: dict[Level, frozenset[Capability]] = {
    Level.NONE: frozenset(),
    Level.AUDITOR: frozenset({Capability.READ}),
    Level.OPERATOR: frozenset({Capability.READ, Capability.START}),
    Level.MANAGER: frozenset({Capability.READ, Capability.START, Capability.RESUME}),
    Level.ADMINISTRATOR: frozenset({Capability.READ, Capability.START, Capability.RESUME, Capability.ALL}),
}


@dataclass(frozen=True)
class PrefectRoute:
    """A line of the table; `method` is WS for a WebSocket."""

    method: str
    template: str
    needs: Capability


@cache
def table() -> tuple[PrefectRoute, ...]:
    """All routes of Prefect that anybody knows."""
    with TABLE.open(newline="") as lines:
        return tuple(
            PrefectRoute(line["method"], line["path"], Capability(line["needs"])) for line in csv.DictReader(lines)
        )


def routes_of(method: str, path: str) -> list[PrefectRoute]:
    """The lines of the table that a request fits; none: there is no such thing here.

    If it fits several, such as `/flows/name/x` that of `/flows/{id}/…`, each of them must allow it.
    """
    return [route for route in table() if route.method == method and fits(route.template, path)]


def capabilities(roles: frozenset[Role]) -> frozenset[Capability]:
    """What people with these posts may do in Prefect, by the policy in force."""
    with transaction() as session:
        policy = access(session)
    return frozenset().union(*(MAY[level] for level in levels_of(policy, roles)))


def levels_of(policy: AccessPolicy, roles: frozenset[Role]) -> list[Level]:
    """The levels that these posts reach; none for whom the policy does not name."""
    named = {
        Level.AUDITOR: policy.auditors,
        Level.OPERATOR: policy.operators,
        Level.MANAGER: policy.managers,
        Level.ADMINISTRATOR: policy.administrators,
    }
    return [level for level, posts in named.items() if roles.intersection(posts)]
