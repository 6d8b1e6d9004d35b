"""The departments answer the form: acknowledgement, cause, measure and date; the offices hear what came of it.

Manual 000 五 信息反馈流程, 三 内勤 E.
"""

from typing import Any

from models.feedback_answers import ItemAnswer, ItemVerdict, MeasureProgress, MeasuresAnswer, MeasureStatus
from models.information_feedback import MonthToReport
from models.language import N_, _
from models.queries import measures, people
from models.roles import Role
from models.tables.cases import DocumentKind
from models.tables.feedback import Measure, MeasureState
from tasks.documents import file_document
from tasks.information_feedback.issuing import Addressed
from tasks.information_feedback.lists import filed, measure_text
from tasks.information_feedback.reports import Network
from tasks.journal import Work, step
from tasks.notices import notify, to_party, to_role


def addressed_to(work: Work[MonthToReport], department: Addressed) -> dict[str, Any]:
    """For a department that acknowledges: what the form asks of it."""
    return {"month": work.report.month, "items": department.items, "carried": department.carried}


def asked_of(work: Work[MonthToReport], department: Role) -> dict[str, Any]:
    """For a department that answers: its items of this form, and its open measures of earlier ones."""
    carried = measures.open_before(work.session, work.case, department)
    return {
        "items": {str(one.number): measure_text(one) for one in measures.of_case(work.session, work.case, department)},
        "carried": {one.reference: f"{one.reference} {measure_text(one)}" for one in carried},
    }


@step(N_("Department's answer entered with its measures"))
def take_in_answer(work: Work[MonthToReport], department: Role, answer: MeasuresAnswer, *, round: int) -> None:
    """What a department answers is written to its measures; one that is done or rejected ends."""
    content = {"department": department.value, **answer.model_dump(mode="json")}
    file_document(work, DocumentKind.DEPARTMENT_ANSWER, content)
    asked = {str(one.number): one for one in measures.of_case(work.session, work.case, department)}
    for one in answer.answers:
        _answer(work, asked[one.item], one)
    for status in answer.carried:
        _report(work, measures.by_reference(work.session, status.measure), status)


def _answer(work: Work[MonthToReport], measure: Measure, given: ItemAnswer) -> None:
    measure.cause, measure.answer, measure.due_on = given.cause, given.answer, given.due_on
    measure.answered_at = work.at
    if given.verdict is ItemVerdict.REJECTED:
        measure.state, measure.ended_at = MeasureState.REJECTED, work.at


def _report(work: Work[MonthToReport], measure: Measure, given: MeasureStatus) -> None:
    # The answer to the form before may have come in meanwhile and have ended it.
    if measure.state != MeasureState.OPEN:
        return
    measure.answer, measure.due_on, measure.answered_at = given.answer, given.due_on, work.at
    if given.progress is MeasureProgress.DONE:
        measure.state, measure.ended_at = MeasureState.DONE, work.at


@step(N_("Answers of the departments passed on to the offices"))
def feed_back(work: Work[MonthToReport], network: Network) -> None:
    """The offices and the manager hear what the departments answered, and what stays open."""
    session = work.session
    carried = [
        measures.by_reference(session, one["measure"])
        for content in filed(work, DocumentKind.DEPARTMENT_ANSWER)
        for one in content["carried"]
    ]
    answered = [*measures.of_case(session, work.case), *carried]
    offices = [people.party_by_code(session, one.code) for one in network.offices]
    told = [*(to_party(session, one, work.case) for one in offices if one), *to_role(session, Role.CS_MANAGER)]

    def facts() -> dict[str, Any]:
        head = [_(N_("Item")), _(N_("Problem")), _(N_("Department responsible")), _(N_("Answer")), _(N_("State"))]
        rows = [
            {
                "cells": [
                    one.reference,
                    f"{one.product.code} {one.product.name}: {one.problem}",
                    Role(one.department).label,
                    one.answer or _(N_("not answered")),
                    _state(one),
                ],
                "bars": [],
            }
            for one in answered
        ]
        tables = [{"title": _(N_("Answers of the departments")), "legend": [], "head": head, "rows": rows}]
        return {"month": work.report.month, "tables": tables if rows else [], "asked": len(rows)}

    notify(session, work.case, work.at, "information_feedback/answers", told, facts, key=work.key)


def _state(measure: Measure) -> str:
    state = MeasureState(measure.state).label
    if measure.state == MeasureState.OPEN and measure.due_on:
        return _(N_("{state}, by {day}"), state=state, day=measure.due_on)
    return state
