"""Manual 000 四.1 art. 5 and 7, 三 内勤 E: a claim climbs level by level, by answers, in silence, and skipped."""

from datetime import timedelta
from typing import Any

import pytest
from claimants import POSITIONS, SETTLED, UP
from claimants import claim as opened
from crashing import survives_every_boundary
from people import answer, business_now, forward, open_tasks, play, run
from people import opened as another_procedures_case
from sqlalchemy import Engine, select

from deployments.stories import claim as story
from flows.claim import claim as claim_flow
from models.errors import AlreadyDecided, AlreadyReported, CaseEnded, InvalidInput, NotAllowed, NotFound
from models.language import speaking
from models.queries import audit, cases, claims, deadlines, links, people, questions
from models.roles import Role
from models.tables.cases import Case, Document, Step
from models.tables.notices import Notice
from models.tables.parties import Party, Person, RoleGrant
from models.tables.questions import Channel
from tasks.claim import CLAIM
from tasks.claim.skipping import skip_levels
from tasks.database import transaction
from tasks.deciding import decide
from tasks.opening import open_case
from tasks.sweeping import sweep
from tasks.verifying import verify
from tasks.waking import carry, wake
from tasks.withdrawing import withdraw

FILE = (
    "wang.fang",
    {**POSITIONS, "established": "Bought on 10 March.", "evidence": "Receipt, photos."},
)
#: X-02's line is S-03, D-02, which has nobody so that the clerks answer for it, and the office B-01.
UP_TO_CUSTOMER_SERVICE = {
    "level": [("xu.lan", UP), ("li.na", UP), ("zhou.hai", UP)],
    "claim-file": FILE,
}
REFERRED = {
    **UP_TO_CUSTOMER_SERVICE,
    "manager-answer": ("chen.min", {"handling": "exception", "reason": "The terms do not foresee this."}),
}


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


def told(number: str, letter: str) -> list[str]:
    """Whom a letter went to, by number or login."""
    with transaction() as session:
        keys = session.scalars(
            select(Notice.key).join(Case).where(Case.number == number, Notice.template == letter).order_by(Notice.id)
        )
        return [key.rsplit(":", 1)[1] for key in keys]


def subjects(number: str, letter: str) -> set[str]:
    with transaction() as session:
        found = select(Notice.subject).join(Case).where(Case.number == number, Notice.template == letter)
        return set(session.scalars(found))


def asked(number: str) -> tuple[str, str]:
    """The role that is asked, and at which party."""
    (ref,) = open_tasks(number).values()
    with transaction() as session:
        task = questions.by_ref(session, ref)
        return task.role, task.at_party.code if task.at_party else ""


def candidates(number: str) -> list[str]:
    (ref,) = open_tasks(number).values()
    with transaction() as session:
        return people.logins(questions.candidates(session, questions.by_ref(session, ref)))


def documents(number: str) -> list[tuple[str, dict[str, Any]]]:
    with transaction() as session:
        found = session.scalars(select(Document).join(Case).where(Case.number == number).order_by(Document.at))
        return [(one.kind, one.content) for one in found]


def step_results(number: str) -> dict[str, Any]:
    with transaction() as session:
        steps = session.scalars(select(Step).join(Case, Case.id == Step.case_id).where(Case.number == number))
        return {one.key: one.result["value"] for one in steps}


def silence(days: int) -> None:
    """The level that has the claim lets its time go by."""
    forward(days=days)
    sweep()


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
    assert candidates(number) == ["xu.lan"]
    answer(number, "level", "xu.lan", UP)
    run(number)
    assert asked(number) == ("logistics_distributor", "D-02")
    assert candidates(number) == ["li.na", "wang.fang"], "D-02 has nobody; the clerks answer for it"
    answer(number, "level", "wang.fang", UP)
    run(number)
    assert asked(number) == ("office_manager", "B-01")
    assert candidates(number) == ["zhou.hai"]
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
    with transaction() as session:
        letter = session.scalars(select(Notice).where(Notice.template == "claim/registered")).one()
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


# Settled, passed up


