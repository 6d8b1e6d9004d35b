"""The audit trail as a file (审计导出): one entry a line, and a check that needs nothing but this file and Python.

An auditor may run it alone: `python -m models.audit_file FILE [NEWER ...]`. Each entry holds the digest of the one
before it, so what was altered, taken out, put in or moved shows. Somebody who can rewrite the whole chain can also
export it; that shows only against an earlier file that lies elsewhere, hence a newer file is checked against an older.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from models.language import N_, _, speak

#: What stands in the place of a digest before the first entry.
FIRST = "0" * 64
_DIGEST = re.compile("[0-9a-f]{64}")
#: What the digest of an entry covers, in this order.
_CONTENT = {"number": int, "at": str, "actor": str, "operation": str, "subject": str, "detail": dict, "previous": str}
_ENTRY = {**_CONTENT, "digest": str}
_TRAILER = {"after": int, "entries": int, "last": int, "last_digest": str, "exported_at": str}
#: A file with more faults than this is another file; to read on tells nothing.
MOST_FAULTS = 100


def canonical(content: object) -> str:
    """The one way in which something is written as JSON, so that its digest is always the same."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def digest_of(content: Sequence[object]) -> str:
    """The SHA-256 over an entry's content, which ends in the digest before it."""
    return sha256(canonical(list(content)).encode()).hexdigest()


def entry_line(content: Sequence[object], digest: str) -> str:
    """An entry as a line of a file, without its end."""
    return canonical(dict(zip(_ENTRY, [*content, digest], strict=True)))


def trailer_line(after: int, entries: int, last: int, last_digest: str, exported_at: str) -> str:
    """The last line: the entry `after` which the file goes on, how many follow, and where they end."""
    return canonical(dict(zip(_TRAILER, [after, entries, last, last_digest, exported_at], strict=True)))


class Wrong(StrEnum):
    """What can be wrong with a file, as the sentence that says it."""

    UNREADABLE = N_("Line {line} is not as it was exported.")
    ALTERED = N_("Entry {number} was altered.")
    MISSING = N_("Entries are missing before {number}: from {first} on.")
    OUT_OF_PLACE = N_("Entry {number} stands in a wrong place, or twice.")
    NOT_LINKED = N_("Entry {number} does not follow on the one before it: that one was exchanged, or this was put in.")
    TRUNCATED = N_("The end of the file is missing; what follows on entry {number} is not known.")
    CUT_OFF = N_("Entries are missing at the end: {first} to {number}.")
    TRAILER = N_("The last line does not fit the entries, of which {number} is the last.")
    AFTER_THE_END = N_("Line {line} stands after the end.")
    NOT_JOINED = N_("Entry {number} is not the one with which the earlier file ends: the trail was rewritten.")
    SHORTER = N_("The file ends with entry {number}, before the earlier one does: the trail was cut.")
    TOO_MANY = N_("More than {line} faults; the rest was not looked at.")


@dataclass(frozen=True)
class Fault:
    """Something wrong: with which entry, in which line, and from which entry on if some are missing."""

    wrong: Wrong
    number: int
    line: int
    first: int = 0

    @property
    def message(self) -> str:
        """A sentence, in the language in force."""
        return _(self.wrong.value, number=self.number, line=self.line, first=self.first)


@dataclass
class Checked:
    """A file that was read: the entry after which it begins, the last one with its digest, and what is wrong."""

    after: int = 0
    entries: int = 0
    last: int = 0
    last_digest: str = FIRST
    faults: list[Fault] = field(default_factory=list)


def check(lines: Iterable[bytes], earlier: Checked | None = None) -> Checked:
    """Reads an exported file and tells what is wrong with it, also against an earlier one; it keeps no entry."""
    reading = _Reading(earlier)
    for number, line in enumerate(lines, 1):
        reading.take(number, line)
        if len(reading.done.faults) >= MOST_FAULTS:
            reading.fault(Wrong.TOO_MANY, line=MOST_FAULTS)
            return reading.done
    reading.finish()
    return reading.done


def check_files(files: Sequence[Path]) -> list[Checked]:
    """Checks each file, and from the second on against the one before it. Raises OSError."""
    done: list[Checked] = []
    for file in files:
        with file.open("rb") as lines:
            done.append(check(lines, done[-1] if done else None))
    return done


