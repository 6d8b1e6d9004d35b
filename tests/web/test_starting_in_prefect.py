"""Starting a procedure from Prefect's start form: who is signed in registers the case."""

from typing import Any

import httpx
import pytest
from gateways import StandIn, gateway_for, visitor
from starlette.testclient import TestClient

from models.roles import Role

PROCEDURE = "5f0b8a53-0d0c-4a53-9b5e-0a3c0b1d2e3f"
SWEEP = "00000000-0d0c-4a53-9b5e-0a3c0b1d2e3f"
UNKNOWN = "11111111-0d0c-4a53-9b5e-0a3c0b1d2e3f"
CLERK, AUDITOR, ADMINISTRATOR = {Role.CS_CLERK}, {Role.AUDITOR}, {Role.ADMINISTRATOR}


@pytest.fixture
def deployments(prefect: StandIn) -> StandIn:
    """Prefect with a procedure and a sweep."""
    prefect.answers[f"/api/deployments/{PROCEDURE}"] = {
        "parameter_openapi_schema": {"properties": {"report": {}, "case": {}}}
    }
    prefect.answers[f"/api/deployments/{SWEEP}"] = {"parameter_openapi_schema": {"properties": {"with_board": {}}}}

    async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    prefect.answers[f"/api/deployments/{UNKNOWN}"] = nothing
    return prefect


def start(body: Any, *, roles: set[Role] = CLERK, login: str = "li.na", deployment: str = PROCEDURE) -> httpx.Response:
    browser = TestClient(gateway_for(visitor(login, roles)))
    return browser.post(f"/api/deployments/{deployment}/create_flow_run", json=body)


def started(prefect: StandIn) -> list[Any]:
    """What Prefect was asked to start."""
    return [one.json for one in prefect.heard if one.method == "POST"]


def test_the_case_is_registered_by_who_is_signed_in(deployments: StandIn) -> None:
    assert start({"parameters": {"report": {"dealer": "D-01"}}}).status_code == 200
    assert started(deployments) == [{"parameters": {"report": {"dealer": "D-01", "registered_by": "li.na"}}}]


@pytest.mark.parametrize("roles", [CLERK, ADMINISTRATOR])
def test_nobody_registers_a_case_in_another_name(deployments: StandIn, roles: set[Role]) -> None:
    start({"parameters": {"report": {"dealer": "D-01", "registered_by": "chen.min"}}}, roles=roles, login="wang.fang")
    assert started(deployments) == [{"parameters": {"report": {"dealer": "D-01", "registered_by": "wang.fang"}}}]


@pytest.mark.parametrize(
    "hidden",
    [
        {"__prefect_kind": "json", "value": '{"dealer": "D-01", "registered_by": "chen.min"}'},
        {"__prefect_kind": "none", "value": {"dealer": "D-01", "registered_by": "chen.min"}},
        {"__prefect_kind": "json", "value": '{"__prefect_kind": "json", "value": "{\\"dealer\\": \\"D-01\\"}"}'},
    ],
)
def test_nor_by_hiding_the_form_in_another(deployments: StandIn, hidden: Any) -> None:
    start({"parameters": {"report": hidden}})
    assert started(deployments) == [{"parameters": {"report": {"dealer": "D-01", "registered_by": "li.na"}}}]


def test_what_was_typed_as_json_is_read_and_what_was_left_empty_is_not_there(deployments: StandIn) -> None:
    lines = {"__prefect_kind": "json", "value": '[{"part": "P-001", "pieces": 2}]'}
    start({"parameters": {"report": {"lines": lines, "amount": {"__prefect_kind": "json"}, "note": None}}})
    assert started(deployments)[0]["parameters"]["report"] == {
        "lines": [{"part": "P-001", "pieces": 2}],
        "note": None,
        "registered_by": "li.na",
    }


@pytest.mark.parametrize("roles", [CLERK, ADMINISTRATOR])
@pytest.mark.parametrize(
    "rendered",
    [
        {"__prefect_kind": None, "value": 1},
        {"__prefect_kind": "", "value": 1},
        {"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"},
        {"__prefect_kind": "workspace_variable", "variable_name": "smtp-password"},
        {"__prefect_kind": "of a new version", "value": 1},
        {"__prefect_kind": ["jinja"], "template": "{{ 7 * 7 }}"},
        {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}},
        {"__prefect_kind": "json", "value": '{"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}'},
        {"__prefect_kind": "none", "value": [{"__prefect_kind": "jinja", "template": "x"}]},
    ],
)
def test_templates_are_refused_at_any_depth(deployments: StandIn, rendered: Any, roles: set[Role]) -> None:
    for parameters in (rendered, {"report": rendered}, {"report": {"lines": [{"part": rendered}]}}):
        answer = start({"parameters": parameters}, roles=roles)
        assert answer.status_code == 400
        assert "write the value itself" in answer.json()["detail"]
    assert started(deployments) == []