@pytest.mark.parametrize(
    ("place", "who", "where"),
    [(0, "xu.lan", "南山专卖店"), (1, "li.na", "深圳亮家经销商"), (2, "zhou.hai", "华南办事处")],
)
def test_each_level_can_settle_and_the_letter_says_which_did(number: str, place: int, who: str, where: str) -> None:
    answers = [("xu.lan", UP), ("li.na", UP), ("zhou.hai", UP)]
    answers[place] = (who, SETTLED)
    assert play(number, {"level": answers}) == "settled"
    assert told(number, "claim/settled") == ["X-02"]
    (subject,) = subjects(number, "claim/settled")
    assert where in subject
    kinds = [kind for kind, _content in documents(number)]
    assert kinds == ["position"] * place + ["settlement"]
    assert verify() == []


def test_both_positions_go_up_with_the_claim(number: str) -> None:
    play(number, UP_TO_CUSTOMER_SERVICE, until="claim-file")
    positions = [content for kind, content in documents(number) if kind == "position"]
    assert [one["level"] for one in positions] == ["S-03", "D-02", "B-01"]
    assert {one["claimant_position"] for one in positions} == {POSITIONS["claimant_position"]}
    assert {one["other_position"] for one in positions} == {POSITIONS["other_position"]}


@pytest.mark.parametrize("why", ["not_settled", "exception", "liability_unclear"])
def test_whatever_the_reason_a_claim_that_is_not_settled_goes_up(number: str, why: str) -> None:
    run(number)
    answer(number, "level", "xu.lan", {**UP, "handling": why})
    run(number)
    assert asked(number) == ("logistics_distributor", "D-02")


def test_the_claimants_party_is_told_at_each_change_of_level_and_of_the_result(number: str) -> None:
    assert play(number, {**UP_TO_CUSTOMER_SERVICE, "manager-answer": ("chen.min", {**SETTLED, "reason": "Fair."})}) == (
        "settled"
    )
    assert told(number, "claim/registered") == ["X-02"]
    assert told(number, "claim/climbed") == ["X-02", "S-03", "D-02", "X-02", "D-02", "B-01", "X-02", "B-01"]
    assert told(number, "claim/settled") == ["X-02"]
    assert told(number, "case_closed") == ["X-02"]


def test_the_claimant_can_withdraw_at_any_level(number: str) -> None:
    gave_up = {"level": [("xu.lan", UP), ("li.na", {"handling": "withdrawn"})]}
    assert play(number, gave_up) == "withdrawn_by_claimant"
    assert told(number, "claim/settled") == []
    assert verify() == []


def test_a_level_sees_who_would_have_the_claim_next(number: str) -> None:
    run(number)
    with transaction() as session:
        assert questions.by_ref(session, f"{number}:level:1").facts == {"next": "深圳亮家经销商"}
    answer(number, "level", "xu.lan", UP)
    run(number)
    answer(number, "level", "li.na", UP)
    run(number)
    with transaction() as session:
        last = questions.by_ref(session, f"{number}:level:3")
        assert last.facts == {"next": ""}, "after the office comes customer service"


def test_a_regional_manager_who_is_not_the_office_manager_is_called_in(company: Engine) -> None:
    with transaction() as session:
        office = people.party_by_code(session, "B-02")
        assert office is not None
        session.add(
            Person(
                login="region.east",
                name="Region East",
                email="east@minghui.example",
                language="en",
                party=office,
                active=True,
                grants=[RoleGrant(role=Role.REGIONAL_MANAGER)],
            )
        )
    number = opened(party="D-03")
    run(number)
    assert told(number, "claim/mediate") == ["region.east"]
    assert candidates(number) == ["wu.jiang"]


def test_an_office_whose_manager_is_the_regional_manager_mediates_alone(company: Engine) -> None:
    number = opened(party="D-03")
    run(number)
    assert told(number, "claim/mediate") == []


# Silence


def test_silence_climbs_by_itself_and_the_silent_level_and_the_next_are_told(number: str) -> None:
    run(number)
    silence(3)
    run(number)
    assert asked(number) == ("logistics_distributor", "D-02")
    assert told(number, "claim/climbed") == ["X-02", "S-03", "D-02"]
    with transaction() as session:
        letters = session.scalars(select(Notice).where(Notice.template == "claim/climbed", Notice.language == "zh_CN"))
        assert all("南山专卖店" in one.plain for one in letters)
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
    after = {"claim-file": FILE, "manager-answer": REFERRED["manager-answer"]}
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
    answer(number, "claim-file", *FILE)
    run(number)
    silence(6)
    assert told(number, "deadline_escalation").count("zhao.qiang") == 2


