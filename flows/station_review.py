"""Review of a station (维修点续约、停用、撤销). Manual 000 五 维修点开发流程; 三 经理 D; 三 内勤 A; 四.2 art. 1."""

from itertools import count

from models.roles import Role
from models.station_closure import Claimed, LastClaims, LastSettlement, LoanCount, LoanSentBack, NeighbourChoice
from models.station_review import (
    Measure,
    NewPaper,
    Obstacle,
    Outcome,
    PaperKind,
    Reason,
    ReviewDecision,
    ReviewRequest,
    StationFacts,
)
from tasks.asking import Overdue, answer_or_overdue, ask, put
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure
from tasks.station_review import STATION_REVIEW
from tasks.station_review.closure import (
    close_station,
    parts_lent,
    send_parts_back,
    settle_last,
    take_parts_back,
    withdraw_address,
)
from tasks.station_review.lists import (
    decision_facts,
    neighbours,
    open_accounts,
    parts_expected,
    station_facts,
    stock_to_send,
)
from tasks.station_review.measures import (
    carry_out,
    file_facts,
    record_paper,
    suspend_at_term_end,
    suspend_for_papers,
)

Review = CaseFile[ReviewRequest]


@procedure(STATION_REVIEW)
def station_review(report: ReviewRequest, case: str | None = None) -> Outcome:
    """A station is looked at: it is renewed, suspended, allowed again, or closed.

    The calendar opens it before the agreement ends, when a paper has expired and when a suspension is over; people open
    it for complaints, false claims and requests.

    Args:
        report: Why the station is looked at (审核原因).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    review: Review = case_of(STATION_REVIEW, report, case)

    reason = review.report.reason
    if reason is Reason.NOT_OPENED:
        return closed(review, closure(review, review.report.detail))
    if reason is Reason.PAPERS_EXPIRED and papers_renewed(review):
        return closed(review, Outcome.PAPERS_RENEWED)
    return closed(review, managers_decision(review, clerks_remarks(review)))


def papers_renewed(review: Review) -> bool:
    """On expiry the station is suspended, if the policy says so; new papers lift that. Silence leaves it to others."""
    if review.policy.stations.suspend_on_expiry:
        suspend_for_papers(review)
    for round in count(1):
        paper = new_paper(review, round)
        if paper is None:
            break
        if record_paper(review, paper, round=round):
            return True
    return False


def new_paper(review: Review, round: int) -> NewPaper | None:
    """A paper that the clerk got from the station; none if there is none, or nobody said so in time."""
    question = put(
        review,
        "new-paper",
        NewPaper,
        of=Role.CS_CLERK,
        limit=review.policy.stations.new_paper,
        facts=station_facts,
        round=round,
    )
    paper = answer_or_overdue(question)
    return None if isinstance(paper, Overdue) or paper.kind is PaperKind.NONE else paper


def clerks_remarks(review: Review) -> str:
    """The clerk adds to the books what the management file says; without it the manager decides by the books."""
    facts = answer_or_overdue(
        put(
            review,
            "review-facts",
            StationFacts,
            of=Role.CS_CLERK,
            limit=review.policy.stations.review_facts,
            facts=station_facts,
        )
    )
    if isinstance(facts, Overdue):
        return ""
    file_facts(review, facts)
    return f"{facts.file_in_order}\n{facts.remark}".strip()


def managers_decision(review: Review, remarks: str) -> Outcome:
    """The manager decides; a term that ends without a decision suspends the station, and the question is put again."""
    obstacle = Obstacle.NOTHING
    for round in count(1):
        decision = asked_of_the_manager(review, remarks, obstacle, round)
        if isinstance(decision, Overdue):
            suspend_at_term_end(review)
            continue
        if decision.measure is Measure.CLOSE:
            return closure(review, decision.reason)
        obstacle = carry_out(review, decision, round=round)
        if obstacle in {Obstacle.NOTHING, Obstacle.CLOSED}:
            outcome = decision.outcome_after(obstacle)
            break
    return outcome


def asked_of_the_manager(review: Review, remarks: str, obstacle: Obstacle, round: int) -> ReviewDecision | Overdue:
    """Where the agreement ends, the time to decide is over with it, once."""
    limits = review.policy.stations
    until_the_end = review.report.reason is Reason.TERM_ENDS and round == 1
    question = put(
        review,
        "review-decision",
        ReviewDecision,
        of=Role.CS_MANAGER,
        limit=limits.renewal_decision if until_the_end else limits.review_decision,
        since=review.reported_at if until_the_end else None,
        facts=lambda work: decision_facts(work, remarks, obstacle),
        round=round,
    )
    return answer_or_overdue(question)


def closure(review: Review, reason: str) -> Outcome:
    """Address withdrawn and neighbour named, parts counted back, last settlement."""
    if not close_station(review, reason):
        return Outcome.OVERTAKEN
    limits = review.policy.stations
    if review.report.reason is not Reason.NOT_OPENED:
        choice = ask(
            review,
            "neighbour-station",
            NeighbourChoice,
            of=Role.CS_CLERK,
            limit=limits.neighbour,
            facts=neighbours,
        )
        withdraw_address(review, choice)
    if parts_lent(review):
        bring_parts_back(review)
    settle(review)
    return Outcome.CLOSED


def bring_parts_back(review: Review) -> None:
    """The station sends back what the books know there; the keeper counts, and what is missing is charged."""
    limits = review.policy.stations
    sent = ask(
        review,
        "station-parts-sent",
        LoanSentBack,
        of=Role.REPAIR_STATION,
        at=review.report.station,
        limit=limits.parts_sent,
        facts=stock_to_send,
    )
    listed = send_parts_back(review, sent)
    counted = ask(
        review,
        "station-parts-count",
        LoanCount,
        of=Role.WAREHOUSE_KEEPER,
        limit=limits.parts_count,
        facts=lambda work: parts_expected(work, listed),
    )
    take_parts_back(review, listed, counted)


def settle(review: Review) -> None:
    """The station has time to claim what it still wants; then finance confirms, and the deposit goes back."""
    limits = review.policy.stations
    claims = answer_or_overdue(
        put(
            review,
            "last-claims",
            LastClaims,
            of=Role.REPAIR_STATION,
            at=review.report.station,
            limit=limits.last_claims,
        )
    )
    text = claims.detail if isinstance(claims, LastClaims) and claims.claims is Claimed.SOMETHING else ""
    settlement = ask(
        review,
        "last-settlement",
        LastSettlement,
        of=Role.FINANCE_DEPT,
        limit=limits.last_settlement,
        facts=lambda work: open_accounts(work, text),
    )
    settle_last(review, settlement)
