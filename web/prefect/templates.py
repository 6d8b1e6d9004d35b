"""Prefect renders templates and variables out of what people fill in; we take plain values alone."""

import json
from typing import Any

from models.errors import InvalidInput
from models.language import N_, _

#: By this name Prefect knows that a value is to be made from something else.
MARKER = "__prefect_kind"
_REFUSED = N_("Templates and variables are not taken here; write the value itself.")
_NO_JSON = N_("What was typed as JSON is none; check brackets, commas and quotes.")
_TOO_DEEP = N_("This is nested too deeply.")


def refuse_templates(value: Any) -> None:
    """Raises InvalidInput for a template or variable at any depth. What was typed as JSON is left as it is."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            _refuse_template(one)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def plain(value: Any) -> Any:
    """`value` as it is meant: what was typed as JSON is read, what was left empty is not there.

    Raises InvalidInput for templates and variables, at any depth, and for what is no JSON.
    """
    try:
        return _plain(value)
    except RecursionError:
        raise _fault(_TOO_DEEP) from None


def read_json(text: bytes | str) -> Any:
    """The value that `text` stands for; raises InvalidInput."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _fault(_NO_JSON) from None


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value if not _is_left_empty(one)]
    if not isinstance(value, dict):
        return value
    if MARKER not in value:
        return {name: _plain(one) for name, one in value.items() if not _is_left_empty(one)}
    _refuse_template(value)
    typed = value.get("value")
    return _plain(read_json(typed) if value[MARKER] == "json" and isinstance(typed, str) else typed)


def _refuse_template(value: dict[str, Any]) -> None:
    if MARKER in value and value[MARKER] not in ("json", "none"):
        raise _fault(_REFUSED)


def _is_left_empty(value: Any) -> bool:
    return isinstance(value, dict) and value.get(MARKER) == "json" and value.get("value") is None


def _fault(text: str) -> InvalidInput:
    return InvalidInput({"form": _(text)}, {"form": ""})
