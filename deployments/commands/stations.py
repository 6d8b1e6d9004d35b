"""The command about repair stations: where they are, what they do, and when their agreements and papers end."""

from typing import Annotated, Any

import typer

from deployments import output
from deployments.commands import app
from models.language import N_, _
from models.queries import stations as found
from models.tables.stations import StationState
from tasks.database import transaction


@app.command(help=_(N_("The repair stations: state, area, address, end of the agreement, next paper that expires.")))
def stations(
    area: Annotated[str, typer.Option("--area", metavar="AREA", help=_(N_("Only those of this area.")))] = "",
) -> None:
    """Which station a consumer of an area is sent to (manual 000 四.2 art. 1)."""
    with transaction() as session:
        listed = found.listed(session, area)
        papers = found.papers_until(session, listed)
        rows: list[dict[str, Any]] = [
            {
                "station": one.party.code,
                "name": one.party.name,
                "state": one.state,
                "area": one.area,
                "address": one.party.address,
                "phone": one.party.phone,
                "term_ends_on": one.term_ends_on,
                "suspended_until": one.suspended_until,
                "papers_until": papers[one.party_id],
            }
            for one in listed
        ]
    if output.as_json:
        return output.data(rows)
    output.table(
        [
            _(N_("Station")),
            _(N_("Name")),
            _(N_("State")),
            _(N_("Area")),
            _(N_("Address")),
            _(N_("Phone")),
            _(N_("Term ends on")),
            _(N_("Papers until")),
        ],
        [
            (
                row["station"],
                row["name"],
                StationState(row["state"]).label,
                row["area"],
                row["address"],
                row["phone"],
                row["term_ends_on"],
                row["papers_until"] or "–",
            )
            for row in rows
        ],
    )
