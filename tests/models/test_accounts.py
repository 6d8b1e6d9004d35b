"""Accounts, sessions and brakes in the database: what it refuses itself, and what is counted and found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.queries import accounts, people
from models.tables.accounts import Account, Brake, SignedIn
from models.tables.base import Base
from models.tables.parties import Person, RoleGrant
from tasks.database import transaction

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HASH = "0123456789abcdef" * 4


def signed_in(session: Session, **other: Any) -> dict[str, Any]:
    """A session of Li Na from noon to one o'clock."""
    row = {
        "token_hash": HASH,
        "person_id": people.person(session, "li.na").id,
        "begun_at": NOON,
        "last_seen_at": NOON,
        "ends_at": NOON + HOUR,
    }
    return row | other


def brake(_session: Session, **other: Any) -> dict[str, Any]:
    return {"key": "login:li.na", "failures": 1, "last_at": NOON, "blocked_until": NOON} | other


def account(session: Session, **other: Any) -> dict[str, Any]:
    row = {"person_id": people.person(session, "li.na").id, "password_hash": "x", "changed_at": NOON}
    return row | {"must_change": False} | other


Row = Callable[..., dict[str, Any]]
REFUSED: list[tuple[type[Base], Row, dict[str, Any], str]] = [
    (SignedIn, signed_in, {"ends_at": NOON}, "ck_signed_in_ends_after_it_begins"),
    (SignedIn, signed_in, {"token_hash": "the token itself"}, "ck_signed_in_token_is_hashed"),
    (SignedIn, signed_in, {"token_hash": HASH.upper()}, "ck_signed_in_token_is_hashed"),
    (SignedIn, signed_in, {"token_hash": HASH + "0"}, "ck_signed_in_token_is_hashed"),
    (SignedIn, signed_in, {"person_id": 10**9}, "fk_signed_in_person_id_person"),
    (Brake, brake, {"failures": 0}, "ck_brake_counts_failures"),
    (Account, account, {"person_id": 10**9}, "fk_account_person_id_person"),
]


