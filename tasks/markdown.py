"""Markdown that people's own words cannot break."""

from collections.abc import Iterable


def table(head: list[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(plain(str(cell)) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Titles and values as a list, which wraps where a table would run out of a narrow form."""
    return "\n".join(f"- **{plain(title)}** {plain(str(value))}" for title, value in rows)


def plain(text: str) -> str:
    """Text of people's in one line or cell of Markdown: its marks and line breaks mean nothing."""
    escaped = "".join(f"\\{mark}" if mark in "\\`*_{}[]<>#|!~&" else mark for mark in text)
    return " ".join(escaped.split())
