"""parts

Revision: 0005, after 0004. Charges for faulty parts that were kept too long.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parts_charge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("charged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_parts_charge_some_money")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_parts_charge_currency_is_iso")),
        sa.CheckConstraint(
            "settled_at IS NULL OR settled_at >= charged_at", name=op.f("ck_parts_charge_settled_after_charged")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_parts_charge_case_id_case")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_parts_charge_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parts_charge")),
        sa.UniqueConstraint("case_id", name=op.f("uq_parts_charge_case_id")),
    )
    op.create_index(
        "ix_parts_charge_open", "parts_charge", ["party_id"], postgresql_where=sa.text("settled_at IS NULL")
    )


def downgrade() -> None:
    # What version 0004 has no table for cannot be kept in it, and nothing is thrown away in silence.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM parts_charge) THEN
                RAISE EXCEPTION 'there are charges that version 0004 cannot keep';
            END IF;
        END $$
        """
    )
    op.drop_table("parts_charge")
