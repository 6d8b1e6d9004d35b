"""Repair-station development (维修点开发). Manual 000 五 维修点开发流程; 三 经理 C, D; 三 内勤 A."""

from itertools import count

from models.repair_station import CandidatesAnswer, CandidateSheet, MissingPapers, Outcome, PaperCheck, PaperVerdict
from models.repair_station_choice import (
    Advice,
    Recommendation,
    StationApproval,
    Verdict,
    VisitChoice,
    VisitDecision,
    VisitScore,
)
from models.repair_station_setup import Agreement, Founding, LoanArrival, LoanDispatch, Signature
from models.repair_station_start import (
    Activation,
    ActivationChoice,
    AfterTraining,
    FirstMonth,
    FirstMonthChoice,
    FirstMonthDecision,
    TrainingResult,
)
from models.roles import Role
from tasks.asking import Overdue, answer_or_overdue, ask, put
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure
from tasks.repair_station import REPAIR_STATION
from tasks.repair_station.choice import (
    file_approval,
    file_paper_check,
    file_recommendation,
    file_visit,
    offer_agreement,
)
from tasks.repair_station.lists import (
    agreement_terms,
    area_facts,
    criteria,
    for_approval,
    found,
    missing,
    paper_facts,
    parts_sent,
    parts_to_lend,
    points,
    ready,
    stock_by_the_books,
    trainees,
)
from tasks.repair_station.setup import certify, found_station, lend_parts, receive_parts
from tasks.repair_station.start import activate, file_first_month, give_up, suspend_after_first_month

Development = CaseFile[CandidateSheet]


@procedure(REPAIR_STATION)
def repair_station(report: CandidateSheet, case: str | None = None) -> Outcome:
    """A repair shop becomes a station of the company.

    Its papers are checked, it is visited and scored, the manager recommends and the vice-president approves; then the
    agreement is signed, parts go on loan, its repairers are certified, and its address is published in its area.

    Args:
        report: The candidate sheet (维修点情况调查表).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    candidate: Development = case_of(REPAIR_STATION, report, case)

    if refused := refusal(candidate):
        return closed(candidate, refused)

    agreement = signed_agreement(candidate)
    if isinstance(agreement, Outcome):
        return closed(candidate, agreement)

    number = agreement.station_number
    lend_opening_stock(candidate, number)
    if not repairers_certified(candidate, agreement):
        give_up(candidate, number, Outcome.NOT_CERTIFIED.label)
        return closed(candidate, Outcome.NOT_CERTIFIED)

    activation = managers_activation(candidate, number)
    if activation.decision is ActivationChoice.REFUSE:
        give_up(candidate, number, activation.reason)
        return closed(candidate, Outcome.NOT_ACTIVATED)
    activate(candidate, number)
    return closed(candidate, first_month(candidate, number))


def refusal(candidate: Development) -> Outcome | None:
    """Why the candidate gets no agreement: for its papers, or by somebody's decision; none if it gets one."""
    return papers_fail(candidate) or decision_against(candidate)


def papers_fail(candidate: Development) -> Outcome | None:
    """The clerk checks the papers; the candidate supplies what is missing, withdraws, or lets the application die."""
    supplied = ""
    for round in count(1):
        check = checked_papers(candidate, supplied, round)
        if check.verdict is not PaperVerdict.SEND_BACK:
            break
        answer = missing_papers(candidate, check, round)
        if isinstance(answer, Outcome):
            return answer
        supplied = answer.supplied
    return None if check.verdict is PaperVerdict.COMPLETE else Outcome.REFUSED_ON_PAPERS


def checked_papers(candidate: Development, supplied: str, round: int) -> PaperCheck:
    """The clerk goes through the list of papers."""
    check = ask(
        candidate,
        "paper-check",
        PaperCheck,
        of=Role.CS_CLERK,
        limit=candidate.policy.stations.paper_check,
        facts=lambda work: paper_facts(work, supplied),
        round=round,
    )
    file_paper_check(candidate, check, round=round)
    return check


def missing_papers(candidate: Development, check: PaperCheck, round: int) -> MissingPapers | Outcome:
    """The office gets from the candidate what the clerk misses; an application without an answer dies."""
    question = put(
        candidate,
        "missing-papers",
        MissingPapers,
        of=Role.OFFICE_MANAGER,
        at=candidate.report.office,
        limit=candidate.policy.stations.application,
        facts=lambda work: missing(check),
        round=round,
    )
    answer = answer_or_overdue(question)
    if isinstance(answer, Overdue):
        return Outcome.LAPSED
    return Outcome.WITHDRAWN_BY_CANDIDATE if answer.answer is CandidatesAnswer.WITHDRAWS else answer


