"""Every real entrance to the one door × every situation: opened before it comes about, pressed after.

`tests/tasks/test_one_door.py` calls the door itself; here are the routes, commands and pages that lead to it.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import door
import pytest
from accounts import give_password
from browsing import Site
from callers import commands_among, made_in, routes_among, those_that_reach, users_of
from door import SITUATIONS, Situation, recorded, refusals
from entrances import ByALink, ByALinkAfterSigningIn, Company, Entrance, InPrefect, InTheInbox, OnTheCommandLine
from gateways import StandIn
from links import access
from people import business_now
from starlette.responses import JSONResponse
from traces import TABLES, everything

from deployments.catcher import MailCatcher
from models.tables.questions import Channel
from tasks.procedures import PROCEDURES
from tasks.settings import settings
from tasks.sweeping import sweep


@dataclass(frozen=True)
class Cell:
    """What comes of a try; `code` is the door's, `says` what people are told in place of its reason."""

    name: str
    code: str = ""
    says: str = ""


YES, LAPSED, AS_IT_WAS = Cell("decided"), Cell("lapsed"), Cell("as it was")
# What the door says; the audit trail tells of it.
NO, APART = Cell("not allowed", "not_allowed"), Cell("kept apart", "separation_of_duties")
FIRST, ENDED = Cell("decided before", "already_decided"), Cell("case ended", "case_ended")
WRONG = Cell("wrong answer", "invalid_input")
NO_FORM = Cell("no answer", "invalid_input", "This must be an object with fields.")
NOBODY = Cell("nobody who is active", "not_found", "There is no active person with the login wang.fang.")
# What is said before the door is reached.
UNKNOWN = Cell("nobody", says="There is no active person with the login nobody.")
UNSEEN, NO_TASK = Cell("not theirs to see", says="There is no task"), Cell("no task", says="There is no task")
NO_NAME = Cell("no task", says="This does not say which question it answers.")
NO_OBJECT = Cell("no answer", says="must hold a JSON object")
SHUT_OUT = Cell("shut out of Prefect", says="王芳 may not do this in Prefect.")
SIGN_IN = Cell("not signed in")
# What links add. Whoever has none of their own tries somebody else's.
NO_LINK, DEAD_LINK = Cell("nobody has one"), Cell("opens nothing", says="This link opens nothing.")
OTHERS = Cell("somebody else's", says="This link was made for somebody else.")
IN_THEIR_NAME = Cell("decided in the name of whom it was made for")

CLERK = "it takes the role customer service clerk."
MANAGER = "it takes the role customer service manager."
AREA = "in whose area 广州恒达灯饰经销商 is."
PARTY = "it is asked of distributor at 广州恒达灯饰经销商."
OTHER_PARTY = "it is asked of distributor at 深圳亮家经销商."
REPORT = "in the same case: report."
LINKED_REPORT = "in a linked case: report."
FINDING = "in the same case: site-finding."
CHENS_REPORT = "in place of 陈敏 (chen.min), who has done: report."
CHENS_FINDING = "in place of 陈敏 (chen.min), who has done: site-finding."
LIS_REPORT = "in place of 李娜 (li.na), who has done: report."
TAKEN_BACK = "This question was taken back; it needs no answer any more."
LI_WAS_FIRST = "李娜 (li.na) has already decided this, at "
SILENCE_WAS_FIRST = "the lapse rule has already decided this, at "
NEEDED = "This field is needed."
CHOOSE = "Choose one of: 'yes' or 'no'."

#: The columns: Prefect's UI, the command line, the inbox, a link that decides, a link after signing in. Then what the
#: sweep makes, days later, of the questions that this left open: silence answers them, and overrules nobody.
ENTRANCES = (InPrefect, OnTheCommandLine, InTheInbox, ByALink, ByALinkAfterSigningIn)
#: How each says it.
REFUSED_BY_PREFECT = dict.fromkeys([NO, APART, FIRST, ENDED, WRONG, NO_FORM, NO_NAME], "200 REJECT")
HOW: dict[Channel, dict[Cell, str]] = {
    Channel.PREFECT: {YES: "201 ACCEPT", **REFUSED_BY_PREFECT, SHUT_OUT: "403", SIGN_IN: "401"},
    Channel.COMMAND_LINE: {
        YES: "0",
        **{one: f"3 {one.code}" for one in (NO, APART, FIRST, ENDED)},
        **dict.fromkeys([WRONG, NO_OBJECT], "2 invalid_input"),
        **dict.fromkeys([NO_TASK, NOBODY, UNKNOWN], "4 not_found"),
    },
    Channel.INBOX: {
        YES: "303 done",
        **{NO: "403", APART: "403", FIRST: "409", ENDED: "409", WRONG: "400"},
        **{UNSEEN: "404", NO_TASK: "404", SIGN_IN: "303 sign-in"},
    },
    Channel.MAIL_LINK: {
        **{YES: "200", IN_THEIR_NAME: "200"},
        **{NO: "410", APART: "410", FIRST: "410", ENDED: "410", WRONG: "400"},
        **{NO_LINK: "no link", OTHERS: "403", DEAD_LINK: "404", SIGN_IN: "303 sign-in"},
    },
}


