"""Every route of Prefect's API × everybody who may come: in the table, and as the table says."""

import asyncio
import os
import re
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from gateways import StandIn, gateway_for, visitor
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from models.roles import Role
from models.sections.access import AccessPolicy
from web.prefect import document
from web.prefect.access import MAY, Capability, Level, PrefectRoute, levels_of, routes_of, table

#: Somebody of each level, by the policy of the sample company.
SOMEBODY = {
    Level.NONE: Role.EXCLUSIVE_SHOP,
    Level.AUDITOR: Role.AUDITOR,
    Level.OPERATOR: Role.CS_CLERK,
    Level.MANAGER: Role.CS_MANAGER,
    Level.ADMINISTRATOR: Role.ADMINISTRATOR,
}
HTTP = [route for route in table() if route.method != "WS"]
SOCKETS = [route for route in table() if route.method == "WS"]
#: The routes of which Prefect hears from administrators only.
DONE_HERE = {
    ("POST", "/api/flow_runs/{id}/resume"),
    ("POST", "/api/deployments/{id}/create_flow_run"),
    ("GET", "/api/admin/settings"),
}
#: As a new version of Prefect may bring them.
INVENTED = [
    PrefectRoute("POST", "/api/flow_runs/{id}/approve", Capability.NOBODY),
    PrefectRoute("GET", "/api/secrets/", Capability.NOBODY),
    PrefectRoute("DELETE", "/api/everything", Capability.NOBODY),
    PrefectRoute("PATCH", "/api/flow_runs/{id}/resume", Capability.NOBODY),
    PrefectRoute("GET", "/v3/index.html", Capability.NOBODY),
    PrefectRoute("GET", "/docs", Capability.NOBODY),
    PrefectRoute("GET", "/openapi.json", Capability.NOBODY),
]


def spelled_out(route: PrefectRoute) -> str:
    """A path that fits the route."""
    return re.sub("{[^}]*}", lambda _name: str(uuid4()), route.template).replace("/**", "/some/page")