def decision_against(candidate: Development) -> Outcome | None:
    """The manager decides on a visit, the office visits and scores, the manager recommends, the vice-president rules.

    None of them is passed by silence: who is late is reminded, and the next above is told.
    """
    limits = candidate.policy.stations
    go = ask(
        candidate,
        "visit-decision",
        VisitDecision,
        of=Role.CS_MANAGER,
        limit=limits.visit_decision,
        facts=area_facts,
    )
    if go.decision is VisitChoice.REFUSE:
        return Outcome.REFUSED_BEFORE_VISIT
    visit = visited(candidate)
    advice = ask(
        candidate,
        "station-recommendation",
        Recommendation,
        of=Role.CS_MANAGER,
        limit=limits.recommendation,
        facts=lambda work: points(work, visit),
    )
    file_recommendation(candidate, advice)
    if advice.decision is Advice.REFUSE:
        return Outcome.NOT_RECOMMENDED
    approval = ask(
        candidate,
        "station-approval",
        StationApproval,
        of=Role.MARKETING_VP,
        limit=limits.approval,
        facts=lambda work: for_approval(work, visit, advice),
    )
    file_approval(candidate, approval)
    return Outcome.NOT_APPROVED if approval.decision is Verdict.REFUSE else None


def visited(candidate: Development) -> VisitScore:
    """The regional manager of the office goes there and fills in the score sheet."""
    visit = ask(
        candidate,
        "station-visit",
        VisitScore,
        of=Role.REGIONAL_MANAGER,
        at=candidate.report.office,
        limit=candidate.policy.stations.visit,
        facts=criteria,
    )
    file_visit(candidate, visit)
    return visit


def signed_agreement(candidate: Development) -> Agreement | Outcome:
    """The agreement is signed in two copies and makes the station; a number that was taken meanwhile is given anew."""
    offer_agreement(candidate)
    founding = Founding.DONE
    for round in count(1):
        agreement = answered_agreement(candidate, founding, round)
        if isinstance(agreement, Outcome):
            return agreement
        founding = found_station(candidate, agreement, round=round)
        if founding is Founding.DONE:
            return agreement
        if founding is Founding.AREA_TAKEN:
            break
    return Outcome.AREA_TAKEN


def answered_agreement(candidate: Development, founding: Founding, round: int) -> Agreement | Outcome:
    """The clerk enters the signed agreement, or that the candidate withdraws; silence ends the application."""
    question = put(
        candidate,
        "station-agreement",
        Agreement,
        of=Role.CS_CLERK,
        limit=candidate.policy.stations.application,
        facts=lambda work: agreement_terms(work, founding),
        round=round,
    )
    agreement = answer_or_overdue(question)
    if isinstance(agreement, Overdue):
        return Outcome.LAPSED
    return Outcome.WITHDRAWN_BY_CANDIDATE if agreement.signature is Signature.WITHDRAWS else agreement


def lend_opening_stock(candidate: Development, number: str) -> None:
    """The opening stock goes to the station on loan; the station confirms what arrived."""
    limits = candidate.policy.stations
    if not limits.opening_stock:
        return
    dispatch = ask(
        candidate,
        "loan-dispatch",
        LoanDispatch,
        of=Role.WAREHOUSE_KEEPER,
        limit=limits.loan_dispatch,
        facts=parts_to_lend,
    )
    lend_parts(candidate, number, dispatch)
    arrival = ask(
        candidate,
        "loan-arrival",
        LoanArrival,
        of=Role.REPAIR_STATION,
        at=number,
        limit=limits.loan_arrival,
        facts=lambda work: parts_sent(work, dispatch),
    )
    receive_parts(candidate, number, dispatch, arrival)


def repairers_certified(candidate: Development, agreement: Agreement) -> bool:
    """Who repairs has passed the training; if nobody did, it is repeated or the candidate refused."""
    limits = candidate.policy.stations
    for round in count(1):
        training = ask(
            candidate,
            "station-training",
            TrainingResult,
            of=limits.trainer,
            limit=limits.training,
            facts=lambda work: trainees(work, agreement),
            round=round,
        )
        if training.then is AfterTraining.GO_ON:
            certify(candidate, agreement.station_number, training)
            return True
        if training.then is AfterTraining.REFUSE:
            break
    return False


def managers_activation(candidate: Development, number: str) -> Activation:
    """The manager looks at what has been done, and has the last word before the address is published."""
    return ask(
        candidate,
        "station-activation",
        Activation,
        of=Role.CS_MANAGER,
        limit=candidate.policy.stations.activation,
        facts=lambda work: ready(work, number),
    )


def first_month(candidate: Development, number: str) -> Outcome:
    """After a month the office looks whether reports come in time, the stock agrees and nobody complained."""
    limits = candidate.policy.stations
    check = ask(
        candidate,
        "first-month-check",
        FirstMonth,
        of=Role.OFFICE_MANAGER,
        at=candidate.report.office,
        limit=limits.first_month,
        facts=lambda work: stock_by_the_books(work, number),
    )
    file_first_month(candidate, check)
    if check.in_order:
        return Outcome.ACTIVE
    decision = ask(
        candidate,
        "first-month-decision",
        FirstMonthDecision,
        of=Role.CS_MANAGER,
        limit=limits.first_month_decision,
        facts=lambda work: found(check),
    )
    if decision.decision is FirstMonthChoice.KEEP:
        return Outcome.ACTIVE_WITH_REMARK
    suspend_after_first_month(candidate, number, decision)
    return Outcome.SUSPENDED
