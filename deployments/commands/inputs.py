"""Reading what a command is given: JSON files, times, durations."""

import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from models.errors import InvalidInput
from models.forms import in_our_times
from models.language import N_, _

_DURATION = re.compile(r"(-?[0-9]+) *(s|m|h|d|seconds?|minutes?|hours?|days?)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
#: More than any form can hold; a file beyond it is a mistake and not read.
_LARGEST = 4_000_000


def json_object(file: str) -> dict[str, Any]:
    """The JSON object in a file, `-` for standard input; raises InvalidInput."""
    try:
        content = sys.stdin.buffer.read(_LARGEST + 1) if file == "-" else _bytes(Path(file))
        found = json.loads(content)
    except OSError as error:
        raise InvalidInput(
            {"file": _(N_("{file} cannot be read: {reason}"), file=file, reason=error.strerror)}
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput({"file": _(N_("{file} is not JSON: {reason}"), file=file, reason=error)}) from None
    if not isinstance(found, dict):
        raise InvalidInput({"file": _(N_("{file} must hold a JSON object with the fields of the form."), file=file)})
    return found


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_LARGEST + 1)


def instant(text: str, field: str) -> datetime:
    """A time in ISO 8601 with offset; raises InvalidInput."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput({field: _(N_("Write date and time with zone, such as 2026-11-23T09:30:00+08:00."))})
    try:
        return in_our_times(found)
    except PydanticCustomError as error:
        raise InvalidInput({field: error.message()}) from None


def duration(text: str) -> timedelta:
    """`90m`, `36h`, `5 days`; raises InvalidInput."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise InvalidInput({"duration": _(N_("Write a time such as 90m, 36h or 5d."))})
    try:
        return timedelta(**{_UNITS[found[2][0]]: int(found[1])})
    except (OverflowError, ValueError):
        raise InvalidInput({"duration": _(N_("This time is too long."))}) from None