def sent(body: str) -> httpx.Response:
    browser = TestClient(gateway_for(visitor("li.na", CLERK)))
    return browser.post(f"/api/deployments/{PROCEDURE}/create_flow_run", content=body)


@pytest.mark.parametrize("body", ["no json", "", '{"parameters": ', "[" * 100_000])
def test_what_is_no_json_is_refused_with_a_sentence(deployments: StandIn, body: str) -> None:
    answer = sent(body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")
    assert started(deployments) == []


@pytest.mark.parametrize("depth", [300, 600, 900])
def test_what_is_nested_without_end_breaks_nothing(deployments: StandIn, depth: int) -> None:
    answer = sent('{"parameters": {"report": ' + "[" * depth + "]" * depth + "}}")
    assert answer.status_code in {200, 400}


OTHERS = {
    "name": "BQ-2026-0001",
    "tags": ["BQ-2026-0001"],
    "labels": {"a": "b"},
    "job_variables": {"command": "rm -rf /"},
    "infrastructure_document_id": SWEEP,
    "work_queue_name": "other",
    "idempotency_key": "case-BQ-2026-0001",
    "enforce_parameter_schema": False,
    "empirical_policy": {"retries": 3},
    "context": {"a": "b"},
    "parent_task_run_id": SWEEP,
}


def test_how_a_run_is_carried_out_is_for_administrators_to_say(deployments: StandIn) -> None:
    asked = {**OTHERS, "parameters": {"report": {}}, "state": {"type": "COMPLETED", "data": "x"}}
    start(asked)
    start(asked, roles=ADMINISTRATOR, login="admin")
    by_clerk, by_administrator = started(deployments)
    assert by_clerk == {"parameters": {"report": {"registered_by": "li.na"}}}
    assert by_administrator == {**asked, "parameters": {"report": {"registered_by": "admin"}}}


def test_a_start_at_a_later_time_is_taken_and_nothing_else_of_the_state(deployments: StandIn) -> None:
    state = {
        "type": "RUNNING",
        "name": "Decided",
        "message": "x",
        "state_details": {"scheduled_time": "2026-12-01T08:00:00+08:00", "pause_key": "x"},
    }
    start({"parameters": {"report": {}}, "state": state})
    assert started(deployments)[0]["state"] == {
        "type": "SCHEDULED",
        "state_details": {"scheduled_time": "2026-12-01T08:00:00+08:00"},
    }


def test_a_run_of_a_case_that_is_open_already_is_for_administrators(deployments: StandIn) -> None:
    asked = {"parameters": {"report": {}, "case": "BQ-2026-0001"}}
    refused = start(asked)
    assert refused.status_code == 403
    assert "Only an administrator" in refused.json()["detail"]
    assert started(deployments) == []
    for left_alone in (None, ""):
        start({"parameters": {"report": {}, "case": left_alone}})
    assert [one["parameters"] for one in started(deployments)] == [{"report": {"registered_by": "li.na"}}] * 2
    start(asked, roles=ADMINISTRATOR)
    assert started(deployments)[-1]["parameters"]["case"] == "BQ-2026-0001"


def test_a_sweep_is_for_administrators(deployments: StandIn) -> None:
    refused = start({"parameters": {"with_board": True}}, deployment=SWEEP)
    assert (refused.status_code, started(deployments)) == (403, [])
    start({"parameters": {"with_board": True}}, deployment=SWEEP, roles=ADMINISTRATOR)
    assert started(deployments) == [{"parameters": {"with_board": True}}]


@pytest.mark.parametrize("deployment", [UNKNOWN, "x", f"{PROCEDURE}%3F", f"%7B{PROCEDURE}%7D", f"urn:uuid:{PROCEDURE}"])
def test_what_prefect_does_not_know_is_not_started(deployments: StandIn, deployment: str) -> None:
    answer = start({"parameters": {"report": {}}}, deployment=deployment)
    assert (answer.status_code, started(deployments)) == (404, [])


def test_who_only_looks_starts_nothing(deployments: StandIn) -> None:
    refused = start({"parameters": {"report": {}}}, roles=AUDITOR)
    assert (refused.status_code, refused.json()["detail"]) == (403, "li.na may not do this in Prefect.")
    assert deployments.heard == []
