"""What must agree in a closed claim: its outcome, the answers, the ruling that came out of it, what was skipped."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.claim import ENDS, Handling, Outcome
from models.language import N_
from models.queries import links
from models.tables.cases import Case, Step
from models.tables.questions import Decision, Task, TaskState
from tasks.claim.levels import SKIP
from tasks.final_ruling import FINAL_RULING


def prove(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """Codes and texts of what does not agree; nothing if all does."""
    answers = session.scalars(
        select(Decision.answer)
        .join(Task)
        .where(Task.case_id == case.id, Task.state == TaskState.DECIDED, Decision.answer.has_key("handling"))
        .order_by(Task.id)
    ).all()
    last = Handling(answers[-1]["handling"]) if answers else None
    if last is None or ENDS.get(last, Outcome.REFERRED_FOR_RULING) != case.outcome:
        yield "outcome_differs", N_("The outcome is not what was answered last.")
    rulings = [one for one in links.children(session, case.id) if one.procedure == FINAL_RULING.code]
    if len(rulings) != (case.outcome == Outcome.REFERRED_FOR_RULING):
        yield "referral_differs", N_("A claim referred for ruling leads to one final ruling, any other to none.")
    taken_back = select(func.count()).where(Task.case_id == case.id, Task.state == TaskState.WITHDRAWN)
    skips = select(func.count()).where(Step.case_id == case.id, Step.key.like(f"{SKIP}%"))
    if session.scalar(taken_back) != session.scalar(skips):
        yield "skip_differs", N_("A level's question was taken back, and nothing says who did it and why.")