@pytest.mark.parametrize(("table", "row", "changes", "constraint"), REFUSED)
def test_the_database_refuses_a_row(
    company: Engine, table: type[Base], row: Row, changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(insert(table).values(**row(session, **changes)))
    assert name_of_fault(refused) == constraint


@pytest.mark.parametrize(
    ("table", "row", "constraint"),
    [
        (SignedIn, signed_in, "uq_signed_in_token_hash"),
        (Brake, brake, "pk_brake"),
        (Account, account, "pk_account"),
    ],
)
def test_the_database_refuses_the_same_row_twice(company: Engine, table: type[Base], row: Row, constraint: str) -> None:
    with transaction() as session:
        session.execute(insert(table).values(**row(session)))
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(insert(table).values(**row(session)))
    assert name_of_fault(refused) == constraint


def test_a_person_with_an_account_is_not_removed(company: Engine) -> None:
    with transaction() as session:
        session.execute(insert(Account).values(**account(session)))
        session.execute(delete(RoleGrant))
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(delete(Person).where(Person.login == "li.na"))
    assert name_of_fault(refused) == "fk_account_person_id_person"


def name_of_fault(refused: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    """The constraint that PostgreSQL names."""
    original = refused.value.orig
    assert isinstance(original, psycopg2.Error)
    return original.diag.constraint_name


@pytest.mark.parametrize(
    ("at", "changes", "opens"),
    [
        (NOON, {}, True),
        (NOON + timedelta(minutes=29), {}, True),
        # Half an hour without use is too long, and is counted from when it was last used.
        (NOON + timedelta(minutes=30), {}, False),
        (NOON + timedelta(minutes=59), {"last_seen_at": NOON + timedelta(minutes=45)}, True),
        (NOON + HOUR, {"last_seen_at": NOON + timedelta(minutes=45)}, False),
        (NOON + timedelta(minutes=5), {"ended_at": NOON + timedelta(minutes=1)}, False),
        (NOON, {"token_hash": HASH[::-1]}, False),
    ],
)
def test_a_session_opens_until_its_end_if_it_is_used(
    company: Engine, at: datetime, changes: dict[str, Any], opens: bool
) -> None:
    with transaction() as session:
        session.execute(insert(SignedIn).values(**signed_in(session, **changes)))
        found = accounts.open_session(session, HASH, at, idle=timedelta(minutes=30))
    assert (found is not None) == opens


def test_nobody_who_is_inactive_has_a_session_or_an_account(company: Engine) -> None:
    with transaction() as session:
        session.execute(insert(SignedIn).values(**signed_in(session)))
        session.execute(insert(Account).values(**account(session)))
        people.person(session, "li.na").active = False
    with transaction() as session:
        assert accounts.open_session(session, HASH, NOON, HOUR) is None
        assert accounts.account(session, "li.na") is None


def test_a_second_password_takes_the_place_of_the_first(company: Engine) -> None:
    with transaction() as session:
        person = people.person(session, "li.na")
        accounts.keep_password(session, person, "one", NOON, must_change=True)
        accounts.keep_password(session, person, "two", NOON + HOUR, must_change=False)
        kept = session.scalars(select(Account)).one()
        assert (kept.password_hash, kept.changed_at, kept.must_change) == ("two", NOON + HOUR, False)


def test_tries_are_counted_one_by_one_however_many_come_at_once(company: Engine) -> None:
    def one(_try: int) -> int | None:
        with transaction() as session:
            return accounts.count_try(session, "login:li.na", NOON, DAY)

    with ThreadPoolExecutor(5) as crowd:
        assert sorted(filter(None, crowd.map(one, range(20)))) == list(range(1, 21))


def test_no_try_counts_while_a_pause_lasts(company: Engine) -> None:
    with transaction() as session:
        assert accounts.count_try(session, "login:li.na", NOON, DAY) == 1
        accounts.pause(session, "login:li.na", NOON + HOUR)
        assert accounts.count_try(session, "login:li.na", NOON + HOUR - timedelta(seconds=1), DAY) is None
        assert accounts.is_braked(session, ["address:x", "login:li.na"], NOON)
        assert not accounts.is_braked(session, ["address:x"], NOON)
        assert not accounts.is_braked(session, ["login:li.na"], NOON + HOUR)
        assert accounts.count_try(session, "login:li.na", NOON + HOUR, DAY) == 2


def test_counting_begins_anew_after_a_day_without_a_failure(company: Engine) -> None:
    with transaction() as session:
        assert accounts.count_try(session, "k", NOON, DAY) == 1
        assert accounts.count_try(session, "k", NOON + DAY, DAY) == 2
        assert accounts.count_try(session, "k", NOON + 2 * DAY + timedelta(seconds=1), DAY) == 1


def test_one_right_try_takes_back_only_itself(company: Engine) -> None:
    with transaction() as session:
        for _try in range(3):
            accounts.count_try(session, "k", NOON, DAY)
        accounts.pause(session, "k", NOON + HOUR)
        accounts.uncount_try(session, "k")
        assert session.get_one(Brake, "k").failures == 2
        assert not accounts.is_braked(session, ["k"], NOON)
        for _try in range(2):
            accounts.uncount_try(session, "k")
        assert session.scalars(select(Brake)).all() == []


def test_what_is_long_over_is_removed_and_nothing_else(company: Engine) -> None:
    with transaction() as session:
        session.execute(insert(SignedIn).values(**signed_in(session)))
        session.execute(insert(SignedIn).values(**signed_in(session, token_hash=HASH[::-1], ends_at=NOON + DAY)))
        session.execute(insert(Brake).values(**brake(session)))
        session.execute(insert(Brake).values(**brake(session, key="login:x", last_at=NOON + DAY)))
        accounts.forget_sessions(session, NOON + HOUR + timedelta(seconds=1))
        accounts.forget_failures(session, NOON + timedelta(seconds=1))
        assert session.scalars(select(SignedIn.token_hash)).all() == [HASH[::-1]]
        assert session.scalars(select(Brake.key)).all() == ["login:x"]
