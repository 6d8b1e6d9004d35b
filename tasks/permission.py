"""Who may do what is out of the ordinary: the policy names the posts."""

from collections.abc import Collection

from models.errors import NotAllowed
from models.roles import Role
from models.tables.parties import Person


def refuse_unless(person: Person, allowed: Collection[Role], text: str) -> None:
    """Raises NotAllowed with `text`, which may name `{person}` and `{roles}`, unless the person holds one of them."""
    if not person.roles & set(allowed):
        raise NotAllowed(text, person=person.label, roles=", ".join(role.label for role in allowed))
