"""Who answers a claim, how long, and what silence does: manual 000 四.1 art. 5 and 7."""

from datetime import timedelta

import pytest
from claimants import CLAIM_FILE, REFERRED, UP, UP_TO_CUSTOMER_SERVICE, asked, silence, step_results
from claimants import claim as opened
from people import answer, business_now, forward, open_tasks, play, run
from records import candidates, documents, mails, told
from sqlalchemy import Engine

from models.queries import cases, deadlines, people, questions
from models.tables.parties import Party
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


# Who answers


@pytest.mark.parametrize(
    ("party", "levels"),
    [
        ("X-02", ["S-03", "D-02", "B-01"]),
        ("S-01", ["D-01", "B-01"]),
        ("D-03", ["B-02"]),
        ("R-01", ["B-01"]),
    ],
)
def test_the_levels_are_the_superiors_up_to_the_company(company: Engine, party: str, levels: list[str]) -> None:
    number = opened(party=party)
    run(number)
    assert [one["party"] for one in step_results(number)["find-levels"]] == levels


def test_the_immediate_superior_is_asked_and_one_level_at_a_time(number: str) -> None:
    run(number)
    assert asked(number) == ("exclusive_shop", "S-03")
    assert candidates(number, "level") == ["xu.lan"]
    answer(number, "level", "xu.lan", UP)
    run(number)
    assert asked(number) == ("logistics_distributor", "D-02")
    assert candidates(number, "level") == ["li.na", "wang.fang"], "D-02 has nobody; the clerks answer for it"
    answer(number, "level", "wang.fang", UP)
    run(number)
    assert asked(number) == ("office_manager", "B-01")
    assert candidates(number, "level") == ["zhou.hai"]
    answer(number, "level", "zhou.hai", UP)
    run(number)
    assert asked(number) == ("cs_clerk", "")


def test_an_answer_for_a_party_without_people_stands_in_its_name(number: str) -> None:
    play(number, {**UP_TO_CUSTOMER_SERVICE}, until="claim-file")
    with transaction() as session:
        task = questions.by_ref(session, f"{number}:level:2")
        assert task.decision is not None
        assert task.decision.on_behalf_of is not None
        assert task.decision.on_behalf_of.code == "D-02"


def test_a_party_without_a_superior_has_its_claims_at_customer_service(company: Engine) -> None:
    with transaction() as session:
        session.add(Party(code="S-09", name="Lone shop", kind="shop", language="en", email="lone@shop.example"))
    number = opened(party="S-09")
    run(number)
    assert list(open_tasks(number)) == ["claim-file"]
    (letter,) = mails(number, "claim/registered")
    assert "Customer service answers." in letter.plain


def test_a_dealer_of_the_company_itself_has_its_claims_at_customer_service(company: Engine) -> None:
    with transaction() as session:
        session.add(
            Party(code="D-09", name="Direct", kind="distributor", language="en", superior=people.company(session))
        )
    number = opened(party="D-09")
    run(number)
    assert list(open_tasks(number)) == ["claim-file"]


# How long


def due_after(number: str, key: str) -> tuple[timedelta, str]:
    """How long after its start a deadline is due, and from which limit it comes."""
    with transaction() as session:
        deadline = deadlines.of_case(session, cases.by_number(session, number).id, key)
        return deadline.due_at - deadline.started_at, deadline.limit_path


def test_a_dealer_has_two_days_and_an_office_five(number: str) -> None:
    play(number, UP_TO_CUSTOMER_SERVICE, until="claim-file")
    for key, days, path in (("level", 2, "claims.level"), ("level-3", 5, "claims.mediation")):
        time, limit_path = due_after(number, key)
        assert timedelta(days=days) <= time < timedelta(days=days + 1), "the last day ends at 24:00"
        assert limit_path == path


def test_at_head_office_the_clock_runs_from_the_report(company: Engine) -> None:
    reported_at = business_now() - timedelta(hours=20)
    number = opened(came_in="head_office", reported_at=reported_at.isoformat())
    run(number)
    with transaction() as session:
        case = cases.by_number(session, number)
        assert deadlines.of_case(session, case.id, "level").started_at == reported_at
    assert asked(number) == ("exclusive_shop", "S-03"), "it is routed down to the level that answers"


def test_what_arose_at_a_party_is_counted_from_when_the_level_is_asked(company: Engine) -> None:
    number = opened(reported_at=(business_now() - timedelta(hours=20)).isoformat())
    before = business_now()
    run(number)
    with transaction() as session:
        case = cases.by_number(session, number)
        assert deadlines.of_case(session, case.id, "level").started_at >= before


# Silence


def test_silence_climbs_by_itself_and_the_silent_level_and_the_next_are_told(number: str) -> None:
    run(number)
    silence(3)
    run(number)
    assert asked(number) == ("logistics_distributor", "D-02")
    assert told(number, "claim/climbed") == ["X-02", "S-03", "D-02"]
    chinese = [one for one in mails(number, "claim/climbed") if one.language == "zh_CN"]
    assert all("南山专卖店" in one.plain for one in chinese)
    with transaction() as session:
        assert questions.by_ref(session, f"{number}:level:1").state == "lapsed"
    assert step_results(number)["climb"] == "silent", "it stays on record"
    assert documents(number) == []


def test_two_days_are_not_over_before_their_last_day_has_ended(number: str) -> None:
    run(number)
    forward(days=1, hours=20)
    sweep()
    run(number)
    assert asked(number) == ("exclusive_shop", "S-03")


def test_silence_at_every_level_leads_to_customer_service(number: str) -> None:
    for days in (3, 3, 6):
        run(number)
        silence(days)
    run(number)
    assert list(open_tasks(number)) == ["claim-file"]
    results = step_results(number)
    assert [results[key] for key in ("climb", "climb-2", "climb-3")] == ["silent"] * 3
    after = {"claim-file": CLAIM_FILE, "manager-answer": REFERRED["manager-answer"]}
    assert play(number, after) == "referred_for_ruling"
    assert verify() == []


def test_a_late_answer_of_a_level_is_refused_after_its_silence(number: str) -> None:
    run(number)
    silence(3)
    with pytest.raises(KeyError):
        answer(number, "level", "xu.lan", UP)


def test_the_vice_president_is_told_when_customer_service_itself_is_late(number: str) -> None:
    play(number, UP_TO_CUSTOMER_SERVICE, until="claim-file")
    silence(3)
    assert set(told(number, "deadline_escalation")) == {"chen.min", "zhao.qiang"}
    answer(number, "claim-file", *CLAIM_FILE)
    run(number)
    silence(6)
    assert told(number, "deadline_escalation").count("zhao.qiang") == 2
