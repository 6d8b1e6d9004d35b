"""The few calls to Prefect's server that move a case: start, wake, rename and cancel its run.

Plain HTTP and not Prefect's client: importing that takes seconds, and every `aftersales decide` would pay them
(docs/decisions/0004-prefect-over-http.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from models.errors import NotFound, Unavailable
from models.language import N_
from tasks.settings import settings

#: Enough for a server that is busy starting; a server that is down refuses at once.
_TIMEOUT = httpx.Timeout(20, connect=3)
_PAGE = 200
#: What Prefect's worker writes into the state when it cancels a run whose deployment was deleted.
_DEPLOYMENT_GONE = "no longer exists"


@dataclass(frozen=True)
class Run:
    """A Prefect run as the sweep sees it."""

    id: UUID
    state_type: str
    state_name: str
    message: str

    @property
    def sleeps(self) -> bool:
        """Suspended: waiting for an answer, without a process."""
        return self.state_type == "PAUSED"

    @property
    def is_busy(self) -> bool:
        """Between two sleeps: on its way to a worker or running."""
        return self.state_type in {"SCHEDULED", "PENDING", "RUNNING"}

    @property
    def was_cancelled_by_a_person(self) -> bool:
        """Cancelled in the UI. A worker cancels too, when it finds the deployment gone; that ends no case."""
        return self.state_type == "CANCELLED" and _DEPLOYMENT_GONE not in self.message


def start_run(deployment: str, number: str, parameters: dict[str, Any]) -> UUID:
    """Asks Prefect to carry a case; asking twice for the same case yields the same run."""
    found = _call("GET", "/deployments/name/" + "/".join(quote(part, safe="") for part in deployment.split("/", 1)))
    if found is None:
        raise NotFound(N_("Prefect has no deployment {deployment}; deploy first."), deployment=deployment)
    body = {
        "parameters": parameters,
        "name": number,
        "tags": [number],
        "idempotency_key": f"case-{number}",
        # The report was checked when the case was opened, and as it is kept, with amounts as text, Prefect refuses it.
        "enforce_parameter_schema": False,
    }
    return UUID(_call("POST", f"/deployments/{found['id']}/create_flow_run", body)["id"])


def runs(ids: Iterable[UUID]) -> dict[UUID, Run]:
    """The runs that Prefect still knows, by id."""
    wanted, found = [str(one) for one in ids], {}
    for first in range(0, len(wanted), _PAGE):
        page = {"flow_runs": {"id": {"any_": wanted[first : first + _PAGE]}}, "limit": _PAGE}
        for run in _call("POST", "/flow_runs/filter", page):
            state = run["state"] or {"type": "PENDING", "name": "Pending", "message": ""}
            found[UUID(run["id"])] = Run(UUID(run["id"]), state["type"], state["name"], state.get("message") or "")
    return found


def wake(run_id: UUID) -> None:
    """Lets a worker run a suspended run again from the top; the flow finds the decision and goes on."""
    _call("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "SCHEDULED", "name": "Decided"}})


def cancel(run_id: UUID, reason: str) -> None:
    """Ends a run whose case is over."""
    state = {"type": "CANCELLED", "name": "Cancelled", "message": reason}
    _call("POST", f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})


def rename(run_id: UUID, number: str) -> None:
    """Gives a run that was started from Prefect's form its case's number."""
    _call("PATCH", f"/flow_runs/{run_id}", {"name": number, "tags": [number]})


def _call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON of the answer; None where Prefect knows no such thing. Raises Unavailable."""
    if not settings().prefect_api_url:
        raise Unavailable(
            N_("No Prefect server is known here. Start one with «aftersales up», or set PREFECT_API_URL.")
        )
    try:
        user, _colon, password = settings().prefect_api_auth_string.get_secret_value().partition(":")
        answer = httpx.request(
            method,
            settings().prefect_api_url + path,
            json=body,
            timeout=_TIMEOUT,
            auth=(user, password) if user else None,
        )
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else None
    except httpx.HTTPError as error:
        raise Unavailable(N_("Prefect does not answer: {reason}"), reason=str(error)) from error
