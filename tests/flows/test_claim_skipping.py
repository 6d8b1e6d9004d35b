"""The manager takes a claim past the levels (越级): manual 000 四.1 art. 5 and 7."""

from typing import Any

import pytest
from claimants import CLAIM_FILE, REFERRED, SETTLED, UP, asked, step_results
from claimants import claim as opened
from people import open_tasks, play, run
from people import opened as another_procedures_case
from records import told
from sqlalchemy import Engine

from models.errors import AlreadyDecided, CaseEnded, InvalidInput, NotAllowed, NotFound
from models.language import speaking
from models.queries import audit, cases, deadlines
from models.tables.questions import Channel
from tasks.claim import CLAIM
from tasks.claim.skipping import skip_levels
from tasks.database import transaction
from tasks.deciding import decide
from tasks.verifying import verify
from tasks.waking import carry, wake
from tasks.withdrawing import withdraw


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


def test_the_manager_takes_a_claim_past_the_levels_with_a_reason(number: str) -> None:
    run(number)
    skip_levels(number, "It is in the press.", "chen.min")
    run(number)
    assert list(open_tasks(number)) == ["claim-file"]
    assert told(number, "claim/skipped") == ["xu.lan", "S-03"]
    assert told(number, "claim/climbed") == ["X-02"], "the skipped level heard it from the manager's act"
    results = step_results(number)
    assert results["skip-level-1"] == {"by": "chen.min", "reason": "It is in the press.", "level": "S-03"}
    assert results["climb"] == "skipped"
    with transaction() as session:
        assert audit.times(session, "level_skipped", f"{number}:level:1") == 1
        level = deadlines.of_case(session, cases.by_number(session, number).id, "level")
        assert level.abandoned_at is not None
        assert level.breached_at is None
    after = {"claim-file": CLAIM_FILE, "manager-answer": REFERRED["manager-answer"]}
    assert play(number, after) == "referred_for_ruling"
    assert run(number) == "referred_for_ruling", "a run that is called once more says the same"
    assert verify() == []


@pytest.mark.parametrize("login", ["li.na", "zhao.qiang", "xu.lan", "zhou.hai"])
def test_nobody_else_can_skip_a_level(number: str, login: str) -> None:
    run(number)
    with speaking("en"), pytest.raises(NotAllowed, match="may not skip a level"):
        skip_levels(number, "I am in a hurry.", login)
    run(number)
    assert asked(number) == ("exclusive_shop", "S-03")
    assert told(number, "claim/skipped") == []


def test_a_skip_needs_a_reason(number: str) -> None:
    run(number)
    with speaking("en"), pytest.raises(InvalidInput, match="must not be empty"):
        skip_levels(number, "  ", "chen.min")


def test_there_is_nothing_to_skip_at_customer_service_or_in_another_procedure_or_in_no_case(number: str) -> None:
    run(number)
    skip_levels(number, "Press.", "chen.min")
    with speaking("en"), pytest.raises(NotAllowed, match="No level has claim"):
        skip_levels(number, "Again.", "chen.min")
    with pytest.raises(NotFound):
        skip_levels("CL-2026-9999", "Press.", "chen.min")
    with speaking("en"), pytest.raises(NotFound, match="is no claim"):
        skip_levels(another_procedures_case(), "Press.", "chen.min")


def test_a_claim_that_has_ended_is_not_skipped(number: str) -> None:
    play(number, {"level": ("xu.lan", SETTLED)})
    with pytest.raises(CaseEnded):
        skip_levels(number, "Press.", "chen.min")


def test_a_skipped_level_cannot_answer_any_more(number: str) -> None:
    run(number)
    ref = open_tasks(number)["level"]
    skip_levels(number, "Press.", "chen.min")
    with pytest.raises(AlreadyDecided) as refused:
        decide(ref, UP, by="xu.lan", channel=Channel.COMMAND_LINE)
    assert refused.value.text.startswith("This question was taken back")


def test_a_skipped_claim_that_is_withdrawn_afterwards_goes_no_further(number: str) -> None:
    run(number)
    skip_levels(number, "Press.", "chen.min")
    run(number)
    withdraw(number, "Registered by mistake.", "li.na")
    with pytest.raises(CaseEnded):
        run(number)


def test_in_prefect_a_run_that_sleeps_on_a_skipped_level_wakes_and_goes_on(prefect: Any) -> None:
    prefect.deploy(CLAIM)
    number = opened()
    run_id = carry(number).flow_run_id
    assert prefect.run(run_id).name == "Suspended"
    case_id = skip_levels(number, "It is in the press.", "chen.min")
    assert wake(case_id), "Prefect lets the run go on"
    assert prefect.run(run_id).name == "Suspended"
    assert list(open_tasks(number)) == ["claim-file"]
