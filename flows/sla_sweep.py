"""The sweep (巡检) as a Prefect flow: `nightly` with the SLA board, `watch` every few minutes without it."""

from datetime import datetime
from typing import cast
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.runtime import flow_run

from models.language import N_, _, speak
from models.queries import clock
from tasks.board import board, case_rows
from tasks.board_letter import send_board
from tasks.board_page import page
from tasks.database import transaction
from tasks.post import deliver
from tasks.settings import settings
from tasks.sweeping import Swept, sweep


@flow(name="sla-sweep", persist_result=False)
def sla_sweep(with_board: bool = True) -> dict[str, object]:
    """Reminds, escalates, applies lapse rules, wakes answered cases, sends queued mail.

    Args:
        with_board: Also make the SLA board (同时生成时限看板).
    """
    speak(settings().language)
    progress = cast(UUID, create_progress_artifact(0.0, key="sla-sweep-progress", description=_(N_("Sweep"))))
    at = as_of()

    def show(share: float) -> None:
        update_progress_artifact(progress, share * 100)

    swept = sweep(at, show)
    if swept.skipped:
        get_run_logger().info(_(N_("Another sweep is running; nothing to do.")))
        return swept.figures()
    if with_board:
        publish_board(swept, at)
    get_run_logger().info(str(swept.figures()))
    return swept.figures()


def as_of() -> datetime:
    """The time this run was scheduled for, so that a late run chases no later; a rehearsal follows its own clock."""
    with transaction() as session:
        now = clock.now(session)
        if clock.is_rehearsal(session):
            return now
    scheduled: datetime | None = flow_run.scheduled_start_time
    return min(scheduled, now) if scheduled else now


def publish_board(swept: Swept, at: datetime) -> None:
    """The board as artifacts, a table and a digest above it, and by mail to each manager."""
    with transaction() as session:
        rows, digest = case_rows(session, at), page(session, board(session, at), swept)
        send_board(session, at)
    deliver()
    create_table_artifact(rows, key="sla-board", description=_(N_("Open cases")))
    create_markdown_artifact(digest, key="sla-digest", description=_(N_("SLA board")))
