"""Finding people and parties."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.language import N_
from models.roles import PartyKind, Role
from models.tables.parties import Party, Person, RoleGrant


def person(session: Session, login: str) -> Person:
    """The active person with this login; raises NotFound."""
    found = session.scalars(select(Person).where(Person.login == login, Person.active)).first()
    if found is None:
        raise NotFound(N_("There is no active person with the login {login}."), login=login)
    return found


def holders(session: Session, role: Role) -> Sequence[Person]:
    """The active people who hold `role`, by login; looked up once in a transaction."""
    found: dict[Role, Sequence[Person]] = session.info.setdefault("holders", {})
    if role not in found:
        found[role] = session.scalars(
            select(Person).join(RoleGrant).where(RoleGrant.role == role, Person.active).order_by(Person.login)
        ).all()
    return found[role]


def company(session: Session) -> Party:
    """The company itself, the one party of its kind."""
    found = session.scalars(select(Party).where(Party.kind == PartyKind.COMPANY)).first()
    if found is None:
        raise NotFound(N_("The master data names no company; import the parties first."))
    return found


def party_by_code(session: Session, code: str) -> Party | None:
    """The party with this number, if there is one."""
    return session.scalars(select(Party).where(Party.code == code)).first()


def parties_below(session: Session, party: Party) -> Sequence[Party]:
    """The parties whose responsible superior (逐级负责) is `party`, directly or by steps; manual 000 四.1 art. 5."""
    below = select(Party.id).where(Party.superior_id == party.id).cte(recursive=True)
    below = below.union(select(Party.id).join(below, Party.superior_id == below.c.id))
    return session.scalars(select(Party).where(Party.id.in_(select(below.c.id))).order_by(Party.code)).all()


def superiors(party: Party) -> list[Party]:
    """The parties that answer for `party`, nearest first, up to the company (逐级负责, manual 000 四.1 art. 5)."""
    line: list[Party] = []
    above = party.superior
    while above is not None and above not in line:
        line.append(above)
        above = above.superior
    return line


def line_of(party: Party) -> list[str]:
    """The numbers of `party` and of its superiors, nearest first."""
    return [one.code for one in (party, *superiors(party))]


def logins(people: Iterable[Person]) -> list[str]:
    """The logins of `people`, as they are written into records."""
    return [one.login for one in people]
