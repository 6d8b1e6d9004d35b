"""`aftersales audit`: the trail as a file, and a check that finds what somebody did to it, without any database."""

import json
import os
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from conftest import forget
from people import forward
from sqlalchemy import Engine, insert, text

from models.audit_file import MOST_FAULTS, check, check_files
from models.queries import audit, calendars, policies
from models.tables.audit import AuditEntry
from tasks.database import transaction

AT = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)
PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
def aftersales(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(capsys, monkeypatch)


@pytest.fixture
def eight(company: Engine) -> None:
    """The company's three entries (calendar, policy, master data) and five more."""
    record("a", "b", "c", "d", "e")


@pytest.fixture
def file(aftersales: CommandLine, eight: None, tmp_path: Path) -> Path:
    """An export of the eight."""
    written = tmp_path / "audit.jsonl"
    aftersales("audit", "export", written)
    return written


def record(*subjects: str) -> None:
    with transaction() as session:
        for subject in subjects:
            audit.record(
                session, AT, "li.na", "tested", subject, {"灯": [1, 0.5, None, True], "text": f"«{subject}»\n"}
            )


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def written(file: Path, found: list[Any]) -> Path:
    """A file of these lines, as an export writes them."""
    content = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False, sort_keys=True) for one in found]
    file.write_text("".join(f"{line}\n" for line in content), "utf-8")
    return file


def digest(entry: dict[str, Any]) -> str:
    """By the rule of the chain, written down here once more."""
    content = [entry[name] for name in ("number", "at", "actor", "operation", "subject", "detail", "previous")]
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def content_digest(content: dict[str, Any]) -> str:
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def faults(*files: Path) -> list[tuple[str, int]]:
    """What is wrong with the last of the files, and with which entry."""
    return [(one.wrong.name, one.number) for one in check_files(files)[-1].faults]


# The file


def test_each_line_is_an_entry_in_the_form_of_the_chain_and_the_last_says_where_it_ends(file: Path) -> None:
    *entries, trailer = lines(file)
    assert [one["number"] for one in entries] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert entries[3]["actor"] == "li.na"
    assert entries[3]["at"] == "2026-11-23T09:30:15.123456+00:00"
    assert entries[3]["detail"] == {"灯": [1, 0.5, None, True], "text": "«a»\n"}
    assert entries[0]["previous"] == "0" * 64
    assert [one["previous"] for one in entries[1:]] == [one["digest"] for one in entries[:-1]]
    assert [one["digest"] for one in entries] == [digest(one) for one in entries]
    assert {name: trailer[name] for name in ("after", "entries", "last", "last_digest")} == {
        "after": 0,
        "entries": 8,
        "last": 8,
        "last_digest": entries[-1]["digest"],
    }
    assert datetime.fromisoformat(trailer["exported_at"]).tzinfo is not None


def test_a_whole_file_is_found_whole(aftersales: CommandLine, file: Path) -> None:
    last = lines(file)[-1]["last_digest"]
    told = f"{file}: 8 entries, 1 to 8; the digest of the last one is {last}.\n"
    assert aftersales("audit", "check", file) == told
    assert aftersales.json("audit", "check", file) == {
        "ok": True,
        "files": [{"file": str(file), "after": 0, "entries": 8, "last": 8, "last_digest": last, "faults": []}],
    }


def test_standard_output_gets_the_file_and_nothing_else(aftersales: CommandLine, file: Path) -> None:
    printed = aftersales("audit", "export", "-")
    as_lines = [json.loads(line) for line in printed.splitlines()]
    assert as_lines[:-1] == lines(file)[:-1]
    assert check(f"{line}\n".encode() for line in printed.splitlines()).faults == []
    assert aftersales("audit", "export", "-", "--json").splitlines()[:-1] == printed.splitlines()[:-1]


def test_what_was_written_and_where_it_ends_is_told(aftersales: CommandLine, eight: None, tmp_path: Path) -> None:
    told = aftersales.json("audit", "export", tmp_path / "all.jsonl")
    last = lines(tmp_path / "all.jsonl")[-1]["last_digest"]
    assert told == {"written": str(tmp_path / "all.jsonl"), "entries": 8, "last": 8, "last_digest": last}


def test_nothing_that_is_there_is_overwritten(aftersales: CommandLine, file: Path) -> None:
    before = file.read_bytes()
    assert list(aftersales.error("audit", "export", file, status=2)["fields"]) == ["file"]
    assert file.read_bytes() == before


