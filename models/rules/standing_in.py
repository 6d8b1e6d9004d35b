"""Standing in (代理): who acts for whom, how far it goes from hand to hand, and what would be a circle.

People are numbers here. A standing goes from a principal (委托人) to a deputy (代理人); what a deputy holds of others
can be handed on, in as much as both hand-overs cover it: the same time, the same post, the same procedure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Reach:
    """From when until before when, in which post and which procedure; none named is every one."""

    begins: datetime
    ends: datetime
    role: str | None = None
    procedure: str | None = None

    def covers(self, role: str, procedure: str) -> bool:
        """Whether it holds for a question to this post in this procedure; the time is another matter."""
        return self.role in {None, role} and self.procedure in {None, procedure}

    def shared_with(self, other: "Reach") -> "Reach | None":
        """What lies in both; None if nothing does."""
        begins, ends = max(self.begins, other.begins), min(self.ends, other.ends)
        roles, procedures = {self.role, other.role} - {None}, {self.procedure, other.procedure} - {None}
        if begins >= ends or len(roles) > 1 or len(procedures) > 1:
            return None
        return Reach(begins, ends, next(iter(roles), None), next(iter(procedures), None))


#: All the time, in everything.
EVERYTHING = Reach(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Standing:
    """One person acts for one other."""

    principal: int
    deputy: int
    reach: Reach


@dataclass(frozen=True)
class Chain:
    """Who acts stands first, whose post it is last; each one stands in for the next."""

    people: tuple[int, ...]
    reach: Reach


class Standings:
    """Who stands in for whom, to be asked from either side."""

    def __init__(self, found: Iterable[Standing]) -> None:
        self._of_deputy: dict[int, list[Standing]] = defaultdict(list)
        self._of_principal: dict[int, list[Standing]] = defaultdict(list)
        for one in found:
            self._of_deputy[one.deputy].append(one)
            self._of_principal[one.principal].append(one)

    def behind(self, deputy: int, longest: int | None = None, within: Reach = EVERYTHING) -> Iterator[Chain]:
        """Those for whom `deputy` acts, the nearest first, over at most `longest` hand-overs."""
        found = [Chain((deputy,), within)]
        while found and (longest is None or len(found[0].people) <= longest):
            found = [
                Chain((*chain.people, one.principal), reach)
                for chain in found
                for one in self._of_deputy.get(chain.people[-1], ())
                if one.principal not in chain.people and (reach := chain.reach.shared_with(one.reach))
            ]
            yield from found

    def before(self, principal: int, longest: int | None = None, within: Reach = EVERYTHING) -> Iterator[Chain]:
        """Those who act for `principal`, the nearest first, over at most `longest` hand-overs."""
        found = [Chain((principal,), within)]
        while found and (longest is None or len(found[0].people) <= longest):
            found = [
                Chain((one.deputy, *chain.people), reach)
                for chain in found
                for one in self._of_principal.get(chain.people[0], ())
                if one.deputy not in chain.people and (reach := chain.reach.shared_with(one.reach))
            ]
            yield from found

    def is_a_circle(self, new: Standing) -> bool:
        """Whether somebody would come to act for themselves: the principal acts for the deputy already."""
        return any(chain.people[-1] == new.deputy for chain in self.behind(new.principal, within=new.reach))

    def length_with(self, new: Standing) -> int:
        """How many hand-overs the longest chain has that `new` would be part of, itself counted."""
        beyond = [Chain((new.principal,), new.reach), *self.behind(new.principal, within=new.reach)]
        return max(len(chain.people) + self._most_before(new.deputy, chain.reach) for chain in beyond)

    def _most_before(self, principal: int, within: Reach) -> int:
        return max((len(chain.people) - 1 for chain in self.before(principal, within=within)), default=0)
