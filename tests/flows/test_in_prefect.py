"""A case in Prefect's UI: started from its form, answered in its form, retried, cancelled, forgotten by it."""

from typing import Any
from uuid import UUID

import pytest
from people import answer, open_tasks, opened, report
from prefect.client.schemas.responses import OrchestrationResult
from sqlalchemy import create_engine, func, select, text

from deployments.postgres import Cluster
from models.queries import cases, people, policies
from models.roles import Role
from models.tables.cases import Case, CaseState
from models.tables.notices import Notice
from models.tables.parties import RoleGrant
from models.tables.questions import Decision
from tasks import prefect_api
from tasks.batch_quality import BATCH_QUALITY_DISPUTE, scene
from tasks.database import transaction
from tasks.prefect_forms import form_key
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.waking import carry, wake

YES = {"is_batch": "是", "reason": "五只同一故障"}
NO = {"is_batch": "否", "reason": "零星故障"}
TECHNICIAN = {"technician": "刘洋 (liu.yang)"}


def number_of(run_id: UUID) -> str:
    with transaction() as session:
        case = cases.by_flow_run(session, run_id)
        assert case is not None
        return case.number


def state_of(number: str) -> CaseState:
    with transaction() as session:
        return cases.state_of(session, cases.by_number(session, number))


def count(table: Any) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def asleep(prefect: Any) -> tuple[UUID, str]:
    """A run that sleeps on the first question, and its case."""
    run_id = prefect.start({"report": report()})
    assert prefect.run(run_id).name == "Suspended"
    return run_id, number_of(run_id)


