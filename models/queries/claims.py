"""Finding precedents (裁定案例), deliveries, and who answers for a party."""

from collections.abc import Sequence

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from models.queries import people
from models.roles import POST_AT
from models.rules.claims import Level, levels_above
from models.tables.claims import Precedent
from models.tables.goods import Delivery
from models.tables.parties import Party


def levels_of(party: Party) -> list[Level]:
    """The levels that a claim climbs which arose at `party`, nearest first (manual 000 四.1 art. 5)."""
    line = [Level(one.code, one.kind) for one in people.superiors(party)]
    return levels_above(line, {kind.value for kind in POST_AT})


def precedents(session: Session, search: str = "", article: str = "") -> Sequence[Precedent]:
    """The collection, the newest first: those that rest on `article`, and that have the text `search` in them."""
    found = select(Precedent).order_by(Precedent.number.desc())
    if article:
        found = found.where(Precedent.article == article)
    if search:
        places = (Precedent.headnote, Precedent.reasons, cast(Precedent.keywords, Text))
        found = found.where(or_(*(place.icontains(search, autoescape=True) for place in places)))
    return session.scalars(found).all()


def delivery_by_number(session: Session, number: str) -> Delivery | None:
    """The delivery with this number, if there is one."""
    return session.scalars(select(Delivery).where(Delivery.number == number)).first()