def test_a_place_that_cannot_be_written_to_is_named(aftersales: CommandLine, company: Engine, tmp_path: Path) -> None:
    nowhere = tmp_path / "no folder" / "audit.jsonl"
    assert str(nowhere) in aftersales.error("audit", "export", nowhere, status=2)["fields"]["file"]


def test_no_half_of_a_file_is_left(aftersales: CommandLine, eight: None, tmp_path: Path) -> None:
    half = tmp_path / "half.jsonl"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        refused = aftersales.error("audit", "export", half, status=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused["fields"] == {"file": f"{half} cannot be written: File too large"}
    assert not half.exists()


# What somebody does to it


def altered(entries: list[Any]) -> list[Any]:
    entries[4]["actor"] = "chen.min"
    return entries


def altered_with_a_fitting_digest(entries: list[Any]) -> list[Any]:
    entries[4]["actor"] = "chen.min"
    entries[4]["digest"] = digest(entries[4])
    return entries


def reordered(entries: list[Any]) -> list[Any]:
    entries[4], entries[5] = entries[5], entries[4]
    return entries


def renumbered(entries: list[Any]) -> list[Any]:
    del entries[4]
    for entry in entries[4:-1]:
        entry["number"] -= 1
    return entries


def put_in(entries: list[Any]) -> list[Any]:
    """One more of the same number, which fits what stands before it."""
    another = {**entries[5], "subject": "put in", "previous": entries[4]["digest"]}
    return [*entries[:5], {**another, "digest": digest(another)}, *entries[5:]]


def cut_off(entries: list[Any]) -> list[Any]:
    return entries[:6]


def cut_off_before_the_last_line(entries: list[Any]) -> list[Any]:
    return [*entries[:6], entries[-1]]


def with_another_last_line(entries: list[Any]) -> list[Any]:
    return [*entries[:-1], {**entries[-1], "last_digest": "a" * 64}]


def beginning_in_the_air(entries: list[Any]) -> list[Any]:
    entries[0]["previous"] = "b" * 64
    entries[0]["digest"] = digest(entries[0])
    return entries


def written_differently(entries: list[Any]) -> list[Any]:
    return [*entries[:4], json.dumps(entries[4]), *entries[5:]]


def with_a_field_twice(entries: list[Any]) -> list[Any]:
    """What readers of JSON take differently."""
    line = json.dumps(entries[4], ensure_ascii=False, sort_keys=True)
    return [*entries[:4], line.replace('{"actor"', '{"actor": "nobody", "actor"'), *entries[5:]]


def with_more_after_the_end(entries: list[Any]) -> list[Any]:
    return [*entries, entries[0]]


@pytest.mark.parametrize(
    ("done", "found"),
    [
        (altered, [("ALTERED", 5)]),
        (altered_with_a_fitting_digest, [("NOT_LINKED", 6)]),
        (lambda entries: [*entries[:4], *entries[5:]], [("MISSING", 6), ("TRAILER", 8)]),
        (renumbered, [("ALTERED", 5), ("NOT_LINKED", 5), ("ALTERED", 6), ("ALTERED", 7), ("CUT_OFF", 8)]),
        (reordered, [("MISSING", 6), ("OUT_OF_PLACE", 5)]),
        (put_in, [("OUT_OF_PLACE", 6), ("NOT_LINKED", 7), ("TRAILER", 8)]),
        (cut_off, [("TRUNCATED", 6)]),
        (cut_off_before_the_last_line, [("CUT_OFF", 8)]),
        (lambda entries: entries[2:], [("MISSING", 3)]),
        (with_another_last_line, [("TRAILER", 8)]),
        (beginning_in_the_air, [("NOT_LINKED", 2), ("NOT_LINKED", 1)]),
        (written_differently, [("UNREADABLE", 4), ("MISSING", 6), ("TRAILER", 8)]),
        (with_a_field_twice, [("UNREADABLE", 4), ("MISSING", 6), ("TRAILER", 8)]),
        (with_more_after_the_end, [("AFTER_THE_END", 8)]),
    ],
)
def test_what_was_done_to_a_file_is_found_with_the_entry(
    file: Path, tmp_path: Path, done: Callable[[list[Any]], list[Any]], found: list[tuple[str, int]]
) -> None:
    assert faults(written(tmp_path / "other.jsonl", done(lines(file)))) == found


@pytest.mark.parametrize("letter", ["x", " "])
def test_no_byte_can_be_another_unnoticed(file: Path, letter: str) -> None:
    content = file.read_bytes()
    for place in range(0, len(content), 7):
        other = content[:place] + letter.encode() + content[place + 1 :]
        if other != content and b'"exported_at"' not in content[:place].rsplit(b"\n", 1)[-1]:
            assert check(other.splitlines(keepends=True)).faults, place


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"[1, 2]\n", b"null\n", b"\xff\xfe\n", b"{" * 100_000 + b"\n", b'{"entries": 1}\n', b"x" * 10_000],
)
def test_what_is_no_export_is_told_apart(content: bytes) -> None:
    assert check(content.splitlines(keepends=True)).faults


