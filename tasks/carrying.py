"""What carries a case: a Prefect run, or nothing but the calling process (tests and rehearsals)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn, Protocol, TypeVar

T = TypeVar("T")


class Waiting(Exception):
    """The case waits for a person; run it again when the task is decided."""

    def __init__(self, task_ref: str) -> None:
        super().__init__(task_ref)
        self.task_ref = task_ref


class Carrier(Protocol):
    """The vehicle of a case."""

    def show(self, name: str, title: str, do: Callable[[], T]) -> T:
        """Does a step where people can see it; `title` says what is done, in the language in force."""

    def keep_story(self, number: str) -> None:
        """Keeps the story of a case that ended."""

    def start(self, number: str) -> None:
        """Has a case carried that came out of this one."""

    def sleep(self, task_id: int) -> None:
        """Sleeps until the task is decided; returns only if it was decided before sleep came."""


class Bare:
    """No vehicle: steps are just done, and a wait raises Waiting."""

    def show(self, name: str, title: str, do: Callable[[], T]) -> T:
        """Does the step."""
        return do()

    def keep_story(self, number: str) -> None:
        """The database has it."""

    def start(self, number: str) -> None:
        """Whoever runs this case runs that one too."""

    def sleep(self, task_id: int) -> NoReturn:
        """Hands the wait to the caller."""
        raise Waiting(str(task_id))


_carrier: ContextVar[Carrier] = ContextVar("carrier")
_BARE = Bare()


def carrier() -> Carrier:
    """The carrier in force."""
    return _carrier.get(_BARE)


@contextmanager
def carried_by(vehicle: Carrier) -> Iterator[None]:
    """Inside, `vehicle` carries the case."""
    token = _carrier.set(vehicle)
    try:
        yield
    finally:
        _carrier.reset(token)
