"""Fields (字段) of a form on a page: how each kind is shown, read from what was sent, and turned into an answer.

What was typed is kept as text until it is an answer, so that it can be shown again as it was.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from models.forms import codes_for_labels
from models.language import N_, _

Schema = Mapping[str, Any]

_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")


class Sent(Protocol):
    """The inputs of a page that was sent: Starlette's FormData."""

    def getlist(self, key: Any, /) -> list[Any]:
        """All values of a name."""

    def keys(self) -> Any:
        """All names."""


class LeftOut:
    """In place of an answer: nothing was filled in, and the form's own default counts, if it has one."""


class Text:
    """One line of text; the root of all fields that are one text."""

    kind: ClassVar[str] = "line"

    def __init__(self, schema: Schema, needed: bool, zone: ZoneInfo) -> None:
        self.schema = schema
        self.needed = needed
        self.zone = zone
        self.title: str = schema["title"]
        self.description: str = schema.get("description", "")

    def fresh(self) -> Any:
        """What stands in the field before anybody has typed."""
        default = codes_for_labels(self.schema, self.schema.get("default"))
        return "" if default is None else self.filled(default)

    def filled(self, value: Any) -> Any:
        """What stands in the field for a value of an answer."""
        return str(value)

    def posted(self, sent: Sent, name: str) -> Any:
        """What was typed into the input `name`."""
        return next((one for one in sent.getlist(name) if isinstance(one, str)), "")

    def answer(self, typed: Any) -> Any:
        """The value for the form to check. A default that was emptied is an answer: the form says what it thinks."""
        if typed.strip() or self.schema.get("default"):
            return self.value(typed)
        return LeftOut

    def value(self, typed: str) -> Any:
        """What somebody typed, as the form wants it; what it cannot be stays text."""
        return typed


class Prose(Text):
    """Several lines of text."""

    kind = "prose"


class Day(Text):
    """A day, as browsers let people pick it."""

    kind = "day"


class Whole(Text):
    """A whole number; a Chinese keyboard may write its digits wide."""

    kind = "whole"

    def value(self, typed: str) -> Any:
        """The number, or the text that is none."""
        plain = unicodedata.normalize("NFKC", typed).strip()
        return int(plain) if _WHOLE.fullmatch(plain) else typed


class Amount(Text):
    """An amount; it stays text, so that no cent is lost."""

    kind = "amount"

    def filled(self, value: Any) -> Any:
        """A default comes as JSON's number, an answer as text."""
        return f"{value:g}" if isinstance(value, float) else str(value)

    def value(self, typed: str) -> Any:
        """The text that the form reads as an amount."""
        return unicodedata.normalize("NFKC", typed).strip()


class Instant(Text):
    """Date and time, typed in the zone in which people read times."""

    kind = "instant"

    def __init__(self, schema: Schema, needed: bool, zone: ZoneInfo) -> None:
        super().__init__(schema, needed, zone)
        # Browsers show none beside the field.
        self.description = " ".join(filter(None, (self.description, _(N_("Time of {zone}."), zone=zone.key))))

    def filled(self, value: Any) -> Any:
        """As browsers want it, to the minute and without a zone."""
        instant = datetime.fromisoformat(str(value)).astimezone(self.zone)
        return instant.replace(tzinfo=None).isoformat(timespec="minutes")

    def value(self, typed: str) -> Any:
        """With the zone; the form says what is wrong with what is no time."""
        try:
            instant = datetime.fromisoformat(typed.strip())
        except ValueError:
            return typed
        return (instant if instant.tzinfo else instant.replace(tzinfo=self.zone)).isoformat()


class Choice(Text):
    """One of several, by its code."""

    kind = "pick"

    def __init__(self, schema: Schema, needed: bool, zone: ZoneInfo) -> None:
        super().__init__(schema, needed, zone)
        self.choices = choices_of(schema)


class FewChoices(Choice):
    """One of a few, all to be seen."""

    kind = "radio"


class ManyChoices(Choice):
    """One of very many: people type, and are offered what fits."""

    kind = "suggest"

    def value(self, typed: str) -> Any:
        """The code; people may have typed the label."""
        return typed.strip() if typed.strip() in dict(self.choices) else codes_for_labels(self.schema, typed.strip())


class Tick(Text):
    """Something that is so if it is ticked."""

    kind = "tick"

    def filled(self, value: Any) -> Any:
        """`yes` or empty."""
        return "yes" if value else ""

    def answer(self, typed: Any) -> Any:
        """Not ticked is no."""
        return typed == "yes"


class Ticks(Text):
    """Any number of several choices."""

    kind = "ticks"

    def __init__(self, schema: Schema, needed: bool, zone: ZoneInfo) -> None:
        super().__init__(schema, needed, zone)
        self.choices = choices_of(schema["items"])

    def fresh(self) -> Any:
        """Nothing is ticked."""
        return []

    def filled(self, value: Any) -> Any:
        """The codes of what is ticked."""
        return list(value)

    def posted(self, sent: Sent, name: str) -> Any:
        """The codes of what was ticked."""
        return [one for one in sent.getlist(name) if isinstance(one, str)]

    def answer(self, typed: Any) -> Any:
        """The codes of what was ticked."""
        return typed


class Words(Prose):
    """Any number of short texts, one a line."""

    kind = "words"

    def filled(self, value: Any) -> Any:
        """One a line."""
        return "\n".join(value)

    def answer(self, typed: Any) -> Any:
        """What stands in the lines that are not empty."""
        return [word for line in typed.splitlines() if (word := line.strip())]


def choices_of(schema: Schema) -> list[tuple[str, str]]:
    """Codes and labels."""
    return list(zip(schema.get("codes", schema["enum"]), schema["enum"], strict=True))
