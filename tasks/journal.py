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
from models.language import N_, _
from models.policy import Policy
from models.queries import cases, clock
from models.tables.cases import Case, Step
from tasks.carrying import carrier
from tasks.database import transaction

R = TypeVar("R", bound=Form)
P = ParamSpec("P")
T = TypeVar("T")

#: Steps of any procedure are declared in modules of this package, those of one procedure in modules of its own.
EVERY_PROCEDURE = "tasks"
#: What steps did, as people read it, by the package that declares them and their key: two procedures may have a step
#: of the same name.
LABELS: dict[tuple[str, str], str] = {}


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


def step(
    label: str,
) -> Callable[[Callable[Concatenate[Work[R], P], T]], Callable[Concatenate[CaseFile[R], P], T]]:
    """Makes a function a step: its change and its journal row commit together, a second call returns the first result.

    The key is the function's name, with `round` behind it from the second round on. `label` says to people what was
    done, marked `N_`. Raises TypeError if the procedure has a step of that name already.
    """

    def declared(effect: Callable[Concatenate[Work[R], P], T]) -> Callable[Concatenate[CaseFile[R], P], T]:
        key = effect.__name__.replace("_", "-")
        name_step(effect.__module__, key, label)
        return _once(effect, key, label)

    return declared


def name_step(module: str, key: str, label: str) -> None:
    """Says what the journal rows of `key` are for people: `label`, marked `N_`, for the procedure of `module`.

    Raises TypeError if the procedure has such rows already.
    """
    package = module.rpartition(".")[0]
    for other, known in LABELS:
        if known == key and (other == package or EVERY_PROCEDURE in {other, package}):
            raise TypeError(f"there are two steps {key}: in {other} and in {module}")
    LABELS[package, key] = label


def in_round(text: str, round: int) -> str:
    """`text` in the language in force, with the round behind it from the second on."""
    return text if round == 1 else _(N_("{step}, round {round}"), step=text, round=round)


def _once(
    effect: Callable[Concatenate[Work[R], P], T], name: str, label: str
) -> Callable[Concatenate[CaseFile[R], P], T]:
    kept = TypeAdapter[T](get_type_hints(effect)["return"])

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
        return carrier().show(key, in_round(_(label), round), do)

    return wraps(effect)(once)  # type: ignore[return-value]  # wraps cannot say that the first parameter differs


def refuse_if_ended(case: Case) -> None:
    """Raises CaseEnded if the case was closed or withdrawn."""
    if case.withdrawn_at is not None:
        raise CaseEnded(N_("Case {number} was withdrawn."), number=case.number)
    if case.closed_at is not None:
        raise CaseEnded(N_("Case {number} is closed."), number=case.number)


def _read(kept: TypeAdapter[T], done: Step) -> T:
    return kept.validate_python(done.result["value"])
