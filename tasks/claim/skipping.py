"""Skipping levels (越级): only the customer service manager may, with a reason, and it is recorded and told.

One level has a claim at a time. While its question is open, the manager takes it back; the flow sees that it was
taken back and goes on at customer service.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import NotAllowed, NotFound
from models.language import N_
from models.queries import audit, cases, clock, deadlines, people, questions
from models.roles import Role
from models.tables.cases import Case, Step
from models.tables.questions import Task, TaskState
from tasks.claim import CLAIM
from tasks.claim.levels import LEVEL, SKIP
from tasks.database import transaction
from tasks.journal import name_step, refuse_if_ended
from tasks.notices import notify, to_party, to_person
from tasks.permission import refuse_unless
from tasks.withdrawing import Reason

name_step(__name__, SKIP, N_("Level skipped by the customer service manager"))


def skip_levels(number: str, reason: str, by: str) -> int:
    """Takes a claim from the level that has it to customer service; the id of its case, whose run is to be woken.

    `by` is the manager's login. Raises NotFound, NotAllowed, CaseEnded or InvalidInput, and then nothing has changed.
    """
    checked = Reason.read({"reason": reason}).reason
    with transaction() as session:
        case = cases.by_number(session, number, lock=True)
        if case.procedure != CLAIM.code:
            raise NotFound(N_("Case {number} is no claim; only claims have levels."), number=number)
        manager = people.person(session, by)
        refuse_unless(manager, [Role.CS_MANAGER], N_("{person} may not skip a level; that takes one of: {roles}."))
        refuse_if_ended(case)
        task = _with_a_level(session, case)
        at = clock.now(session)
        told = [to_person(one) for one in questions.candidates(session, task)]
        assert task.at_party is not None, "a level is a party"
        told.append(to_party(session, task.at_party, case))
        task.state = TaskState.WITHDRAWN
        # Nothing else of a claim has a clock while a level has it.
        deadlines.abandon_unmet(session, case, at, "skipped", manager.login)
        record = {"by": manager.login, "reason": checked, "level": task.at_party.code}
        session.add(Step(case_id=case.id, key=_next_key(session, case), at=at, result={"value": record}))
        audit.record(session, at, manager.login, "level_skipped", task.ref, record)
        facts = {"by": manager.label, "reason": checked}
        notify(session, case, at, "claim/skipped", told, facts, key=f"skipped:{task.round}")
        return case.id


def _with_a_level(session: Session, case: Case) -> Task:
    asked = [task for task in questions.open_in(session, case.id) if task.key == LEVEL]
    if not asked:
        raise NotAllowed(N_("No level has claim {number} now; there is nothing to skip."), number=case.number)
    return asked[0]


def _next_key(session: Session, case: Case) -> str:
    done = select(func.count()).where(Step.case_id == case.id, Step.key.like(f"{SKIP}%"))
    return f"{SKIP}-{(session.scalar(done) or 0) + 1}"
