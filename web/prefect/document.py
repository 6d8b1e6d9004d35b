"""Writes docs/prefect-access.md: what of Prefect a session may call. `make prefect-access`."""

from pathlib import Path

from web.prefect.access import MAY, Level, table

PAGE = Path(__file__).parent.parent.parent / "docs" / "prefect-access.md"
_SHOWN = [level for level in Level if level is not Level.NONE]

HEAD = """# What of Prefect people may call

Written by `make prefect-access` from `web/prefect/routes.csv`; a test fails when this page is out of date, when Prefect
has a route that the table does not name, and when the table names one that Prefect does not have.

Prefect's server has one key and no people. It listens where only this machine reaches it; workers and runs call it
there with the key. People come through the web part, at one address, signed in, and reach of Prefect what the table
allows to their posts. The policy's section `access` says who they are: `auditors` look, `operators` look and start,
`managers` also answer questions in a run's form, `administrators` do everything. Everybody else is refused, and what
the table does not name is refused to all.

Some requests are not simply passed on:

- **Submitting a run's form** (`resume`) is a decision of the person who is signed in. It goes through the one door like
  an answer in the inbox: whose question it is, separation of duties, who was first. Prefect hears of it afterwards.
- **Starting a procedure** (`create_flow_run`) registers the case for the person who is signed in, whatever the form
  says; besides the form only the time of the start is taken over. How a run is carried out (job variables, queue,
  tags), runs that are no procedures, and runs of a case that is open already are for administrators.
- **Templates and variables** (`__prefect_kind`) are refused in both, and where forms are checked (`validate`).
- **What the UI is told of its server**: this address and no password to ask for (`ui-settings`); of Prefect's settings
  (`admin/settings`) only administrators see more than that it sends no statistics.

A retry, a cancel or a pause of a run in Prefect sets its state, so it takes an administrator. Blocks and variables are
closed to the rest, as they may hold secrets. Everybody who may look sees work pools, deployments and their job
variables: keep secrets out of these.

`read`, `start`, `resume` and `all` are what a route takes; `nobody`: only machines call it, by the other way. `WS` is a
WebSocket, `**` any path from there on.

"""


def page() -> str:
    """The page as it should stand in docs/prefect-access.md."""
    rows = [["", "route", "takes", *_SHOWN], ["---"] * (3 + len(_SHOWN))]
    for route in table():
        allowed = ["yes" if route.needs in MAY[level] else "–" for level in _SHOWN]
        rows.append([route.method, f"`{route.template}`", route.needs, *allowed])
    return HEAD + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