class _Reading:
    """A walk through a file, entry by entry."""

    def __init__(self, earlier: Checked | None) -> None:
        self.earlier = earlier
        self.done = Checked()
        self.trailer: dict[str, Any] | None = None
        self.line = 0
        self.first_previous = ""

    def fault(self, wrong: Wrong, *, number: int | None = None, line: int | None = None, first: int = 0) -> None:
        number = self.done.last if number is None else number
        self.done.faults.append(Fault(wrong, number, self.line if line is None else line, first))

    def take(self, line: int, content: bytes) -> None:
        """The next line."""
        self.line = line
        if self.trailer is not None:
            return self.fault(Wrong.AFTER_THE_END)
        found = _parsed(content)
        if found is None:
            self.fault(Wrong.UNREADABLE)
        elif set(found) == set(_TRAILER):
            self.trailer = found
        else:
            self._entry(found)

    def _entry(self, entry: dict[str, Any]) -> None:
        done, number = self.done, entry["number"]
        done.entries += 1
        if digest_of([entry[name] for name in _CONTENT]) != entry["digest"]:
            self.fault(Wrong.ALTERED, number=number)
        self._compare(number, entry["digest"])
        if not self.first_previous:
            # A file may begin anywhere; whether it should is known from its last line, and from an earlier file.
            self.first_previous, done.after = entry["previous"], number - 1
        elif number <= done.last:
            return self.fault(Wrong.OUT_OF_PLACE, number=number)
        elif number > done.last + 1:
            self.fault(Wrong.MISSING, number=number, first=done.last + 1)
        elif entry["previous"] != done.last_digest:
            self.fault(Wrong.NOT_LINKED, number=number)
        done.last, done.last_digest = number, entry["digest"]

    def _compare(self, number: int, digest: str) -> None:
        if self.earlier and number == self.earlier.last and digest != self.earlier.last_digest:
            self.fault(Wrong.NOT_JOINED, number=number)

    def finish(self) -> None:
        """The file has been read to its end."""
        done = self.done
        if self.trailer is None:
            self.fault(Wrong.TRUNCATED)
        else:
            self._end(self.trailer)
        if done.after == 0 and self.first_previous not in {"", FIRST}:
            self.fault(Wrong.NOT_LINKED, number=1)
        if self.earlier:
            self._join(self.earlier)

    def _end(self, trailer: dict[str, Any]) -> None:
        done = self.done
        if not self.first_previous:
            done.after = done.last = trailer["after"]
            done.last_digest = self.first_previous = trailer["last_digest"]
        if trailer["after"] < done.after:
            self.fault(Wrong.MISSING, number=done.after + 1, first=trailer["after"] + 1)
        elif trailer["last"] > done.last:
            self.fault(Wrong.CUT_OFF, number=trailer["last"], first=done.last + 1)
        elif any(getattr(done, name) != trailer[name] for name in ("after", "entries", "last", "last_digest")):
            self.fault(Wrong.TRAILER)

    def _join(self, earlier: Checked) -> None:
        done = self.done
        if done.last < earlier.last:
            self.fault(Wrong.SHORTER)
        elif done.after > earlier.last:
            self.fault(Wrong.MISSING, number=done.after + 1, first=earlier.last + 1)
        elif done.after == earlier.last and self.first_previous != earlier.last_digest:
            self.fault(Wrong.NOT_JOINED, number=earlier.last)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """An entry or the trailer; None for anything that is not written as an export writes it, to the byte."""
    try:
        text = line.decode().removesuffix("\n")
        found = json.loads(text)
        as_written = canonical(found) == text and line.endswith(b"\n")
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not as_written:
        return None
    kinds: dict[str, type] = _TRAILER if "entries" in found else _ENTRY
    right = set(found) == set(kinds) and all(type(found[name]) is kind for name, kind in kinds.items())
    return found if right and all(_DIGEST.fullmatch(found[name]) for name in _DIGESTS & set(found)) else None


_DIGESTS = {"previous", "digest", "last_digest"}


def summary(done: Checked) -> str:
    """What was read, in the language in force."""
    if not done.entries:
        return _(N_("No entry after {after}; its digest is {digest}."), after=done.after, digest=done.last_digest)
    text = N_("{entries} entries, {first} to {last}; the digest of the last one is {digest}.")
    return _(text, entries=done.entries, first=done.after + 1, last=done.last, digest=done.last_digest)


def main(arguments: Sequence[str]) -> int:
    """Checks files in the order of their age; 0 if they are whole, 1 if something is wrong, 2 if one is not there."""
    speak("en")
    if not arguments:
        sys.stderr.write("python -m models.audit_file FILE [NEWER ...]\n")
        return 2
    try:
        checked = check_files([Path(one) for one in arguments])
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for name, done in zip(arguments, checked, strict=True):
        for sentence in [one.message for one in done.faults] or [summary(done)]:
            sys.stdout.write(f"{name}: {sentence}\n")
    return 1 if any(done.faults for done in checked) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
