"""Claim or dispute, level by level (投诉与争议逐级处理). Manual 000, 四.1 售后服务标准, art. 5 and 7; 三 内勤 E."""

from models.claim import CameIn, ClaimFile, ClaimReport, HandledClaim, LevelAnswer, ManagerAnswer, Outcome
from models.roles import POST_AT, PartyKind, Role
from models.rules.claims import Level, mediates
from tasks.asking import Overdue, TakenBack, ask, put, what_came
from tasks.claim import CLAIM
from tasks.claim.ending import complete_file, record_settlement, refer_for_ruling
from tasks.claim.levels import call_in_regional_manager, climb, find_levels, next_above
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.prefect_run import case_of, procedure

Claim = CaseFile[ClaimReport]


@procedure(CLAIM)
def claim(report: ClaimReport, case: str | None = None) -> Outcome:
    """A claim climbs the line of responsibility, one level at a time.

    Each level answers for the one that it supplies: shops for their sub-distributors, distributors and offices for
    their shops, and office and regional manager mediate. What a level does not settle, or leaves unanswered, goes to
    the next; exceptions and unclear liability reach customer service in the end, which rules on them.

    Args:
        report: The claim (投诉或争议).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    filed: Claim = case_of(CLAIM, report, case)

    levels = find_levels(filed)
    for place, level in enumerate(levels, 1):
        following = levels[place] if place < len(levels) else None
        came = asked_at(filed, level, following, place)
        if isinstance(came, LevelAnswer) and came.ending:
            return ended(filed, came, level)
        climb(filed, level, following, came, round=place)
        if isinstance(came, TakenBack):
            break
    return at_customer_service(filed, levels)


def asked_at(filed: Claim, level: Level, following: Level | None, place: int) -> LevelAnswer | Overdue | TakenBack:
    """The level that has the claim settles it or passes it up; silence passes it up too.

    What came to head office is routed down with the clock running: the first level has what is left of its time.
    """
    limits = filed.policy.claims
    if mediates(level):
        call_in_regional_manager(filed, level, round=place)
    question = put(
        filed,
        "level",
        LevelAnswer,
        of=POST_AT[PartyKind(level.kind)],
        at=level.party,
        limit=limits.mediation if mediates(level) else limits.level,
        since=filed.reported_at if place == 1 and filed.report.came_in is CameIn.HEAD_OFFICE else None,
        facts=lambda work: next_above(work, following),
        round=place,
    )
    return what_came(question)


def at_customer_service(filed: Claim, levels: list[Level]) -> Outcome:
    """The clerk completes the file; the manager settles the claim directly, or it is ruled on."""
    limits = filed.policy.claims
    file = ask(filed, "claim-file", ClaimFile, of=Role.CS_CLERK, limit=limits.claim_file)
    complete_file(filed, file)
    answer = ask(filed, "manager-answer", ManagerAnswer, of=Role.CS_MANAGER, limit=limits.manager_answer)
    if answer.ending:
        return ended(filed, answer, None)
    refer_for_ruling(filed, file, levels)
    return closed(filed, Outcome.REFERRED_FOR_RULING)


def ended(filed: Claim, answer: HandledClaim, level: Level | None) -> Outcome:
    """The claimant has accepted what was agreed, or does not go on."""
    assert answer.ending is not None, "only what ends the claim comes here"
    if answer.ending is Outcome.SETTLED:
        record_settlement(filed, answer, level)
    return closed(filed, answer.ending)
