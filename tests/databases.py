"""Databases that several tests look at, so that what is played in them is played once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from sqlalchemy import create_engine, text

from deployments.postgres import Cluster

#: When tests begin by the business clock, whatever the day they run on and however long others ran before: the calendar
#: opens cases around a month's end, and people work on some days only.
BEGINS = "2026-11-22T18:00:00+08:00"


@contextmanager
def company_copied(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a copy of the sample company's database; it is gone afterwards."""
    name = f"copy_{uuid4().hex[:12]}"
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    copy = create_engine(cluster.url(name))
    with copy.begin() as connection:
        connection.execute(
            text("UPDATE system SET clock_offset = :begins - clock_timestamp()"),
            {"begins": datetime.fromisoformat(BEGINS)},
        )
    copy.dispose()
    yield cluster.url(name).render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()
