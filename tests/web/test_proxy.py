"""The way to Prefect: what goes on of a request, what comes back of an answer, and paths that mean two things."""

import asyncio
import gzip
import threading
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from browsing import PUBLIC, Site
from gateways import StandIn, gateway_for, serving, visitor
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from deployments.postgres import free_port
from models.roles import Role
from tasks.settings import settings

RUN = "5f0b8a53-0d0c-4a53-9b5e-0a3c0b1d2e3f"
MANAGER, ADMINISTRATOR = {Role.CS_MANAGER}, {Role.ADMINISTRATOR}


def browser(*, roles: set[Role] = ADMINISTRATOR) -> TestClient:
    return TestClient(gateway_for(visitor("admin", roles)), base_url=PUBLIC, follow_redirects=False)


@pytest.fixture
def address(prefect: StandIn) -> Iterator[str]:
    """The way to Prefect on a real server, for somebody who may do everything."""
    port = free_port()
    with serving(gateway_for(visitor("admin", ADMINISTRATOR)), port):
        yield f"http://127.0.0.1:{port}"


def call(address: str, target: bytes, method: str = "GET", **more: Any) -> httpx.Response:
    """A request whose target goes out byte for byte, whatever it is."""
    with httpx.Client() as client:
        return client.send(client.build_request(method, address, extensions={"target": target}, **more))


@pytest.mark.parametrize(
    "target",
    [
        b"//api/flows/count",
        b"/api//flows/count",
        b"/api/flows/count//",
        b"/api/../api/flows/count",
        b"/v2/../api/admin/settings",
        b"/assets/%2e%2e/api/admin/settings",
        b"/assets/%2E./api/admin/settings",
        b"/assets/..%2fapi/admin/settings",
        b"/assets/..%5capi%5cadmin",
        b"/assets/..\\api",
        b"/api/./flows/count",
        b"/api/flows/.",
        b"/api/variables/name/%2e%2e",
        b"/api/flows/name/a%2Fb",
        b"/api/flows/name/a%5Cb",
        b"/api/flows/name/%252e%252e",
        b"/api/flows/name/a%252fb",
        b"/api/flows/name/a%25252fb",
        b"/api/flows/name/a%00",
        b"/api/flows/name/a%7f",
        b"/api/flows/name/a%c2%85",
        b"/api/flows/name/%ff",
        b"/api/flows/name/%c0%ae%c0%ae",
        b"/api/flows/name/100%",
        b"/api/flows/name/%zz",
    ],
)
def test_a_path_that_could_mean_something_else_to_prefect_is_refused(
    prefect: StandIn, address: str, target: bytes
) -> None:
    assert call(address, target).status_code == 400
    assert prefect.heard == []


@pytest.mark.parametrize(
    "target",
    [
        b"/API/flows/count",
        b"/api/Flows/count",
        b"/api/flows/COUNT",
        b"/api/flows/count/",
        b"/api/flows",
        b"/api",
        b"/api/",
        b"/V2/runs",
        b"/%61pi/Flows/count",
        b"/api/flows/count;a=b",
        b"/apiflows/count",
        b"/api/flows/name/a%0d%0aX-Forwarded-For:%20::1",
    ],
)
def test_a_path_in_another_case_or_with_more_to_it_is_no_path_at_all(
    prefect: StandIn, address: str, target: bytes
) -> None:
    assert call(address, target, "POST").status_code == 404
    assert prefect.heard == []


@pytest.mark.parametrize(
    "target",
    [
        "/api/deployments/name/parts-return/%E7%BB%B4%E4%BF%AE",
        "/api/flows/name/a%20b",
        "/api/flows/name/a+b@c.d~e",
        "/api/events/filter/next?page-token=..%2f..//%5c%00",
        "/v2/runs?tags=%2e%2e",
    ],
)
def test_a_plain_path_goes_on_byte_for_byte_and_its_query_with_it(prefect: StandIn, address: str, target: str) -> None:
    assert call(address, target.encode()).status_code == 200
    assert [one.target for one in prefect.heard] == [target]


