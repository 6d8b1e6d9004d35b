"""Databases that several tests look at, so that what is played in them is played once."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import create_engine, text

from deployments.postgres import Cluster


@contextmanager
def company_copied(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a copy of the sample company's database; it is gone afterwards."""
    name = f"copy_{uuid4().hex[:12]}"
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield cluster.url(name).render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()
