"""deadlines people can trust

Revision: 0002, after 0001. Deadlines are counted by a recorded calendar, can be paused, and tell whose time went by.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Deadlines that began before there were calendars count hours and days, which need none but for its zone.
BEFORE = "before-calendars"
PLAIN_WEEK = {day: ["08:30-12:00", "13:30-17:30"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
GUARDED = ("calendar_version", "deadline_change")

OLD_UNITS = "unit IN ('hours', 'days')"
NEW_UNITS = "unit IN ('hours', 'working_hours', 'days', 'working_days', 'months')"


def upgrade() -> None:
    op.create_table(
        "calendar_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_calendar_version_version_counts_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_version")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_calendar_version_name_version")),
    )
    op.create_table(
        "deadline_change",
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("budget_before", sa.Text(), nullable=False),
        sa.Column("budget_after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_change_deadline_id_deadline")),
        sa.PrimaryKeyConstraint("deadline_id", "number", name=op.f("pk_deadline_change")),
    )
    _deadlines()
    _intervals()
    _notices()
    op.add_column("policy_version", sa.Column("recorded_by", sa.Text(), nullable=False, server_default="operator"))
    op.add_column("policy_version", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("policy_version", sa.Column("for_open_cases", sa.Boolean(), nullable=False, server_default="false"))
    for column in ("recorded_by", "reason", "for_open_cases"):
        op.alter_column("policy_version", column, server_default=None)
    op.add_column("system", sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _deadlines() -> None:
    op.add_column("deadline", sa.Column("limit_path", sa.Text(), nullable=True))
    op.add_column("deadline", sa.Column("calendar_id", sa.BigInteger(), nullable=True))
    op.add_column("deadline", sa.Column("line", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("deadline", sa.Column("cut_off", sa.Time(), nullable=True))
    op.add_column("deadline", sa.Column("counts_from", sa.Text(), nullable=False, server_default="event"))
    op.add_column("deadline", sa.Column("last_day", sa.Text(), nullable=False, server_default="kept"))
    op.add_column("deadline", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deadline", sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("deadline", "counts_from", server_default=None)
    op.alter_column("deadline", "last_day", server_default=None)
    # arrival-2 is the second round of arrival; the recall is confirmed within the limit of its scope.
    op.execute(
        "UPDATE deadline SET line = '[]', limit_path = 'batch_quality.' || "
        "replace(replace(regexp_replace(key, '-[0-9]+$', ''), '-', '_'), 'recall_confirmation', 'recall_scope')"
    )
    op.execute(
        "UPDATE deadline d SET abandoned_at = i.stopped_at FROM running_interval i "
        "WHERE i.deadline_id = d.id AND d.met_at IS NULL AND i.stopped_at IS NOT NULL"
    )
    content = json.dumps({"title": BEFORE, "zone": "?", "hours": PLAIN_WEEK, "known_years": list(range(2020, 2101))})
    op.execute(
        sa.text(
            "INSERT INTO calendar_version (name, version, content, recorded_at, recorded_by, reason) "
            "SELECT CAST(:name AS text) || '-' || zone, 1, "
            "jsonb_set(CAST(:content AS jsonb), '{zone}', to_jsonb(zone)), now(), 'migration', '' "
            "FROM (SELECT DISTINCT zone FROM deadline) zones"
        ).bindparams(name=BEFORE, content=content)
    )
    op.execute(
        "UPDATE deadline d SET calendar_id = c.id FROM calendar_version c WHERE c.content ->> 'zone' = d.zone"
    )
    for column in ("limit_path", "calendar_id", "line"):
        op.alter_column("deadline", column, nullable=False)
    op.drop_column("deadline", "zone")
    op.create_foreign_key(
        op.f("fk_deadline_calendar_id_calendar_version"), "deadline", "calendar_version", ["calendar_id"], ["id"]
    )
    op.create_index(op.f("ix_deadline_calendar_id"), "deadline", ["calendar_id"], unique=False)
    op.drop_constraint(op.f("ck_deadline_unit_is_known"), "deadline", type_="check")
    op.drop_constraint(op.f("ck_deadline_a_met_one_chases_nobody"), "deadline", type_="check")
    op.create_check_constraint(op.f("ck_deadline_unit_is_known"), "deadline", NEW_UNITS)
    op.create_check_constraint(
        op.f("ck_deadline_counts_from_is_known"), "deadline", "counts_from IN ('event', 'next_working_day')"
    )
    op.create_check_constraint(
        op.f("ck_deadline_last_day_is_known"), "deadline", "last_day IN ('kept', 'next_working_day')"
    )
    op.create_check_constraint(op.f("ck_deadline_ends_once"), "deadline", "met_at IS NULL OR abandoned_at IS NULL")
    op.create_check_constraint(
        op.f("ck_deadline_chases_only_while_it_runs"),
        "deadline",
        "next_rung_at IS NULL OR (met_at IS NULL AND abandoned_at IS NULL AND paused_at IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_deadline_an_ended_one_is_not_paused"),
        "deadline",
        "paused_at IS NULL OR (met_at IS NULL AND abandoned_at IS NULL)",
    )
    op.drop_index("ix_deadline_unmet_due_at", table_name="deadline")
    runs = "met_at IS NULL AND abandoned_at IS NULL AND paused_at IS NULL"
    op.create_index(
        "ix_deadline_to_breach", "deadline", ["due_at"], postgresql_where=sa.text(f"{runs} AND breached_at IS NULL")
    )
    op.create_index(
        "ix_deadline_to_lapse", "deadline", ["due_at"], postgresql_where=sa.text(f"{runs} AND passing = 'lapse'")
    )
    op.create_index(
        "ix_deadline_unended",
        "deadline",
        ["limit_path"],
        postgresql_where=sa.text("met_at IS NULL AND abandoned_at IS NULL"),
    )


def _intervals() -> None:
    """Nothing could be paused before, so each deadline has one interval; the ball was with whom the task was for."""
    op.add_column("running_interval", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("running_interval", "number", server_default=None)
    op.add_column("running_interval", sa.Column("started_by", sa.Text(), nullable=False, server_default=""))
    op.alter_column("running_interval", "started_by", server_default=None)
    op.add_column("running_interval", sa.Column("holder_id", sa.BigInteger(), nullable=True))
    op.add_column("running_interval", sa.Column("waits_for_id", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE running_interval i SET holder_id = coalesce("
        "(SELECT t.for_party_id FROM task t WHERE t.deadline_id = i.deadline_id ORDER BY t.id LIMIT 1), "
        "(SELECT p.id FROM party p WHERE p.kind = 'company'), "
        '(SELECT c.party_id FROM deadline d JOIN "case" c ON c.id = d.case_id WHERE d.id = i.deadline_id))'
    )
    op.alter_column("running_interval", "holder_id", nullable=False)
    op.drop_constraint(op.f("pk_running_interval"), "running_interval", type_="primary")
    op.create_primary_key(op.f("pk_running_interval"), "running_interval", ["deadline_id", "number"])
    op.create_check_constraint(op.f("ck_running_interval_counts_from_one"), "running_interval", "number > 0")
    for column in ("holder_id", "waits_for_id"):
        op.create_foreign_key(
            op.f(f"fk_running_interval_{column}_party"), "running_interval", "party", [column], ["id"]
        )


def _notices() -> None:
    op.add_column("notice", sa.Column("deliver_from", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE notice SET deliver_from = queued_at")
    op.alter_column("notice", "deliver_from", nullable=False)
    op.add_column("notice", sa.Column("reminds_of_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_notice_reminds_of_id_deadline"), "notice", "deadline", ["reminds_of_id"], ["id"])
    op.create_index(
        "ix_notice_reminding",
        "notice",
        ["reminds_of_id"],
        postgresql_where=sa.text("state = 'queued' AND reminds_of_id IS NOT NULL"),
    )
    op.drop_constraint(op.f("ck_notice_state_is_known"), "notice", type_="check")
    op.create_check_constraint(
        op.f("ck_notice_state_is_known"), "notice", "state IN ('queued', 'sent', 'failed', 'withdrawn')"
    )


def downgrade() -> None:
    """Back to hours and days: what counts otherwise, and what stands, cannot go back and stops the downgrade."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM deadline WHERE unit NOT IN ('hours', 'days') OR paused_at IS NOT NULL)
               OR EXISTS (SELECT FROM running_interval WHERE number > 1) THEN
                RAISE EXCEPTION 'there are deadlines that version 0001 cannot keep';
            END IF;
        END $$
        """
    )
    for table in GUARDED:
        op.execute(f"DROP TRIGGER append_only ON {table}")
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
    op.drop_column("system", "swept_at")
    for column in ("for_open_cases", "reason", "recorded_by"):
        op.drop_column("policy_version", column)
    op.drop_constraint(op.f("ck_notice_state_is_known"), "notice", type_="check")
    op.execute("UPDATE notice SET state = 'failed' WHERE state = 'withdrawn'")
    op.create_check_constraint(op.f("ck_notice_state_is_known"), "notice", "state IN ('queued', 'sent', 'failed')")
    op.drop_index("ix_notice_reminding", table_name="notice")
    op.drop_column("notice", "reminds_of_id")
    op.drop_column("notice", "deliver_from")
    op.drop_constraint(op.f("ck_running_interval_counts_from_one"), "running_interval", type_="check")
    op.drop_constraint(op.f("pk_running_interval"), "running_interval", type_="primary")
    op.create_primary_key(op.f("pk_running_interval"), "running_interval", ["deadline_id", "started_at"])
    for column in ("number", "started_by", "holder_id", "waits_for_id"):
        op.drop_column("running_interval", column)
    for index in ("ix_deadline_to_breach", "ix_deadline_to_lapse", "ix_deadline_unended"):
        op.drop_index(index, table_name="deadline")
    for name in (
        "unit_is_known",
        "counts_from_is_known",
        "last_day_is_known",
        "ends_once",
        "chases_only_while_it_runs",
        "an_ended_one_is_not_paused",
    ):
        op.drop_constraint(op.f(f"ck_deadline_{name}"), "deadline", type_="check")
    op.create_check_constraint(op.f("ck_deadline_unit_is_known"), "deadline", OLD_UNITS)
    op.create_check_constraint(
        op.f("ck_deadline_a_met_one_chases_nobody"), "deadline", "met_at IS NULL OR next_rung_at IS NULL"
    )
    op.create_index(
        "ix_deadline_unmet_due_at",
        "deadline",
        ["due_at"],
        postgresql_where=sa.text("met_at IS NULL AND breached_at IS NULL"),
    )
    op.add_column("deadline", sa.Column("zone", sa.Text(), nullable=True))
    op.execute("UPDATE deadline d SET zone = c.content ->> 'zone' FROM calendar_version c WHERE c.id = d.calendar_id")
    op.alter_column("deadline", "zone", nullable=False)
    for column in (
        "limit_path",
        "calendar_id",
        "line",
        "cut_off",
        "counts_from",
        "last_day",
        "paused_at",
        "abandoned_at",
    ):
        op.drop_column("deadline", column)
    op.drop_table("deadline_change")
    op.drop_table("calendar_version")
