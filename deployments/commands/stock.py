"""The command about stock: who holds how many pieces of a part, in which condition."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from deployments import output
from deployments.commands import app
from models.errors import NotFound
from models.language import N_, _
from models.queries import goods, people
from models.queries.stock import Balance, balances
from tasks.database import transaction


@app.command(help=_(N_("Who holds how many pieces of each part, in which condition.")))
def stock(
    party: Annotated[
        str, typer.Option("--party", metavar="CODE", help=_(N_("Only what this party holds, such as R-01.")))
    ] = "",
    part: Annotated[
        str, typer.Option("--part", metavar="CODE", help=_(N_("Only this part or product, such as P-001.")))
    ] = "",
) -> None:
    """Every account of the stock ledger that is not empty; over all parties a part adds up to nothing."""
    with transaction() as session:
        _refuse_unknown(session, party, part)
        found = balances(session, party, part)
    if output.as_json:
        return output.data(
            [
                {"part": one.product, "party": one.party, "condition": one.condition, "pieces": one.pieces}
                for one in found
            ]
        )
    if not found:
        return output.say(_(N_("The books hold nothing of it.")))
    output.table([_(N_("Part")), _(N_("Party")), _(N_("Condition")), _(N_("Pieces"))], _rows(found, summed=not party))


def _refuse_unknown(session: Session, party: str, part: str) -> None:
    if party and people.party_by_code(session, party) is None:
        raise NotFound(N_("There is no party {code}."), code=party)
    if part and goods.product_by_code(session, part) is None:
        raise NotFound(N_("There is no product or part {code}."), code=part)


def _rows(found: Sequence[Balance], *, summed: bool) -> Iterator[tuple[str, str, str, int]]:
    """A line for each account; under each part the sum over all, which is zero, since every move has two sides."""
    for part, accounts in groupby(found, lambda one: one.product):
        lines = list(accounts)
        yield from ((part, one.party, one.condition.label, one.pieces) for one in lines)
        if summed:
            yield part, _(N_("all together")), "", sum(one.pieces for one in lines)
