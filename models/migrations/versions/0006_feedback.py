"""quality information

Revision: 0006, after 0005. Measures asked of departments, and proposals of batch quality disputes, fees of
repairs that a swap had recorded without.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = (
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


def upgrade() -> None:
    op.create_table(
        "measure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"department IN ({', '.join(map(repr, ROLES))})", name=op.f("ck_measure_department_is_known")
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'rejected')", name=op.f("ck_measure_state_is_known")),
        sa.CheckConstraint("number > 0", name=op.f("ck_measure_number_counts_from_one")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_measure_open_until_it_ended")),
        sa.CheckConstraint("state = 'open' OR answer <> ''", name=op.f("ck_measure_ended_with_an_answer")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_measure_case_id_case")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_measure_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_measure_case_id_number")),
    )
    op.create_index("ix_measure_open", "measure", ["department"], postgresql_where=sa.text("state = 'open'"))
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("stations", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'unanswered')", name=op.f("ck_proposal_state_is_known")
        ),
        sa.CheckConstraint(
            "pieces > 0 AND stations > 0", name=op.f("ck_proposal_something_failed_somewhere")
        ),
        sa.CheckConstraint(
            "(state = 'accepted') = (dispute_id IS NOT NULL)", name=op.f("ck_proposal_accepted_with_its_dispute")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_proposal_case_id_case")),
        sa.ForeignKeyConstraint(["dispute_id"], ["case.id"], name=op.f("fk_proposal_dispute_id_case")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_proposal_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("product_id", "batch", name=op.f("uq_proposal_product_id_batch")),
    )
    op.create_index(op.f("ix_proposal_case_id"), "proposal", ["case_id"], unique=False)
    op.create_table(
        "repair_money",
        sa.Column("repair_id", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("charged", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fee >= 0 AND charged >= 0", name=op.f("ck_repair_money_amounts_not_negative")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_repair_money_case_id_case")),
        sa.ForeignKeyConstraint(["repair_id"], ["repair.id"], name=op.f("fk_repair_money_repair_id_repair")),
        sa.PrimaryKeyConstraint("repair_id", name=op.f("pk_repair_money")),
    )
    op.create_index(op.f("ix_repair_money_case_id"), "repair_money", ["case_id"], unique=False)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON repair_money "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON repair_money "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    # What version 0005 has no tables for cannot be kept in it, and nothing is thrown away in silence.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM measure) OR EXISTS (SELECT FROM proposal) OR EXISTS (SELECT FROM repair_money) THEN
                RAISE EXCEPTION 'there are measures, proposals and fees that version 0005 cannot keep';
            END IF;
        END $$
        """
    )
    op.drop_table("repair_money")
    op.drop_table("proposal")
    op.drop_table("measure")
