"""the right person decides

Revision: 0008, after 0007. Accounts and sessions, standing in, links that open a question, remarks and photographs;
decisions by the inbox and by a link, and in place of somebody; tasks taken from a group; the auditor's post.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDED = ("remark", "photo")
OLD_ROLES = (
    "marketing_vp",
    "cs_manager",
    "cs_clerk",
    "technology_head",
    "technician",
    "warehouse_keeper",
    "office_manager",
    "regional_manager",
    "marketing_dept",
    "production_dept",
    "quality_dept",
    "purchasing_dept",
    "technology_dept",
    "logistics_dept",
    "finance_dept",
    "planning_dept",
    "logistics_distributor",
    "exclusive_shop",
    "sub_distributor",
    "repair_station",
    "administrator",
)
NEW_ROLES = (*OLD_ROLES[:-1], "auditor", "administrator")
OLD_CHANNELS = ("prefect", "command_line", "sweep")
NEW_CHANNELS = ("prefect", "command_line", "inbox", "mail_link", "sweep")
#: Columns that hold posts.
ROLES_IN = (("role_grant", "role"), ("task", "role"), ("measure", "department"))


def upgrade() -> None:
    for table, column in ROLES_IN:
        _known_words(table, column, NEW_ROLES)
    _known_words("decision", "channel", NEW_CHANNELS)
    op.add_column("decision", sa.Column("in_place_of_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_decision_in_place_of_id_person"), "decision", "person", ["in_place_of_id"], ["id"])
    op.create_check_constraint(op.f("ck_decision_not_in_place_of_oneself"), "decision", "in_place_of_id <> by_id")
    op.add_column("task", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_task_claimed_by_somebody"), "task", "claimed_at IS NULL OR assignee_id IS NOT NULL"
    )
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    # Answers come in before Prefect hears of them; none lies there to be settled.
    op.drop_column("prefect_form", "settled_at")
    op.drop_column("prefect_form", "refusal")
    _new_tables()
    _links_in_mail()
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _links_in_mail() -> None:
    op.add_column("system", sa.Column("link_key", sa.Text(), nullable=True))
    op.execute(sa.text("UPDATE system SET link_key = :key").bindparams(key=secrets.token_urlsafe()))
    op.alter_column("system", "link_key", nullable=False)
    op.create_check_constraint(op.f("ck_system_link_key_is_long"), "system", "length(link_key) >= 43")
    for column, other in (("task_id", "task"), ("person_id", "person")):
        op.add_column("notice", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_notice_{column}_{other}"), "notice", other, [column], ["id"])
    op.create_check_constraint(
        op.f("ck_notice_asks_a_person_a_question"), "notice", "(task_id IS NULL) = (person_id IS NULL)"
    )


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(repr, words))})"


def _known_words(table: str, column: str, words: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}_is_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, _among(column, words))


def _new_tables() -> None:
    op.create_table(
        "brake",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures > 0", name=op.f("ck_brake_counts_failures")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_brake")),
    )
    op.create_table(
        "account",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("principal_id", sa.BigInteger(), nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("procedure", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"role IS NULL OR {_among('role', NEW_ROLES)}", name=op.f("ck_delegation_role_is_known")),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= made_at", name=op.f("ck_delegation_ends_after_it_was_made")
        ),
        sa.CheckConstraint("principal_id <> deputy_id", name=op.f("ck_delegation_not_to_oneself")),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_delegation_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_delegation_deputy_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_delegation_made_by_id_person")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_delegation_principal_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_deputy_id"), "delegation", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_delegation_principal_id"), "delegation", ["principal_id"], unique=False)
    op.create_table(
        "signed_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_signed_in_token_is_hashed")),
        sa.CheckConstraint("ends_at > begun_at", name=op.f("ck_signed_in_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signed_in_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_signed_in_token_hash")),
    )
    op.create_index(op.f("ix_signed_in_ends_at"), "signed_in", ["ends_at"], unique=False)
    op.create_index(op.f("ix_signed_in_person_id"), "signed_in", ["person_id"], unique=False)
    op.create_table(
        "answer_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("code_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_answer_link_code_is_hashed")),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_answer_link_expires_after_it_was_made")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_answer_link_person_id_person")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_answer_link_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_link")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_answer_link_code_hash")),
    )
    op.create_index(op.f("ix_answer_link_person_id"), "answer_link", ["person_id"], unique=False)
    op.create_index(op.f("ix_answer_link_task_id"), "answer_link", ["task_id"], unique=False)
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_photo_digest_is_sha256")),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp')", name=op.f("ck_photo_media_type_is_a_pictures")
        ),
        sa.CheckConstraint("name !~ '[/\\\\\\x01-\\x1f]' AND name <> ''", name=op.f("ck_photo_name_is_a_file_name")),
        sa.CheckConstraint("length(content) <= 10485760", name=op.f("ck_photo_at_most_10_mib")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_photo_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_photo_case_id_case")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_photo_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_case_id"), "photo", ["case_id"], unique=False)
    op.create_table(
        "remark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_id", sa.BigInteger(), nullable=True),
        sa.Column("answers_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_remark_says_something")),
        sa.CheckConstraint("asked_id <> by_id", name=op.f("ck_remark_not_asked_of_oneself")),
        sa.CheckConstraint("asked_id IS NULL OR answers_id IS NULL", name=op.f("ck_remark_asks_or_answers")),
        sa.ForeignKeyConstraint(["answers_id"], ["remark.id"], name=op.f("fk_remark_answers_id_remark")),
        sa.ForeignKeyConstraint(["asked_id"], ["person.id"], name=op.f("fk_remark_asked_id_person")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_remark_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_remark_case_id_case")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_remark_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
        sa.UniqueConstraint("answers_id", name=op.f("uq_remark_answers_id")),
    )
    op.create_index(op.f("ix_remark_asked_id"), "remark", ["asked_id"], unique=False)
    op.create_index(op.f("ix_remark_case_id"), "remark", ["case_id"], unique=False)


def downgrade() -> None:
    # What version 0007 has no words for cannot be kept in it, and nothing is thrown away in silence.
    used = " OR ".join(
        [
            *(f"EXISTS (SELECT FROM {table})" for table in ("account", "delegation", "remark", "photo")),
            *(f"EXISTS (SELECT FROM {table} WHERE {column} = 'auditor')" for table, column in ROLES_IN),
            f"EXISTS (SELECT FROM decision WHERE in_place_of_id IS NOT NULL OR NOT {_among('channel', OLD_CHANNELS)})",
            "EXISTS (SELECT FROM task WHERE claimed_at IS NOT NULL)",
        ]
    )
    op.execute(
        f"""
        DO $$ BEGIN
            IF {used} THEN
                RAISE EXCEPTION 'there is what version 0007 cannot keep';
            END IF;
        END $$
        """
    )
    for table in ("remark", "photo", "answer_link", "signed_in", "delegation", "account", "brake"):
        op.drop_table(table)
    op.drop_index(op.f("ix_audit_entry_subject"), "audit_entry")
    op.drop_constraint(op.f("ck_notice_asks_a_person_a_question"), "notice", type_="check")
    for column in ("task_id", "person_id"):
        op.drop_column("notice", column)
    op.drop_constraint(op.f("ck_system_link_key_is_long"), "system", type_="check")
    op.drop_column("system", "link_key")
    op.add_column("prefect_form", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("prefect_form", sa.Column("refusal", sa.Text(), nullable=False, server_default=""))
    op.alter_column("prefect_form", "refusal", server_default=None)
    op.drop_constraint(op.f("ck_task_claimed_by_somebody"), "task", type_="check")
    op.drop_column("task", "claimed_at")
    op.drop_constraint(op.f("ck_decision_not_in_place_of_oneself"), "decision", type_="check")
    op.drop_constraint(op.f("fk_decision_in_place_of_id_person"), "decision", type_="foreignkey")
    op.drop_column("decision", "in_place_of_id")
    _known_words("decision", "channel", OLD_CHANNELS)
    for table, column in ROLES_IN:
        _known_words(table, column, OLD_ROLES)
