"""One door: every way to decide against every rule, each cell expected and tried; none is without its cell."""

import traceback
from datetime import timedelta
from typing import Any

import door
import pytest
from door import SITUATIONS, Situation, Try, asked, at_the_door, case, recorded, refusals
from people import business_now
from sqlalchemy import Engine

from models.errors import AfterSalesError
from models.tables.questions import Channel
from tasks import deciding
from tasks.claiming import claim
from tasks.deciding import Decided, decide
from tasks.sweeping import sweep

# What comes of it


#: The ways in, in the order of the columns below; the sweep comes last, for it answers whatever is late.
WAYS = (Channel.PREFECT, Channel.COMMAND_LINE, Channel.INBOX, Channel.MAIL_LINK, Channel.SWEEP)

YES, LAPSED, AS_IT_WAS = "decided", "lapsed", "as it was"
NO, APART, FIRST, ENDED = "not_allowed", "separation_of_duties", "already_decided", "case_ended"
WRONG, NOTHING = "invalid_input", "not_found"

THEIRS, OVER, SEPARATED = "refuse_if_not_theirs", "refuse_if_over", "refuse_if_separated"
#: Not a rule of the door: the form does not take the answer, or there is no such task or person.
ELSEWHERE = ""

#: Situation, which rule of the door refuses in it, and what comes of it by each way.
CELLS: list[tuple[Situation, str, tuple[str, ...]]] = [
    (door.the_post_is_held, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.the_post_is_not_held, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.the_post_is_taken_away, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.their_area, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.another_area, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.an_area_without_anybody, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.an_area_that_gets_somebody, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.their_party, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.another_party, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_party_without_anybody, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.a_party_that_gets_somebody, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.given_to_them, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.given_to_another, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.given_to_them_who_lost_the_post, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.taken_by_them, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.taken_by_another, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.kept_apart_from_what_they_did, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.kept_apart_from_what_they_do_meanwhile, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.kept_apart_from_what_they_did_in_a_linked_case, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.kept_apart_once_their_case_is_linked, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.their_own_request_by_way_of_a_deputy, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.what_the_other_did_meanwhile_by_way_of_a_deputy, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.their_own_request_as_a_deputy, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.the_request_of_one_between, SEPARATED, (APART, APART, APART, APART, LAPSED)),
    (door.a_deputy, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.a_deputy_of_the_assignee, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.a_deputy_too_soon, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_too_late, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_no_more, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_in_this_post, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.a_deputy_in_another_post, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_in_another_procedure, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_deputys_deputy, ELSEWHERE, (YES, YES, YES, YES, LAPSED)),
    (door.a_chain_that_is_too_long_now, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_of_one_who_has_left, THEIRS, (NO, NO, NO, NO, LAPSED)),
    (door.the_case_is_closed, OVER, (ENDED, ENDED, ENDED, ENDED, AS_IT_WAS)),
    (door.the_case_is_withdrawn, OVER, (ENDED, ENDED, ENDED, ENDED, AS_IT_WAS)),
    (door.the_question_is_taken_back, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.somebody_was_first, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.the_time_was_over, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.a_round_that_is_over, OVER, (FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.a_round_to_come, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, AS_IT_WAS)),
    (door.no_such_question, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, AS_IT_WAS)),
    (door.an_answer_that_does_not_fit, ELSEWHERE, (WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (door.an_answer_of_another_form, ELSEWHERE, (WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (door.an_answer_that_is_none, ELSEWHERE, (WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (door.somebody_who_has_left, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, LAPSED)),
    (door.nobody_we_know, ELSEWHERE, (NOTHING, NOTHING, NOTHING, NOTHING, LAPSED)),
]
#: Where nothing is written into the trail: there is no task to write of, or no person.
UNSAID = {door.a_round_to_come, door.no_such_question, door.nobody_we_know}


@pytest.mark.parametrize(("situation", "rule", "row"), CELLS, ids=lambda cell: getattr(cell, "__name__", ""))
def test_every_way_meets_every_rule(company: Engine, situation: Situation, rule: str, row: tuple[str, ...]) -> None:
    came = {way: what_comes(situation, rule, way) for way in WAYS}
    assert came == dict(zip(WAYS, row, strict=True))


def what_comes(situation: Situation, rule: str, way: Channel) -> str:
    """Tries one way in one situation, and looks at what is recorded of it."""
    attempt = at_the_door(situation)
    before = recorded(attempt.ref)
    if way is Channel.SWEEP:
        sweep(business_now() + timedelta(days=2))
        return AS_IT_WAS if recorded(attempt.ref) == before else str(recorded(attempt.ref)[0])
    came = tried(attempt, way)
    if isinstance(came, Decided):
        assert rule == ELSEWHERE
        assert recorded(attempt.ref) == (YES, attempt.login, came.in_place_of, way.value)
        assert refusals(attempt.ref) == []
        return YES
    assert recorded(attempt.ref) == before, "a refusal changes nothing"
    assert refused_by(came) == rule
    assert refusals(attempt.ref) == ([] if situation in UNSAID else [(attempt.login, came.code, way.value)])
    return came.code


def tried(attempt: Try, way: Channel) -> Decided | AfterSalesError:
    try:
        return decide(attempt.ref, attempt.answer, by=attempt.login, channel=way)
    except AfterSalesError as error:
        return error


def refused_by(error: AfterSalesError) -> str:
    """The rule of the door that raised the error."""
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return next((name for name in names if name.startswith("refuse_if_")), ELSEWHERE)


# No way and no rule without its cells


def test_every_way_has_its_column() -> None:
    assert set(WAYS) == set(Channel)
    assert all(len(row) == len(WAYS) for _situation, _rule, row in CELLS)


def test_every_rule_of_the_door_has_its_rows() -> None:
    rules = {name for name in vars(deciding) if name.startswith("refuse_if_")}
    assert rules == {rule for _situation, rule, _row in CELLS} - {ELSEWHERE}


def test_every_situation_that_is_told_is_tried() -> None:
    assert {situation for situation, _rule, _row in CELLS} == SITUATIONS


# The trail of refusals


def test_a_flood_of_refused_tries_leaves_one_entry_until_something_else_happens(company: Engine) -> None:
    number = case()
    ref = asked(number)

    def press(login: str, answer: Any = door.ANSWER) -> None:
        with pytest.raises(AfterSalesError):
            decide(ref, answer, by=login, channel=Channel.INBOX)

    for _time in range(5):
        press("sun.wei")
        press("ma.chao")
        press("li.na", {})
    assert refusals(ref) == [
        ("sun.wei", "not_allowed", "inbox"),
        ("ma.chao", "not_allowed", "inbox"),
        ("li.na", "invalid_input", "inbox"),
    ]
    claim(ref, "wang.fang")
    press("sun.wei")
    press("li.na")
    press("li.na", {})
    assert refusals(ref)[3:] == [("sun.wei", "not_allowed", "inbox"), ("li.na", "not_allowed", "inbox")]


def test_no_person_decides_by_the_sweeps_way(company: Engine) -> None:
    with pytest.raises(AssertionError):
        decide(asked(case()), door.ANSWER, by="li.na", channel=Channel.SWEEP)