def test_nothing_that_a_browser_claims_of_itself_reaches_prefect(prefect: StandIn, address: str) -> None:
    forged = {
        "authorization": "Basic c29tZWJvZHk6ZWxzZQ==",
        "cookie": "aftersales-session=secret; __Host-aftersales-session=secret; prefect_ui_version=v1; other=1",
        "x-forwarded-for": "10.0.0.1",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-forwarded-prefix": "/admin",
        "x-real-ip": "10.0.0.1",
        "x-original-url": "/api/admin/settings",
        "x-http-method-override": "DELETE",
        "forwarded": "for=10.0.0.1",
        "prefect-automation-id": RUN,
        "prefect-automation-name": "YWxpY2U=",
        "x-prefect-user": "alice",
        "origin": PUBLIC,
        "connection": "keep-alive, x-prefect-api-version",
        "te": "trailers",
        "upgrade": "h2c",
        "proxy-authorization": "Basic eA==",
        "accept": "application/json",
        "x-prefect-api-version": "0.8.4",
        "user-agent": "Näscher",
    }
    headers = [(name.encode(), value.encode("latin-1")) for name, value in forged.items()]
    answer = call(address, b"/api/flow_runs/filter", "POST", json={"limit": 3}, headers=headers)
    assert answer.status_code == 200
    (heard,) = prefect.heard
    assert heard.json == {"limit": 3}
    key = b64decode(heard.headers.pop("authorization")[0].removeprefix("Basic "))
    assert key == b"aftersales:the key"
    assert heard.headers.pop("host") == [prefect.url.removeprefix("http://")]
    assert heard.headers == {
        "accept": ["application/json"],
        "accept-encoding": ["gzip, deflate"],
        "connection": ["keep-alive"],
        "content-length": ["11"],
        "content-type": ["application/json"],
        "cookie": ["prefect_ui_version=v1"],
        "user-agent": ["Näscher"],
        "x-prefect-api-version": ["0.8.4"],
    }


def test_a_ui_that_is_neither_of_prefects_is_not_asked_for(prefect: StandIn) -> None:
    browser().get("/v2/", headers={"cookie": "prefect_ui_version=v1; domain=x"})
    browser().get("/v2/", headers={"cookie": "prefect_ui_version=v3"})
    assert [one.headers.get("cookie") for one in prefect.heard] == [["prefect_ui_version=v1"], None]


