"""A real Prefect server on PostgreSQL, and runs driven in this process as a worker would drive them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from typing import Any
from uuid import UUID

import pytest
from gateways import gateway_for, visitor
from people import flow_of
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.events.worker import EventsWorker
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from prefect.states import Pending
from prefect.utilities.callables import parameter_schema
from sqlalchemy import Engine
from starlette.testclient import TestClient

from deployments.postgres import Cluster, free_port
from deployments.prefect_parts import prefect_server
from models.queries import people, policies
from models.roles import Role
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction
from tasks.opening import Procedure
from tasks.settings import settings

#: What the server asks of its callers.
KEY = "aftersales:the key of these tests"


@pytest.fixture(scope="session")
def api_url(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Prefect's server for the whole test session, on the tests' PostgreSQL, in a database of its own."""
    cluster.ensure_database("prefect")
    with ExitStack() as stack:
        _part, server = prefect_server(
            stack, tmp_path_factory.mktemp("prefect"), cluster.url("prefect"), free_port(), KEY
        )
        yield server.api_url
        # What is still on its way must arrive before the server goes, or this process waits for it at its end.
        EventsWorker.drain_all(timeout=10)


def _typed_in(schema: Mapping[str, Any], chosen: Any) -> Any:
    """What the browser sends when somebody fills in one of Prefect's forms with `chosen`, which has codes.

    It sends the label that was picked, numbers as numbers, and the defaults of whatever the person left alone.
    """
    if "properties" in schema:
        left_alone = {name: one["default"] for name, one in schema["properties"].items() if "default" in one}
        return left_alone | {name: _typed_in(schema["properties"][name], value) for name, value in chosen.items()}
    if "items" in schema:
        return [_typed_in(schema["items"], one) for one in chosen]
    if "codes" in schema:
        return schema["enum"][schema["codes"].index(chosen)]
    return float(chosen) if schema.get("type") == "number" else chosen


class Prefect:
    """What an operator and a worker do: deploy, start, run a segment, answer the form, cancel, retry."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self.client = client
        self.flows: dict[UUID, Flow[..., Any]] = {}

    def deploy(self, procedure: Procedure = BATCH_QUALITY_DISPUTE) -> UUID:
        """The deployment of a procedure, made or found."""
        flow = flow_of(procedure.code)
        deployment_id = self.client.create_deployment(
            self.client.create_flow(flow),
            name=procedure.deployment.split("/")[1],
            parameter_openapi_schema=parameter_schema(flow).model_dump(),
        )
        self.flows[deployment_id] = flow
        return deployment_id

    def start_form(self, procedure: Procedure) -> dict[str, Any]:
        """The schema from which Prefect makes the start form: what is kept with the deployment."""
        schema = self.client.read_deployment(self.deploy(procedure)).parameter_openapi_schema
        assert schema is not None
        return schema

    def start(self, parameters: dict[str, Any], procedure: Procedure = BATCH_QUALITY_DISPUTE) -> UUID:
        return self.client.create_flow_run_from_deployment(self.deploy(procedure), parameters=parameters).id

    def start_from_form(self, procedure: Procedure, report: Mapping[str, Any], by: str = "") -> UUID:
        """Starts a run as somebody does who fills in the start form with this report, given in codes."""
        by, deployment = by or report["registered_by"], self.deploy(procedure)
        filled_in = {name: value for name, value in report.items() if name != "registered_by"}
        parameters = _typed_in(self.start_form(procedure), {"report": filled_in})
        started = self.as_seen_by(by).post(
            f"/api/deployments/{deployment}/create_flow_run", json={"parameters": parameters}
        )
        assert started.status_code == 201, started.text
        return UUID(started.json()["id"])

    def as_seen_by(self, login: str) -> TestClient:
        """Prefect behind the gateway, for somebody who is signed in."""
        with transaction() as session:
            who = visitor(login, people.person(session, login).roles)
        return TestClient(gateway_for(who))

    def run(self, run_id: UUID) -> State[Any]:
        """One segment of a run, as a worker's process executes it."""
        self.client.set_flow_run_state(run_id, Pending())
        flow_run = self.read(run_id)
        assert flow_run.deployment_id is not None
        with suppress(Pause):
            run_flow(self.flows[flow_run.deployment_id], flow_run=flow_run, return_type="state")
        return self.state(run_id)

    def read(self, run_id: UUID) -> FlowRun:
        return self.client.read_flow_run(run_id)

    def state(self, run_id: UUID) -> State[Any]:
        state = self.read(run_id).state
        assert state is not None
        return state

    def shown(self, run_id: UUID, what: str) -> Any:
        """The `schema` or `description` of the form a suspended run shows."""
        keys = self.state(run_id).state_details.run_input_keyset
        assert keys is not None
        return json.loads(self.client.read_flow_run_input(run_id, keys[what]))

    def question(self, run_id: UUID) -> str:
        """The name of the question that the form of a suspended run asks."""
        (name,) = self.shown(run_id, "schema")["properties"]
        return str(name)

    def resume(self, run_id: UUID, by: str, run_input: Any) -> str:
        """Sends what a form sends, through the gateway; the sentence of the refusal, empty if it was accepted."""
        word = self.as_seen_by(by).post(f"/api/flow_runs/{run_id}/resume", json={"run_input": run_input})
        told = word.json()
        assert (word.status_code, told["status"]) in {(201, "ACCEPT"), (200, "REJECT")}, word.text
        return str(told["details"].get("reason", ""))

    def submit(self, run_id: UUID, by: str, answer: dict[str, Any]) -> str:
        """Submits the form that is shown, filled in with labels; the sentence of the refusal, if any."""
        return self.resume(run_id, by, {self.question(run_id): answer})

    def pick_and_submit(self, run_id: UUID, by: str, answer: dict[str, Any]) -> str:
        """Submits the form as somebody does who picks labels in it; `answer` has codes."""
        return self.resume(run_id, by, _typed_in(self.shown(run_id, "schema"), {self.question(run_id): answer}))


@pytest.fixture
def prefect(api_url: str, company: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prefect]:
    """The server, in use for this test, with the sample company beside it, whose people all answer in Prefect."""
    monkeypatch.setenv("PREFECT_API_URL", api_url)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", KEY)
    settings.cache_clear()
    with transaction() as session:
        content = policies.current(session).content
        policies.keep(session, {**content, "access": {**content.get("access", {}), "managers": list(Role)}})
    quiet = {PREFECT_API_URL: api_url, PREFECT_API_AUTH_STRING: KEY, PREFECT_LOGGING_TO_API_ENABLED: False}
    with temporary_settings(quiet), get_client(sync_client=True) as client:
        yield Prefect(client)
    settings.cache_clear()
