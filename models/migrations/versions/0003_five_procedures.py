"""five procedures

Revision: 0003, after 0002. Cases out of cases, documents as files, questions to a party's own people, repairs, opening
stock; no counted stock below zero; policies that take effect on a day.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GUARDED = ("case_link", "document_file", "repair")

#: Table and column of each list of known words, the words of version 0002, and those that are new.
WORDS = {
    ("role_grant", "role"): "role",
    ("task", "role"): "role",
    ("document", "kind"): "document",
    ("stock_move", "from_condition"): "condition",
    ("stock_move", "to_condition"): "condition",
    ("money_move", "from_account"): "account",
    ("money_move", "to_account"): "account",
}
OLD = {
    "role": (
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
        "administrator",
    ),
    "document": (
        "objection",
        "finding",
        "recall_list",
        "freight_bill",
    ),
    "condition": (
        "good",
        "disputed",
        "quarantine",
        "unlisted",
    ),
    "account": (
        "after_sales_expense",
        "freight_expense",
        "dealer_credit",
        "carrier_payable",
    ),
}
NEW = {
    "role": (
        "logistics_distributor",
        "exclusive_shop",
        "sub_distributor",
        "repair_station",
    ),
    "document": (
        "candidate_sheet",
        "paper_check",
        "visit_score",
        "recommendation",
        "approval",
        "agreement",
        "loan_note",
        "certificate",
        "review",
        "count_note",
        "settlement",
        "swap_slip",
        "back_order",
        "return_list",
        "shipping_note",
        "verdict_sheet",
        "charge_note",
        "scrap_note",
        "supplier_claim",
        "supplier_answer",
        "station_report",
        "office_report",
        "feedback_form",
        "department_answer",
        "quality_notice",
        "position",
        "ruling",
        "damage_report",
        "claim_file",
        "claim_letter",
        "evidence_list",
        "carrier_answer",
    ),
    "condition": (
        "faulty",
        "with_consumer",
        "in_transit",
        "rework",
        "scrapped",
        "missing",
        "refused",
        "opening",
    ),
    "account": (
        "party_receivable",
        "parts_revenue",
        "supplier_receivable",
        "supplier_recovery",
        "carrier_receivable",
        "customer_settlement",
        "deposit_held",
        "bank",
    ),
}


def upgrade() -> None:
    _new_tables()
    for (table, column), words in WORDS.items():
        _known_words(table, column, (*OLD[words], *NEW[words]))
    op.add_column(
        "notice",
        sa.Column("attached", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"),
    )
    op.add_column("party", sa.Column("area", sa.Text(), nullable=False, server_default=""))
    op.add_column("party", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f("ix_party_area"), "party", ["area"])
    op.add_column("product", sa.Column("goods_kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("product", sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("product", sa.Column("currency", sa.Text(), nullable=False, server_default="CNY"))
    op.create_check_constraint(op.f("ck_product_price_not_negative"), "product", "price >= 0")
    op.create_check_constraint(op.f("ck_product_currency_is_iso"), "product", "currency ~ '^[A-Z]{3}$'")
    for table, column in (
        ("notice", "attached"),
        ("party", "area"),
        ("party", "address"),
        ("product", "goods_kind"),
        ("product", "currency"),
    ):
        op.alter_column(table, column, server_default=None)
    op.add_column("task", sa.Column("at_party_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_task_at_party_id_party"), "task", "party", ["at_party_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_task_for_a_party_or_at_one"), "task", "for_party_id IS NULL OR at_party_id IS NULL"
    )
    _stock()
    _policies()
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _known_words(table: str, column: str, words: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}_is_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"{column} IN ({', '.join(map(repr, words))})")


def _new_tables() -> None:
    op.create_table(
        "case_link",
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id <> child_id", name=op.f("ck_case_link_not_its_own_child")),
        sa.ForeignKeyConstraint(["child_id"], ["case.id"], name=op.f("fk_case_link_child_id_case")),
        sa.ForeignKeyConstraint(["parent_id"], ["case.id"], name=op.f("fk_case_link_parent_id_case")),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name=op.f("pk_case_link")),
    )
    op.create_index(op.f("ix_case_link_child_id"), "case_link", ["child_id"], unique=False)
    op.create_table(
        "repair",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("slip", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("entitlement", sa.Text(), nullable=False),
        sa.Column("purchased_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("fee", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("charged", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_repair_currency_is_iso")),
        sa.CheckConstraint(
            "entitlement IN ('in_warranty', 'out_of_warranty', 'human_cause')",
            name=op.f("ck_repair_entitlement_is_known"),
        ),
        sa.CheckConstraint("done_on IS NULL OR done_on >= received_on", name=op.f("ck_repair_done_after_received")),
        sa.CheckConstraint("fee >= 0 AND charged >= 0", name=op.f("ck_repair_amounts_not_negative")),
        sa.CheckConstraint("pieces > 0", name=op.f("ck_repair_some_pieces")),
        sa.CheckConstraint(
            "purchased_on IS NULL OR purchased_on <= received_on", name=op.f("ck_repair_received_after_purchased")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_repair_case_id_case")),
        sa.ForeignKeyConstraint(["part_id"], ["product.id"], name=op.f("fk_repair_part_id_product")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_repair_product_id_product")),
        sa.ForeignKeyConstraint(["station_id"], ["party.id"], name=op.f("fk_repair_station_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
        sa.UniqueConstraint("station_id", "slip", name=op.f("uq_repair_station_id_slip")),
    )
    op.create_index(op.f("ix_repair_case_id"), "repair", ["case_id"], unique=False)
    op.create_index("ix_repair_part_id_batch", "repair", ["part_id", "batch"], unique=False)
    op.create_index("ix_repair_received_on", "repair", ["received_on"], unique=False)
    op.create_table(
        "document_file",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "name !~ '[/\\\\\\x01-\\x1f]' AND name <> ''", name=op.f("ck_document_file_name_is_a_file_name")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "kind", "number"],
            ["document.case_id", "document.kind", "document.number"],
            name=op.f("fk_document_file_case_id_kind_number_document"),
        ),
        sa.PrimaryKeyConstraint("case_id", "kind", "number", name=op.f("pk_document_file")),
    )


def _stock() -> None:
    op.alter_column("stock_move", "case_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_check_constraint(
        op.f("ck_stock_move_only_opening_stock_belongs_to_no_case"),
        "stock_move",
        "(case_id IS NULL) = (from_condition = 'opening')",
    )
    op.create_index("ix_stock_move_from", "stock_move", ["product_id", "from_party_id", "from_condition"])
    op.create_index("ix_stock_move_to", "stock_move", ["product_id", "to_party_id", "to_condition"])
    op.create_index(
        "uq_stock_move_opening", "stock_move", ["step"], unique=True, postgresql_where=sa.text("case_id IS NULL")
    )
    # Production, which these books do not see, makes the company's good stock: it alone may fall below zero.
    op.execute(
        """
        CREATE FUNCTION refuse_to_take_what_is_not_there() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE held bigint;
        BEGIN
            IF NEW.from_condition NOT IN ('good', 'faulty', 'in_transit', 'quarantine', 'rework')
               OR (NEW.from_condition = 'good'
                   AND EXISTS (SELECT FROM party WHERE id = NEW.from_party_id AND kind = 'company')) THEN
                RETURN NEW;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtextextended(
                concat_ws(':', 'stock', NEW.product_id, NEW.from_party_id, NEW.from_condition), 0));
            SELECT coalesce(sum(quantity) FILTER (
                       WHERE to_party_id = NEW.from_party_id AND to_condition = NEW.from_condition), 0)
                 - coalesce(sum(quantity) FILTER (
                       WHERE from_party_id = NEW.from_party_id AND from_condition = NEW.from_condition), 0)
              INTO held FROM stock_move
             WHERE product_id = NEW.product_id
               AND ((to_party_id = NEW.from_party_id AND to_condition = NEW.from_condition)
                    OR (from_party_id = NEW.from_party_id AND from_condition = NEW.from_condition));
            IF held < NEW.quantity THEN
                RAISE EXCEPTION '% pieces are to leave an account that holds %', NEW.quantity, held
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_stock_move_only_what_is_there';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER only_what_is_there BEFORE INSERT ON stock_move "
        "FOR EACH ROW EXECUTE FUNCTION refuse_to_take_what_is_not_there()"
    )