def answering(status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> Any:
    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def test_prefect_sets_no_cookie_here_and_opens_nothing_to_other_sites(prefect: StandIn) -> None:
    prefect.answers["/v2/"] = answering(
        200,
        [
            (b"content-type", b"text/html"),
            (b"set-cookie", b"aftersales-session=stolen"),
            (b"set-cookie", b"prefect_ui_version=v2"),
            (b"access-control-allow-origin", b"*"),
            (b"server", b"uvicorn"),
            (b"x-powered-by", b"Prefect"),
            (b"content-security-policy", b"default-src *"),
            (b"etag", b'"1"'),
        ],
        b"<html>",
    )
    answer = browser().get("/v2/")
    assert answer.text == "<html>"
    kept = dict(answer.headers)
    policy = kept.pop("content-security-policy")
    assert {"frame-ancestors 'none'", "object-src 'none'", "connect-src 'self'"} <= set(policy.split("; "))
    assert kept == {"content-type": "text/html", "etag": '"1"'}


def test_a_redirect_of_prefects_stays_at_this_address(prefect: StandIn) -> None:
    prefect.answers["/"] = answering(307, [(b"location", f"{prefect.url}/v2/?a=b".encode())])
    prefect.answers["/runs"] = answering(307, [(b"location", b"/v2/runs")])
    assert browser().get("/").headers["location"] == "/v2/?a=b"
    assert browser().get("/runs").headers["location"] == "/v2/runs"


def test_what_prefect_packed_arrives_packed_where_that_was_asked_for(prefect: StandIn) -> None:
    packed = gzip.compress(b"[1,2,3]")
    prefect.answers["/api/flow_runs/filter"] = answering(
        200, [(b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())], packed
    )
    answer = browser().post("/api/flow_runs/filter", json={})
    assert (answer.json(), answer.headers["content-length"]) == ([1, 2, 3], str(len(packed)))


def test_who_does_not_unpack_is_sent_nothing_packed(prefect: StandIn, address: str) -> None:
    with httpx.Client() as client:
        request = client.build_request("GET", f"{address}/v2/")
        del request.headers["accept-encoding"]
        assert client.send(request).status_code == 200
    assert prefect.heard[0].headers["accept-encoding"] == ["identity"]


@pytest.mark.parametrize("status", [204, 304, 404, 409, 422, 500])
def test_the_status_is_prefects(prefect: StandIn, address: str, status: int) -> None:
    prefect.answers["/api/flow_runs/filter"] = answering(status, [])
    assert call(address, b"/api/flow_runs/filter", "POST", json={}).status_code == status


def test_an_answer_comes_back_in_pieces_as_prefect_sends_it(prefect: StandIn, address: str) -> None:
    first_arrived = threading.Event()

    async def slowly(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        assert await asyncio.to_thread(first_arrived.wait, 10), "the first piece waited for the second"
        await send({"type": "http.response.body", "body": b"second"})

    prefect.answers[f"/api/flow_runs/{RUN}/logs/download"] = slowly
    with httpx.stream("GET", f"{address}/api/flow_runs/{RUN}/logs/download") as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"first"
        first_arrived.set()
        assert list(pieces) == [b"second"]


def test_a_request_goes_on_in_pieces_and_whole(prefect: StandIn, address: str) -> None:
    piece = b"x" * 100_000
    answer = httpx.post(f"{address}/api/logs/", content=(piece for _number in range(30)))
    assert answer.status_code == 200
    assert prefect.heard[0].headers["transfer-encoding"] == ["chunked"]
    assert prefect.heard[0].body == piece * 30


def test_when_prefect_breaks_off_the_answer_is_not_taken_for_whole(prefect: StandIn, address: str) -> None:
    prefect.answers["/v2/"] = answering(200, [(b"content-length", b"1000")], b"only this")
    with pytest.raises(httpx.RemoteProtocolError):
        call(address, b"/v2/")


def test_files_that_never_change_may_be_kept_and_nothing_else_of_prefects(prefect: StandIn) -> None:
    prefect.answers["/assets/gone.js"] = answering(404, [])
    kept = {
        path: browser().get(path).headers.get("cache-control") for path in ("/assets/x-1.js", "/v2/", "/assets/gone.js")
    }
    assert kept == {"/assets/x-1.js": "private, max-age=86400", "/v2/": None, "/assets/gone.js": None}


def test_prefects_ui_is_told_this_address_and_asks_for_no_password(
    prefect: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_UI_URL", "https://after-sales.example")
    prefect.answers["/ui-settings"] = {"api_url": f"{prefect.url}/api", "auth": "BASIC", "csrf_enabled": False}
    told = browser().get("/ui-settings").json()
    assert told == {"api_url": "https://after-sales.example/api", "auth": None, "csrf_enabled": False}


def test_of_prefects_settings_most_people_see_that_it_sends_no_statistics(prefect: StandIn) -> None:
    prefect.answers["/api/admin/settings"] = {"server": {"database": {"connection_url": "postgresql://…"}}}
    told = browser(roles=MANAGER).get("/api/admin/settings").json()
    assert told["server"] == {"analytics_enabled": False, "ui": {"show_promotional_content": False}}
    assert prefect.heard == []
    assert "database" in browser().get("/api/admin/settings").json()["server"]


@pytest.mark.parametrize("path", ["/api/flow_runs/filter", "/ui-settings", "/v2/"])
def test_without_prefect_people_are_told_so(prefect: StandIn, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    settings.cache_clear()
    answer = browser().post(path, json={}) if "filter" in path else browser().get(path)
    assert answer.status_code == 503
    assert "Prefect does not answer" in answer.text
    assert "Traceback" not in answer.text


def test_without_any_prefect_known_people_are_told_how_to_start_one(
    prefect: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL")
    settings.cache_clear()
    answer = browser().post("/api/flow_runs/filter", json={})
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")


def test_templates_are_not_checked_for_anybody_as_their_faults_would_quote_variables(prefect: StandIn) -> None:
    secret = {"__prefect_kind": "workspace_variable", "variable_name": "smtp-password"}
    for values in ({"a": secret}, {"a": [{"b": secret}]}, {"a": {"__prefect_kind": "json", "value": secret}}):
        body = {"schema": {"properties": {"a": {"type": "integer"}}}, "values": values}
        answer = browser(roles=MANAGER).post("/api/ui/schemas/validate", json=body)
        assert answer.status_code == 400
        assert "Templates and variables are not taken here" in answer.json()["detail"]
    assert prefect.heard == []
    typed = {"schema": {}, "values": {"a": {"__prefect_kind": "json", "value": "[1"}}}
    assert browser(roles=MANAGER).post("/api/ui/schemas/validate", json=typed).status_code == 200
    assert [one.json for one in prefect.heard] == [typed]


# WebSockets


def test_a_socket_carries_messages_both_ways_and_opens_with_our_key(prefect: StandIn) -> None:
    prefect.replies = ['{"type": "auth_success"}', '{"type": "event"}']
    with browser(roles=MANAGER).websocket_connect("/api/events/out", subprotocols=["prefect"]) as socket:
        socket.send_json({"type": "auth", "token": "whatever the browser has"})
        assert socket.receive_json() == {"type": "auth_success"}
        socket.send_text('{"type": "filter", "filter": {}}')
        assert socket.receive_json() == {"type": "event"}
        with pytest.raises(WebSocketDisconnect) as end:
            socket.receive_json()
    assert end.value.code == 1000
    assert prefect.subprotocols == ["prefect"]
    assert prefect.said == ['{"type": "auth", "token": "aftersales:the key"}', '{"type": "filter", "filter": {}}']


@pytest.mark.parametrize("first", ['{"type": "filter"}', "no json", "[]", '"auth"'])
def test_a_socket_that_does_not_open_with_auth_is_closed_and_prefect_hears_nothing(
    prefect: StandIn, first: str
) -> None:
    prefect.replies = ["never"]
    with browser(roles=MANAGER).websocket_connect("/api/logs/out", subprotocols=["prefect"]) as socket:
        socket.send_text(first)
        with pytest.raises(WebSocketDisconnect) as refused:
            socket.receive_text()
    assert refused.value.code == 1008
    assert prefect.said == []


def test_a_socket_without_prefects_protocol_is_refused(prefect: StandIn) -> None:
    for offered in ([], ["other"]):
        with (
            pytest.raises(WebSocketDisconnect),
            browser(roles=MANAGER).websocket_connect("/api/events/out", subprotocols=offered),
        ):
            pass
    assert prefect.said == []


def test_a_socket_closes_when_prefect_is_down(prefect: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    settings.cache_clear()
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        browser(roles=MANAGER).websocket_connect("/api/events/out", subprotocols=["prefect"]),
    ):
        pass
    assert refused.value.code == 1013


def test_a_socket_is_looked_at_anew_after_a_while(prefect: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.prefect.sockets.LONGEST_SECONDS", 0.2)
    prefect.replies = ['{"type": "auth_success"}', "never asked for"]
    with browser(roles=MANAGER).websocket_connect("/api/events/out", subprotocols=["prefect"]) as socket:
        socket.send_json({"type": "auth", "token": ""})
        assert socket.receive_json() == {"type": "auth_success"}
        with pytest.raises(WebSocketDisconnect) as end:
            socket.receive_text()
    assert end.value.code == 1001


# The whole application


def test_through_the_whole_application_a_session_reaches_prefect_and_another_site_does_not(
    site: Site, prefect: StandIn
) -> None:
    manager = site.signed_in("chen.min")
    own, evil = {"origin": PUBLIC}, {"origin": "https://evil.example"}
    assert manager.post("/api/flow_runs/filter", json={}, headers=own).status_code == 200
    assert [one.target for one in prefect.heard] == ["/api/flow_runs/filter"]
    assert "cookie" not in prefect.heard[0].headers
    page = manager.get("/v2/runs")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY"
    assert "script-src 'self' 'unsafe-eval'" in page.headers["content-security-policy"]

    prefect.heard.clear()
    assert manager.post("/api/flow_runs/filter", json={}, headers=evil).status_code == 403
    assert manager.post("/api/flow_runs/filter", json={}).status_code == 403
    assert manager.get("/api//flows/count").status_code == 400
    with pytest.raises(WebSocketDisconnect), manager.websocket_connect("/api/events/out", ["prefect"], headers=evil):
        pass
    assert site.browser().post("/api/flow_runs/filter", json={}, headers=own).status_code == 401
    shop = site.signed_in("he.jun")
    for path in ("/v2/runs", "/ui-settings", "/assets/index.js", f"/api/flow_runs/{RUN}"):
        assert shop.get(path).status_code == 403
    assert prefect.heard == []

    with manager.websocket_connect("/api/events/out", ["prefect"], headers=own) as socket:
        assert socket.accepted_subprotocol == "prefect"
