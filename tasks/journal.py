"""Steps (步骤): effects that happen once in a case, whatever happens to the run that carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from models.errors import CaseEnded
from models.forms import Form
from models.language import N_
from models.policy import Policy
from models.queries import cases, clock
from models.tables.cases import Case, Step
from tasks.carrying import carrier
from tasks.database import transaction

R = TypeVar("R", bound=Form)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class CaseFile(Generic[R]):
    """A case as its flow holds it: what never changes while it runs. Everything else is read where it is needed."""

    id: int
    number: str
    policy: Policy
    report: R
    reported_at: datetime


@dataclass(frozen=True)
class Work(Generic[R]):
    """One step being done: its transaction, its case (locked), the business time and its key."""

    session: Session
    case: Case
    file: CaseFile[R]
    at: datetime
    key: str

    @property
    def policy(self) -> Policy:
        """The policy version that the case began with."""
        return self.file.policy

    @property
    def report(self) -> R:
        """The start form of the case."""
        return self.file.report


def step(effect: Callable[Concatenate[Work[R], P], T]) -> Callable[Concatenate[CaseFile[R], P], T]:
    """Makes `effect` a step: its change and its journal row commit together, a second call returns the first result.

    The key is the function's name, with `round` behind it from the second round on.
    """
    kept = TypeAdapter[T](get_type_hints(effect)["return"])
    name = effect.__name__.replace("_", "-")

    def once(file: CaseFile[R], *args: P.args, **kwargs: P.kwargs) -> T:
        round = int(str(kwargs.get("round", 1)))
        key = name if round == 1 else f"{name}-{round}"

        def do() -> T:
            with transaction() as session:
                case = cases.lock(session, file.id)
                if done := session.get(Step, (file.id, key)):
                    return _read(kept, done)
                refuse_if_ended(case)
                at = clock.now(session)
                result = effect(Work(session, case, file, at, key), *args, **kwargs)
                session.add(
                    Step(case_id=case.id, key=key, at=at, result={"value": kept.dump_python(result, mode="json")})
                )
                return result

        with transaction() as session:
            if done := session.get(Step, (file.id, key)):
                return _read(kept, done)
        return carrier().show(key, do)

    return wraps(effect)(once)  # type: ignore[return-value]  # wraps cannot say that the first parameter differs


def refuse_if_ended(case: Case) -> None:
    """Raises CaseEnded if the case was closed or withdrawn."""
    if case.withdrawn_at is not None:
        raise CaseEnded(N_("Case {number} was withdrawn."), number=case.number)
    if case.closed_at is not None:
        raise CaseEnded(N_("Case {number} is closed."), number=case.number)


def _read(kept: TypeAdapter[T], done: Step) -> T:
    return kept.validate_python(done.result["value"])
