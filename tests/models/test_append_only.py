"""What happened stays: rows that are never changed or removed, and rows that records name."""

import pytest
from rows import TABLES, name_of_fault
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

APPEND_ONLY = [
    "audit_entry",
    "calendar_version",
    "case_link",
    "deadline_change",
    "decision",
    "document",
    "document_file",
    "money_move",
    "photo",
    "precedent",
    "remark",
    "repair",
    "repair_money",
    "rung",
    "station_change",
    "station_document",
    "step",
    "stock_move",
]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_not_changed(database: Connection, table: str) -> None:
    first = next(iter(TABLES[table].columns)).name
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f"UPDATE {table} SET {first} = {first}"))
    assert name_of_fault(refused) == f"{table}_is_append_only"
    assert f"rows of {table} are never changed or removed" in str(refused.value.orig)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_not_removed(database: Connection, table: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f"DELETE FROM {table}"))
    assert name_of_fault(refused) == f"{table}_is_append_only"


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_not_emptied(database: Connection, table: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f"TRUNCATE {table} CASCADE"))
    assert name_of_fault(refused) == f"{table}_is_append_only"


@pytest.mark.parametrize(
    ("table", "constraint"),
    [
        ("case", "_case_id_case"),
        ("person", "_person"),
        ("party", "_party"),
        ("task", "_task"),
        ("deadline", "_deadline"),
    ],
)
def test_nothing_is_removed_that_records_name(database: Connection, table: str, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f'DELETE FROM "{table}"'))
    found = name_of_fault(refused) or ""
    assert found.startswith("fk_")
    assert found.endswith(constraint)
