"""A million open deadlines: what a sweep costs the database, and how long a changed calendar takes.

    python -m benchmarks.deadlines [--open N] [--due N] [--moved N]

It makes a PostgreSQL of its own in a temporary folder (with fsync, as a real one), fills it, and compares

- the sweep's chase with bare SQL that selects as many due rows and marks them, and with bare SQL that also queues
  the mails, in alternating rounds;
- the sweep with the same number of due rungs among five times fewer open deadlines: cost must follow what is due;
- the re-projection of open deadlines after a changed calendar.

The result is printed and written to `benchmarks/results/`.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text

from deployments.postgres import cluster_folder, start_cluster
from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files, load_calendars, load_policy, migrate_database
from models.calendars import load_calendar_file
from models.language import speak
from models.queries import clock
from tasks.database import engine, transaction
from tasks.reprojecting import apply_calendars
from tasks.sweeping import Swept, _chase

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
ROUNDS = 5


def main() -> None:
    """Measures, prints, writes."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="aftersales-benchmark-") as folder:
        os.environ["AFTERSALES_DATA"] = folder
        cluster = start_cluster(Path(folder))
        try:
            result = _measure(cluster, options)
        finally:
            cluster.stop()
            shutil.rmtree(cluster_folder(Path(folder)))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "deadlines.json").write_text(json.dumps(result, indent=2) + "\n")
    (RESULTS / "deadlines.md").write_text(_page(result))
    sys.stdout.write(_page(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A million open deadlines.")
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--moved", type=int, default=100_000)
    return parser.parse_args()


def _measure(cluster: Any, options: argparse.Namespace) -> dict[str, Any]:
    few = options.open // 5
    rounds = {
        "many": _sweeps(cluster, "many", options.open, options.due),
        "few": _sweeps(cluster, "few", few, options.due),
    }
    moved = _reprojection(cluster, options.moved)
    return {
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "open": options.open,
        "open_few": few,
        "due": options.due,
        "rounds": rounds,
        "moved": moved,
    }


@contextmanager
def _database(cluster: Any, name: str) -> Iterator[None]:
    cluster.ensure_database(name)
    os.environ["AFTERSALES_DATABASE_URL"] = cluster.url(name).render_as_string(hide_password=False)
    speak("zh_CN")
    migrate_database(rehearsal=True)
    load_calendars(ROOT / "policies" / "calendars.yaml")
    load_policy(ROOT / "policies" / "lighting.yaml")
    import_files(SAMPLE_COMPANY)
    try:
        yield
    finally:
        engine().dispose()
        engine.cache_clear()
        from tasks.settings import settings

        settings.cache_clear()
        del os.environ["AFTERSALES_DATABASE_URL"]


def _fill(connection: Connection, number: int, unit: str) -> None:
    """Open cases with one open deadline each, due in five days, one rung before and one at due."""
    fill = (Path(__file__).parent / "fill.sql").read_text()
    for statement in fill.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement, {"number": number, "unit": unit})
    connection.commit()
    # What autovacuum does in a system that grew to this size.
    connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _make_due(connection: Connection, due: int) -> None:
    """Lets some deadlines have begun five days ago, spread over the whole table, so that their first rung is due."""
    connection.execute(text(DUE), {"due": due})
    connection.execute(
        text(
            "UPDATE running_interval i SET started_at = d.started_at FROM deadline d "
            "WHERE d.id = i.deadline_id AND d.started_at <> i.started_at"
        )
    )
    connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE deadline"))
    connection.execute(text("CHECKPOINT"))


DUE = """
    WITH chosen AS (
        SELECT id, now() - interval '5 days' AS began,
               date_trunc('day', now() - interval '5 days', 'Asia/Shanghai') + interval '6 days' AS due
        FROM deadline d WHERE NOT EXISTS (SELECT FROM rung r WHERE r.deadline_id = d.id)
        ORDER BY hashint8(id) LIMIT :due
    )
    UPDATE deadline d SET started_at = began, due_at = due, next_rung_at = began + 0.8 * (due - began)
    FROM chosen WHERE d.id = chosen.id
"""

#: What one would write by hand: select the due rows, lock them, mark the rung and set the next one.
BARE = """
    WITH due AS MATERIALIZED (
        SELECT id, case_id FROM deadline WHERE next_rung_at <= :at ORDER BY next_rung_at, id LIMIT 500 FOR UPDATE
    ), marked AS (
        INSERT INTO rung (deadline_id, number, planned_at, happened_at, escalation, told)
        SELECT id, 1, :at, :at, false, '["li.na"]' FROM due
    ) {also}
    UPDATE deadline d SET next_rung_at = d.due_at FROM due WHERE d.id = due.id
"""
#: The same, and the mails queued that the sweep queues, with the text of one of them.
QUEUE_MAIL = """
    , told AS (
        INSERT INTO notice (case_id, key, template, to_name, to_address, language, subject, plain, html, state,
                            attempts, queued_at, deliver_from, next_attempt_at, message_id, error, reminds_of_id)
        SELECT due.case_id, 'bare:' || due.id, template, to_name, to_address, language, subject, plain, html, state,
               attempts, queued_at, deliver_from, next_attempt_at, 'bare:' || due.id, error, due.id
        FROM due, (SELECT * FROM notice WHERE key LIKE '%:rung:%' LIMIT 1) one
    )
"""


def _sweeps(cluster: Any, name: str, number: int, due: int) -> dict[str, Any]:
    with _database(cluster, name):
        with engine().connect() as connection:
            _fill(connection, number, "days")
        measured: dict[str, list[float]] = {
            kind: [] for kind in ("bare", "select_and_mark", "bare_with_mail", "all_sql", "wall")
        }
        by_table: dict[str, float] = {}
        for _round in range(ROUNDS):
            with engine().connect() as connection:
                _make_due(connection, due)
            spent, wall = _chased(due)
            for kind, also in (("bare", ""), ("bare_with_mail", QUEUE_MAIL)):
                with engine().connect() as connection:
                    _make_due(connection, due)
                measured[kind].append(_bare(due, BARE.format(also=also)))
            measured["select_and_mark"].append(sum(spent[kind] for kind in MARKING))
            measured["all_sql"].append(sum(spent.values()))
            measured["wall"].append(wall)
            by_table = spent
        return {
            **{kind: statistics.median(times) for kind, times in measured.items()},
            "by_statement": {kind: round(time, 4) for kind, time in sorted(by_table.items())},
            "open": number,
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def _bare(due: int, statement: str) -> float:
    done, begun = 0, time.perf_counter()
    with engine().connect() as connection:
        at = connection.scalar(text("SELECT now()"))
        connection.commit()
        begun = time.perf_counter()
        while changed := connection.execute(text(statement), {"at": at}).rowcount:
            connection.commit()
            done += changed
        spent = time.perf_counter() - begun
    assert done == due, f"{done} of {due} rungs were due"
    return spent


#: The statements that select and mark, by what they begin with; the others write mail and the audit trail.
MARKING = ("select due", "lock cases", "read deadlines", "insert rung", "update deadline", "commit")


def _kind(statement: str) -> str:
    begins = " ".join(statement.split())[:60].lower()
    if begins.startswith("insert into"):
        return f"insert {begins.split()[2].strip(chr(34))}"
    if begins.startswith("update"):
        return f"update {begins.split()[1].strip(chr(34))}"
    if "pg_advisory_xact_lock" in statement and "unnest" in statement:
        return "lock cases"
    if begins.startswith("select deadline.id, deadline.case_id from"):
        return "select due"
    if begins.startswith("select deadline.id") or begins.startswith("select deadline."):
        return "read deadlines"
    return "read the rest"


def _chased(due: int) -> tuple[dict[str, float], float]:
    """The time of each kind of statement, commits included, and of the whole chase."""
    spent: dict[str, float] = dict.fromkeys(MARKING, 0.0)
    started: list[float] = []

    def before(*_given: Any) -> None:
        started.append(time.perf_counter())

    def after(_connection: Any, _cursor: Any, statement: str, *_given: Any) -> None:
        kind = _kind(statement)
        spent[kind] = spent.get(kind, 0.0) + time.perf_counter() - started.pop()

    dialect = engine().dialect
    commit = dialect.do_commit

    def timed_commit(connection: Any) -> None:
        begun = time.perf_counter()
        commit(connection)
        spent["commit"] += time.perf_counter() - begun

    event.listen(engine(), "before_cursor_execute", before)
    event.listen(engine(), "after_cursor_execute", after)
    dialect.do_commit = timed_commit  # type: ignore[assignment, method-assign]
    try:
        with transaction() as session:
            at = clock.now(session)
        swept, begun = Swept(), time.perf_counter()
        _chase(swept, at)
        wall = time.perf_counter() - begun
    finally:
        dialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(engine(), "before_cursor_execute", before)
        event.remove(engine(), "after_cursor_execute", after)
    assert swept.reminded + swept.escalated == due, f"{swept.reminded + swept.escalated} of {due} rungs happened"
    return spent, wall


def _reprojection(cluster: Any, number: int) -> dict[str, Any]:
    """Deadlines in working days, and a closure of two days that moves them all."""
    with _database(cluster, "moved"):
        with engine().connect() as connection:
            _fill(connection, number, "working_days")
            connection.commit()
        with transaction() as session:
            first = clock.now(session).date() + timedelta(days=1)
        contents = load_calendar_file(ROOT / "policies" / "calendars.yaml")
        closure = {"first": str(first), "last": str(first + timedelta(days=6)), "working": False, "name": "closure"}
        contents["office"]["changes"] = [closure]
        begun, processor = time.perf_counter(), time.process_time()
        effect = apply_calendars(contents, "benchmark", "chen.min")
        return {
            "deadlines": number,
            "moved": effect.moved,
            "seconds": time.perf_counter() - begun,
            "own_processor_seconds": time.process_time() - processor,
        }


def _page(result: dict[str, Any]) -> str:
    many, few, moved, machine = result["rounds"]["many"], result["rounds"]["few"], result["moved"], result["machine"]
    lines = [
        "# A million open deadlines",
        "",
        f"`python -m benchmarks.deadlines` on {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}; PostgreSQL with fsync; medians of {ROUNDS} rounds, bare SQL and sweep in turn.",
        "",
        f"{result['due']:,} rungs are due.",
        "",
        f"| | {many['open']:,} open | {few['open']:,} open |",
        "|---|---|---|",
        f"| bare SQL: select the due rows and mark them | {many['bare']:.2f} s | {few['bare']:.2f} s |",
        f"| sweep: select and mark | {many['select_and_mark']:.2f} s | {few['select_and_mark']:.2f} s |",
        f"| ratio | {many['select_and_mark'] / many['bare']:.2f} | {few['select_and_mark'] / few['bare']:.2f} |",
        f"| bare SQL that also queues those mails | {many['bare_with_mail']:.2f} s | {few['bare_with_mail']:.2f} s |",
        f"| sweep: all its SQL, also for mails and audit trail | {many['all_sql']:.2f} s | {few['all_sql']:.2f} s |",
        f"| ratio | {many['all_sql'] / many['bare_with_mail']:.2f} | {few['all_sql'] / few['bare_with_mail']:.2f} |",
        f"| sweep in all, with the letters written | {many['wall']:.1f} s | {few['wall']:.1f} s |",
        f"| memory of the sweeping process | {many['memory_mb']:.0f} MB | |",
        "",
        "Where the SQL's time goes (last round): "
        + ", ".join(f"{kind} {time:.2f} s" for kind, time in many["by_statement"].items())
        + ".",
        "",
        f"A calendar change moved {moved['moved']:,} of {moved['deadlines']:,} open deadlines in "
        f"{moved['seconds']:.1f} s ({moved['own_processor_seconds']:.1f} s of our own processor time).",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
