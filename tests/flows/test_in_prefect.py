"""A case in Prefect's UI: started from its form, answered in its form, retried, cancelled, forgotten by it."""

from typing import Any
from uuid import UUID

import pytest
from people import answer, open_tasks, opened, report
from sqlalchemy import create_engine, func, select, text

from deployments.postgres import Cluster
from models.queries import cases
from models.tables.cases import Case, CaseState
from models.tables.notices import Notice
from models.tables.questions import Decision, PrefectForm
from tasks import prefect_api, prefect_run
from tasks.batch_quality import scene
from tasks.database import transaction
from tasks.settings import settings
from tasks.sweeping import sweep
from tasks.waking import carry, wake

YES = {"decided_by": "李娜 (li.na)", "is_batch": "是", "reason": "五只同一故障"}
NO = {"decided_by": "李娜 (li.na)", "is_batch": "否", "reason": "零星故障"}
TECHNICIAN = {"decided_by": "孙伟 (sun.wei)", "technician": "刘洋 (liu.yang)"}


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
    form = prefect.shown(run_id, "schema")
    assert form["properties"]["decided_by"]["enum"] == ["李娜 (li.na)", "王芳 (wang.fang)"]
    assert form["properties"]["is_batch"]["enum"] == ["是", "否"]
    summary = prefect.shown(run_id, "description")
    assert "MH260901A" in summary
    assert "Does not light" in summary


def test_an_answer_in_prefects_form_moves_the_case(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    assert prefect.submit(run_id, NO) == "ACCEPT"
    assert prefect.run(run_id).name == "Completed"
    assert state_of(number) is CaseState.CLOSED
    with transaction() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.by.login if decision.by else None, decision.channel) == ("li.na", "prefect")
        assert decision.answer == {"is_batch": "no", "reason": "零星故障"}


def test_an_answer_that_does_not_fit_is_refused_with_its_reason_and_asked_again(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    prefect.submit(run_id, YES)
    prefect.run(run_id)
    prefect.submit(run_id, TECHNICIAN)
    prefect.run(run_id)
    ref = open_tasks(number)["site-finding"]
    first_key = prefect.state(run_id).state_details.pause_key
    too_many = {"verdict": "是质量问题", "pieces_inspected": 5, "pieces_faulty": 9, "report": "鼓包"}
    verdicts = prefect.shown(run_id, "schema")["properties"]["verdict"]
    too_many["verdict"] = verdicts["enum"][verdicts["codes"].index("quality_fault")]
    assert prefect.submit(run_id, {"decided_by": "刘洋 (liu.yang)", **too_many}) == "ACCEPT"
    assert prefect.run(run_id).name == "Suspended"
    assert open_tasks(number)["site-finding"] == ref
    assert prefect.state(run_id).state_details.pause_key != first_key
    with transaction() as session:
        refusals = session.scalars(select(PrefectForm.refusal).where(PrefectForm.refusal != "")).all()
    assert len(refusals) == 1
    assert prefect.shown(run_id, "description").startswith(">")


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


def test_who_submits_prefects_form_after_a_decision_sees_prefects_own_refusal(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    wake(answer(number, "batch-verdict", "wang.fang", {"is_batch": "yes", "reason": "x"}).case_id)
    assert prefect.submit(run_id, NO) == "ABORT"
    assert count(Decision) == 1


def test_who_was_second_although_prefect_took_the_form_is_told_by_mail(prefect: Any) -> None:
    run_id, number = asleep(prefect)
    assert prefect.submit(run_id, NO) == "ACCEPT"
    answer(number, "batch-verdict", "wang.fang", {"is_batch": "yes", "reason": "x"})
    assert prefect.run(run_id).name == "Suspended"
    with transaction() as session:
        told = session.scalars(select(Notice).where(Notice.template == "answer_refused")).one()
        assert told.to_address == "li.na@minghui.example"
        assert "wang.fang" in told.plain
    assert count(Decision) == 1


def test_retry_of_a_failed_run_asks_no_answered_question_again(prefect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, number = asleep(prefect)
    prefect.submit(run_id, YES)
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
    assert prefect.submit(run_id, NO) == "ACCEPT"
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
    prefect.submit(run_id, NO)
    prefect.run(run_id)
    kept = prefect.client.read_latest_artifacts()
    assert any(artifact.key == f"case-{number.lower()}" and number in str(artifact.data) for artifact in kept)


def test_keys_of_forms_are_what_prefect_accepts_and_never_repeat() -> None:
    from models.tables.questions import Task

    question = Task(key="site-finding", round=2)
    keys = {prefect_run.form_key(question, number) for number in range(1, 4)}
    assert keys == {"site-finding-2-1", "site-finding-2-2", "site-finding-2-3"}