#: Situation, the reason that the door gives in it, and what comes of it by each entrance.
CELLS: list[tuple[Situation, str, tuple[Cell, ...]]] = [
    (door.the_post_is_held, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.the_post_is_not_held, CLERK, (NO, NO, NO, OTHERS, OTHERS, LAPSED)),
    (door.the_post_is_taken_away, CLERK, (SHUT_OUT, NO, NO, NO, NO, LAPSED)),
    (door.their_area, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.another_area, AREA, (NO, NO, UNSEEN, OTHERS, OTHERS, LAPSED)),
    (door.an_area_without_anybody, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.an_area_that_gets_somebody, AREA, (NO, NO, NO, NO, NO, LAPSED)),
    (door.their_party, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.another_party, PARTY, (NO, NO, UNSEEN, OTHERS, OTHERS, LAPSED)),
    (door.a_party_without_anybody, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.a_party_that_gets_somebody, OTHER_PARTY, (NO, NO, NO, NO, NO, LAPSED)),
    (door.given_to_them, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.given_to_another, "it is assigned to 刘洋 (liu.yang).", (NO, NO, UNSEEN, OTHERS, OTHERS, LAPSED)),
    (door.given_to_them_who_lost_the_post, "it takes the role technician.", (NO, NO, NO, NO_LINK, NO_LINK, LAPSED)),
    (door.taken_by_them, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.taken_by_another, "it is assigned to 王芳 (wang.fang).", (NO, NO, NO, NO, NO, LAPSED)),
    (door.kept_apart_from_what_they_did, REPORT, (APART, APART, APART, OTHERS, OTHERS, LAPSED)),
    (door.kept_apart_from_what_they_do_meanwhile, FINDING, (APART, APART, APART, APART, APART, LAPSED)),
    (door.kept_apart_from_what_they_did_in_a_linked_case, LINKED_REPORT, (APART, APART, APART, OTHERS, OTHERS, LAPSED)),
    (door.kept_apart_once_their_case_is_linked, LINKED_REPORT, (APART, APART, APART, APART, APART, LAPSED)),
    (door.their_own_request_by_way_of_a_deputy, CHENS_REPORT, (APART, APART, APART, NO_LINK, NO_LINK, LAPSED)),
    (door.what_the_other_did_meanwhile_by_way_of_a_deputy, CHENS_FINDING, (APART, APART, APART, APART, APART, LAPSED)),
    (door.their_own_request_as_a_deputy, REPORT, (APART, APART, APART, OTHERS, OTHERS, LAPSED)),
    (door.the_request_of_one_between, LIS_REPORT, (APART, APART, APART, OTHERS, OTHERS, LAPSED)),
    (door.a_deputy, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.a_deputy_of_the_assignee, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.a_deputy_too_soon, MANAGER, (NO, NO, UNSEEN, OTHERS, OTHERS, LAPSED)),
    (door.a_deputy_too_late, MANAGER, (NO, NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_no_more, MANAGER, (NO, NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_in_this_post, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.a_deputy_in_another_post, MANAGER, (NO, NO, UNSEEN, OTHERS, OTHERS, LAPSED)),
    (door.a_deputy_in_another_procedure, MANAGER, (NO, NO, UNSEEN, OTHERS, OTHERS, LAPSED)),
    (door.a_deputys_deputy, "", (YES, YES, YES, YES, YES, AS_IT_WAS)),
    (door.a_chain_that_is_too_long_now, MANAGER, (NO, NO, NO, NO, NO, LAPSED)),
    (door.a_deputy_of_one_who_has_left, MANAGER, (NO, NO, NO, NO, NO, LAPSED)),
    (door.the_case_is_closed, "is closed.", (ENDED, ENDED, ENDED, ENDED, ENDED, AS_IT_WAS)),
    (door.the_case_is_withdrawn, "was withdrawn.", (ENDED, ENDED, ENDED, ENDED, ENDED, AS_IT_WAS)),
    (door.the_question_is_taken_back, TAKEN_BACK, (FIRST, FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.somebody_was_first, LI_WAS_FIRST, (FIRST, FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.the_time_was_over, SILENCE_WAS_FIRST, (FIRST, FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.a_round_that_is_over, LI_WAS_FIRST, (FIRST, FIRST, FIRST, FIRST, FIRST, AS_IT_WAS)),
    (door.a_round_to_come, "", (NO_NAME, NO_TASK, NO_TASK, NO_LINK, NO_LINK, AS_IT_WAS)),
    (door.no_such_question, "", (NO_NAME, NO_TASK, NO_TASK, NO_LINK, NO_LINK, AS_IT_WAS)),
    (door.an_answer_that_does_not_fit, CHOOSE, (WRONG, WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (door.an_answer_of_another_form, NEEDED, (WRONG, WRONG, WRONG, WRONG, WRONG, LAPSED)),
    (door.an_answer_that_is_none, NEEDED, (NO_FORM, NO_OBJECT, WRONG, WRONG, WRONG, LAPSED)),
    (door.somebody_who_has_left, "", (SIGN_IN, NOBODY, SIGN_IN, DEAD_LINK, DEAD_LINK, LAPSED)),
    (door.nobody_we_know, "", (SIGN_IN, UNKNOWN, SIGN_IN, IN_THEIR_NAME, SIGN_IN, LAPSED)),
]
#: For whom deputies are recorded as having decided.
BEHIND = {
    door.a_deputy: "chen.min",
    door.a_deputy_in_this_post: "chen.min",
    door.a_deputys_deputy: "chen.min",
    door.a_deputy_of_the_assignee: "liu.yang",
}
#: Whom no mail gave a link was not asked when the pages were opened, and is offered no form either.
NOT_ASKED = {NO_LINK, OTHERS, IN_THEIR_NAME}
TAKEN = {YES, IN_THEIR_NAME}


@pytest.fixture
def people_at_work(
    site: Site,
    prefect: StandIn,
    mailbox: MailCatcher,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Company:
    """The sample company with everything people decide by. Prefect carries none of its cases."""
    nothing = JSONResponse({}, 404)
    prefect.answers |= {f"/api/deployments/name/{one.deployment}": nothing for one in PROCEDURES.values()}
    prefect.answers["/api/flow_runs/filter"] = []
    monkeypatch.delenv("AFTERSALES_SMTP_HOST")
    settings.cache_clear()
    return Company(site, prefect, mailbox, capsys, tmp_path)


@pytest.mark.parametrize(("situation", "reason", "row"), CELLS, ids=lambda cell: getattr(cell, "__name__", ""))
def test_every_entrance_meets_every_situation(
    people_at_work: Company, situation: Situation, reason: str, row: tuple[Cell, ...]
) -> None:
    *cells, silence = row
    was_asked = row[ENTRANCES.index(ByALink)] not in NOT_ASKED
    questions = [
        pressed(kind(people_at_work), situation, reason, cell, was_asked)
        for kind, cell in zip(ENTRANCES, cells, strict=True)
    ]
    stood = [recorded(one) for one in questions]
    sweep(business_now() + timedelta(days=2))
    for cell, question, before in zip(cells, questions, stood, strict=True):
        lapsed = silence is LAPSED and cell not in TAKEN
        assert recorded(question) == (("lapsed", None, None, Channel.SWEEP.value) if lapsed else before)


def pressed(entrance: Entrance, situation: Situation, reason: str, cell: Cell, was_asked: bool) -> str:
    """Tries one entrance in one situation, and looks at what is said and what is recorded of it; the question."""
    where = (situation.__name__, type(entrance).__name__)
    access(**entrance.policy)
    scene = situation()
    attempt = next(scene)
    offered = entrance.open(attempt)
    assert offered in {None, was_asked or cell is IN_THEIR_NAME}, (*where, offered)
    assert list(scene) == []
    before, task = everything(*TABLES, "answer_link"), recorded(attempt.ref)
    came = entrance.press()
    assert came.answer == HOW[entrance.channel][cell], (*where, came)
    if cell in TAKEN:
        by = attempt.login if cell is YES else "li.na"
        assert recorded(attempt.ref) == ("decided", by, BEHIND.get(situation), entrance.channel.value), where
        assert refusals(attempt.ref) == []
        return attempt.ref
    assert (cell.says or (reason if cell.code else "")) in came.said, (*where, came)
    assert (everything(*TABLES, "answer_link"), recorded(attempt.ref)) == (before, task), where
    told = [(attempt.login, cell.code, entrance.channel.value)] if cell.code else []
    assert refusals(attempt.ref) == told, where
    return attempt.ref


# What lies open, and who sits before it


def opened_by_wang_fang(entrance: Entrance) -> str:
    """A question that she and li.na may answer, with everything open up to the last button."""
    access(**entrance.policy)
    attempt = next(door.the_post_is_held())
    entrance.open(attempt)
    return attempt.ref


@pytest.mark.parametrize("kind", [InPrefect, InTheInbox, ByALinkAfterSigningIn])
def test_what_lies_open_decides_nothing_once_its_session_has_ended(
    people_at_work: Company, kind: type[Entrance]
) -> None:
    entrance = kind(people_at_work)
    ref = opened_by_wang_fang(entrance)
    assert people_at_work.browser_of("wang.fang").submit("/sign-out").status_code == 303
    assert entrance.press().answer == HOW[entrance.channel][SIGN_IN]
    assert recorded(ref) == ("open",)


@pytest.mark.parametrize("kind", [InTheInbox, ByALinkAfterSigningIn])
def test_a_form_that_one_left_open_is_not_sent_in_the_name_of_who_signs_in_next(
    people_at_work: Company, kind: type[Entrance]
) -> None:
    entrance = kind(people_at_work)
    ref = opened_by_wang_fang(entrance)
    give_password("li.na")
    assert people_at_work.browser_of("wang.fang").sign_in("li.na").status_code == 303
    came = entrance.press()
    assert (came.answer, "This page was out of date, so nothing was done." in came.said) == ("403", True)
    assert recorded(ref) == ("open",)


def test_what_prefects_page_sends_counts_for_who_is_signed_in_when_it_is_sent(people_at_work: Company) -> None:
    entrance = InPrefect(people_at_work)
    ref = opened_by_wang_fang(entrance)
    give_password("li.na")
    people_at_work.browser_of("wang.fang").sign_in("li.na")
    assert entrance.press().answer == "201 ACCEPT"
    assert recorded(ref) == ("decided", "li.na", None, "prefect")


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [(InPrefect, "403", "王芳 answers questions in the inbox, not in Prefect."), (ByALink, "303 sign-in", "")],
)
def test_a_policy_that_is_tightened_holds_for_what_lies_open(
    people_at_work: Company, kind: type[Entrance], answer: str, said: str
) -> None:
    entrance = kind(people_at_work)
    ref = opened_by_wang_fang(entrance)
    access(**Entrance.policy)
    came = entrance.press()
    assert (came.answer, said in came.said) == (answer, True)
    assert recorded(ref) == ("open",)


def test_a_link_says_why_not_in_the_language_of_its_reader(people_at_work: Company) -> None:
    link = ByALink(people_at_work)
    access(**link.policy)
    link.open(next(door.an_answer_that_does_not_fit()))
    link.browser.cookies.clear()
    assert "请从以下选项中选择" in link.press().said


# No way in without its column

#: What names the one door itself: the entrances, and the plays that a rehearsal shows.
CALLERS = {
    "web.prefect.resuming._decide_and_wake",
    "deployments.commands.cases.decide",
    "web.pages.task.answer",
    "tasks.answer_links.decide_by",
    "deployments.stories.playing.say",
}
#: On a fresh rehearsal of its own it plays people who decide; nobody decides by it.
PLAYS = {"aftersales demo"}


def test_every_situation_that_is_told_is_tried_here() -> None:
    assert {situation for situation, _reason, _row in CELLS} == SITUATIONS
    assert all(len(row) == len(ENTRANCES) + 1 for _situation, _reason, row in CELLS)


def test_every_channel_has_an_entrance_here() -> None:
    assert {one.channel for one in ENTRANCES} | {Channel.SWEEP} == set(Channel)


def test_nothing_calls_the_door_but_the_entrances() -> None:
    assert users_of("tasks.deciding.decide") == CALLERS
    assert users_of("tasks.answer_links.decide_by") == {"web.pages.links._decided"}
    assert users_of("tasks.deciding.lapse") == {"tasks.sweeping._lapse"}


def test_every_route_and_command_that_leads_to_the_door_has_a_column() -> None:
    leading = those_that_reach("tasks.deciding.decide")
    assert routes_among(leading) | commands_among(leading) == {one.route for one in ENTRANCES} | PLAYS


def test_decisions_are_written_in_one_place() -> None:
    assert made_in("models.tables.questions.Decision") == {"tasks.deciding.record"}
    assert users_of("tasks.deciding.record") == {"tasks.deciding._decided", "tasks.deciding.lapse"}