# Customer service


def test_the_clerks_file_becomes_a_document_before_the_manager_decides(number: str) -> None:
    play(number, UP_TO_CUSTOMER_SERVICE, until="manager-answer")
    kind, content = documents(number)[-1]
    assert kind == "claim_file"
    assert content["established"] == "Bought on 10 March."
    assert asked(number) == ("cs_manager", "")


def test_a_referred_claim_opens_a_final_ruling_linked_both_ways(number: str) -> None:
    assert play(number, REFERRED) == "referred_for_ruling"
    with transaction() as session:
        case = cases.by_number(session, number)
        (ruling,) = links.children(session, case.id)
        assert [one.number for one in links.parents(session, ruling.id)] == [number]
        assert (ruling.procedure, ruling.party.code, ruling.is_open) == ("FR", "X-02", True)
        assert ruling.input["other_party"] == "S-03", "the level that answers for X-02"
        assert ruling.input["claimant_position"] == POSITIONS["claimant_position"]
        assert ruling.reported_at == case.reported_at
    assert verify() == []


def test_the_manager_can_settle_directly(company: Engine) -> None:
    number = opened(party="D-03")
    direct = {
        "level": ("wu.jiang", UP),
        "claim-file": FILE,
        "manager-answer": ("chen.min", {**SETTLED, "reason": "Plain enough."}),
    }
    assert play(number, direct) == "settled"
    assert subjects(number, "claim/settled") == {f"[{number}] Settled at customer service"}
    with transaction() as session:
        assert links.children(session, cases.by_number(session, number).id) == []


# Skipping


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
    after = {"claim-file": FILE, "manager-answer": REFERRED["manager-answer"]}
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
    assert prefect.run(run_id, claim_flow).name == "Suspended"
    case_id = skip_levels(number, "It is in the press.", "chen.min")
    assert wake(case_id), "Prefect lets the run go on"
    assert prefect.run(run_id, claim_flow).name == "Suspended"
    assert list(open_tasks(number)) == ["claim-file"]


# Opening


def test_a_second_report_of_the_same_claim_is_the_open_case(number: str) -> None:
    with pytest.raises(AlreadyReported, match=number):
        opened()
    assert opened(separate=True) != number
    assert opened(kind="delay") != number


def test_who_could_alone_rule_does_not_register(company: Engine) -> None:
    with pytest.raises(InvalidInput, match="does not rule on it"):
        opened(registered_by="chen.min")


def test_offices_register_claims_and_shops_do_not(company: Engine) -> None:
    opened(registered_by="zhou.hai")
    with pytest.raises(NotAllowed):
        opened(registered_by="xu.lan", claimant="Mr Fu")


# The story, and dying anywhere


def test_the_story_of_the_demo_can_be_played(company: Engine) -> None:
    number = open_case(CLAIM, {**story.REPORT, "reported_at": (business_now() - timedelta(hours=3)).isoformat()})
    run(number)
    for key, login, what in story.AT_THE_SHOP:
        answer(number, key, login, what)
        run(number)
    silence(story.SILENCE_DAYS)
    run(number)
    for key, login, what in story.FROM_THE_OFFICE_ON:
        answer(number, key, login, what)
        outcome = run(number)
    assert outcome == "referred_for_ruling"
    with transaction() as session:
        (ruling,) = [one.number for one in links.children(session, cases.by_number(session, number).id)]
    run(ruling)
    today = business_now().date()
    for key, login, what in story.ruled((today + timedelta(days=7)).isoformat(), today.isoformat()):
        answer(ruling, key, login, what)
        outcome = run(ruling)
    assert outcome == "for_the_claimant"
    with transaction() as session:
        assert [one.case.number for one in claims.precedents(session, "举证")] == [ruling]
    assert verify() == []


WAYS = {
    "referred_for_ruling": REFERRED,
    "settled": {"level": [("xu.lan", UP), ("li.na", SETTLED)]},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_claim_comes_to_the_same_end_wherever_its_process_is_killed(way: str, company: Engine) -> None:
    survives_every_boundary(opened, WAYS[way], outcome=way)
