"""Bringing a database to the tables of this version; data is kept."""

import secrets
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from models.tables.system import System

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for one connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection, *, rehearsal: bool) -> None:
    """Migrates to the newest version; a new database is marked as rehearsal or real, an old one keeps its mark."""
    command.upgrade(alembic_config(connection), "head")
    with Session(connection) as session:
        if session.get(System, 1) is None:
            new = System(id=1, instance=uuid4(), rehearsal=rehearsal, clock_offset=timedelta())
            new.link_key = secrets.token_urlsafe()
            session.add(new)
        session.commit()
