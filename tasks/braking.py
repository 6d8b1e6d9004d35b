"""The brake on guessing passwords: after a few tries each further one waits, by login and by address."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy.orm import Session

from models.queries import accounts, audit, clock

#: So many may fail before the first pause. People behind one address mistype more often than one person.
FREE_AT_A_LOGIN, FREE_AT_AN_ADDRESS = 5, 30
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
#: Without a failure for so long, counting begins anew.
FORGOTTEN_AFTER = timedelta(days=1)
_LONGEST_LOGIN = 100
#: Who is behind a guess is not known.
NOBODY = "nobody"


def real_now() -> datetime:
    """The time of the machine, for sessions and brakes alone: a rehearsal clock that jumps signs nobody in or out."""
    return datetime.now(UTC)


def keys_of(login: str, address: str) -> list[str]:
    """What a try is counted under; always in this order, so that two tries never wait for each other."""
    keys = [f"address:{network_of(address)}"]
    return [*keys, f"login:{login}"] if is_writable(login) else keys


def is_writable(login: str) -> bool:
    """Whether anybody could have this login; what else is sent is not kept."""
    return 0 < len(login) <= _LONGEST_LOGIN and login.isprintable()


def network_of(address: str) -> str:
    """The address; of IPv6 the network that one customer has, else a brake by address could be walked around."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"


def pause_after(failures: int, free: int) -> timedelta:
    """No pause for the first `free` failures, then 5 s, 10 s, 20 s and so on up to 15 minutes."""
    over = failures - free
    # Doubling further would only make a number that no timedelta holds.
    return min(SHORTEST_PAUSE * 2 ** min(over - 1, 10), LONGEST_PAUSE) if over > 0 else timedelta()


def counted(session: Session, keys: list[str]) -> bool:
    """Counts a try at all keys before it is checked; False, and nothing counted, while a pause lasts at one.

    A brake that closes is audited once, however many tries follow.
    """
    now = real_now()
    if accounts.is_braked(session, keys, now):
        return False
    for key in keys:
        failures = accounts.count_try(session, key, now, FORGOTTEN_AFTER)
        if failures is None:
            session.rollback()
            return False
        free = FREE_AT_A_LOGIN if key.startswith("login:") else FREE_AT_AN_ADDRESS
        accounts.pause(session, key, now + pause_after(failures, free))
        if failures == free + 1:
            audit.record(session, clock.now(session), NOBODY, "sign_in_braked", key, {"failures": failures})
    return True


def was_right(session: Session, keys: list[str]) -> None:
    """Forgets the failures at the login; at the address only the last try, or an own account would reset it."""
    for key in keys:
        if key.startswith("login:"):
            accounts.release(session, key)
        else:
            accounts.uncount_try(session, key)
    accounts.forget_failures(session, real_now() - FORGOTTEN_AFTER)