def _policies() -> None:
    """A version of before took effect when it was recorded."""
    op.add_column("policy_version", sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE policy_version SET effective_from = recorded_at")
    op.alter_column("policy_version", "effective_from", nullable=False)


def downgrade() -> None:
    # What version 0002 has no words for cannot be kept in it, and nothing is thrown away in silence.
    op.execute(
        f"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM case_link) OR EXISTS (SELECT FROM document_file) OR EXISTS (SELECT FROM repair)
               OR EXISTS (SELECT FROM stock_move WHERE case_id IS NULL)
               OR EXISTS (SELECT FROM task WHERE at_party_id IS NOT NULL)
               OR {" OR ".join(_used(table, column, words) for (table, column), words in WORDS.items())} THEN
                RAISE EXCEPTION 'there are cases that version 0002 cannot keep';
            END IF;
        END $$
        """
    )
    for table in GUARDED:
        op.execute(f"DROP TRIGGER append_only ON {table}")
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
    _policies_down()
    op.execute("DROP TRIGGER only_what_is_there ON stock_move")
    op.execute("DROP FUNCTION refuse_to_take_what_is_not_there()")
    for index in ("uq_stock_move_opening", "ix_stock_move_to", "ix_stock_move_from"):
        op.drop_index(index, table_name="stock_move")
    op.drop_constraint(op.f("ck_stock_move_only_opening_stock_belongs_to_no_case"), "stock_move", type_="check")
    op.alter_column("stock_move", "case_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_constraint(op.f("ck_task_for_a_party_or_at_one"), "task", type_="check")
    op.drop_column("task", "at_party_id")
    for column in ("currency", "price", "goods_kind"):
        op.drop_column("product", column)
    for column in ("address", "area"):
        op.drop_column("party", column)
    op.drop_column("notice", "attached")
    for (table, column), words in WORDS.items():
        _known_words(table, column, OLD[words])
    for table in ("document_file", "repair", "case_link"):
        op.drop_table(table)


def _used(table: str, column: str, words: str) -> str:
    return f"EXISTS (SELECT FROM {table} WHERE {column} IN ({', '.join(map(repr, NEW[words]))}))"


def _policies_down() -> None:
    """Version 0002 knows no day from which a policy holds: one that is still to come would hold at once."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM policy_version, system WHERE effective_from > now() + clock_offset
                       AND effective_from > recorded_at) THEN
                RAISE EXCEPTION 'there are policies to come that version 0002 cannot keep';
            END IF;
        END $$
        """
    )
    op.drop_column("policy_version", "effective_from")
