"""What must agree in a closed parts swap: the counter's decisions, the stock, the repairs and the money."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.language import N_
from models.parts_back_order import IssueArrival
from models.parts_swap import LineDecision, SwapSlip
from models.queries import repairs
from models.tables.cases import Case, Step
from models.tables.ledgers import Account, Condition, MoneyMove, StockMove
from models.tables.questions import Task, TaskState
from models.tables.repairs import Repair

Pieces = Counter[str]


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    slip = SwapSlip.read(case.input)
    part_of = {line.slip: line.part for line in slip.lines}
    content = repairs.swap_slips_of(session, case.id)
    checked = [line for one in content for line in one.get("checked", []) if line["accepted"]]
    handed_over = [line for one in content for line in one.get("handed_over", [])]
    ended = _ended(session, case)
    fitted, swapped, given = Counter[str](), Counter[str](), Counter[str]()
    for line in checked:
        part, pieces = part_of[line["slip"]], line["accepted"]
        still_owed = ended[line["slip"]]
        fitted[part] += line["fitted"]
        given[part] += pieces - still_owed
        swapped[part] += pieces - still_owed if line["decision"] == LineDecision.SWAP else 0
    if _moved(session, case, Condition.GOOD, Condition.WITH_CONSUMER) != +fitted:
        yield "fitted_differs", N_("What was fitted in the books is not what was accepted.")
    if _moved(session, case, Condition.FAULTY, Condition.FAULTY) != +swapped:
        yield "faulty_differs", N_("The faulty parts that came in are not those that were accepted.")
    if _moved(session, case, Condition.GOOD, Condition.GOOD) != +given:
        yield "good_differs", N_("The good parts that went out are not as many as were accepted.")
    if _counted(session, case) != _moved(session, case, Condition.IN_TRANSIT, Condition.GOOD):
        yield "issue_differs", N_("The counter's good stock did not grow by what it counted of the issue.")
    if not _recorded(session, case, {line["slip"]: line["accepted"] for line in checked}):
        yield "repairs_differ", N_("The repairs recorded are not those that were accepted.")
    prices = (line["pieces"] * Decimal(line["unit_price"]) for line in handed_over if line["sold"])
    if _charged(session, case) != sum(prices, Decimal(0)):
        yield "sale_differs", N_("What the station owes is not the price of the parts it bought.")


def _moved(session: Session, case: Case, frm: Condition, to: Condition) -> Pieces:
    """Pieces of each part that went from one condition to another."""
    moves = select(StockMove).where(
        StockMove.case_id == case.id, StockMove.from_condition == frm, StockMove.to_condition == to
    )
    moved: Pieces = Counter()
    for move in session.scalars(moves):
        moved[move.product.code] += move.quantity
    return moved


def _ended(session: Session, case: Case) -> Pieces:
    """Pieces by slip that were still owed when the back-order was given up."""
    step = session.get(Step, (case.id, "end-back-order"))
    return Counter({one["slip"]: one["pieces"] for one in step.result["value"]} if step else {})


def _counted(session: Session, case: Case) -> Pieces:
    """What the counter counted of an issue."""
    counted: Pieces = Counter()
    arrivals = select(Task).where(Task.case_id == case.id, Task.key == "issue-arrival", Task.state == TaskState.DECIDED)
    for task in session.scalars(arrivals):
        assert task.decision is not None, "a decided task has its decision"
        for line in IssueArrival.read(task.decision.answer, task.facts).lines:
            counted[line.part] += line.received
    return +counted


def _recorded(session: Session, case: Case, accepted: dict[str, int]) -> bool:
    """Whether each repair that was accepted is recorded, and this case recorded no other and no other pieces."""
    own = session.scalars(select(Repair).where(Repair.case_id == case.id))
    by_this_case = {one.slip: one.pieces for one in own}
    known = repairs.of_slips(session, case.party, accepted)
    return known.keys() == accepted.keys() and by_this_case.items() <= accepted.items()


def _charged(session: Session, case: Case) -> Decimal:
    charged = select(func.coalesce(func.sum(MoneyMove.amount), 0)).where(
        MoneyMove.case_id == case.id, MoneyMove.from_account == Account.PARTY_RECEIVABLE
    )
    return session.scalar(charged) or Decimal(0)