def test_another_file_is_not_read_to_its_end() -> None:
    done = check(b"something else\n" for _line in range(1_000_000))
    assert (len(done.faults), done.faults[-1].wrong.name) == (MOST_FAULTS + 1, "TOO_MANY")


def test_the_command_says_which_entry_and_ends_with_1(aftersales: CommandLine, file: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other.jsonl", altered(lines(file)))
    assert aftersales("audit", "check", other, status=1) == f"{other}: Entry 5 was altered.\n"
    [found] = aftersales.json("audit", "check", other, status=1)["files"][0]["faults"]
    assert found == {"what": "altered", "number": 5, "line": 5, "message": "Entry 5 was altered."}


def test_a_file_that_is_not_there_is_named(aftersales: CommandLine, tmp_path: Path) -> None:
    missing = tmp_path / "missing.jsonl"
    assert str(missing) in aftersales.error("audit", "check", missing, status=2)["fields"]["file"]


# A file and a newer one


@pytest.fixture
def newer(aftersales: CommandLine, file: Path, tmp_path: Path) -> Path:
    """What happened after the first export: two entries more."""
    record("f", "g")
    aftersales("audit", "export", tmp_path / "newer.jsonl", "--after", "8")
    return tmp_path / "newer.jsonl"


def test_a_newer_file_goes_on_where_the_older_one_ends(aftersales: CommandLine, file: Path, newer: Path) -> None:
    assert [one.get("number") for one in lines(newer)] == [9, 10, None]
    assert lines(newer)[0]["previous"] == lines(file)[-1]["last_digest"]
    last = lines(newer)[-1]["last_digest"]
    told = aftersales("audit", "check", file, newer).splitlines()
    assert told[1] == f"{newer}: 2 entries, 9 to 10; the digest of the last one is {last}."


def test_a_whole_newer_export_holds_the_older_one(aftersales: CommandLine, file: Path, newer: Path) -> None:
    whole = newer.with_name("whole.jsonl")
    aftersales("audit", "export", whole)
    assert faults(file, whole) == []
    assert faults(newer, whole) == []
    assert faults(whole, file) == [("SHORTER", 8)]


def test_nothing_new_is_a_file_too(aftersales: CommandLine, file: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    aftersales("audit", "export", empty, "--after", 8)
    assert len(lines(empty)) == 1
    assert faults(file, empty) == []
    forged = written(tmp_path / "forged.jsonl", [{**lines(empty)[0], "last_digest": "c" * 64}])
    assert faults(file, forged) == [("NOT_JOINED", 8)]


def test_what_lies_between_two_files_is_missed(aftersales: CommandLine, file: Path, newer: Path) -> None:
    later = newer.with_name("later.jsonl")
    aftersales("audit", "export", later, "--after", 9)
    assert faults(file, later) == [("MISSING", 10)]
    assert faults(file, newer, later) == []


def test_an_entry_that_does_not_exist_is_nothing_to_go_on_after(aftersales: CommandLine, file: Path) -> None:
    refused = aftersales.error("audit", "export", file.with_name("x.jsonl"), "--after", 9, status=2)
    assert refused["fields"] == {"after": "There is no entry 9; the last one is 8."}


def test_a_trail_that_was_rewritten_whole_shows_against_an_older_file_alone(file: Path, tmp_path: Path) -> None:
    *entries, trailer = lines(file)
    entries[4]["actor"] = "chen.min"
    for before, entry in pairwise(entries[3:]):
        entry["previous"] = before["digest"]
        entry["digest"] = digest(entry)
    rewritten = written(tmp_path / "rewritten.jsonl", [*entries, {**trailer, "last_digest": entries[-1]["digest"]}])
    assert faults(rewritten) == []
    assert faults(file, rewritten) == [("NOT_JOINED", 8)]


# Without the system


def test_it_is_checked_without_a_database(aftersales: CommandLine, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AFTERSALES_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
        forget()
        assert aftersales.error("verify", status=1)["error"] == "unavailable"
        assert aftersales.json("audit", "check", file)["ok"]
    forget()


def test_an_auditor_checks_it_with_python_alone(file: Path, tmp_path: Path) -> None:
    def auditor(*files: Path) -> tuple[int, str]:
        # Without the packages that are installed here (-S), without our settings.
        command = [sys.executable, "-S", "-m", "models.audit_file", *map(str, files)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AFTERSALES_")}
        environment["PYTHONPATH"] = str(PROJECT)
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return done.returncode, done.stdout + done.stderr

    last = lines(file)[-1]["last_digest"]
    assert auditor(file) == (0, f"{file}: 8 entries, 1 to 8; the digest of the last one is {last}.\n")
    other = written(tmp_path / "other.jsonl", altered(lines(file)))
    status, told = auditor(file, other)
    assert (status, told.splitlines()[1:]) == (1, [f"{other}: Entry 5 was altered."])
    assert auditor(tmp_path / "missing.jsonl")[0] == 2
    assert auditor()[0] == 2


# Many


def many(count: int) -> None:
    """Entries of four kilobytes each, in the chain."""
    with transaction() as session:
        last = session.get_one(AuditEntry, audit.last_number(session))
        number, previous = last.number, last.digest
        rows = []
        for _entry in range(count):
            number += 1
            entry = AuditEntry(
                number=number,
                at=AT + timedelta(seconds=number),
                actor="li.na",
                operation="tested",
                subject=f"entry {number}",
                detail={"text": f"{number:08d}" * 500},
                previous=previous,
            )
            previous = audit.digest_of(entry)
            names = ("number", "at", "actor", "operation", "subject", "detail", "previous")
            rows.append({name: getattr(entry, name) for name in names} | {"digest": previous})
        session.execute(insert(AuditEntry), rows)


def test_a_long_trail_is_written_and_read_without_keeping_it(
    aftersales: CommandLine, company: Engine, tmp_path: Path
) -> None:
    many(5000)
    file = tmp_path / "long.jsonl"
    tracemalloc.start()
    aftersales("audit", "export", file)
    aftersales("audit", "check", file)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.stat().st_size > 20_000_000
    assert most < 10_000_000
    assert lines(file)[-1]["entries"] == 5003


# What stands in it


def test_a_changed_policy_and_calendar_stand_in_it_with_who_and_why(company: Engine) -> None:
    with transaction() as session:
        policy = policies.current(session)
        content = {**policy.content, "title": "Another title"}
        policies.keep(session, content, "chen.min", "the board decided so")
        calendar = calendars.all_current(session)[0]
        calendars.keep(session, calendar.name, {**calendar.content, "title": "Another"}, "chen.min", "typhoon")
        recorded = list(audit.entries_after(session, 3))
        versions = policies.current(session), calendars.all_current(session)[0]
    assert [one.detail["content"] for one in recorded] == [content_digest(one.content) for one in versions]
    told = [(one.actor, one.operation, one.subject, one.detail["reason"]) for one in recorded]
    assert told == [
        ("chen.min", "policy_recorded", f"{policy.name} {policy.version + 1}", "the board decided so"),
        ("chen.min", "calendar_recorded", f"{calendar.name} {calendar.version + 1}", "typhoon"),
    ]


def test_rules_that_somebody_altered_where_they_are_recorded_are_found(
    aftersales: CommandLine, company: Engine
) -> None:
    assert aftersales.json("verify")["ok"]
    with company.begin() as connection:
        connection.execute(text("""UPDATE policy_version SET content = content || '{"title": "Another"}'"""))
        connection.execute(text("ALTER TABLE calendar_version DISABLE TRIGGER append_only"))
        connection.execute(text("""UPDATE calendar_version SET content = content || '{"title": "Another"}'"""))
    found = [(one["code"], one["where"]) for one in aftersales.json("verify", status=1)["findings"]]
    assert [code for code, _where in found] == ["rules_altered", "rules_altered"]
    assert [where.split()[1] for _code, where in found] == ["1", "1"]


def test_a_clock_that_was_set_stands_in_it(company: Engine) -> None:
    forward(days=1)
    with transaction() as session:
        [recorded] = audit.entries_after(session, 3)
    assert (recorded.actor, recorded.operation) == ("operator", "clock_set")