def test_a_case_started_from_prefects_form_waits_with_its_own_number_and_a_chinese_form(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    assert prefect.read(run_id).name == number == "BQ-2026-0001"
    assert state_of(number) is CaseState.WAITING
    form = prefect.shown(run_id, "schema")["properties"]
    assert list(form) == ["batch-verdict-1"]
    assert list(form["batch-verdict-1"]["properties"]) == ["is_batch", "reason"]
    assert form["batch-verdict-1"]["properties"]["is_batch"]["enum"] == ["是", "否"]
    summary = prefect.shown(run_id, "description")
    assert "MH260901A" in summary
    assert "Does not light" in summary


def test_an_answer_in_prefects_form_moves_the_case_in_the_name_of_who_pressed_submit(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    assert prefect.submit(run_id, "wang.fang", NO) == ""
    assert prefect.state(run_id).name == "Decided"
    assert prefect.run(run_id).name == "Completed"
    assert state_of(number) is CaseState.CLOSED
    with transaction() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.by.login if decision.by else None, decision.channel) == ("wang.fang", "prefect")
        assert decision.answer == {"is_batch": "no", "reason": "零星故障"}


def test_prefects_ui_is_answered_as_its_api_would_answer(prefect: Any) -> None:
    run_id, _number = asleep(prefect)
    body = {"run_input": {"batch-verdict-1": YES}}
    path = f"/api/flow_runs/{run_id}/resume"
    accepted = prefect.as_seen_by("li.na").post(path, json=body)
    assert accepted.status_code == 201
    word = OrchestrationResult[Any].model_validate(accepted.json())
    assert (word.status.value, word.details.type) == ("ACCEPT", "accept_details")
    assert word.state is not None
    assert (word.state.type.value, word.state.name) == ("SCHEDULED", "Decided")
    refused = prefect.as_seen_by("wang.fang").post(path, json=body)
    assert refused.status_code == 200
    word = OrchestrationResult[Any].model_validate(refused.json())
    assert (word.status.value, word.details.type) == ("REJECT", "reject_details")


def test_an_answer_that_does_not_fit_is_refused_with_its_reason_and_the_form_stays(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect.submit(run_id, "li.na", YES)
    prefect.run(run_id)
    prefect.submit(run_id, "sun.wei", TECHNICIAN)
    prefect.run(run_id)
    ref = open_tasks(number)["site-finding"]
    key = prefect.state(run_id).state_details.pause_key
    too_many = {"verdict": "quality_fault", "pieces_inspected": 5, "pieces_faulty": 9, "report": "鼓包"}
    refusal = prefect.pick_and_submit(run_id, "liu.yang", too_many)
    assert refusal.startswith("This input cannot be taken")
    assert prefect.state(run_id).name == "Suspended"
    assert prefect.state(run_id).state_details.pause_key == key
    assert open_tasks(number)["site-finding"] == ref
    assert prefect.pick_and_submit(run_id, "liu.yang", too_many | {"pieces_inspected": 9, "pieces_on_hand": 9}) == ""


def test_somebody_without_the_role_is_refused_with_the_sentence_and_the_question_stays_open(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    ref = open_tasks(number)["batch-verdict"]
    with transaction() as session:
        session.add(RoleGrant(person=people.person(session, "sun.wei"), role=Role.ADMINISTRATOR))
    for login in ("sun.wei", "he.jun", "chen.min"):
        assert "may not decide this: it takes the role customer service clerk." in prefect.submit(run_id, login, NO)
    assert prefect.state(run_id).name == "Suspended"
    assert open_tasks(number) == {"batch-verdict": ref}
    assert count(Decision) == 0


def test_a_post_that_the_policy_does_not_name_answers_nothing_in_prefect(prefect: Any) -> None:
    run_id, _number = asleep(prefect)
    with transaction() as session:
        content = policies.current(session).content
        policies.keep(session, {**content, "access": {}})
    refused = prefect.as_seen_by("li.na").post(f"/api/flow_runs/{run_id}/resume", json={"run_input": {}})
    assert refused.status_code == 403
    assert refused.json()["detail"] == "li.na answers questions in the inbox, not in Prefect."
    refused = prefect.as_seen_by("he.jun").post(f"/api/flow_runs/{run_id}/resume", json={"run_input": {}})
    assert (refused.status_code, refused.json()["detail"]) == (403, "he.jun may not do this in Prefect.")
    assert count(Decision) == 0


def test_who_is_second_hears_who_was_first(prefect: Any) -> None:
    run_id, _number = asleep(prefect)
    assert prefect.submit(run_id, "wang.fang", YES) == ""
    assert "(wang.fang) has already decided this, at " in prefect.resume(run_id, "li.na", {"batch-verdict-1": NO})
    assert count(Decision) == 1


def test_a_form_that_was_left_open_is_never_taken_for_the_question_that_came_after(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect.submit(run_id, "wang.fang", YES)
    assert prefect.run(run_id).name == "Suspended"
    assert prefect.question(run_id) == "name-technician-1"
    assert "(wang.fang) has already decided this, at " in prefect.resume(run_id, "li.na", {"batch-verdict-1": NO})
    assert list(open_tasks(number)) == ["name-technician"]
    assert count(Decision) == 1


def test_what_does_not_say_which_question_it_answers_is_refused(prefect: Any) -> None:
    run_id, _number = asleep(prefect)
    for nothing in (None, {}, [], "batch-verdict-1"):
        assert "Nothing was filled in." in prefect.resume(run_id, "li.na", nothing), nothing
    assert "does not say which question it answers" in prefect.resume(run_id, "li.na", NO)
    for name in ("batch-verdict", "batch-verdict-", "batch-verdict-²", "batch-verdict-2", "batch-verdict-" + "9" * 40):
        assert "does not say which question it answers" in prefect.resume(run_id, "li.na", {name: NO}), name
    for besides in ({"name-technician-1": {}}, {"decided_by": "王芳 (wang.fang)"}):
        two = {"batch-verdict-1": NO, **besides}
        assert "does not say which question it answers" in prefect.resume(run_id, "li.na", two), besides
    assert count(Decision) == 0


def test_what_is_no_answer_to_the_question_is_refused_by_the_form(prefect: Any) -> None:
    run_id, _number = asleep(prefect)
    for nothing in (None, [], "no", {}, {**NO, "decided_by": "王芳 (wang.fang)"}, {**NO, "is_batch": "perhaps"}):
        assert "This input cannot be taken" in prefect.submit(run_id, "li.na", nothing), nothing
    assert count(Decision) == 0


def test_templates_in_an_answer_are_refused_and_what_was_typed_as_json_is_read(prefect: Any) -> None:
    run_id, _number = asleep(prefect)
    jinja = {"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}
    variable = {"__prefect_kind": "workspace_variable", "variable_name": "x"}
    for given in (jinja, {"batch-verdict-1": variable}, {"batch-verdict-1": {**NO, "reason": jinja}}):
        assert "write the value itself" in prefect.resume(run_id, "li.na", given)
    assert count(Decision) == 0
    typed = {"__prefect_kind": "json", "value": '{"is_batch": "否", "reason": "零星故障"}'}
    assert prefect.resume(run_id, "li.na", {"batch-verdict-1": typed}) == ""
    with transaction() as session:
        assert session.scalars(select(Decision)).one().answer == {"is_batch": "no", "reason": "零星故障"}


def test_an_answer_that_came_to_prefect_past_the_gateway_is_no_decision_and_the_question_is_asked_again(
    prefect: Any,
) -> None:
    run_id, number = asleep(prefect)
    ref, key = open_tasks(number)["batch-verdict"], prefect.state(run_id).state_details.pause_key
    taken = prefect.client.resume_flow_run(run_id, run_input={"batch-verdict-1": NO})
    assert taken.status.value == "ACCEPT"
    assert prefect.run(run_id).name == "Suspended"
    assert open_tasks(number) == {"batch-verdict": ref}
    assert count(Decision) == 0
    assert (key, prefect.state(run_id).state_details.pause_key) == ("batch-verdict-1-1", "batch-verdict-1-2")
    assert prefect.submit(run_id, "li.na", NO) == ""
    assert prefect.run(run_id).name == "Completed"


def test_a_run_that_carries_no_case_is_resumed_by_administrators_alone(prefect: Any) -> None:
    first, number = asleep(prefect)
    again = prefect.start({"report": report(), "case": number})
    assert prefect.run(again).name == "Suspended"
    assert "carries no case" in prefect.resume(first, "li.na", {"batch-verdict-1": NO})
    with transaction() as session:
        session.add(RoleGrant(person=people.person(session, "wang.fang"), role=Role.ADMINISTRATOR))
    word = prefect.as_seen_by("wang.fang").post(f"/api/flow_runs/{first}/resume", json={"run_input": {}})
    assert (word.json()["status"], word.json()["details"]["type"]) == ("ABORT", "abort_details")
    assert count(Decision) == 0


def test_with_prefect_down_the_answer_counts_and_the_sweep_wakes_the_run(
    prefect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, _number = asleep(prefect)
    with monkeypatch.context() as down:
        down.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        settings.cache_clear()
        assert prefect.resume(run_id, "li.na", {"batch-verdict-1": NO}) == ""
    settings.cache_clear()
    assert count(Decision) == 1
    assert prefect.state(run_id).name == "Suspended"
    assert sweep().woken == 1
    assert prefect.run(run_id).name == "Completed"


def test_a_case_started_from_the_form_is_registered_by_who_is_signed_in_whatever_the_form_says(prefect: Any) -> None:
    deployment = prefect.deploy()
    assert "registered_by" not in prefect.start_form(BATCH_QUALITY_DISPUTE)["properties"]["report"]["properties"]
    forged = {"parameters": {"report": report(registered_by="wang.fang")}}
    started = prefect.as_seen_by("li.na").post(f"/api/deployments/{deployment}/create_flow_run", json=forged)
    run_id = UUID(started.json()["id"])
    assert prefect.run(run_id).name == "Suspended"
    with transaction() as session:
        case = cases.by_number(session, number_of(run_id))
        assert case.input["registered_by"] == "li.na"
        assert case.opened_by == people.person(session, "li.na").id


def test_somebody_who_may_register_nothing_opens_no_case(prefect: Any) -> None:
    run_id = prefect.start_from_form(BATCH_QUALITY_DISPUTE, report(), by="sun.wei")
    failed = prefect.run(run_id)
    assert failed.name == "Failed"
    assert "sun.wei" in (failed.message or "")
    assert count(Case) == 0


def test_a_double_click_opens_one_case(prefect: Any) -> None:
    pressed = report()
    first, second = prefect.start({"report": pressed}), prefect.start({"report": pressed})
    assert prefect.run(first).name == "Suspended"
    told = prefect.run(second)
    assert told.name == "AlreadyReported"
    assert "BQ-2026-0001" in (told.message or "")
    assert count(Case) == 1


def test_a_bad_report_fails_its_run_with_a_sentence_and_opens_no_case(prefect: Any) -> None:
    run_id = prefect.start({"report": report(dealer="D-99", faulty_pieces=9999)})
    failed = prefect.run(run_id)
    assert failed.name == "Failed"
    assert "[经销商]" in (failed.message or "")
    assert "D-99" in (failed.message or "")
    assert "Traceback" not in (failed.message or "")
    assert count(Case) == 0


def test_a_decision_by_another_way_wakes_the_run_which_asks_nothing_again(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    decided = answer(number, "batch-verdict", "li.na", {"is_batch": "yes", "reason": "x"})
    assert wake(decided.case_id)
    assert prefect.state(run_id).name == "Decided"
    assert prefect.run(run_id).name == "Suspended"
    assert list(open_tasks(number)) == ["name-technician"]


def test_retry_of_a_failed_run_asks_no_answered_question_again(prefect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, number = asleep(prefect)
    prefect.submit(run_id, "li.na", YES)
    with monkeypatch.context() as broken:
        broken.setattr(scene, "disputed", lambda work: 1 / 0)
        assert prefect.run(run_id).name == "Failed"
    retry(prefect, run_id)
    assert prefect.run(run_id).name == "Suspended"
    assert list(open_tasks(number)) == ["name-technician"]
    assert count(Decision) == 1


def test_retry_of_a_run_that_failed_while_asking_asks_the_open_question_again(
    prefect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, number = asleep(prefect)
    ref = open_tasks(number)["batch-verdict"]
    prefect.client.set_flow_run_state(run_id, prefect_failed(), force=True)
    retry(prefect, run_id)
    assert prefect.run(run_id).name == "Suspended"
    assert open_tasks(number) == {"batch-verdict": ref}
    assert prefect.submit(run_id, "li.na", NO) == ""
    assert prefect.run(run_id).name == "Completed"


def prefect_failed() -> Any:
    from prefect.states import Failed

    return Failed(message="the machine went away")


def retry(prefect: Any, run_id: UUID) -> None:
    """What the Retry button of Prefect's first UI does; it also forgets the pause keys."""
    from prefect.states import AwaitingRetry

    prefect.client.set_flow_run_state(run_id, AwaitingRetry())


def test_with_prefects_database_emptied_the_case_is_there_and_can_be_decided(prefect: Any, cluster: Cluster) -> None:
    _run_id, number = asleep(prefect)
    with create_engine(cluster.url("prefect")).begin() as connection:
        connection.execute(text("TRUNCATE flow, flow_run, deployment CASCADE"))
    assert state_of(number) is CaseState.WAITING
    decided = answer(number, "batch-verdict", "li.na", {"is_batch": "yes", "reason": "x"})
    assert not wake(decided.case_id)
    assert count(Decision) == 1
    assert sweep().without_run == [number]


def test_a_case_that_lost_its_run_goes_on_in_another(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect.client.delete_flow_run(run_id)
    again = prefect.start({"report": report(fault="typed anew"), "case": number})
    assert prefect.run(again).name == "Suspended"
    assert number_of(again) == number
    assert count(Case) == 1


def test_the_sweep_wakes_a_case_whose_answer_prefect_did_not_hear_of(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    answer(number, "batch-verdict", "li.na", {"is_batch": "yes", "reason": "x"})
    assert sweep().woken == 1
    assert prefect.state(run_id).name == "Decided"
    assert sweep().woken == 0


def test_with_prefect_down_the_case_is_open_and_the_sweep_starts_it_later(
    prefect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect.deploy()
    number = opened()
    with monkeypatch.context() as down:
        down.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        settings.cache_clear()
        carried = carry(number)
        assert carried.flow_run_id is None
        assert carried.problem
        assert sweep().problems
    settings.cache_clear()
    assert sweep().started == 1
    assert sweep().started == 0
    with transaction() as session:
        assert cases.by_number(session, number).flow_run_id is not None


def test_cancel_in_prefect_ends_the_case_and_people_are_told(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect_api.cancel(run_id, "pressed Cancel")
    assert sweep().withdrawn == 1
    assert state_of(number) is CaseState.WITHDRAWN
    with transaction() as session:
        told = set(session.scalars(select(Notice.to_address).where(Notice.template == "case_withdrawn")))
    assert told == {"hengda@dealer.example", "li.na@minghui.example", "wang.fang@minghui.example"}


def test_a_run_that_a_worker_cancelled_for_want_of_its_deployment_ends_no_case(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect_api.cancel(run_id, f"Deployment {prefect.deploy()} no longer exists, cancelled run.")
    swept = sweep()
    assert swept.withdrawn == 0
    assert any(number in problem for problem in swept.problems)
    assert state_of(number) is CaseState.WAITING


def test_a_finished_case_leaves_its_story_with_the_run(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect.submit(run_id, "li.na", NO)
    prefect.run(run_id)
    kept = prefect.client.read_latest_artifacts()
    assert any(artifact.key == f"case-{number.lower()}" and number in str(artifact.data) for artifact in kept)


def test_keys_of_forms_are_what_prefect_accepts_and_never_repeat() -> None:
    from models.tables.questions import Task

    question = Task(key="site-finding", round=2)
    keys = {form_key(question, number) for number in range(1, 4)}
    assert keys == {"site-finding-2-1", "site-finding-2-2", "site-finding-2-3"}
