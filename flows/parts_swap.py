"""Parts swap (维修配件对换). Manual 000, 四.1 售后服务标准, art. 6."""

from collections.abc import Sequence
from itertools import count

from models.forms import YesNo
from models.parts_back_order import (
    BackOrderDate,
    BackOrderStock,
    EmergencyIssue,
    IssueArrival,
    IssueDispatch,
    StockNews,
)
from models.parts_swap import CounterCheck, Outcome, Owed, SwapSlip
from models.roles import Role
from tasks.asking import ask
from tasks.closing import closed
from tasks.journal import CaseFile
from tasks.parts_swap import PARTS_SWAP
from tasks.parts_swap.back_order import count_issue, end_back_order, promise, send_issue
from tasks.parts_swap.counter import accept, hand_over, post_at_the_counter
from tasks.parts_swap.lists import lacking, to_approve, to_check, waiting
from tasks.prefect_run import case_of, procedure

Swap = CaseFile[SwapSlip]


@procedure(PARTS_SWAP)
def parts_swap(report: SwapSlip, case: str | None = None) -> Outcome:
    """A station swaps faulty parts for good ones at an office or distributor.

    The company supplies its authorised stations with ballasts, ring tubes, planar tubes and the like; on handing in
    the faulty part a station gets a new one from the distributor or the branch office. No faulty part, no new part.

    Args:
        report: The station's swap slip (对换单).
        case: Leave empty. The number of a case that goes on (已有工单编号, 请留空).
    """
    swap: Swap = case_of(PARTS_SWAP, report, case)

    post = post_at_the_counter(swap)
    accepted = accept(swap, counter_check(swap, post))
    at_once = hand_over(swap, accepted)
    at_last = fill_back_order(swap, post, at_once) if at_once else []

    claimed = sum(line.pieces for line in swap.report.lines)
    return closed(swap, Outcome.of(claimed, accepted, at_once, at_last))


def counter_check(swap: Swap, post: Role) -> CounterCheck:
    """The counter judges each part by the faulty piece: ours, faulty, of the listed kinds, in warranty."""
    limit = swap.policy.parts_swap.counter_check
    return ask(swap, "counter-check", CounterCheck, of=post, at=swap.report.counter, limit=limit, facts=to_check)


def fill_back_order(swap: Swap, post: Role, owed: Sequence[Owed]) -> list[Owed]:
    """What the counter lacks is promised for a day; the manager may have it issued the same day. Returns the rest."""
    limits = swap.policy.parts_swap
    date = ask(
        swap,
        "back-order-date",
        BackOrderDate,
        of=post,
        at=swap.report.counter,
        limit=limits.back_order_date,
        facts=lambda work: lacking(work, owed),
    )
    promise(swap, owed, date.promised_on, date.note)
    issue = ask(
        swap,
        "emergency-issue",
        EmergencyIssue,
        of=Role.CS_MANAGER,
        limit=limits.emergency_issue,
        facts=lambda work: to_approve(work, owed, date.promised_on),
    )
    left = emergency_issue(swap, post, owed, issue) if issue.approved is YesNo.YES else list(owed)
    return stock_by_other_ways(swap, post, left) if left else []


def emergency_issue(swap: Swap, post: Role, owed: Sequence[Owed], issue: EmergencyIssue) -> list[Owed]:
    """The company sends what is owed to the counter, which counts it and hands it over. Returns what is still owed."""
    limits = swap.policy.parts_swap
    dispatch = ask(
        swap,
        "issue-dispatch",
        IssueDispatch,
        of=Role.WAREHOUSE_KEEPER,
        limit=limits.issue_dispatch,
        facts=lambda work: lacking(work, owed),
    )
    send_issue(swap, owed, issue, dispatch)
    arrival = ask(
        swap,
        "issue-arrival",
        IssueArrival,
        of=post,
        at=swap.report.counter,
        limit=limits.issue_arrival,
        facts=lambda work: lacking(work, owed),
    )
    count_issue(swap, owed, arrival)
    return hand_over(swap, owed, round=2)


def stock_by_other_ways(swap: Swap, post: Role, owed: Sequence[Owed]) -> list[Owed]:
    """The counter says when stock has come, promises another day, or gives it up. Returns what never came."""
    left = list(owed)
    for round in count(1):
        news = ask(
            swap,
            "back-order-stock",
            BackOrderStock,
            of=post,
            at=swap.report.counter,
            limit=swap.policy.parts_swap.back_order_stock,
            facts=lambda work, left=left: waiting(work, left),
            round=round,
        )
        if news.news is StockNews.NEVER:
            return end_back_order(swap, left, news)
        if news.news is StockNews.LATER and news.promised_on is not None:
            promise(swap, left, news.promised_on, news.note, round=round + 1)
        else:
            left = hand_over(swap, left, round=round + 2)
        if not left:
            break
    return left
