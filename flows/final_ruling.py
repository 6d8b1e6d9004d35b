"""Final ruling (最终裁定). Manual 000, 四.1 售后服务标准, art. 7; 一.5; 三 经理 G."""

from models.final_ruling import FOLLOWS, Execution, Outcome, Ruling, RulingFile, RulingRequest
from models.roles import Role
from tasks.asking import ask
from tasks.closing import closed
from tasks.final_ruling import FINAL_RULING
from tasks.final_ruling.lists import for_the_ruling, to_be_done
from tasks.final_ruling.ruling import carry_out, file_positions, hand_down, keep_precedent
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure

Dispute = CaseFile[RulingRequest]


@procedure(FINAL_RULING)
def final_ruling(report: RulingRequest, case: str | None = None) -> Outcome:
    """Customer service rules on a dispute that no level could settle.

    In an exception, or where it cannot be told who is liable, the customer service manager interprets the policy and
    rules in writing, with reasons and the article; inside the company there is no appeal. What was ruled is carried
    out, and joins the collection by which the like is decided later.

    Args:
        report: The request for a ruling (裁定申请).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    dispute: Dispute = case_of(FINAL_RULING, report, case)

    if not dispute.report.has_its_file:
        collect_both_positions(dispute)
    ruling = rule(dispute)
    if duty := hand_down(dispute, ruling):
        execution = ask(
            dispute,
            "execution",
            Execution,
            of=duty.role,
            at=duty.party,
            within="execution",
            facts=lambda work: to_be_done(work, ruling),
        )
        carry_out(dispute, ruling, execution)
    keep_precedent(dispute, ruling)
    return closed(dispute, FOLLOWS[ruling.ruled_for])


def collect_both_positions(dispute: Dispute) -> None:
    """Nobody is ruled on unheard: the clerk files what each side says, and the evidence."""
    limit = dispute.policy.claims.ruling_file
    file_positions(dispute, ask(dispute, "ruling-file", RulingFile, of=Role.CS_CLERK, limit=limit))


def rule(dispute: Dispute) -> Ruling:
    """The manager's word is final (最终解释和裁定); who registered the dispute does not rule on it."""
    limit = dispute.policy.claims.final_ruling
    return ask(dispute, "final-ruling", Ruling, of=Role.CS_MANAGER, limit=limit, facts=for_the_ruling)
