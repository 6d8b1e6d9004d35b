"""Monthly information feedback (信息反馈). Manual 000 三 经理 F, 三 内勤 C, D and E, 五 信息反馈流程 (title only)."""

from functools import partial
from typing import TypeVar

from prefect.artifacts import Artifact, create_markdown_artifact
from prefect.runtime import flow_run

from models.feedback_answers import FormAcknowledged, MeasuresAnswer, RepeatedBatch
from models.feedback_reports import MonthlyOfficeReport, MonthlyRepairReport
from models.forms import Form
from models.information_feedback import FiguresCheck, Gap, GapKind, MonthToReport, Outcome, QualityAnalysis
from models.queries.quality import Repeated
from models.roles import Role
from tasks.asking import Overdue, Question, answer_or_overdue, put
from tasks.closing import closed
from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.information_feedback.answers import addressed_to, asked_of, feed_back, take_in_answer
from tasks.information_feedback.issuing import Addressed, issue_form, issued_page
from tasks.information_feedback.lists import to_analyse, to_check
from tasks.information_feedback.proposals import propose_disputes, proposed, settle_proposal
from tasks.information_feedback.reports import (
    Network,
    Reporter,
    asked_of_a_station,
    asked_of_an_office,
    name_who_reports,
    take_in_office,
    take_in_repairs,
)
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure

Month = CaseFile[MonthToReport]
F = TypeVar("F", bound=Form)


@procedure(INFORMATION_FEEDBACK)
def information_feedback(report: MonthToReport, case: str | None = None) -> Outcome:
    """What repairs and users say about quality reaches the departments every month.

    Stations report their repairs, offices add what they know, the clerk counts, the manager analyses and issues the
    quality-information form to marketing, production, quality, purchasing and technology. They answer with cause,
    measure and date; what stays open returns next month, and the offices hear of it. Nobody's silence holds it up:
    what is missing is named on the form.

    Args:
        report: The month (月份).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    month: Month = case_of(INFORMATION_FEEDBACK, report, case)

    network = name_who_reports(month)
    silent = stations_report(month, network)
    gaps = [Gap(GapKind.STATION, one.name) for one in silent]
    gaps += [Gap(GapKind.OFFICE, one.name) for one in offices_report(month, network, silent)]
    check = figures_check(month, gaps)
    gaps += missing(GapKind.CHECK, check)
    analysis = quality_analysis(month, gaps)
    gaps += missing(GapKind.ANALYSIS, analysis)
    addressed = issue_form(month, check, analysis, gaps)
    publish(month)

    follow_up(month, addressed)
    feed_back(month, network)
    return closed(month, Outcome.ISSUED_WITH_GAPS if gaps else Outcome.ISSUED)


def missing(kind: GapKind, answer: Form | None) -> list[Gap]:
    """The gap that silence leaves."""
    return [] if answer else [Gap(kind, "")]


def given(question: Question[F]) -> F | None:
    """The answer, or None where nobody gave one in time."""
    answer = answer_or_overdue(question)
    return None if isinstance(answer, Overdue) else answer


def stations_report(month: Month, network: Network) -> list[Reporter]:
    """Every active station is asked for its repair report at once; those that keep silent are returned."""
    questions = [
        put(
            month,
            station.key,
            MonthlyRepairReport,
            of=Role.REPAIR_STATION,
            at=station.code,
            limit=month.policy.feedback.station_report,
            since=month.reported_at,
            facts=asked_of_a_station,
        )
        for station in network.stations
    ]
    silent = []
    for round, (station, question) in enumerate(zip(network.stations, questions, strict=True), 1):
        report = given(question)
        if report is None:
            silent.append(station)
        else:
            take_in_repairs(month, station, report, round=round)
    return silent


def offices_report(month: Month, network: Network, silent: list[Reporter]) -> list[Reporter]:
    """Every office adds what it knows and sees which of its stations are silent; silent offices are returned."""
    questions = [
        put(
            month,
            office.key,
            MonthlyOfficeReport,
            of=Role.OFFICE_MANAGER,
            at=office.code,
            limit=month.policy.feedback.office_report,
            since=month.reported_at,
            facts=partial(asked_of_an_office, office=office, network=network, silent=silent),
        )
        for office in network.offices
    ]
    without = []
    for round, (office, question) in enumerate(zip(network.offices, questions, strict=True), 1):
        report = given(question)
        if report is None:
            without.append(office)
        else:
            take_in_office(month, office, report, round=round)
    return without


def figures_check(month: Month, gaps: list[Gap]) -> FiguresCheck | None:
    """The clerk checks the tables (三 内勤 C and D)."""
    limit = month.policy.feedback.figures_check
    facts = partial(to_check, gaps=gaps)
    return given(
        put(month, "figures-check", FiguresCheck, of=Role.CS_CLERK, limit=limit, since=month.reported_at, facts=facts)
    )


def quality_analysis(month: Month, gaps: list[Gap]) -> QualityAnalysis | None:
    """The manager analyses the month and says what is asked of which department (三 经理 F)."""
    limit = month.policy.feedback.analysis
    facts = partial(to_analyse, gaps=gaps)
    return given(
        put(month, "analysis", QualityAnalysis, of=Role.CS_MANAGER, limit=limit, since=month.reported_at, facts=facts)
    )


def publish(month: Month) -> None:
    """The form as a page in Prefect, once; where no run carries the case nobody would see it."""
    key = f"quality-form-{month.number.lower()}"
    if flow_run.id and Artifact.get(key) is None:
        create_markdown_artifact(issued_page(month), key=key, description=month.report.month)


def follow_up(month: Month, addressed: list[Addressed]) -> None:
    """What the form leads to: disputes of batches that fail again and again, answers of the departments.

    All are asked at once; whoever keeps silent leaves a measure open and holds up nobody.
    """
    batches = propose_disputes(month)
    proposals = [ask_about_dispute(month, batch, round) for round, batch in enumerate(batches, 1)]
    acknowledgements = [acknowledgement(month, one) for one in addressed]
    answers = [(one.department, measures_answer(month, one)) for one in addressed if one.has_to_answer]
    for round, (batch, proposal) in enumerate(zip(batches, proposals, strict=True), 1):
        settle_proposal(month, batch, given(proposal), round=round)
    for round, (department, question) in enumerate(answers, 1):
        if answer := given(question):
            take_in_answer(month, department, answer, round=round)
    for asked in acknowledgements:
        given(asked)


def ask_about_dispute(month: Month, batch: Repeated, round: int) -> Question[RepeatedBatch]:
    """The clerk decides whether a batch that failed at several stations is disputed."""
    return put(
        month,
        "batch-proposal",
        RepeatedBatch,
        of=Role.CS_CLERK,
        limit=month.policy.feedback.batch_proposal,
        facts=partial(proposed, batch=batch),
        round=round,
    )


def acknowledgement(month: Month, one: Addressed) -> Question[FormAcknowledged]:
    """Each department acknowledges the form."""
    return put(
        month,
        f"acknowledgement-{one.key}",
        FormAcknowledged,
        of=one.department,
        limit=month.policy.feedback.acknowledgement,
        facts=partial(addressed_to, department=one),
    )


def measures_answer(month: Month, one: Addressed) -> Question[MeasuresAnswer]:
    """A department with items or open measures answers each of them."""
    return put(
        month,
        f"answer-{one.key}",
        MeasuresAnswer,
        of=one.department,
        limit=month.policy.feedback.department_answer,
        facts=partial(asked_of, department=one.department),
    )
