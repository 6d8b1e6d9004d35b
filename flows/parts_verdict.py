"""Parts return (维修配件返厂) after the factory has counted. Manual 000, 五 维修配件返厂、对换流程; 一.4."""

from models.parts_exchange import (
    ExchangeArrival,
    ExchangeDispatch,
    RefusedChoice,
    RefusedDispatch,
    ReworkReport,
    ScrapApproval,
    ScrapDecision,
)
from models.parts_inspection import FactoryCount, InspectionVerdict, VerdictConfirmation, VerdictReview, VerdictState
from models.parts_return import Outcome, ReturnRequest
from models.roles import Role
from models.sections.parts_return import RefusedGoods
from tasks.asking import Overdue, Question, answer_or_overdue, answer_to, ask, put
from tasks.journal import CaseFile
from tasks.parts_return.claims import claim_on_suppliers
from tasks.parts_return.disposal import (
    finish_rework,
    for_scrap,
    scrap,
    scrap_by_part,
    scrap_refused,
    send_refused_back,
)
from tasks.parts_return.exchange import dispatch_good_parts, receive_good_parts
from tasks.parts_return.inspection import file_verdict, send_to_workshop
from tasks.parts_return.lists import judged, of_parts, to_judge
from tasks.parts_return.sender import put_to_the_sender

Return = CaseFile[ReturnRequest]


def judged_and_settled(parts: Return, counted: FactoryCount) -> Outcome:
    """Quality judges each piece; exchange, refusal and rework then go side by side, and suppliers are claimed on."""
    verdict = confirmed_verdict(parts, counted)
    file_verdict(parts, verdict)
    claim_on_suppliers(parts, verdict)
    dispatch = good_parts_to_send(parts, verdict)
    choice = refused_parts_to_decide(parts, verdict)
    rework = parts_to_repair(parts, verdict)
    exchange_one_for_one(parts, verdict, dispatch)
    dispose_of_refused_parts(parts, verdict, choice)
    scrap_what_nobody_can_use(parts, verdict, rework)
    if not verdict.exchanged:
        return Outcome.REFUSED
    return Outcome.PARTLY_EXCHANGED if verdict.refused else Outcome.EXCHANGED


def confirmed_verdict(parts: Return, counted: FactoryCount) -> InspectionVerdict:
    """The quality department gives its verdict; the manager confirms it or sends it back once."""
    verdict = verdict_of_quality(parts, counted, "", round=1)
    limit = parts.policy.parts_return.verdict_review
    review = ask(
        parts,
        "verdict-review",
        VerdictReview,
        of=Role.CS_MANAGER,
        limit=limit,
        facts=lambda work: judged(work, verdict),
    )
    if review.state is VerdictState.CONFIRM:
        return verdict
    second = verdict_of_quality(parts, counted, review.comment, round=2)
    ask(
        parts,
        "verdict-confirmation",
        VerdictConfirmation,
        of=Role.CS_MANAGER,
        limit=limit,
        facts=lambda work: judged(work, second),
    )
    return second


def verdict_of_quality(parts: Return, counted: FactoryCount, remark: str, *, round: int) -> InspectionVerdict:
    """Every piece that was counted gets one of five verdicts."""
    return ask(
        parts,
        "inspection-verdict",
        InspectionVerdict,
        of=Role.QUALITY_DEPT,
        limit=parts.policy.parts_return.inspection_verdict,
        facts=lambda work: to_judge(work, counted.arrived, remark),
        round=round,
    )


def good_parts_to_send(parts: Return, verdict: InspectionVerdict) -> Question[ExchangeDispatch] | None:
    """For each piece that is the company's fault, repairable or not, the keeper sends a good one."""
    if not verdict.exchanged:
        return None
    return put(
        parts,
        "exchange-dispatch",
        ExchangeDispatch,
        of=Role.WAREHOUSE_KEEPER,
        limit=parts.policy.parts_return.exchange_dispatch,
        facts=lambda work: of_parts(work, "exchanged", verdict.exchanged),
    )


def exchange_one_for_one(
    parts: Return, verdict: InspectionVerdict, dispatch: Question[ExchangeDispatch] | None
) -> None:
    """The good parts leave, and the sender confirms what arrived."""
    if dispatch is None:
        return
    dispatch_good_parts(parts, verdict.exchanged, answer_to(dispatch))
    arrival = put_to_the_sender(
        parts,
        "exchange-arrival",
        ExchangeArrival,
        limit=parts.policy.parts_return.exchange_arrival,
        facts=lambda work: of_parts(work, "exchanged", verdict.exchanged),
    )
    receive_good_parts(parts, verdict.exchanged, answer_to(arrival))


def refused_parts_to_decide(parts: Return, verdict: InspectionVerdict) -> Question[RefusedChoice] | None:
    """What people caused, what is out of warranty or not ours is refused; the sender may say what becomes of it."""
    if not verdict.refused:
        return None
    return put_to_the_sender(
        parts,
        "refused-choice",
        RefusedChoice,
        limit=parts.policy.parts_return.refused_choice,
        facts=lambda work: of_parts(work, "refused", verdict.refused),
    )


def dispose_of_refused_parts(parts: Return, verdict: InspectionVerdict, choice: Question[RefusedChoice] | None) -> None:
    """Refused pieces go back at the sender's cost or are scrapped; silence leaves it to the policy."""
    if choice is None:
        return
    limits, answer = parts.policy.parts_return, answer_or_overdue(choice)
    wish = limits.refused_goods if isinstance(answer, Overdue) else answer.choice
    if wish is RefusedGoods.SCRAP:
        scrap_refused(parts, verdict.refused)
        return
    dispatch = ask(
        parts,
        "refused-dispatch",
        RefusedDispatch,
        of=Role.WAREHOUSE_KEEPER,
        limit=limits.refused_dispatch,
        facts=lambda work: of_parts(work, "refused", verdict.refused),
    )
    send_refused_back(parts, verdict.refused, dispatch)


def parts_to_repair(parts: Return, verdict: InspectionVerdict) -> Question[ReworkReport] | None:
    """Repairable pieces go to the workshop, which reports how many could be repaired."""
    if not verdict.repairable:
        return None
    send_to_workshop(parts, verdict)
    return put(
        parts,
        "rework",
        ReworkReport,
        of=Role.PRODUCTION_DEPT,
        limit=parts.policy.parts_return.rework,
        facts=lambda work: of_parts(work, "repairable", verdict.repairable),
    )


def scrap_what_nobody_can_use(parts: Return, verdict: InspectionVerdict, rework: Question[ReworkReport] | None) -> None:
    """Repaired pieces are good stock again; own make beyond repair is scrapped, where the policy wants it approved."""
    repaired = answer_to(rework) if rework else None
    if repaired:
        finish_rework(parts, repaired)
    useless = for_scrap(parts, verdict, repaired)
    approver = parts.policy.parts_return.scrap_approver
    if useless and approver:
        approval = ask(
            parts,
            "scrap-approval",
            ScrapApproval,
            of=approver,
            limit=parts.policy.parts_return.scrap_approval,
            facts=lambda work: of_parts(work, "scrap", scrap_by_part(useless)),
        )
        if approval.decision is ScrapDecision.KEEP:
            return
    if useless:
        scrap(parts, useless)
