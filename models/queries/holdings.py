"""What parties hold of parts, held still: nobody else takes from these accounts until the transaction ends."""

from collections.abc import Collection

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models.queries import stock
from models.tables.goods import Product
from models.tables.ledgers import Condition
from models.tables.parties import Party

#: An account of the stock ledger, by the numbers of part and party.
AccountKey = tuple[str, str, Condition]


def held_still(
    session: Session, parts: Collection[Product], places: Collection[tuple[Party, Condition]]
) -> dict[AccountKey, int]:
    """Pieces of each part in each place, none where there are none.

    The locks are those that the ledger's own trigger takes, in one order, so that two who want the same accounts wait
    for each other and not in a circle.
    """
    keys = sorted(f"stock:{part.id}:{party.id}:{condition}" for part in parts for party, condition in places)
    every = func.unnest(bindparam("keys", keys, ARRAY(Text())))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(every, 0)))).all()
    there = {
        (one.product, one.party, one.condition): one.pieces
        for code in {party.code for party, _condition in places}
        for one in stock.balances(session, party=code)
    }
    accounts = [(part.code, party.code, condition) for part in parts for party, condition in places]
    return {account: there.get(account, 0) for account in accounts}
