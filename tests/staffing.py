"""What changes about people while pages lie open: their posts, whom they work for, who stands in for them."""

from datetime import timedelta

from people import business_now
from sqlalchemy import delete, select, update

from models.queries import people
from models.tables.parties import Party, Person, RoleGrant
from tasks.database import transaction
from tasks.standing_in import delegate


def grant(login: str, role: str) -> None:
    with transaction() as session:
        session.merge(RoleGrant(person_id=people.person(session, login).id, role=role))


def take_away(login: str, role: str) -> None:
    with transaction() as session:
        person_id = people.person(session, login).id
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role == role))


def active(login: str, is_active: bool) -> None:
    with transaction() as session:
        session.execute(update(Person).where(Person.login == login).values(active=is_active))


def works_for(login: str, party: str) -> None:
    with transaction() as session:
        found = select(Party.id).where(Party.code == party).scalar_subquery()
        session.execute(update(Person).where(Person.login == login).values(party_id=found))


def let(principal: str, deputy: str, begins: float = 0, days: float = 3, **what: str) -> int:
    """Somebody stands in for the principal, from so many days on; the number of the delegation."""
    first = business_now() + timedelta(days=begins)
    return delegate(principal, deputy, first, first + timedelta(days=days), "Away.", principal, **what)
