"""Accounts, sessions and the brake on guessing, as the database keeps them. The caller says what time it is."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from models.tables.accounts import Account, Brake, SignedIn
from models.tables.parties import Person


def account(session: Session, login: str) -> Account | None:
    """The account of the active person with this login; None if there is no such person or no password."""
    return session.scalars(
        select(Account).join(Account.person).where(Person.login == login, Person.active).with_for_update(of=Account)
    ).first()


def keep_password(session: Session, person: Person, password_hash: str, at: datetime, *, must_change: bool) -> None:
    """Makes this the password of the person, who may have had none."""
    kept = {"password_hash": password_hash, "changed_at": at, "must_change": must_change}
    statement = insert(Account).values(person_id=person.id, **kept)
    session.execute(statement.on_conflict_do_update(index_elements=[Account.person_id], set_=kept))
    session.expire_all()


def open_session(session: Session, token_hash: str, at: datetime, idle: timedelta) -> SignedIn | None:
    """The session with this token that has not ended at `at`, of a person who is active, with that person's posts."""
    return (
        session.scalars(
            select(SignedIn)
            .join(SignedIn.person)
            .where(
                SignedIn.token_hash == token_hash,
                SignedIn.ended_at.is_(None),
                SignedIn.ends_at > at,
                SignedIn.last_seen_at > at - idle,
                Person.active,
            )
            .options(joinedload(SignedIn.person).options(joinedload(Person.grants), joinedload(Person.party)))
        )
        .unique()
        .first()
    )


def must_change(session: Session, person: Person) -> bool:
    """Whether somebody else set the password of this person."""
    return bool(session.scalar(select(Account.must_change).where(Account.person_id == person.id)))


def end_sessions(session: Session, person: Person, at: datetime, *, but: int | None = None) -> None:
    """Ends the sessions of a person, all or all but one."""
    theirs = update(SignedIn).where(SignedIn.person_id == person.id, SignedIn.ended_at.is_(None))
    session.execute((theirs if but is None else theirs.where(SignedIn.id != but)).values(ended_at=at))


def forget_sessions(session: Session, before: datetime) -> None:
    """Removes the sessions that could not be used since `before`; who signed in stands in the audit trail."""
    session.execute(delete(SignedIn).where(SignedIn.ends_at < before))


def is_braked(session: Session, keys: list[str], at: datetime) -> bool:
    """Whether a pause lasts at one of the keys."""
    return bool(session.scalar(select(exists().where(Brake.key.in_(keys), Brake.blocked_until > at))))


def count_try(session: Session, key: str, at: datetime, forget: timedelta) -> int | None:
    """Counts a try before it is checked, so that many at once do not pass together; how many failed with this one.

    None, and nothing counted, while a pause lasts. What lies further back than `forget` counts no more.
    """
    failures = case((Brake.last_at < at - forget, 1), else_=Brake.failures + 1)
    statement = insert(Brake).values(key=key, failures=1, last_at=at, blocked_until=at)
    return session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Brake.key], set_={"failures": failures, "last_at": at}, where=Brake.blocked_until <= at
        ).returning(Brake.failures)
    )


def pause(session: Session, key: str, until: datetime) -> None:
    """Lets no try count at this key before `until`."""
    session.execute(update(Brake).where(Brake.key == key).values(blocked_until=until))


def release(session: Session, key: str) -> None:
    """Forgets every failure at this key."""
    session.execute(delete(Brake).where(Brake.key == key))


def uncount_try(session: Session, key: str) -> None:
    """Takes back the one try at this key that turned out right; earlier failures stay counted."""
    session.execute(delete(Brake).where(Brake.key == key, Brake.failures <= 1))
    session.execute(
        update(Brake).where(Brake.key == key).values(failures=Brake.failures - 1, blocked_until=Brake.last_at)
    )


def forget_failures(session: Session, before: datetime) -> None:
    """Removes the brakes at which nothing failed since `before`."""
    session.execute(delete(Brake).where(Brake.last_at < before))
