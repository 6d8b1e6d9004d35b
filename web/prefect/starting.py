"""Starting a procedure in Prefect: whoever is signed in is who registers the case."""

import json
from typing import Any

from starlette.responses import Response

from models.errors import NotAllowed, NotFound
from models.language import N_
from tasks.prefect_forms import REGISTERED_BY
from web.prefect import upstream
from web.prefect.calls import Call
from web.prefect.paths import id_in
from web.prefect.proxy import pass_on
from web.prefect.templates import plain, read_json, refuse_templates

#: The parameter that holds a procedure's start form, and the one that names a case which exists already.
REPORT, CASE = "report", "case"


async def start(call: Call) -> Response:
    """`POST /api/deployments/{id}/create_flow_run`.

    Besides the start form only the time of the start counts. How a run is carried out, and whether it carries a case
    that exists already, is for administrators to say; so are runs that are no procedures. Raises NotAllowed, NotFound,
    InvalidInput or Unavailable.
    """
    asked = _object(read_json(await call.request.body()))
    parameters = _object(plain(asked.get("parameters") or {}))
    if await _has_start_form(call.path):
        if isinstance(parameters.get(REPORT), dict):
            parameters[REPORT] = {**parameters[REPORT], REGISTERED_BY: call.visitor.login}
        if not call.is_an_administrators and parameters.pop(CASE, None):
            raise NotAllowed(N_("Only an administrator lets a run carry a case that is open already."))
    elif not call.is_an_administrators:
        raise NotAllowed(N_("This is no procedure; only an administrator starts it."))
    others = asked if call.is_an_administrators else _when(asked)
    return await pass_on(call.request, json.dumps({**others, "parameters": parameters}).encode())


async def validate(call: Call) -> Response:
    """`POST /api/ui/schemas/validate`: Prefect's faults quote values, and would quote its variables."""
    asked = read_json(await call.request.body())
    refuse_templates(asked)
    return await pass_on(call.request, json.dumps(asked).encode())


async def _has_start_form(path: str) -> bool:
    deployment = id_in(path)
    known = await upstream.ask(f"/deployments/{deployment}") if deployment else None
    if known is None:
        raise NotFound(N_("Prefect knows no such deployment."))
    return REPORT in (known.get("parameter_openapi_schema") or {}).get("properties", {})


def _when(asked: dict[str, Any]) -> dict[str, Any]:
    """The state in which a run begins, with nothing of it but the time."""
    state = _object(asked.get("state") or {})
    time = _object(state.get("state_details") or {}).get("scheduled_time")
    return {"state": {"type": "SCHEDULED", "state_details": {"scheduled_time": time}}} if time else {}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
