"""The one way to the database: a transaction that commits whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from models.errors import Unavailable
from models.language import N_
from tasks.settings import psycopg2_url, settings


@cache
def engine() -> Engine:
    """This process's engine, made at first use."""
    if not settings().database_url:
        raise Unavailable(
            N_("No database is known here. Start one with «aftersales up», or set AFTERSALES_DATABASE_URL.")
        )
    return create_engine(psycopg2_url(settings().database_url), pool_pre_ping=True, pool_size=2, max_overflow=3)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose work commits at the end of the block and vanishes on an exception.

    Raises Unavailable if PostgreSQL does not answer.
    """
    with Session(engine(), expire_on_commit=False) as session:
        try:
            yield session
            session.commit()
        except (OperationalError, InterfaceError) as error:
            raise Unavailable(N_("The database does not answer: {reason}"), reason=str(error.orig)) from error
