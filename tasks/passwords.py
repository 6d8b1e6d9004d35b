"""Passwords: which one is good enough, and how it is kept (argon2id)."""

import os
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import InvalidInput
from models.language import N_, _

SHORTEST, LONGEST = 10, 200
#: The first of OWASP's settings for argon2id: 46 MiB, one pass. Hashes made with others are made anew at the next use.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
#: Not more at once than there are processors: each takes its memory for as long as it lasts.
_AT_ONCE = BoundedSemaphore(max(2, os.cpu_count() or 1))
#: Without what is easily mistaken for another mark.
_MARKS = "abcdefghjkmnpqrstuvwxyz23456789"


def normal(password: str) -> str:
    """The password as it is hashed: the same however a keyboard composed its characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def refuse_weak(login: str, password: str) -> None:
    """Raises InvalidInput if the password is too short or too long, or what people guess first."""
    text = normal(password)
    if len(text) < SHORTEST:
        sentence = _(
            N_("Write at least {count} characters; a few words that only you put together are good."), count=SHORTEST
        )
    elif len(text) > LONGEST:
        sentence = _(N_("Write at most {count} characters."), count=LONGEST)
    elif _core(text) in {"", _core(login)} or len(set(text)) < 4:
        sentence = _(
            N_("This password is guessed first; it should be neither the login nor only digits or a few marks.")
        )
    elif _core(text) in common():
        sentence = _(N_("This password is among those that people guess first; digits around it do not help."))
    else:
        return
    raise InvalidInput({"password": sentence})


def _core(text: str) -> str:
    """What is left of a password without its case, marks and digits around it: that of `Password123!` is password."""
    letters = [mark for mark in text.casefold() if mark.isalpha()]
    return "".join(letters)


@cache
def common() -> frozenset[str]:
    """The letters of the commonest passwords, in this company's part of the world and elsewhere."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())


def hashed(password: str) -> str:
    """The password as it is kept, with its salt."""
    with _AT_ONCE:
        return _HASHER.hash(normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password that is kept. Where none is, it takes as long to say no."""
    text, nobodys = normal(password), _nobodys()
    against = nobodys if kept is None or len(text) > LONGEST else kept
    try:
        with _AT_ONCE:
            _HASHER.verify(against, text[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return against == kept


@cache
def _nobodys() -> str:
    return hashed(secrets.token_hex())


def is_outdated(kept: str) -> bool:
    """Whether a kept password was hashed with other settings than those of now."""
    return _HASHER.check_needs_rehash(kept)


def invented() -> str:
    """A password that nobody guesses and that can be read out: four groups of five marks, about 99 bits."""
    return "-".join("".join(secrets.choice(_MARKS) for _mark in range(5)) for _group in range(4))
