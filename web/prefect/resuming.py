"""Submitting a run's form in Prefect: the answer goes through the one door, in the name of who is signed in."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from models.errors import AfterSalesError, NotAllowed
from models.language import N_
from models.queries import cases
from models.tables.questions import Channel
from tasks import waking
from tasks.database import transaction
from tasks.deciding import decide
from tasks.prefect_forms import answered
from web.prefect import upstream
from web.prefect.calls import Call
from web.prefect.paths import id_in
from web.prefect.proxy import pass_on
from web.prefect.templates import plain, read_json


async def resume(call: Call) -> Response:
    """`POST /api/flow_runs/{id}/resume`: answered as Prefect's API would answer, so that its UI shows the sentence.

    What carries no case of ours is Prefect's own matter; administrators resume it, and others are refused.
    """
    run_id, sent = id_in(call.path), await call.request.body()
    try:
        if run_id is None or not await run_in_threadpool(_carries_a_case, run_id):
            if not call.is_an_administrators:
                raise NotAllowed(N_("This run carries no case; only an administrator resumes it."))
            return await pass_on(call.request, sent)
        given = plain(read_json(sent or b"{}"))
        answer = given.get("run_input") if isinstance(given, dict) else None
        await run_in_threadpool(_decide_and_wake, run_id, answer, call.visitor.login)
    except AfterSalesError as error:
        reason = {"type": "reject_details", "reason": error.message}
        return JSONResponse({"state": None, "status": "REJECT", "details": reason})
    accepted = {"state": await _state(run_id), "status": "ACCEPT", "details": {"type": "accept_details"}}
    return JSONResponse(accepted, HTTPStatus.CREATED)


def _carries_a_case(run_id: UUID) -> bool:
    with transaction() as session:
        return cases.by_flow_run(session, run_id) is not None


def _decide_and_wake(run_id: UUID, answer: Any, login: str) -> None:
    with transaction() as session:
        case = cases.by_flow_run(session, run_id)
        if case is None:
            raise NotAllowed(N_("This run carries no case any more."))
        question, given = answered(session, case, answer if isinstance(answer, dict) else {})
        ref = question.ref
    decided = decide(ref, given, by=login, channel=Channel.PREFECT)
    waking.wake(decided.case_id)


async def _state(run_id: UUID) -> Any:
    """The run's state as Prefect has it now; none if Prefect is not there. The decision is recorded either way."""
    try:
        return (await upstream.ask(f"/flow_runs/{run_id}") or {}).get("state")
    except AfterSalesError:
        return None
