"""The audit trail: a chain that nobody alters unnoticed, written by many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.queries import audit
from models.tables.audit import AuditEntry
from tasks.database import transaction

AT = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)


def record(subject: str, detail: dict[str, Any] | None = None, *, at: datetime = AT) -> None:
    with transaction() as session:
        audit.record(session, at, "li.na", "tested", subject, detail or {})


def broken() -> list[int]:
    with transaction() as session:
        return list(audit.broken_entries(session))


def numbers() -> list[int]:
    with transaction() as session:
        return list(session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)))


def behind_the_guard(engine: Engine, *statements: str) -> None:
    """What somebody with all rights on the database could do."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER append_only"))
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER append_only"))


@pytest.fixture
def five(company: Engine) -> int:
    """The company's database with five more entries; the number of the first of them."""
    for subject in "abcde":
        record(subject, {"letter": subject})
    return numbers()[-5]


def test_the_chain_of_a_new_company_is_whole(company: Engine) -> None:
    assert numbers() == [1, 2, 3]  # the calendar, the policy, the master data
    assert broken() == []


def test_records_join_the_chain_and_keep_it_whole(company: Engine, five: int) -> None:
    assert five == 4
    assert numbers() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert broken() == []


def test_the_first_entry_begins_the_chain(company: Engine) -> None:
    with transaction() as session:
        first, second, _third = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert first.previous == "0" * 64
    assert second.previous == first.digest
    assert len(first.digest) == 64


def test_any_detail_that_json_can_hold_keeps_the_chain_whole(company: Engine) -> None:
    record(
        "中文 «quoted»", {"b": 1, "a": [1, {"z": None, "é": "灯\n\t\"'\\"}], "empty": {}, "flag": True, "n": -7, "": ""}
    )
    record("", {"amount": "380.50", "pieces": 10**15, "half": 0.5})
    assert broken() == []


def test_the_zone_in_which_an_instant_was_written_does_not_matter(company: Engine) -> None:
    record("here", at=AT.astimezone(timezone(timedelta(hours=8))))
    record("half a second", at=AT.replace(microsecond=500000))
    record("no fraction", at=AT.replace(microsecond=0))
    with company.connect() as connection, Session(connection) as session:
        connection.execute(text("SET TIME ZONE 'America/New_York'"))
        assert list(audit.broken_entries(session)) == []


@pytest.mark.parametrize(
    "alteration",
    [
        "actor = 'chen.min'",
        "operation = 'reassigned'",
        "subject = 'other'",
        """detail = '{"letter": "x"}'""",
        """detail = '{}'""",
        "at = at + interval '1 microsecond'",
        "previous = digest",
        "digest = repeat('0', 64)",
    ],
)
def test_an_altered_entry_is_found(company: Engine, five: int, alteration: str) -> None:
    behind_the_guard(company, f"UPDATE audit_entry SET {alteration} WHERE number = {five + 2}")
    assert five + 2 in broken()
    assert set(broken()) <= {five + 2, five + 3}


def test_an_entry_altered_with_a_fitting_digest_is_found_by_the_next(company: Engine, five: int) -> None:
    with transaction() as session:
        entry = session.get_one(AuditEntry, five + 2)
        entry.actor = "chen.min"
        forged = audit.digest_of(entry)
        session.rollback()
    behind_the_guard(
        company, f"UPDATE audit_entry SET actor = 'chen.min', digest = '{forged}' WHERE number = {five + 2}"
    )
    assert broken() == [five + 3]


def test_a_missing_entry_is_found_by_the_next(company: Engine, five: int) -> None:
    behind_the_guard(company, f"DELETE FROM audit_entry WHERE number = {five + 2}")
    assert broken() == [five + 3]


def test_a_missing_entry_whose_gap_was_closed_is_found(company: Engine, five: int) -> None:
    behind_the_guard(
        company,
        f"DELETE FROM audit_entry WHERE number = {five + 2}",
        f"UPDATE audit_entry SET number = {five + 2} WHERE number = {five + 3}",
        f"UPDATE audit_entry SET number = {five + 3} WHERE number = {five + 4}",
    )
    assert broken() == [five + 2, five + 3]


def test_a_missing_beginning_is_found(company: Engine, five: int) -> None:
    behind_the_guard(company, "DELETE FROM audit_entry WHERE number = 1")
    assert broken() == [2]


def test_reordered_entries_are_found(company: Engine, five: int) -> None:
    one, other = five + 1, five + 2
    behind_the_guard(
        company,
        f"UPDATE audit_entry SET number = 1000 WHERE number = {one}",
        f"UPDATE audit_entry SET number = {one} WHERE number = {other}",
        f"UPDATE audit_entry SET number = {other} WHERE number = 1000",
    )
    assert broken() == [one, other, other + 1]


def test_an_entry_put_in_afterwards_is_found(company: Engine, five: int) -> None:
    behind_the_guard(
        company,
        "INSERT INTO audit_entry SELECT number + 1, at, actor, operation, subject, detail, previous, repeat('a', 64) "
        "FROM audit_entry ORDER BY number DESC LIMIT 1",
    )
    assert broken() == [five + 5]


def test_an_entry_vanishes_with_its_transaction_and_leaves_no_gap(company: Engine) -> None:
    with transaction() as session:
        audit.record(session, AT, "li.na", "tested", "gone", {})
        session.rollback()
    record("stays")
    assert numbers() == [1, 2, 3, 4]
    assert broken() == []


def test_the_guard_refuses_what_the_tests_above_had_to_switch_it_off_for(company: Engine, five: int) -> None:
    with company.connect() as connection, pytest.raises(IntegrityError, match="never changed or removed"):
        connection.execute(text(f"UPDATE audit_entry SET actor = 'chen.min' WHERE number = {five}"))


def test_eight_who_record_at_once_make_no_fork(company: Engine) -> None:
    together = Barrier(8)

    def write(writer: int) -> None:
        together.wait()
        for entry in range(5):
            record(f"writer {writer}", {"entry": entry})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert numbers() == list(range(1, 44))  # the three of the company and eight times five
    assert broken() == []
    with transaction() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.operation == "tested")).all()
        assert len({entry.previous for entry in entries}) == 40
        for writer in range(8):
            own = [entry for entry in entries if entry.subject == f"writer {writer}"]
            assert [entry.detail["entry"] for entry in sorted(own, key=lambda entry: entry.number)] == [0, 1, 2, 3, 4]


def test_several_entries_of_one_transaction_stand_together(company: Engine) -> None:
    together = Barrier(4)

    def write(writer: int) -> None:
        together.wait()
        with transaction() as session:
            for _entry in range(3):
                audit.record(session, AT, "li.na", "tested", f"writer {writer}", {})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert broken() == []
    with transaction() as session:
        subjects = session.scalars(
            select(AuditEntry.subject).where(AuditEntry.operation == "tested").order_by(AuditEntry.number)
        ).all()
    assert all(len(set(subjects[place : place + 3])) == 1 for place in (0, 3, 6, 9))
    assert len(set(subjects)) == 4


def test_what_was_done_to_a_subject_is_counted(company: Engine) -> None:
    record("a")
    record("a")
    record("b")
    with transaction() as session:
        assert audit.times(session, "tested", "a") == 2
        assert audit.times(session, "tested", "c") == 0
        assert audit.times(session, "other", "a") == 0
