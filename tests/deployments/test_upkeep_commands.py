"""Commands that keep a system going: sweep, verify, clock."""

from datetime import datetime, timedelta

import pytest
from clocks import it_is
from command_line import CommandLine
from people import CREDITED, opened, play
from sqlalchemy import Engine, func, select, text

from deployments.catcher import MailCatcher
from models.tables.notices import Notice
from tasks.database import transaction

SWEEP = {"deadlines", "reminded", "escalated", "lapsed", "woken", "delivered", "failed"}
NO_FAULT = {
    "verdict": "no_quality_fault",
    "pieces_inspected": 20,
    "pieces_faulty": 0,
    "pieces_on_hand": 100,
    "report": "They were wired wrongly.",
}


# sweep


def test_sweep_tells_its_figures(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="site-finding")
    swept = aftersales.json("sweep", "--as-of", "2026-12-04T00:00:01+08:00")
    assert set(swept) >= SWEEP
    # The acknowledgement (80 % clerk, 100 % manager) and the two days (80 % technician and head, 100 % vice-president).
    assert {key: swept[key] for key in SWEEP} == {
        "deadlines": 2,
        "reminded": 3,
        "escalated": 2,
        "lapsed": 0,
        "woken": 0,
        "delivered": 0,
        "failed": 0,
    }
    again = aftersales.json("sweep", "--as-of", "2026-12-04T00:00:02+08:00")
    assert (again["reminded"], again["escalated"]) == (0, 0)
    deadlines = {one["key"]: one for one in aftersales.json("case", "BQ-2026-0001")["deadlines"]}
    assert [(rung["rung"], rung["at"]) for rung in deadlines["determination"]["rungs"]] == [
        (number, "2026-12-04T00:00:01+08:00") for number in (1, 2, 3)
    ]
    assert [rung["to"] for rung in deadlines["determination"]["rungs"]] == [["liu.yang"], ["sun.wei"], ["zhao.qiang"]]


def test_sweep_without_a_time_takes_the_business_clock(aftersales: CommandLine, rehearsal: Engine) -> None:
    play(opened(), until="site-finding")
    assert aftersales.json("sweep")["reminded"] == 0
    it_is("2026-12-01T11:30:00+08:00")
    assert aftersales.json("sweep")["reminded"] == 1


def test_sweep_counts_what_lapsed(aftersales: CommandLine, rehearsal: Engine) -> None:
    number = opened()
    play(number, CREDITED | {"site-finding": ("liu.yang", NO_FAULT)}, until="appeal")
    assert aftersales.json("sweep", "--as-of", "2026-12-07T00:00:01+08:00")["lapsed"] == 1
    appeal = aftersales.json("case", number)["tasks"][-1]
    assert (appeal["key"], appeal["state"]) == ("appeal", "lapsed")
    assert (appeal["decision"]["by"], appeal["decision"]["channel"]) == (None, "sweep")


def test_sweep_delivers_what_is_queued(aftersales: CommandLine, rehearsal: Engine, mailbox: MailCatcher) -> None:
    number = opened()
    swept = aftersales.json("sweep")
    with transaction() as session:
        queued = session.scalar(select(func.count()).select_from(Notice))
    assert (swept["delivered"], swept["failed"]) == (queued, 0)
    [notice] = aftersales.json("case", number)["notices"]
    assert (notice["state"], notice["attempts"], notice["sent_at"][:16]) == ("sent", 1, "2026-12-01T09:00")
    acknowledgement = aftersales.json("case", number)["deadlines"][0]
    assert (acknowledgement["key"], acknowledgement["state"]) == ("acknowledgement", "met")


def test_a_sweep_beside_another_does_nothing(aftersales: CommandLine, rehearsal: Engine) -> None:
    opened()
    with rehearsal.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(357946443088)"))  # the letters SWEEP
        swept = aftersales.json("sweep", "--as-of", "2026-12-09T00:00:00+08:00")
        assert {swept[key] for key in SWEEP} == {0}
        assert aftersales("sweep") == "Another sweep is running; nothing to do.\n"


def test_people_read_what_a_sweep_did(aftersales: CommandLine, rehearsal: Engine) -> None:
    opened()
    told = aftersales("sweep")
    assert "Reminded" in told
    assert "BQ-2026-0001: No Prefect server is known here." in told
    aftersales.language("zh_CN")
    assert "提醒" in aftersales("sweep")


# verify


def test_verify_finds_nothing_where_all_is_in_order(aftersales: CommandLine, played: Engine) -> None:
    assert aftersales.json("verify") == {"ok": True, "findings": []}
    assert aftersales("verify") == "Audit chain, journals and ledgers are in order.\n"


@pytest.mark.parametrize(
    ("tampering", "code", "where"),
    [
        ("UPDATE audit_entry SET actor = 'nobody' WHERE number = 2", "audit_chain_broken", "audit 2"),
        (
            """UPDATE audit_entry SET detail = '{"input": {}}' WHERE operation = 'case_opened'""",
            "audit_chain_broken",
            "audit 5",
        ),
        ("DELETE FROM stock_move WHERE line = 1", "stock_differs", "BQ-2026-0001"),
        ("UPDATE money_move SET amount = amount + 0.01", "credit_differs", "BQ-2026-0001"),
    ],
)
def test_verify_finds_what_was_tampered_with(
    aftersales: CommandLine, rehearsal: Engine, tampering: str, code: str, where: str
) -> None:
    play(opened())
    with rehearsal.begin() as connection:
        for table in ("audit_entry", "stock_move", "money_move"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        connection.execute(text(tampering))
    verified = aftersales.json("verify", status=1)
    assert verified["ok"] is False
    assert all(set(finding) >= {"code", "where", "message"} for finding in verified["findings"])
    assert (verified["findings"][0]["code"], verified["findings"][0]["where"]) == (code, where)
    assert aftersales.errors == ""
    assert where in aftersales("verify", status=1)


# clock


def test_the_clock_of_a_rehearsal_is_set_and_runs_on(aftersales: CommandLine, company: Engine) -> None:
    moved = aftersales.json("clock", "set", "2026-12-24T18:00:00+08:00")
    shown = aftersales.json("clock")
    assert (list(moved), list(shown)) == (["now"], ["now"])
    before, after = datetime.fromisoformat(moved["now"]), datetime.fromisoformat(shown["now"])
    assert datetime.fromisoformat("2026-12-24T18:00:00+08:00") <= before < after
    assert after - before < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("duration", "then"),
    [
        ("45s", "2026-12-01T09:00:45+08:00"),
        ("90m", "2026-12-01T10:30:00+08:00"),
        ("36h", "2026-12-02T21:00:00+08:00"),
        ("5d", "2026-12-06T09:00:00+08:00"),
        ("1 day", "2026-12-02T09:00:00+08:00"),
        ("2 hours", "2026-12-01T11:00:00+08:00"),
    ],
)
def test_the_clock_of_a_rehearsal_goes_forward(
    aftersales: CommandLine, rehearsal: Engine, duration: str, then: str
) -> None:
    now = datetime.fromisoformat(aftersales.json("clock", "forward", duration)["now"])
    assert timedelta() <= now - datetime.fromisoformat(then) < timedelta(seconds=30)


def test_people_read_the_clock_too(aftersales: CommandLine, rehearsal: Engine) -> None:
    now = datetime.fromisoformat(aftersales("clock").strip())
    assert timedelta() <= now - datetime.fromisoformat("2026-12-01T09:00:00+08:00") < timedelta(seconds=30)
