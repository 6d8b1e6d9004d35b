"""The one way to the database: a transaction that commits whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from psycopg2.errorcodes import UNDEFINED_TABLE
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
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
    return create_engine(
        psycopg2_url(settings().database_url),
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=3,
        # Values of a statement that failed would stand in a log: what people wrote, hashes of passwords.
        hide_parameters=True,
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose work commits at the end of the block and vanishes on an exception.

    Raises Unavailable if PostgreSQL does not answer.
    """
    with _told_apart(), Session(engine(), expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def connection() -> Iterator[Connection]:
    """A connection for what belongs to no transaction, such as a lock. Raises Unavailable."""
    with _told_apart(), engine().connect() as opened:
        yield opened


@contextmanager
def _told_apart() -> Iterator[None]:
    """PostgreSQL that does not answer, and a database without our tables, as errors that people understand."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(N_("The database does not answer: {reason}"), reason=str(error.orig).strip()) from error
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") == UNDEFINED_TABLE:
            raise Unavailable(N_("This database has not been set up; run «aftersales up» first.")) from error
        raise