def api_of_prefect() -> set[tuple[str, str]]:
    """What Prefect's server of this very version has: its OpenAPI, and the WebSockets that stand in none."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    from fastapi.routing import APIWebSocketRoute
    from prefect.server.api import server

    described = server.create_api_app(ignore_cache=True).openapi()["paths"]
    http = {(method.upper(), f"/api{path}") for path, methods in described.items() for method in methods}
    routes = [route for router in server.API_ROUTERS for route in router.routes]
    sockets = {("WS", f"/api{route.path}") for route in routes if isinstance(route, APIWebSocketRoute)}
    assert len(http) > 100
    assert len(sockets) > 2
    return http | sockets


def test_the_table_has_every_route_of_prefects_api_and_no_other() -> None:
    named = {(route.method, route.template) for route in table() if route.template.startswith("/api")}
    known = api_of_prefect()
    assert named - known == set()
    assert known - named == set()


def test_no_route_stands_in_the_table_twice() -> None:
    named = [(route.method, route.template) for route in table()]
    assert len(named) == len(set(named))


def test_the_page_of_the_documentation_is_what_the_table_says() -> None:
    assert document.PAGE.read_text("utf-8") == document.page(), "make prefect-access"


def test_each_level_may_what_the_levels_below_may_and_nobody_the_machines_routes() -> None:
    assert MAY[Level.NONE] == set()
    assert MAY[Level.AUDITOR] == {"read"}
    assert MAY[Level.OPERATOR] == {"read", "start"}
    assert MAY[Level.MANAGER] == {"read", "start", "resume"}
    assert MAY[Level.ADMINISTRATOR] == {"read", "start", "resume", "all"}


def test_the_policy_says_who_reaches_which_level() -> None:
    policy = AccessPolicy(operators=(Role.TECHNICIAN,), managers=(Role.TECHNICIAN, Role.CS_CLERK))
    assert levels_of(policy, frozenset({Role.TECHNICIAN})) == [Level.OPERATOR, Level.MANAGER]
    assert levels_of(policy, frozenset({Role.CS_MANAGER})) == []
    assert levels_of(policy, frozenset({Role.CS_CLERK, Role.ADMINISTRATOR})) == [Level.MANAGER, Level.ADMINISTRATOR]


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        ("POST", "/api/flow_runs/{id}/set_state", "all"),
        ("POST", "/api/flow_runs/bulk_set_state", "all"),
        ("POST", "/api/flow_runs/{id}/input", "all"),
        ("POST", "/api/flow_runs/", "all"),
        ("POST", "/api/deployments/{id}/create_flow_run/bulk", "all"),
        ("POST", "/api/deployments/{id}/create_flow_run", "start"),
        ("POST", "/api/flow_runs/{id}/resume", "resume"),
        ("POST", "/api/block_documents/filter", "all"),
        ("GET", "/api/variables/name/{name}", "all"),
        ("GET", "/api/admin/storage", "all"),
        ("POST", "/api/flow_runs/filter", "read"),
        ("POST", "/api/logs/", "all"),
        ("WS", "/api/events/in", "nobody"),
        ("WS", "/api/events/out", "read"),
    ],
)
def test_what_the_issue_names_takes_what_it_says(method: str, path: str, needs: str) -> None:
    assert [route.needs for route in routes_of(method, spelled_out(PrefectRoute(method, path, Capability.ALL)))] == [
        needs
    ]


def test_no_delete_is_open_to_anybody_but_administrators() -> None:
    assert {route.needs for route in table() if route.method in {"DELETE", "PUT", "PATCH"}} == {Capability.ALL}


@dataclass(frozen=True)
class Cell:
    """What came of one route for one level: the status, and what reached Prefect."""

    route: PrefectRoute
    path: str
    status: int
    heard: list[tuple[str, str]]


async def tried(prefect: StandIn, level: Level) -> list[Cell]:
    """Somebody of the level calls every route of the table, and some that no table names."""
    app = gateway_for(visitor("li.na", {SOMEBODY[level]}))
    found = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser:
        for route in [*HTTP, *INVENTED]:
            prefect.heard.clear()
            path = spelled_out(route)
            answer = await browser.request(route.method, path, json={})
            found.append(Cell(route, path, answer.status_code, [(one.method, one.target) for one in prefect.heard]))
    return found


@pytest.mark.parametrize("level", list(Level))
def test_each_route_passes_whom_the_table_names_and_stops_the_others(prefect: StandIn, level: Level) -> None:
    for cell in asyncio.run(tried(prefect, level)):
        route = cell.route
        if route in INVENTED:
            assert (cell.status, cell.heard) == (404, []), cell
        elif route.needs not in MAY[level]:
            # Whoever may nothing there is led from the front door to the inbox.
            assert (cell.status, cell.heard) == (303 if route.template == "/" else 403, []), cell
        elif level is Level.ADMINISTRATOR or (route.method, route.template) not in DONE_HERE:
            assert (cell.status, cell.heard[-1:]) == (200, [(route.method, cell.path)]), cell
        elif route.template == "/api/admin/settings":
            assert (cell.status, cell.heard) == (200, []), cell
        elif route.needs is Capability.RESUME:
            # It came to the one door, which knows of no such case.
            assert (cell.status, cell.heard) == (200, []), cell
        else:
            # Prefect was asked what is to be started, and it is no procedure.
            asked = cell.path.removesuffix("/create_flow_run")
            assert (cell.status, cell.heard) == (403, [("GET", asked)]), cell


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("route", SOCKETS, ids=lambda route: route.template)
def test_each_socket_passes_whom_the_table_names_and_stops_the_others(
    prefect: StandIn, level: Level, route: PrefectRoute
) -> None:
    browser = TestClient(gateway_for(visitor("li.na", {SOMEBODY[level]})))
    if route.needs in MAY[level]:
        with browser.websocket_connect(spelled_out(route), subprotocols=["prefect"]) as socket:
            assert socket.accepted_subprotocol == "prefect"
    else:
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            browser.websocket_connect(spelled_out(route), subprotocols=["prefect"]),
        ):
            pass
        assert refused.value.code == 1008
        assert prefect.subprotocols == []


def test_a_socket_that_is_not_in_the_table_is_refused_to_administrators_too(prefect: StandIn) -> None:
    browser = TestClient(gateway_for(visitor("admin", {Role.ADMINISTRATOR})))
    for path in ("/api/secrets/out", "/api/events/out/more", "/api//events/out", "/events/out"):
        with pytest.raises(WebSocketDisconnect), browser.websocket_connect(path, subprotocols=["prefect"]):
            pass
    assert prefect.subprotocols == []


def test_whoever_is_not_signed_in_reaches_nothing(prefect: StandIn) -> None:
    browser = TestClient(gateway_for(None), follow_redirects=False)
    assert browser.get("/v2/runs").headers["location"] == "/sign-in?to=%2Fv2%2Fruns"
    assert browser.post("/api/flow_runs/filter", json={}).status_code == 401
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/api/events/out", subprotocols=["prefect"]):
        pass
    assert prefect.heard == []
