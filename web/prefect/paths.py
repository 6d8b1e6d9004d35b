"""Paths that mean one thing only: none that means another to Prefect's server than to the table of routes."""

import re
from urllib.parse import unquote_to_bytes
from uuid import UUID

_WELL_ENCODED = re.compile(rb"(?:[\x21-\x24\x26-\x7e]|%[0-9A-Fa-f]{2})*")
_ENCODED_AGAIN = re.compile("%[0-9A-Fa-f]{2}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class AmbiguousPath(ValueError):
    """The path is no plain one."""


def plain_path(raw: bytes) -> str:
    """The decoded path of a request's target, without its query.

    Raises AmbiguousPath for empty, `.` and `..` segments, for slashes and backslashes that are encoded, for what is
    encoded twice, for control characters and for what is no UTF-8.
    """
    if not raw.startswith(b"/") or not _WELL_ENCODED.fullmatch(raw):
        raise AmbiguousPath
    try:
        path = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise AmbiguousPath from None
    hides_something = _ENCODED_AGAIN.search(path) or _CONTROL.search(path) or "\\" in path
    if hides_something or path.count("/") != raw.count(b"/"):
        raise AmbiguousPath
    *folders, last = path.removeprefix("/").split("/")
    if "" in folders or {".", ".."} & {*folders, last}:
        raise AmbiguousPath
    return path


def id_in(path: str) -> UUID | None:
    """The id in a path such as `/api/flow_runs/{id}/resume`; None if there is none, written as Prefect writes ids."""
    written = path.split("/")[3]
    try:
        found = UUID(written)
    except ValueError:
        return None
    return found if str(found) == written.lower() else None


def fits(template: str, path: str) -> bool:
    """Whether a decoded path is one of `template`: `{name}` stands for one segment, `/**` at its end for any more."""
    if template.endswith("/**"):
        stem = template.removesuffix("/**")
        return path == stem or path.startswith(f"{stem}/")
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        bool(segment) if part.startswith("{") else part == segment for part, segment in zip(wanted, given, strict=True)
    )
