"""Commands about claims: skip, precedents."""

from typing import Annotated

import typer

from deployments import output
from deployments.clock_views import View, time_in
from deployments.commands import app
from deployments.commands.cases import Login, Number, Reason
from models.language import N_, _
from models.queries import claims
from models.tables.claims import Precedent, RuledFor
from tasks.claim.skipping import skip_levels
from tasks.database import transaction
from tasks.waking import wake


@app.command(help=_(N_("Takes a claim from the level that has it to customer service.")))
def skip(number: Number, reason: Reason, login: Login) -> None:
    """Only the customer service manager may; the level that is skipped is told."""
    wake(skip_levels(number, reason, login))
    if output.as_json:
        return output.data({"case": number, "by": login, "reason": reason})
    output.say(_(N_("Claim {number} is now with customer service."), number=number))


@app.command(help=_(N_("What was ruled before, the newest first.")))
def precedents(
    search: Annotated[
        str, typer.Option("--search", metavar="TEXT", help=_(N_("In headnote, reasons or keywords.")))
    ] = "",
    article: Annotated[
        str, typer.Option("--article", metavar="ARTICLE", help=_(N_("That rest on it, such as «四.1 第七条».")))
    ] = "",
) -> None:
    """The collection of final rulings, by which people explain the policy (manual 000 三 内勤 B, 经理 G)."""
    with transaction() as session:
        found = [_view(one) for one in claims.precedents(session, search, article)]
    if output.as_json:
        return output.data(found)
    output.table(
        [_(N_("Precedent")), _(N_("Case")), _(N_("Article")), _(N_("The ruling is")), _(N_("Headnote"))],
        [
            (one["number"], one["case"], one["article"], RuledFor(one["ruled_for"]).label, one["headnote"])
            for one in found
        ],
    )


def _view(one: Precedent) -> View:
    return {
        "number": one.number,
        "case": one.case.number,
        "article": one.article,
        "headnote": one.headnote,
        "keywords": one.keywords,
        "ruled_for": one.ruled_for,
        "reasons": one.reasons,
        "ruled_at": time_in(one.case, one.ruled_at),
        "ruled_by": one.ruled_by.login,
    }
