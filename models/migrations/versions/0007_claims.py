"""claims

Revision: 0007, after 0006. The collection of precedents.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "precedent",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("headnote", sa.Text(), nullable=False),
        sa.Column("keywords", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ruled_for", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ruled_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "ruled_for IN ('claimant', 'other_side', 'in_part')", name=op.f("ck_precedent_ruled_for_is_known")
        ),
        sa.CheckConstraint("number ~ '^PC-[0-9]{4}-[0-9]{4,}$'", name=op.f("ck_precedent_number_is_a_precedents")),
        sa.CheckConstraint(
            "article <> '' AND headnote <> '' AND reasons <> ''", name=op.f("ck_precedent_says_something")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_precedent_case_id_case")),
        sa.ForeignKeyConstraint(["ruled_by_id"], ["person.id"], name=op.f("fk_precedent_ruled_by_id_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_precedent")),
        sa.UniqueConstraint("case_id", name=op.f("uq_precedent_case_id")),
    )
    op.create_index(op.f("ix_precedent_article"), "precedent", ["article"], unique=False)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON precedent "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON precedent "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM precedent) THEN
                RAISE EXCEPTION 'there are precedents that version 0006 cannot keep';
            END IF;
        END $$
        """
    )
    op.drop_table("precedent")
