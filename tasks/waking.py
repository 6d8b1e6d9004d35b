"""Bringing a case and its Prefect run together: start the run, wake it, end it. Prefect may be down at any of these."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.errors import AfterSalesError
from models.queries import cases
from models.tables.cases import Case, CaseState
from tasks import prefect_api
from tasks.database import transaction
from tasks.procedures import PROCEDURES

#: A decision may come while the run is still on its way to sleep; that takes a moment, never long.
_FALLING_ASLEEP_SECONDS = 4.0
_LOOK_AGAIN_SECONDS = 0.2


@dataclass(frozen=True)
class Carried:
    """What came of asking Prefect: the run, or why there is none yet."""

    flow_run_id: UUID | None
    problem: str = ""


def carry(number: str) -> Carried:
    """Asks Prefect for a run of an open case that has none. With Prefect down the sweep asks again."""
    with transaction() as session:
        case = cases.by_number(session, number)
        procedure, parameters = PROCEDURES[case.procedure], parameters_of(case)
    try:
        run_id = prefect_api.start_run(procedure.deployment, number, parameters)
    except AfterSalesError as error:
        return Carried(None, error.message)
    with transaction() as session:
        case = cases.by_number(session, number, lock=True)
        case.flow_run_id = case.flow_run_id or run_id
        return Carried(case.flow_run_id)


def parameters_of(case: Case) -> dict[str, Any]:
    """What the flow is called with: the start form as it was checked, and the number that makes it go on."""
    return {"report": case.input, "case": case.number}


def wake(case_id: int) -> bool:
    """Wakes the run of a case whose awaited question is answered; whether Prefect was reached and did so."""
    with transaction() as session:
        case = session.get_one(Case, case_id)
        run_id = case.flow_run_id
        if run_id is None or cases.state_of(session, case) is not CaseState.RUNNING:
            return False
    give_up_at = time.monotonic() + _FALLING_ASLEEP_SECONDS
    try:
        while (run := prefect_api.runs([run_id]).get(run_id)) and run.is_busy and time.monotonic() < give_up_at:
            time.sleep(_LOOK_AGAIN_SECONDS)
        if run is None or not run.sleeps:
            return False
        prefect_api.wake(run_id)
    except AfterSalesError:
        return False
    return True


def end_run(run_id: UUID | None, reason: str) -> None:
    """Cancels the run of a case that is over; one that cannot be reached now ends when somebody resumes it."""
    if run_id is None:
        return
    try:
        run = prefect_api.runs([run_id]).get(run_id)
        if run and (run.sleeps or run.is_busy):
            prefect_api.cancel(run_id, reason)
    except AfterSalesError:
        return
