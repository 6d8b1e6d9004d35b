"""A request to Prefect, once it is known who calls and what they may do."""

from dataclasses import dataclass

from starlette.requests import Request

from web.prefect.access import Capability
from web.sessions import Visitor


@dataclass(frozen=True)
class Call:
    """Somebody calls Prefect at `path`, which means one thing only."""

    request: Request
    visitor: Visitor
    may: frozenset[Capability]
    path: str

    @property
    def is_an_administrators(self) -> bool:
        """Whether the caller may do everything that people do with Prefect."""
        return Capability.ALL in self.may
