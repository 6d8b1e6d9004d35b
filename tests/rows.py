"""Rows that break a constraint: a row of a real case, another like it, a change of it."""

from typing import Any
from uuid import UUID

import psycopg2.errors
import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import IntegrityError

from models.tables import Base

TABLES = Base.metadata.tables

#: A row of each table that the played cases leave empty.
ONE_OF_EACH = """
INSERT INTO case_link (parent_id, child_id, step, at)
SELECT parent.id, child.id, 'order-recall', now() FROM "case" parent, "case" child
WHERE parent.number LIKE 'BQ-%-0001' AND child.number LIKE 'BQ-%-0002';
INSERT INTO document_file (case_id, kind, number, name, media_type, content)
SELECT case_id, kind, number, 'finding.docx', 'application/octet-stream', 'x' FROM document WHERE kind = 'finding';
INSERT INTO repair_money (repair_id, fee, charged, case_id) SELECT id, 5, 0, case_id FROM repair;
INSERT INTO parts_charge (case_id, party_id, amount, currency, charged_at, settled_at)
SELECT case_id, station_id, 18.5, 'CNY', now(), now() FROM repair;
INSERT INTO measure (case_id, number, department, product_id, batch, problem, asked, urgent, cause, answer, state)
SELECT case_id, 1, 'quality_dept', product_id, '', 'dark', 'look', false, '', '', 'open' FROM repair;
INSERT INTO proposal (product_id, batch, pieces, stations, case_id, proposed_at, state)
SELECT product_id, 'MH260901A', 5, 2, case_id, now(), 'open' FROM repair;
INSERT INTO precedent (number, case_id, article, headnote, keywords, ruled_for, reasons, ruled_at, ruled_by_id)
SELECT 'PC-2026-0001', id, '四.1 第七条', 'a rule', '[]', 'claimant', 'seen', now(), opened_by FROM "case"
WHERE number LIKE 'PS-%';
INSERT INTO station_repairer (station_id, name, certificate_number, certified_on, valid_until, case_id)
SELECT station_id, 'Cai Ming', 'Z-1', '2026-01-01', '2027-12-31', case_id FROM repair;
INSERT INTO account (person_id, password_hash, changed_at, must_change)
SELECT id, 'x', now(), true FROM person WHERE login = 'li.na';
INSERT INTO signed_in (token_hash, person_id, begun_at, last_seen_at, ends_at)
SELECT repeat('a', 64), id, now(), now(), now() + interval '1 hour' FROM person WHERE login = 'li.na';
INSERT INTO brake (key, failures, last_at, blocked_until) VALUES ('login:li.na', 1, now(), now());
INSERT INTO delegation (principal_id, deputy_id, from_at, until_at, reason, made_at, made_by_id)
SELECT one.id, other.id, now(), now() + interval '1 day', 'away', now(), one.id FROM person one, person other
WHERE one.login = 'li.na' AND other.login = 'gao.jie';
INSERT INTO answer_link (code_hash, task_id, person_id, made_at, expires_at)
SELECT repeat('a', 64), task.id, person.id, now(), now() + interval '1 hour' FROM task, person
WHERE task.ref LIKE 'BQ-%-0001:batch-verdict:1' AND person.login = 'li.na';
INSERT INTO remark (case_id, by_id, at, text, asked_id)
SELECT "case".id, one.id, now(), 'how many?', other.id FROM "case", person one, person other
WHERE number LIKE 'BQ-%-0001' AND one.login = 'li.na' AND other.login = 'gao.jie';
INSERT INTO remark (case_id, by_id, at, text, answers_id)
SELECT case_id, asked_id, now(), 'nine', id FROM remark WHERE asked_id IS NOT NULL;
INSERT INTO photo (case_id, by_id, at, name, media_type, digest, content)
SELECT id, opened_by, now(), 'lamp.jpg', 'image/jpeg', repeat('a', 64), 'x' FROM "case" WHERE number LIKE 'BQ-%-0001';
"""

#: The first deadline, counted anew once.
COUNTED_ANEW = text(
    "INSERT INTO deadline_change "
    "(deadline_id, number, at, by, reason, cause, due_before, due_after, budget_before, budget_after) "
    "SELECT id, 1, due_at, 'li.na', 'typhoon', 'calendar office 2', due_at, due_at, '4 hours', '4 hours' "
    "FROM deadline ORDER BY id LIMIT 1"
)
#: The run of the first case in Prefect.
RUN = UUID("00000000-0000-4000-8000-000000000001")
NEW_STEP = {"step": "another"}

#: Pieces that a case moved out of an account which nobody counts.
DISPUTED = {"from_condition": "disputed"}
NOW = text("now()")
LONG_AGO = "2001-01-01T00:00:00Z"
#: The remark that answers another.
ANSWERED = {"text": "nine"}
#: A deadline that has not ended and does not stand.
RUNNING = {"met_at": None, "abandoned_at": None, "paused_at": None}


def add_what_no_case_left(database: Connection) -> None:
    """A row of each table that is empty otherwise, a run of the first case, a change of the first deadline."""
    database.execute(text("UPDATE \"case\" SET flow_run_id = :run WHERE number LIKE 'BQ-%-0001'"), {"run": RUN})
    database.execute(COUNTED_ANEW)
    database.exec_driver_sql(ONE_OF_EACH.replace("%", "%%"))


def row_of(database: Connection, table: str, **where: Any) -> dict[str, Any]:
    """A row of the table, the first of those that match."""
    columns = TABLES[table].c
    query = select(TABLES[table]).order_by(*TABLES[table].primary_key.columns).limit(1)
    for name, value in where.items():
        query = query.where(columns[name].is_(None) if value is None else columns[name] == value)
    return dict(database.execute(query).mappings().one())


def add_another(database: Connection, table: str, where: dict[str, Any], changes: dict[str, Any]) -> None:
    """Adds a copy of a row with some values changed; only a number that the database gives is new."""
    row = row_of(database, table, **where)
    row = {name: value for name, value in row.items() if TABLES[table].c[name].identity is None}
    database.execute(TABLES[table].insert().values(**row | changes))


def change(database: Connection, table: str, where: dict[str, Any], changes: dict[str, Any]) -> None:
    """Changes one row."""
    row = row_of(database, table, **where)
    key = [column == row[column.name] for column in TABLES[table].primary_key.columns]
    database.execute(update(TABLES[table]).where(*key).values(**changes))


def name_of_fault(refused: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    """The constraint that PostgreSQL names."""
    original = refused.value.orig
    assert isinstance(original, psycopg2.Error)
    return original.diag.constraint_name
