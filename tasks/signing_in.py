"""Signing in (登录): who somebody is, for as long as a session lasts. Roles are read anew at each look."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from models.errors import InvalidInput, NotAllowed, NotFound
from models.language import N_, _
from models.queries import access, accounts, audit, clock, people
from models.roles import Role
from models.sections.access import AccessPolicy
from models.tables.accounts import SignedIn
from models.tables.parties import Person
from tasks import braking, passwords
from tasks.braking import is_writable, keys_of, real_now
from tasks.database import transaction

#: The same for an unknown login, a wrong password and a pause, so that it tells a stranger nothing.
REFUSED = N_("This login and password do not open anything here, or there were too many tries. Try again in a while.")
#: Sessions that could not be used for so long are removed.
_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class SessionView:
    """Whose session it is, as the person is at this moment."""

    session_id: int
    login: str
    name: str
    language: str
    party: str
    roles: frozenset[Role]
    #: Somebody else set the password; the person must choose one before anything else.
    must_change: bool
    #: Whether the policy lets one of the roles into Prefect.
    sees_prefect: bool
    company: str


def sign_in(login: str, password: str, address: str) -> str:
    """The token of a new session of the person with this login; `address` is where the try comes from.

    Raises NotAllowed, with the same sentence whatever was wrong, and after some tries whatever is right.
    """
    login = login.strip()
    keys = keys_of(login, address)
    with transaction() as session:
        if not braking.counted(session, keys):
            raise NotAllowed(REFUSED)
        account = accounts.account(session, login) if is_writable(login) else None
        kept = account.password_hash if account else None
    # No transaction is open meanwhile: it takes a tenth of a second.
    if not passwords.fits(password, kept) or kept is None:
        raise NotAllowed(REFUSED)
    with transaction() as session:
        account = accounts.account(session, login)
        if account is None or account.password_hash != kept:
            raise NotAllowed(REFUSED)
        braking.was_right(session, keys)
        if passwords.is_outdated(kept):
            account.password_hash = passwords.hashed(password)
        return _begin(session, account.person, address, "password")


def begin_session(login: str, address: str) -> str:
    """The token of a new session of somebody who proved elsewhere who they are (OpenID Connect). Raises NotAllowed."""
    with transaction() as session:
        try:
            person = people.person(session, login)
        except NotFound:
            raise NotAllowed(
                N_("You signed in as {login}, but no active person has this login here."), login=login
            ) from None
        return _begin(session, person, address, "openid")


def _begin(session: Session, person: Person, address: str, how: str) -> str:
    token = secrets.token_urlsafe(32)
    now = real_now()
    accounts.forget_sessions(session, now - _KEPT_FOR)
    ends_at = now + timedelta(hours=_access(session).session_hours)
    session.add(SignedIn(token_hash=_hash(token), person=person, begun_at=now, last_seen_at=now, ends_at=ends_at))
    at = clock.now(session)
    audit.record(session, at, person.login, "signed_in", person.login, {"how": how, "address": address})
    return token


def signed_in(token: str) -> SessionView | None:
    """Whose session this token opens; nobody's if it ended, was not used for too long, or the person is inactive."""
    with transaction() as session:
        rules = _access(session)
        found = _open(session, token, rules)
        if found is None:
            return None
        person = found.person
        let_in = {*rules.operators, *rules.managers, *rules.auditors, *rules.administrators}
        return SessionView(
            session_id=found.id,
            login=person.login,
            name=person.name,
            language=person.language,
            party=person.party.name,
            roles=person.roles,
            must_change=accounts.must_change(session, person),
            sees_prefect=bool(person.roles & let_in),
            company=people.company(session).name,
        )


#: How exactly it is kept when a session was last used; each look would else be a write.
_SEEN_WITHIN = timedelta(minutes=1)


def _open(session: Session, token: str, rules: AccessPolicy) -> SignedIn | None:
    now = real_now()
    found = accounts.open_session(session, _hash(token), now, timedelta(minutes=rules.idle_minutes))
    if found is not None and now - found.last_seen_at > _SEEN_WITHIN:
        found.last_seen_at = now
    return found


def sign_out(token: str) -> None:
    """Ends the session of this token, if it has one."""
    with transaction() as session:
        found = _open(session, token, _access(session))
        if found is not None:
            found.ended_at = real_now()
            login = found.person.login
            audit.record(session, clock.now(session), login, "signed_out", login, {})


def set_password(login: str, password: str, *, by: str, must_change: bool) -> None:
    """Gives somebody a password; every session of theirs ends. `by` is who does it, for the audit trail.

    Raises NotFound for a login that no active person has, InvalidInput for a weak password.
    """
    passwords.refuse_weak(login, password)
    hashed = passwords.hashed(password)
    with transaction() as session:
        person = people.person(session, login)
        now = real_now()
        accounts.keep_password(session, person, hashed, now, must_change=must_change)
        accounts.end_sessions(session, person, now)
        accounts.release(session, f"login:{login}")
        audit.record(session, clock.now(session), by, "password_set", login, {"must_change": must_change})


def change_password(token: str, old: str, new: str, address: str) -> None:
    """Somebody who is signed in chooses another password; every other session of theirs ends.

    Tries with a wrong old one are braked as tries to sign in are. Raises NotAllowed or InvalidInput.
    """
    with transaction() as session:
        found = _open(session, token, _access(session))
        if found is None:
            raise NotAllowed(N_("Your session has ended. Sign in again."))
        login = found.person.login
        account = accounts.account(session, login)
        if account is None:
            raise NotAllowed(N_("You have no password here; you sign in elsewhere."))
        kept = account.password_hash
    passwords.refuse_weak(login, new)
    keys = keys_of(login, address)
    with transaction() as session:
        is_free = braking.counted(session, keys)
    if not is_free or not passwords.fits(old, kept):
        raise InvalidInput(
            {"old": _(N_("This is not your password, or there were too many tries. Try again in a while."))}
        )
    if passwords.fits(new, kept):
        raise InvalidInput({"password": _(N_("This is the password that you have. Choose another one."))})
    hashed = passwords.hashed(new)
    with transaction() as session:
        found = _open(session, token, _access(session))
        if found is None:
            raise NotAllowed(N_("Your session has ended. Sign in again."))
        now = real_now()
        accounts.keep_password(session, found.person, hashed, now, must_change=False)
        accounts.end_sessions(session, found.person, now, but=found.id)
        braking.was_right(session, keys)
        audit.record(session, clock.now(session), login, "password_changed", login, {})


def company_name() -> str:
    """Whose system this is; empty before the master data says so."""
    with transaction() as session:
        try:
            return people.company(session).name
        except NotFound:
            return ""


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _access(session: Session) -> AccessPolicy:
    """As the policy in force says now, whatever a session began with; the defaults before there is a policy."""
    try:
        return access.access(session)
    except NotFound:
        return AccessPolicy()
