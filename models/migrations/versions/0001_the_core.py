"""the core

Revision: 0001, after None, made 2026-11-22 06:54:31.595857
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


#: What happened is never changed or removed, whoever asks.
APPEND_ONLY = ("audit_entry", "decision", "step", "rung", "stock_move", "money_move", "document")


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_entry_counts_from_one")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("digest", name=op.f("uq_audit_entry_digest")),
    )
    op.create_table(
        "case_number",
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("procedure", "year", name=op.f("pk_case_number")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("superior_id", sa.BigInteger(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('company', 'branch_office', 'distributor', 'shop', 'sub_distributor', 'repair_station', 'carrier', 'supplier')",
            name=op.f("ck_party_kind_is_known"),
        ),
        sa.CheckConstraint("superior_id <> id", name=op.f("ck_party_not_its_own_superior")),
        sa.ForeignKeyConstraint(["superior_id"], ["party.id"], name=op.f("fk_party_superior_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("code", name=op.f("uq_party_code")),
    )
    op.create_index(op.f("ix_party_superior_id"), "party", ["superior_id"], unique=False)
    op.create_index(
        "uq_party_one_company", "party", ["kind"], unique=True, postgresql_where=sa.text("kind = 'company'")
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_policy_version_version_counts_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_policy_version_name_version")),
    )
    op.create_table(
        "system",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Uuid(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("clock_offset", sa.Interval(), nullable=False),
        sa.CheckConstraint("rehearsal OR clock_offset = INTERVAL '0'", name=op.f("ck_system_real_clock_is_not_set")),
        sa.CheckConstraint("id = 1", name=op.f("ck_system_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_person_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_index(op.f("ix_person_party_id"), "person", ["party_id"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('product', 'part')", name=op.f("ck_product_kind_is_known")),
        sa.ForeignKeyConstraint(["supplier_id"], ["party.id"], name=op.f("fk_product_supplier_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_case_closed_with_an_outcome")),
        sa.CheckConstraint("closed_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_case_ends_once")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_case_opened_by_person")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_case_party_id_party")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy_version.id"], name=op.f("fk_case_policy_id_policy_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("flow_run_id", name=op.f("uq_case_flow_run_id")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index(
        "ix_case_open",
        "case",
        ["procedure"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(op.f("ix_case_party_id"), "case", ["party_id"], unique=False)
    op.create_index("ix_case_subject", "case", ["procedure", "subject"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_delivery_currency_is_iso")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_delivery_some_pieces")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_delivery_price_not_negative")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_delivery_party_id_party")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_delivery_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("number", name=op.f("uq_delivery_number")),
    )
    op.create_index(op.f("ix_delivery_party_id"), "delivery", ["party_id"], unique=False)
    op.create_index("ix_delivery_product_id_batch", "delivery", ["product_id", "batch"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('marketing_vp', 'cs_manager', 'cs_clerk', 'technology_head', 'technician', 'warehouse_keeper', 'office_manager', 'regional_manager', 'marketing_dept', 'production_dept', 'quality_dept', 'purchasing_dept', 'technology_dept', 'logistics_dept', 'finance_dept', 'planning_dept', 'administrator')",
            name=op.f("ck_role_grant_role_is_known"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_role"), "role_grant", ["role"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("passing", sa.Text(), nullable=False),
        sa.Column("ladder", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("passing IN ('rungs_only', 'lapse')", name=op.f("ck_deadline_passing_is_known")),
        sa.CheckConstraint("unit IN ('hours', 'days')", name=op.f("ck_deadline_unit_is_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_deadline_some_time")),
        sa.CheckConstraint("met_at IS NULL OR next_rung_at IS NULL", name=op.f("ck_deadline_a_met_one_chases_nobody")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_deadline_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_deadline_case_id_key")),
    )
    op.create_index(
        "ix_deadline_next_rung_at",
        "deadline",
        ["next_rung_at"],
        unique=False,
        postgresql_where=sa.text("next_rung_at IS NOT NULL"),
    )
    op.create_index(
        "ix_deadline_unmet_due_at",
        "deadline",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("met_at IS NULL AND breached_at IS NULL"),
    )
    op.create_table(
        "document",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('objection', 'finding', 'recall_list', 'freight_bill')", name=op.f("ck_document_kind_is_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_document_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "kind", "number", name=op.f("pk_document")),
    )
    op.create_table(
        "money_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_account", sa.Text(), nullable=False),
        sa.Column("from_party", sa.Text(), nullable=False),
        sa.Column("to_account", sa.Text(), nullable=False),
        sa.Column("to_party", sa.Text(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_money_move_currency_is_iso")),
        sa.CheckConstraint(
            "from_account IN ('after_sales_expense', 'freight_expense', 'dealer_credit', 'carrier_payable')",
            name=op.f("ck_money_move_from_account_is_known"),
        ),
        sa.CheckConstraint(
            "to_account IN ('after_sales_expense', 'freight_expense', 'dealer_credit', 'carrier_payable')",
            name=op.f("ck_money_move_to_account_is_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_money_move_some_money")),
        sa.CheckConstraint("from_account <> to_account", name=op.f("ck_money_move_goes_somewhere_else")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_money_move_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_move")),
        sa.UniqueConstraint("case_id", "step", "line", name=op.f("uq_money_move_case_id_step_line")),
    )
    op.create_table(
        "sale_stop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "released_at IS NULL OR released_at >= stopped_at", name=op.f("ck_sale_stop_released_after_stopped")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_sale_stop_case_id_case")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_sale_stop_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_stop")),
    )
    op.create_index(
        "uq_sale_stop_in_force",
        "sale_stop",
        ["case_id", "product_id", "batch"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "step",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z0-9-]+$'", name=op.f("ck_step_key_is_plain")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_step_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "key", name=op.f("pk_step")),
    )
    op.create_table(
        "stock_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("from_party_id", sa.BigInteger(), nullable=False),
        sa.Column("from_condition", sa.Text(), nullable=False),
        sa.Column("to_party_id", sa.BigInteger(), nullable=False),
        sa.Column("to_condition", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "from_condition IN ('good', 'disputed', 'quarantine', 'unlisted')",
            name=op.f("ck_stock_move_from_condition_is_known"),
        ),
        sa.CheckConstraint(
            "to_condition IN ('good', 'disputed', 'quarantine', 'unlisted')",
            name=op.f("ck_stock_move_to_condition_is_known"),
        ),
        sa.CheckConstraint(
            "(from_party_id, from_condition) <> (to_party_id, to_condition)",
            name=op.f("ck_stock_move_goes_somewhere_else"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_move_some_pieces")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_stock_move_case_id_case")),
        sa.ForeignKeyConstraint(["from_party_id"], ["party.id"], name=op.f("fk_stock_move_from_party_id_party")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_move_product_id_product")),
        sa.ForeignKeyConstraint(["to_party_id"], ["party.id"], name=op.f("fk_stock_move_to_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_move")),
        sa.UniqueConstraint("case_id", "step", "line", name=op.f("uq_stock_move_case_id_step_line")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("meets_deadline_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notice_sent_has_a_time")),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("ck_notice_state_is_known")),
        sa.CheckConstraint(
            "subject !~ '[\\x01-\\x1f]' AND to_name !~ '[\\x01-\\x1f]'", name=op.f("ck_notice_headers_are_one_line")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_notice_case_id_case")),
        sa.ForeignKeyConstraint(
            ["meets_deadline_id"], ["deadline.id"], name=op.f("fk_notice_meets_deadline_id_deadline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notice_message_id")),
    )
    op.create_index(op.f("ix_notice_case_id"), "notice", ["case_id"], unique=False)
    op.create_index(
        "ix_notice_queued", "notice", ["next_attempt_at"], unique=False, postgresql_where=sa.text("state = 'queued'")
    )
    op.create_table(
        "rung",
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalation", sa.Boolean(), nullable=False),
        sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_rung_deadline_id_deadline")),
        sa.PrimaryKeyConstraint("deadline_id", "number", name=op.f("pk_rung")),
    )
    op.create_table(
        "running_interval",
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stopped_at IS NULL OR stopped_at >= started_at", name=op.f("ck_running_interval_runs_forward")
        ),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_running_interval_deadline_id_deadline")
        ),
        sa.PrimaryKeyConstraint("deadline_id", "started_at", name=op.f("pk_running_interval")),
    )
    op.create_index(
        "uq_running_interval_one_open",
        "running_interval",
        ["deadline_id"],
        unique=True,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("for_party_id", sa.BigInteger(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z0-9-]+$'", name=op.f("ck_task_key_is_plain")),
        sa.CheckConstraint(
            "role IN ('marketing_vp', 'cs_manager', 'cs_clerk', 'technology_head', 'technician', 'warehouse_keeper', 'office_manager', 'regional_manager', 'marketing_dept', 'production_dept', 'quality_dept', 'purchasing_dept', 'technology_dept', 'logistics_dept', 'finance_dept', 'planning_dept', 'administrator')",
            name=op.f("ck_task_role_is_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'decided', 'lapsed', 'withdrawn')", name=op.f("ck_task_state_is_known")),
        sa.CheckConstraint("round > 0", name=op.f("ck_task_round_counts_from_one")),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], name=op.f("fk_task_assignee_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_task_case_id_case")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_task_deadline_id_deadline")),
        sa.ForeignKeyConstraint(["for_party_id"], ["party.id"], name=op.f("fk_task_for_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("case_id", "key", "round", name=op.f("uq_task_case_id_key_round")),
        sa.UniqueConstraint("ref", name=op.f("uq_task_ref")),
    )
    op.create_index(op.f("ix_task_assignee_id"), "task", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_task_deadline_id"), "task", ["deadline_id"], unique=False)
    op.create_index(op.f("ix_task_state"), "task", ["state"], unique=False)
    op.create_index("uq_task_awaited", "task", ["case_id"], unique=True, postgresql_where=sa.text("awaited"))
    op.create_table(
        "decision",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(by_id IS NULL) = (channel = 'sweep')", name=op.f("ck_decision_only_the_sweep_has_no_name")
        ),
        sa.CheckConstraint(
            "channel IN ('prefect', 'command_line', 'sweep')", name=op.f("ck_decision_channel_is_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_decision_by_id_person")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["party.id"], name=op.f("fk_decision_on_behalf_of_id_party")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_decision_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_decision")),
    )
    op.create_table(
        "prefect_form",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_prefect_form_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_prefect_form")),
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("prefect_form")
    op.drop_table("decision")
    op.drop_index("uq_task_awaited", table_name="task", postgresql_where=sa.text("awaited"))
    op.drop_index(op.f("ix_task_state"), table_name="task")
    op.drop_index(op.f("ix_task_deadline_id"), table_name="task")
    op.drop_index(op.f("ix_task_assignee_id"), table_name="task")
    op.drop_table("task")
    op.drop_index(
        "uq_running_interval_one_open", table_name="running_interval", postgresql_where=sa.text("stopped_at IS NULL")
    )
    op.drop_table("running_interval")
    op.drop_table("rung")
    op.drop_index("ix_notice_queued", table_name="notice", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index(op.f("ix_notice_case_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_table("stock_move")
    op.drop_table("step")
    op.drop_index("uq_sale_stop_in_force", table_name="sale_stop", postgresql_where=sa.text("released_at IS NULL"))
    op.drop_table("sale_stop")
    op.drop_table("money_move")
    op.drop_table("document")
    op.drop_index(
        "ix_deadline_unmet_due_at",
        table_name="deadline",
        postgresql_where=sa.text("met_at IS NULL AND breached_at IS NULL"),
    )
    op.drop_index(
        "ix_deadline_next_rung_at", table_name="deadline", postgresql_where=sa.text("next_rung_at IS NOT NULL")
    )
    op.drop_table("deadline")
    op.drop_index(op.f("ix_role_grant_role"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index("ix_delivery_product_id_batch", table_name="delivery")
    op.drop_index(op.f("ix_delivery_party_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_case_subject", table_name="case")
    op.drop_index(op.f("ix_case_party_id"), table_name="case")
    op.drop_index(
        "ix_case_open", table_name="case", postgresql_where=sa.text("closed_at IS NULL AND withdrawn_at IS NULL")
    )
    op.drop_table("case")
    op.drop_table("product")
    op.drop_index(op.f("ix_person_party_id"), table_name="person")
    op.drop_table("person")
    op.drop_table("system")
    op.drop_table("policy_version")
    op.drop_index("uq_party_one_company", table_name="party", postgresql_where=sa.text("kind = 'company'"))
    op.drop_index(op.f("ix_party_superior_id"), table_name="party")
    op.drop_table("party")
    op.drop_table("case_number")
    op.drop_table("audit_entry")
