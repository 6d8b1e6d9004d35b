"""Who stands in (代理) for whom now: dated delegations, and the chains they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from models.errors import NotFound
from models.language import N_
from models.queries import clock
from models.queries.access import access
from models.rules.standing_in import Chain, Reach, Standing, Standings
from models.tables.parties import Person
from models.tables.standing_in import Delegation

_LOCK = 0x4445505554  # "DEPUT"


@dataclass(frozen=True)
class Way:
    """How somebody comes to act in a post: it is their own, or they stand in, directly or by others, for its holder.

    Who acts stands first, whose post it is last.
    """

    people: tuple[Person, ...]

    @property
    def acts(self) -> Person:
        """Who acts."""
        return self.people[0]

    @property
    def holder(self) -> Person:
        """Whose post it is."""
        return self.people[-1]

    @property
    def in_place_of(self) -> Person | None:
        """For whom a deputy acts; nobody for people who act for themselves."""
        return self.holder if len(self.people) > 1 else None


@dataclass(frozen=True)
class Deputed(Way):
    """A way by which a deputy acts, and in what."""

    reach: Reach


@dataclass(frozen=True)
class _Now:
    """The delegations in force, looked up once in a transaction."""

    people: dict[int, Person]
    standings: Standings
    longest: int

    def ways(self, chains: Iterable[Chain]) -> list[Deputed]:
        return [Deputed(tuple(self.people[one] for one in chain.people), chain.reach) for chain in chains]


def those_behind(session: Session, deputy: Person) -> list[Deputed]:
    """For whom this person may act now, by the business clock, the nearest first; over as many as the policy allows."""
    now = _now(session)
    return now.ways(now.standings.behind(deputy.id, now.longest))


def those_before(session: Session, holder: Person) -> list[Deputed]:
    """Who may act for this person now, the nearest first."""
    now = _now(session)
    return now.ways(now.standings.before(holder.id, now.longest))


def anybody(session: Session) -> bool:
    """Whether anybody at all stands in for somebody now."""
    return bool(_now(session).people)


def _now(session: Session) -> _Now:
    if "standing_in" not in session.info:
        found = _in_force(session, clock.now(session))
        people = {person.id: person for one in found for person in (one.principal, one.deputy)}
        longest = access(session).longest_chain if found else 0
        session.info["standing_in"] = _Now(people, Standings(map(as_standing, found)), longest)
    now: _Now = session.info["standing_in"]
    return now


def _in_force(session: Session, at: datetime) -> Sequence[Delegation]:
    """With the posts of the principals; whoever is not active any more neither acts nor passes anything on."""
    principal, deputy = aliased(Person), aliased(Person)
    query = (
        select(Delegation)
        .join(principal, principal.id == Delegation.principal_id)
        .join(deputy, deputy.id == Delegation.deputy_id)
        .where(
            Delegation.ended_at.is_(None),
            Delegation.from_at <= at,
            Delegation.until_at > at,
            principal.active,
            deputy.active,
        )
        .order_by(Delegation.id)
        .options(joinedload(Delegation.principal).joinedload(Person.grants), joinedload(Delegation.deputy))
    )
    return session.scalars(query).unique().all()


def as_standing(one: Delegation) -> Standing:
    """A delegation as the rules know it."""
    return Standing(one.principal_id, one.deputy_id, Reach(one.from_at, one.until_at, one.role, one.procedure))


def hold(session: Session) -> None:
    """Makes whoever changes delegations wait for each other, so that two changes together make no circle."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def not_over(session: Session, at: datetime) -> Sequence[Delegation]:
    """The delegations in force and to come, those that begin first in front."""
    return session.scalars(
        select(Delegation)
        .where(Delegation.ended_at.is_(None), Delegation.until_at > at)
        .order_by(Delegation.from_at, Delegation.id)
        .options(joinedload(Delegation.principal), joinedload(Delegation.deputy), joinedload(Delegation.made_by))
    ).all()


def all_of(session: Session) -> Sequence[Delegation]:
    """Every delegation there ever was, those that begin first in front."""
    return session.scalars(select(Delegation).order_by(Delegation.from_at, Delegation.id)).all()


def by_id(session: Session, number: int, *, lock: bool = False) -> Delegation:
    """The delegation with this number; raises NotFound."""
    found = session.get(Delegation, number, with_for_update=lock or None) if 0 < number < 2**63 else None
    if found is None:
        raise NotFound(N_("There is no delegation {number}."), number=number)
    return found
