"""Batch quality dispute (批量质量异议). Manual 000, 四.1 售后服务标准, art. 3."""

from itertools import count

from models.batch_quality import (
    Appeal,
    AppealRuling,
    BatchVerdict,
    ConfirmedScope,
    CorrectedScope,
    DisputeReport,
    FindingVerdict,
    FreightBill,
    GoodsArrival,
    NameTechnician,
    Outcome,
    RecallScope,
    Remedy,
    RemedyChoice,
    ReplacementDispatch,
    RulingOnAppeal,
    ScopeDecision,
    SiteFinding,
)
from models.forms import YesNo
from models.roles import Role
from tasks.asking import Overdue, answer_or_overdue, answer_to, ask, put
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.batch_quality.lists import delivered, proposal, recall_list, still_open, technicians
from tasks.batch_quality.recall import compare_with_list, order_recall, pay_freight, take_in
from tasks.batch_quality.scene import (
    explain_refusal,
    file_correction,
    file_finding,
    point_to_ordinary_warranty,
    release_sale,
    stop_sale,
    tell_ruling,
)
from tasks.batch_quality.settlement import credit, replace
from tasks.batch_quality.supplier import claim_on_supplier_for
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure

Dispute = CaseFile[DisputeReport]


@procedure(BATCH_QUALITY_DISPUTE)
def batch_quality_dispute(report: DisputeReport, case: str | None = None) -> Outcome:
    """A dealer objects to a whole batch.

    Within two days of the dealer raising it, customer service coordinates and the technology department sends a
    technician who judges on site; if it is a quality fault, the company takes everything back and bears all
    transport costs.

    Args:
        report: The dealer's report (经销商的异议).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    dispute: Dispute = case_of(BATCH_QUALITY_DISPUTE, report, case)

    verdict = batch_verdict(dispute)
    if verdict.is_batch is YesNo.NO:
        point_to_ordinary_warranty(dispute, verdict)
        return closed(dispute, Outcome.ORDINARY_WARRANTY)

    stop_sale(dispute)
    technician, finding = site_finding(dispute)
    if finding.verdict is FindingVerdict.NO_QUALITY_FAULT:
        release_sale(dispute)
        explain_refusal(dispute, finding)
        fault_found = fault_found_on_appeal(dispute)
        if not fault_found:
            return closed(dispute, Outcome.NOT_CONFIRMED)
        stop_sale(dispute, round=2)
    else:
        fault_found = finding.report

    confirm_scope(dispute, technician)
    order_recall(dispute, finding)
    return closed(dispute, take_everything_back(dispute, fault_found))


def batch_verdict(dispute: Dispute) -> BatchVerdict:
    """Every report is registered; whether it is a batch matter is the clerk's judgement, helped by the threshold."""
    limit = dispute.policy.batch_quality.batch_verdict
    return ask(dispute, "batch-verdict", BatchVerdict, of=Role.CS_CLERK, limit=limit, facts=proposal)


def site_finding(dispute: Dispute) -> tuple[str, SiteFinding]:
    """A technician goes to the site and judges within the two days; one who cannot attend is replaced."""
    limit = dispute.policy.batch_quality.name_technician
    for round in count(1):
        since = dispute.reported_at if round == 1 else None
        named = ask(
            dispute,
            "name-technician",
            NameTechnician,
            of=Role.TECHNOLOGY_HEAD,
            limit=limit,
            since=since,
            facts=technicians,
            round=round,
        )
        finding = ask(
            dispute,
            "site-finding",
            SiteFinding,
            of=Role.TECHNICIAN,
            assignee=named.technician,
            within="determination",
            facts=delivered,
            round=round,
        )
        if finding.verdict is not FindingVerdict.CANNOT_ATTEND:
            break
    file_finding(dispute, named.technician, finding)
    return named.technician, finding


def fault_found_on_appeal(dispute: Dispute) -> str:
    """The dealer may appeal once to the customer service manager; silence ends that right (art. 7: final ruling).

    Returns the reasons of a ruling that it is a quality fault after all, and nothing otherwise.
    """
    limits = dispute.policy.batch_quality
    appeal = answer_or_overdue(
        put(dispute, "appeal", Appeal, of=Role.CS_CLERK, for_the_party=True, limit=limits.appeal)
    )
    if isinstance(appeal, Overdue) or appeal.appeals is YesNo.NO:
        return ""
    ruling = ask(dispute, "appeal-ruling", RulingOnAppeal, of=Role.CS_MANAGER, limit=limits.appeal_ruling)
    tell_ruling(dispute, ruling)
    return ruling.reasons if ruling.ruling is AppealRuling.QUALITY_FAULT else ""


def confirm_scope(dispute: Dispute, technician: str) -> None:
    """The manual makes the recall due: the manager confirms its scope or sends it back once, and cannot refuse."""
    limits = dispute.policy.batch_quality
    scope = ask(dispute, "recall-scope", RecallScope, of=Role.CS_MANAGER, limit=limits.recall_scope, facts=recall_list)
    if scope.decision is ScopeDecision.CONFIRM:
        return
    correction = ask(
        dispute,
        "scope-correction",
        CorrectedScope,
        of=Role.TECHNICIAN,
        assignee=technician,
        limit=limits.scope_correction,
        facts=delivered,
    )
    file_correction(dispute, technician, correction)
    ask(
        dispute, "recall-confirmation", ConfirmedScope, of=Role.CS_MANAGER, limit=limits.recall_scope, facts=recall_list
    )


def take_everything_back(dispute: Dispute, fault_found: str) -> Outcome:
    """The whole disputed batch comes back, freight on the company; the dealer chooses replacement or credit."""
    limits = dispute.policy.batch_quality
    choice = put(dispute, "remedy", RemedyChoice, of=Role.CS_CLERK, for_the_party=True, limit=limits.remedy)
    arrivals = goods_arrivals(dispute)
    pieces = compare_with_list(dispute, arrivals)
    if any(arrival.pieces for arrival in arrivals):
        bill = ask(dispute, "freight-bill", FreightBill, of=Role.LOGISTICS_DEPT, limit=limits.freight_bill)
        pay_freight(dispute, bill)
    if pieces == 0:
        return Outcome.NOTHING_CAME_BACK

    remedy = answer_to(choice).remedy
    if remedy is Remedy.CREDIT:
        credit(dispute, arrivals)
    else:
        send_replacement(dispute, pieces)
    claim_on_supplier_for(dispute, arrivals, remedy, fault_found)
    return Outcome.CREDITED if remedy is Remedy.CREDIT else Outcome.REPLACED


def send_replacement(dispute: Dispute, pieces: int) -> None:
    """As many good pieces as came back leave for the dealer."""
    dispatch = ask(
        dispute,
        "replacement-dispatch",
        ReplacementDispatch,
        of=Role.WAREHOUSE_KEEPER,
        limit=dispute.policy.batch_quality.replacement_dispatch,
    )
    replace(dispute, pieces, dispatch)


def goods_arrivals(dispute: Dispute) -> list[GoodsArrival]:
    """Goods arrive in one part or several until the keeper says that no more will come."""
    arrivals: list[GoodsArrival] = []
    for round in count(1):
        arrival = ask(
            dispute,
            "arrival",
            GoodsArrival,
            of=Role.WAREHOUSE_KEEPER,
            limit=dispute.policy.batch_quality.arrival,
            facts=lambda work: still_open(work, arrivals),
            round=round,
        )
        take_in(dispute, arrival, round=round)
        arrivals.append(arrival)
        if arrival.more_to_come is YesNo.NO:
            break
    return arrivals
