"""The page of a question (待办): what is asked, by when, the form, and what else can be done with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from anyio import CapacityLimiter, to_thread
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.errors import AfterSalesError, AlreadyDecided, InvalidInput
from models.forms import Form, due_time, local_time
from models.language import _
from models.queries import clock, deadlines, questions
from models.queries.standing_in import Way
from models.tables.parties import Person
from models.tables.questions import Channel, Task, TaskState
from tasks import claiming
from tasks.database import transaction
from tasks.deciding import decide, refuse_if_not_theirs, refuse_if_separated
from tasks.notices import about
from tasks.reassigning import may_give_away
from tasks.seeing import task_seen
from tasks.waking import wake
from web.faults import status_of
from web.forgery import posted
from web.forms import Entry, Sheet
from web.pages.asides import HAND_OVER, Refused, asides
from web.pages.asides import shown as shown_again
from web.pages.decisions import made_in, told
from web.pages.handing_over import HandOver, hand_over_sheet, takers
from web.rendering import page
from web.sessions import visitor_of
from web.times import time_left

#: Waking a run may take seconds and must not keep anybody from a page.
_WAKING = CapacityLimiter(2)


@dataclass(frozen=True)
class Given:
    """An answer that was not taken, or to which a line was added."""

    entry: Entry
    faults: Mapping[str, str]


def task(request: Request) -> Response:
    """The question with its form, for somebody who may answer it; what became of it, once it is answered."""
    return shown(request, request.path_params["ref"])


def answer(request: Request) -> Response:
    """Takes an answer through the one door, or adds a line to its form; whatever was typed is kept."""
    ref, by, sent = request.path_params["ref"], visitor_of(request).login, posted(request)
    with transaction() as session:
        sheet = sheet_of(task_seen(session, ref, by)[0])
    entry = sheet.posted(sent)
    if sheet.pressed(entry, sent):
        return shown(request, ref, given=Given(entry, {}))
    entry = sheet.touched(entry)
    try:
        decided = decide(ref, sheet.answer(entry), by=by, channel=Channel.INBOX)
    except InvalidInput as error:
        return shown(request, ref, status_of(error), given=Given(entry, error.fields))
    except AfterSalesError as error:
        if isinstance(error, AlreadyDecided) and _decided_by(ref, by):
            return _done(ref)
        return shown(request, ref, status_of(error), sentence=error.message, given=Given(entry, {}))
    return _done(ref, wake_later(decided.case_id))


def wake_later(case_id: int) -> BackgroundTask:
    """Wakes the run of a case when the response has gone out."""
    return BackgroundTask(_wake, case_id)


async def _wake(case_id: int) -> None:
    await to_thread.run_sync(wake, case_id, limiter=_WAKING)


def _decided_by(ref: str, login: str) -> bool:
    with transaction() as session:
        decision = questions.by_ref(session, ref).decision
        return decision is not None and decision.by is not None and decision.by.login == login


def _done(ref: str, background: BackgroundTask | None = None) -> Response:
    return RedirectResponse(f"/tasks/{ref}/done", HTTPStatus.SEE_OTHER, background=background)


def done(request: Request) -> Response:
    """What was decided, and what the case asks the same person next."""
    with transaction() as session:
        found, person = task_seen(session, request.path_params["ref"], visitor_of(request).login)
        if found.decision is None:
            return RedirectResponse(f"/tasks/{found.ref}", HTTPStatus.SEE_OTHER)
        following = [one for one in questions.open_in(session, found.case_id) if _free(session, one, person)]
        return page(
            request,
            "task_done.html.j2",
            task=found,
            question=_(Form.named(found.form).heading),
            decision=told(found.decision),
            mine=found.decision.by is person,
            following=[(one.ref, _(Form.named(one.form).heading)) for one in following],
        )


def claim(request: Request) -> Response:
    """Takes the question from the group."""
    return _moved(request, claiming.claim)


def release(request: Request) -> Response:
    """Gives the question back to the group."""
    return _moved(request, claiming.release)


def _moved(request: Request, move: Callable[[str, str], str]) -> Response:
    ref = request.path_params["ref"]
    with transaction() as session:
        task_seen(session, ref, visitor_of(request).login)
    try:
        move(ref, visitor_of(request).login)
    except AfterSalesError as error:
        return shown(request, ref, status_of(error), sentence=error.message)
    return RedirectResponse(f"/tasks/{ref}", HTTPStatus.SEE_OTHER)


def hand_over(request: Request) -> Response:
    """Gives the question to somebody else of the same role."""
    ref, by = request.path_params["ref"], visitor_of(request).login
    with transaction() as session:
        found, _person = task_seen(session, ref, by)
        sheet, others = hand_over_sheet(session, found), takers(session, found)
    entry = sheet.posted(posted(request))
    try:
        given = HandOver.read(sheet.answer(entry), {"people": others})
        claiming.hand_over(ref, given.to, given.reason, by)
    except InvalidInput as error:
        return shown(request, ref, status_of(error), refused=Refused(HAND_OVER, entry, error.fields))
    except AfterSalesError as error:
        return shown(request, ref, status_of(error), sentence=error.message, refused=Refused(HAND_OVER, entry, {}))
    return RedirectResponse("/inbox", HTTPStatus.SEE_OTHER)


def sheet_of(asked: Task) -> Sheet:
    """The form of a question."""
    return Sheet(Form.named(asked.form), asked.facts, questions.policy_of(asked.case).timezone)


def shown(
    request: Request,
    ref: str,
    status: int = HTTPStatus.OK,
    *,
    sentence: str = "",
    given: Given | None = None,
    refused: Refused | None = None,
) -> Response:
    """The page of a question, with what was typed into one of its forms and why that was not taken."""
    with transaction() as session:
        found, person = task_seen(session, ref, visitor_of(request).login)
        ways = questions.ways_to(session, found, person)
        facts = {
            **facts_of(session, found, person, ways),
            **_what_can_be_done(session, found, person, ways, given, refused),
            "before": [told(one) for one in made_in(session, found.case) if one.task is not found],
            "beside": asides(session, found.case, person, refused, csrf=visitor_of(request).csrf, at=ref),
        }
        return page(request, "task.html.j2", status, sentence=sentence, here=f"/tasks/{ref}", **facts)


def facts_of(session: Session, found: Task, person: Person, ways: list[Way]) -> dict[str, Any]:
    """What is asked, of whom and until when."""
    at, zone, form = clock.now(session), questions.policy_of(found.case).timezone, Form.named(found.form)
    holder = ways[0].holder if ways else person
    answers_for = found.for_party or (found.at_party if found.at_party_id != holder.party_id else None)
    return {
        "task": found,
        "question": _(form.heading),
        "hint": form.hint(found.facts),
        "about": about(found.case),
        "left": time_left(found.deadline, at),
        "due": due_time(deadlines.due_of(found.deadline, at).astimezone(zone)),
        "claimed": local_time(found.claimed_at.astimezone(zone)) if found.claimed_at else "",
        "in_place_of": ways[0].in_place_of if ways else None,
        "answers_for": answers_for,
        "candidates": questions.candidates(session, found) if found.state == TaskState.OPEN else [],
        "decision": told(found.decision) if found.decision else None,
    }


def _what_can_be_done(
    session: Session, found: Task, person: Person, ways: list[Way], given: Given | None, refused: Refused | None
) -> dict[str, Any]:
    """The form for who may answer, or why this person may not; what else this person may do with the question."""
    is_open = found.state == TaskState.OPEN
    why_not = _why_not(session, found, person, ways) if is_open else ""
    answers = is_open and not why_not
    took_it = found.claimed_at is not None and any(way.holder is found.assignee for way in ways)
    gives = is_open and (took_it or may_give_away(found, person)) and takers(session, found)
    sheet = sheet_of(found)
    typed = given or Given(sheet.fresh(), {})
    return {
        "why_not": why_not,
        "sheet": sheet.shown(typed.entry, typed.faults) if answers else None,
        "can_claim": answers and found.assignee is None and len(questions.asked_people(session, found)) > 1,
        "can_release": is_open and took_it,
        "give_sheet": shown_again(hand_over_sheet(session, found), HAND_OVER, refused) if gives else None,
    }


def _why_not(session: Session, found: Task, person: Person, ways: list[Way]) -> str:
    try:
        refuse_if_not_theirs(found, person, ways)
        refuse_if_separated(session, found, ways, questions.unbarred(session, found, ways))
    except AfterSalesError as error:
        return error.message
    return ""


def _free(session: Session, asked: Task, person: Person) -> bool:
    return bool(questions.unbarred(session, asked, questions.ways_to(session, asked, person)))
