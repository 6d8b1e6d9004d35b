"""Policies as data, with another value at a place."""

from copy import deepcopy
from typing import Any


def put(content: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy of the policy with another value at `place`, such as `batch_quality.arrival.rungs.0.at`."""
    changed = deepcopy(content)
    node: Any = changed
    *path, last = (int(part) if part.isdigit() else part for part in place.split("."))
    for part in path:
        node = node[part]
    node[last] = value
    return changed
