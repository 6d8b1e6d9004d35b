"""The commands. Importing this package declares them on `app`, with help in the language in force."""

import typer

from models.language import N_, _

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=_(
        N_("After-sales procedures: start, answer, chase and prove. --json prints JSON, --data DIR names the system.")
    ),
)

from deployments.commands import (  # noqa: E402  # each declares its commands on `app`
    accounts,
    audit,
    cases,
    claims,
    deadlines,
    documents,
    people,
    records,
    rules,
    running,
    stations,
    stock,
    values,
)

__all__ = [
    "accounts",
    "app",
    "audit",
    "cases",
    "claims",
    "deadlines",
    "documents",
    "people",
    "records",
    "rules",
    "running",
    "stations",
    "stock",
    "values",
]
