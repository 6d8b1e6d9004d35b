"""The flow's process is killed at every boundary of the procedure; run again, the case comes to the same end."""

import signal
from collections import Counter

import pytest
from crashing import KilledAt, empty, in_a_child, survives_every_boundary, what_happened
from people import CREDITED, Script, opened, play
from sqlalchemy import Engine, select

from deployments.catcher import MailCatcher
from models.tables.cases import Case
from models.tables.notices import Notice, NoticeState
from tasks.database import transaction

REPLACED = {
    **CREDITED,
    "recall-scope": ("chen.min", {"decision": "send_back", "comment": "Count again."}),
    "scope-correction": ("liu.yang", {"pieces_on_hand": 160, "report": "Counted again."}),
    "recall-confirmation": ("chen.min", {"comment": "Now it is right."}),
    "remedy": ("li.na", {"remedy": "replacement", "told_by": "Mr He"}),
}
NOT_CONFIRMED: Script = {
    **CREDITED,
    "site-finding": (
        "liu.yang",
        {"verdict": "no_quality_fault", "pieces_inspected": 20, "pieces_on_hand": 150, "report": "Wrong voltage used."},
    ),
    "appeal": ("li.na", {"appeals": "yes", "grounds": "Voltage was right."}),
    "appeal-ruling": ("chen.min", {"ruling": "uphold_finding", "reasons": "Measured twice."}),
}
NO_BATCH: Script = {"batch-verdict": ("li.na", {"is_batch": "no", "reason": "Single pieces."})}
WAYS: dict[str, Script] = {"credited": CREDITED, "replaced": REPLACED, "not_confirmed": NOT_CONFIRMED}


@pytest.mark.parametrize("way", WAYS)
def test_a_case_comes_to_the_same_end_wherever_its_process_is_killed(way: str, company: Engine) -> None:
    survives_every_boundary(opened, WAYS[way], outcome=way)


def boundaries_of(script: Script) -> int:
    """How many boundaries the procedure has on this way."""
    with KilledAt(boundary=0) as counting:
        play(opened(), script)
    return counting.passed


def test_a_mail_repeats_only_between_the_servers_ok_and_the_commit_and_with_the_same_message_id(
    company: Engine, mailbox: MailCatcher
) -> None:
    boundaries = boundaries_of(NO_BATCH)
    expected = what_happened()
    sent = Counter(message["Message-ID"] for message in mailbox.messages())
    assert set(sent.values()) == {1}
    repeated: Counter[str] = Counter()
    for boundary in range(1, boundaries + 1):
        empty()
        for kept in mailbox.folder.iterdir():
            kept.unlink()
        killed_and_led_to_its_end(NO_BATCH, boundary)
        assert what_happened() == expected, boundary
        received = Counter(message["Message-ID"] for message in mailbox.messages())
        assert set(received) == set(sent), boundary
        repeated += received - sent
    # Each mail twice: killed right after the server's OK, and killed right before the commit.
    assert repeated == Counter(dict.fromkeys(sent, 2))


def killed_and_led_to_its_end(script: Script, boundary: int) -> None:
    """A case whose process was killed at a boundary, and was then run again to its end by another."""

    def lead_a_case() -> None:
        with KilledAt(boundary):
            play(opened_again(), script)

    assert in_a_child(lead_a_case) == -signal.SIGKILL, boundary
    assert in_a_child(lambda: play(opened_again(), script)) == 0, boundary


def opened_again() -> str:
    """The case, opened unless the killed process had opened it already."""
    with transaction() as session:
        number = session.scalar(select(Case.number))
    return number or opened()


def test_every_notice_of_a_finished_case_was_sent(company: Engine, mailbox: MailCatcher) -> None:
    number = opened()
    play(number)
    with transaction() as session:
        states = set(session.scalars(select(Notice.state)))
    assert states == {NoticeState.SENT}
