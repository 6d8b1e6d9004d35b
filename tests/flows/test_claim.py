"""A claim is settled, passed up, or referred by customer service: manual 000 四.1 art. 5 and 7, 三 内勤 E."""

from datetime import timedelta

import pytest
from claimants import CLAIM_FILE, POSITIONS, REFERRED, SETTLED, UP, UP_TO_CUSTOMER_SERVICE, asked, silence
from claimants import claim as opened
from crashing import survives_every_boundary
from people import Script, answer, business_now, play, run
from records import candidates, children, contents, documents, mails, told
from sqlalchemy import Engine

from deployments.stories import claim as story
from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.queries import cases, claims, links, people, questions
from models.roles import Role
from models.tables.parties import Person, RoleGrant
from tasks.claim import CLAIM
from tasks.database import transaction
from tasks.opening import open_case
from tasks.verifying import verify


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


@pytest.mark.parametrize(
    ("place", "who", "where"),
    [(0, "xu.lan", "南山专卖店"), (1, "li.na", "深圳亮家经销商"), (2, "zhou.hai", "华南办事处")],
)
def test_each_level_can_settle_and_the_letter_says_which_did(number: str, place: int, who: str, where: str) -> None:
    answers = [("xu.lan", UP), ("li.na", UP), ("zhou.hai", UP)]
    answers[place] = (who, SETTLED)
    assert play(number, {"level": answers}) == "settled"
    assert told(number, "claim/settled") == ["X-02"]
    (letter,) = mails(number, "claim/settled")
    assert where in letter.subject
    assert documents(number) == ["position"] * place + ["settlement"]
    assert verify() == []


def test_both_positions_go_up_with_the_claim(number: str) -> None:
    play(number, UP_TO_CUSTOMER_SERVICE, until="claim-file")
    positions = contents(number, "position")
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
    assert candidates(number, "level") == ["wu.jiang"]


def test_an_office_whose_manager_is_the_regional_manager_mediates_alone(company: Engine) -> None:
    number = opened(party="D-03")
    run(number)
    assert told(number, "claim/mediate") == []


# Customer service


def test_the_clerks_file_becomes_a_document_before_the_manager_decides(number: str) -> None:
    play(number, UP_TO_CUSTOMER_SERVICE, until="manager-answer")
    assert documents(number)[-1] == "claim_file"
    (file,) = contents(number, "claim_file")
    assert file["established"] == "Bought on 10 March."
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
        "claim-file": CLAIM_FILE,
        "manager-answer": ("chen.min", {**SETTLED, "reason": "Plain enough."}),
    }
    assert play(number, direct) == "settled"
    (letter,) = mails(number, "claim/settled")
    assert letter.subject == f"[{number}] Settled at customer service"
    assert children(number) == []


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
    (ruling,) = children(number)
    run(ruling)
    today = business_now().date()
    for key, login, what in story.ruled((today + timedelta(days=7)).isoformat(), today.isoformat()):
        answer(ruling, key, login, what)
        outcome = run(ruling)
    assert outcome == "for_the_claimant"
    with transaction() as session:
        assert [one.case.number for one in claims.precedents(session, "举证")] == [ruling]
    assert verify() == []


WAYS: dict[str, Script] = {
    "referred_for_ruling": REFERRED,
    "settled": {"level": [("xu.lan", UP), ("li.na", SETTLED)]},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_claim_comes_to_the_same_end_wherever_its_process_is_killed(way: str, company: Engine) -> None:
    survives_every_boundary(opened, WAYS[way], outcome=way)
