"""Every text a person reads, in that person's language (语言): gettext catalogues `zh_CN` and `en`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations, translation
from pathlib import Path

DOMAIN = "aftersales"
LOCALE_FOLDER = Path(__file__).parent / "locale"
LANGUAGES = ("zh_CN", "en")
DEFAULT_LANGUAGE = "zh_CN"

_spoken: ContextVar[str] = ContextVar("spoken", default=DEFAULT_LANGUAGE)


@cache
def catalogue(language: str) -> GNUTranslations | NullTranslations:
    """The compiled catalogue of `language`, one of `LANGUAGES`; the English source text where none was compiled."""
    return translation(DOMAIN, LOCALE_FOLDER, languages=[language], fallback=True)


def spoken_language() -> str:
    """The language in force here: the configured one, or the recipient's inside `speaking`."""
    return _spoken.get()


def speak(language: str) -> None:
    """Makes `language` the one in force from here on, as the settings say."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, texts come in `language`: a mail in its recipient's, a form in the configured one."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def N_(text: str) -> str:
    """Marks `text` for the catalogues; it is translated where it is shown."""
    return text


def _(text: str, **facts: object) -> str:
    """`text` in the language in force, its `{names}` filled from `facts`."""
    translated = catalogue(_spoken.get()).gettext(text) if text else ""
    return translated.format(**facts) if facts else translated
