"""Parts return (维修配件返厂). Manual 000, 五 维修配件返厂、对换流程; 三 经理 B, 三 内勤 C; 四.1 art. 6.

From the list to the factory's count; what follows the count is in `flows.parts_verdict`.
"""

from collections.abc import Sequence

from flows.parts_verdict import judged_and_settled
from models.parts_inspection import DifferenceExplanation, FactoryCount
from models.parts_list import ListApproval, ListCheck, ListState, ReturnList
from models.parts_return import ChargeSettled, Outcome, ReturnRequest, ReturnShipment
from models.roles import Role
from tasks.asking import Question, answer_or_overdue, answer_to, ask, put
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.parts_return import PARTS_RETURN
from tasks.parts_return.charging import charge_overdue, settle_charge
from tasks.parts_return.listing import approve_list
from tasks.parts_return.lists import Listed, charge, compared, faulty_ledger, for_approval, shipped, to_count
from tasks.parts_return.sender import put_to_the_sender
from tasks.parts_return.shipping import ship, take_in, tell_explanation
from tasks.prefect_run import case_of, procedure

Return = CaseFile[ReturnRequest]


@procedure(PARTS_RETURN)
def parts_return(report: ReturnRequest, case: str | None = None) -> Outcome:
    """At the end of the month an office or distributor returns the faulty parts that it took in.

    Customer service reviews the list; the factory counts and judges, and sends a good part for each that is its own
    fault. What came back too late is charged, what is refused goes back or is scrapped, suppliers answer for theirs.

    Args:
        report: Whose faulty parts are returned, for which month (返厂申请).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    parts: Return = case_of(PARTS_RETURN, report, case)
    drawn_up = checked_list(parts)
    approval = list_approval(parts, drawn_up)
    lots = approve_list(parts, drawn_up, approval)
    owed = charge_for_overdue_parts(parts, lots, approval)
    outcome = returned(parts, lots) if lots else Outcome.NOTHING_RETURNED
    if owed:
        settle_charge(parts, answer_to(owed))
    return closed(parts, outcome)


def checked_list(parts: Return) -> ReturnList:
    """The sender draws up the list from its faulty ledger; the clerk checks it and sends it back once at most."""
    limits = parts.policy.parts_return
    drawn_up = answer_to(
        put_to_the_sender(
            parts, "return-list", ReturnList, limit=limits.return_list, facts=lambda work: faulty_ledger(work, "")
        )
    )
    check = ask(
        parts,
        "list-check",
        ListCheck,
        of=Role.CS_CLERK,
        limit=limits.list_check,
        facts=lambda work: compared(work, drawn_up),
    )
    if check.state is ListState.IN_ORDER:
        return drawn_up
    return answer_to(
        put_to_the_sender(
            parts,
            "return-list",
            ReturnList,
            limit=limits.return_list,
            facts=lambda work: faulty_ledger(work, check.comment),
            round=2,
        )
    )


def list_approval(parts: Return, drawn_up: ReturnList) -> ListApproval:
    """The manager approves, may cut lines, and says whose overdue pieces may stay without a charge."""
    return ask(
        parts,
        "list-approval",
        ListApproval,
        of=Role.CS_MANAGER,
        limit=parts.policy.parts_return.list_approval,
        facts=lambda work: for_approval(work, drawn_up),
    )


def charge_for_overdue_parts(
    parts: Return, lots: Sequence[Listed], approval: ListApproval
) -> Question[ChargeSettled] | None:
    """What the sender kept longer than the window and does not send now is charged; finance says when it is paid.

    The rest goes on meanwhile, but the case does not close before.
    """
    if not charge_overdue(parts, lots, approval.excused):
        return None
    limit = parts.policy.parts_return.charge_settled
    return put(parts, "charge-settled", ChargeSettled, of=Role.FINANCE_DEPT, limit=limit, facts=charge)


def returned(parts: Return, lots: Sequence[Listed]) -> Outcome:
    """The sender ships, the factory counts; the sender may explain a difference while the factory judges."""
    limits = parts.policy.parts_return
    shipment = answer_to(
        put_to_the_sender(
            parts,
            "return-shipment",
            ReturnShipment,
            limit=limits.return_shipment,
            facts=lambda work: shipped(work, lots),
        )
    )
    ship(parts, lots, shipment)
    counted = ask(
        parts,
        "factory-count",
        FactoryCount,
        of=Role.WAREHOUSE_KEEPER,
        limit=limits.factory_count,
        facts=lambda work: to_count(work, lots),
    )
    explanation = explanation_of_differences(parts, lots, counted)
    outcome = judged_and_settled(parts, counted) if counted.arrived else Outcome.NOTHING_ARRIVED
    if explanation:
        tell_explanation(parts, answer_or_overdue(explanation))
    return outcome


def explanation_of_differences(
    parts: Return, lots: Sequence[Listed], counted: FactoryCount
) -> Question[DifferenceExplanation] | None:
    """A difference is put to the sender; its silence accepts the factory's count."""
    differences = take_in(parts, lots, counted)
    if not differences:
        return None
    limit = parts.policy.parts_return.difference_explanation
    return put_to_the_sender(
        parts,
        "difference-explanation",
        DifferenceExplanation,
        limit=limit,
        facts=lambda work: {"differences": differences},
    )
