"""The whole of it: `aftersales up` on an empty folder, the stock process worker, the form, the sweep, Ctrl-C."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from systems import AFTERSALES, PATIENCE_SECONDS, POLICY, System

from deployments.postgres import cluster_folder, free_port
from deployments.sample_company import SAMPLE_COMPANY


def where_clerks_answer_in_prefect(folder: Path) -> Path:
    """The policy of the sample company, but for clerks, who may answer in Prefect's forms too."""
    managers = "managers: [cs_manager,"
    text = POLICY.read_text("utf-8")
    assert text.count(managers) == 1
    changed = folder / "policy.yaml"
    changed.write_text(text.replace(managers, f"{managers} cs_clerk,"), "utf-8")
    return changed


def run_deployment(prefect: httpx.Client, name: str, parameters: dict[str, Any], *, api: str = "") -> str:
    """Starts a deployment as its button in Prefect's UI does."""
    deployment = prefect.get(f"{api}/deployments/name/{name}").json()
    made = prefect.post(f"{api}/deployments/{deployment['id']}/create_flow_run", json={"parameters": parameters})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    running = System(folder / "data 数据", policy=where_clerks_answer_in_prefect(folder))
    said = running.up()
    assert [one["ready"] for one in said] == ["postgres", "database", "mail", "web", "prefect", "worker", "all"]
    assert {one["ready"]: one["url"] for one in said if one["ready"] in {"web", "prefect"}} == {
        "web": running.address,
        "prefect": f"{running.address}/",
    }
    running.call("import", str(SAMPLE_COMPANY))
    yield running
    running.stop()
    assert not (running.data / "running.json").exists()
    assert not (cluster_folder(running.data) / "postmaster.pid").exists()


def report(system: System, **other: Any) -> dict[str, Any]:
    return {
        "dealer": "D-02",
        "product": "LX-019",
        "batch": "MH260901A",
        "faulty_pieces": 4,
        "fault": "Does not light",
        "reported_at": system.call("clock")["now"],
        "reported_by": "Mr Luo",
    } | other


def test_a_case_started_on_the_command_line_is_carried_by_the_stock_process_worker(system: System) -> None:
    started = system.call("start", "BQ", "-", "--as", "li.na", given=report(system))
    waiting = system.case(started["case"])
    assert (waiting["state"], waiting["flow_run_id"]) == ("waiting", started["flow_run_id"])
    task = system.call("inbox", "--as", "wang.fang")[0]
    assert task["case"] == started["case"]
    decided = system.call("decide", task["id"], "-", "--as", "wang.fang", given={"is_batch": "no", "reason": "Single."})
    assert (decided["by"], decided["channel"]) == ("wang.fang", "command_line")
    closed = system.case(started["case"])
    assert (closed["state"], closed["outcome"]) == ("closed", "ordinary_warranty")
    assert system.finished(started["flow_run_id"]) == "Completed"
    closed = system.call("case", started["case"])
    assert {one["state"] for one in closed["notices"]} == {"sent"}
    assert len(list((system.data / "mail").glob("*.eml"))) == len(closed["notices"])


def test_a_case_started_and_answered_in_prefects_forms_waits_through_a_restart_of_everything(system: System) -> None:
    li_na, wang_fang = system.signed_in("li.na"), system.signed_in("wang.fang")
    form = {"report": report(system, dealer="D-03", registered_by="somebody.else")}
    run_id = run_deployment(li_na, "batch-quality-dispute/批量质量异议", form, api="/api")
    number = ""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not number and time.monotonic() < give_up_at:
        waiting = system.call("cases", "--open")
        number = waiting[0]["number"] if waiting else ""
        time.sleep(0.3)
    assert system.case(number)["state"] == "waiting"
    before = system.prefect
    assert system.stop() == 130
    system.up()
    assert system.prefect.auth != before.auth
    answer = {"batch-verdict-1": {"is_batch": "no", "reason": "Single."}}
    taken = wang_fang.post(f"/api/flow_runs/{run_id}/resume", json={"run_input": answer})
    assert (taken.status_code, taken.json()["status"]) == (201, "ACCEPT"), taken.text
    assert system.finished(run_id) == "Completed"
    closed = system.call("case", number)
    assert closed["outcome"] == "ordinary_warranty"
    assert [(one["decision"]["by"], one["decision"]["channel"]) for one in closed["tasks"]] == [
        ("wang.fang", "prefect")
    ]


def test_prefects_ui_is_served_to_whoever_is_signed_in_and_its_server_answers_nobody_without_its_key(
    system: System,
) -> None:
    clerk = system.signed_in("li.na")
    page = clerk.get("/v2/", headers={"accept": "text/html"})
    assert (page.status_code, '<div id="root">' in page.text) == (200, True)
    script = page.text.partition('src="')[2].partition('"')[0]
    assert clerk.get(script).headers["content-type"].startswith("text/javascript")
    assert clerk.get("/ui-settings").json()["api_url"] == f"{system.address}/api"
    assert clerk.post("/api/flow_runs/count", json={}).status_code == 200
    assert clerk.post("/api/variables/filter", json={}).status_code == 403
    stranger = httpx.Client(base_url=system.address)
    assert stranger.get("/v2/").headers["location"] == "/sign-in?to=%2Fv2%2F"
    without_key = httpx.Client(base_url=system.prefect.base_url)
    assert without_key.post("/flow_runs/count", json={}).status_code == 401


def test_the_nightly_sweep_runs_on_the_worker_and_leaves_the_board(system: System) -> None:
    run_id = run_deployment(system.prefect, "sla-sweep/nightly", {})
    assert system.finished(run_id) == "Completed"
    kept = system.prefect.post("/artifacts/filter", json={}).json()
    assert {"sla-board", "sla-digest", "sla-sweep-progress"} <= {artifact["key"] for artifact in kept}


def test_the_schedules_make_runs(system: System) -> None:
    """SQLAlchemy 2.1 refuses Prefect's bulk insert; without our repair no schedule would ever make one."""
    planned: set[str] = set()
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    wanted = {system_deployment(system, name) for name in ("nightly", "watch")}
    while not wanted <= planned and time.monotonic() < give_up_at:
        scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        planned = {run["deployment_id"] for run in system.prefect.post("/flow_runs/filter", json=scheduled).json()}
        time.sleep(0.5)
    assert wanted <= planned


def system_deployment(system: System, name: str) -> str:
    return str(system.prefect.get(f"/deployments/name/sla-sweep/{name}").json()["id"])


def test_proof_is_clean_and_a_second_system_on_the_same_folder_is_refused(system: System) -> None:
    assert system.call("verify") == {"ok": True, "findings": []}
    second = subprocess.run(
        [AFTERSALES, "up", "--port", str(free_port()), "--json"],
        env=system.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert json.loads(second.stderr)["error"] == "unavailable"


def test_ctrl_c_leaves_no_process_behind(system: System) -> None:
    assert system.process is not None
    family = psutil.Process(system.process.pid).children(recursive=True)
    assert family
    assert system.stop() == 130
    _gone, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    system.up()
