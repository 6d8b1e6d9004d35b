"""repair stations

Revision: 0004, after 0003. Stations with their state, papers and repairers, and every change of state.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GUARDED = ("station_change", "station_document")
STATES = "('preparing', 'active', 'suspended', 'closed')"


def upgrade() -> None:
    op.create_table(
        "station",
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("term_ends_on", sa.Date(), nullable=False),
        sa.Column("deposit", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_station_state_is_known")),
        sa.CheckConstraint("area <> ''", name=op.f("ck_station_serves_an_area")),
        sa.CheckConstraint("term_ends_on >= signed_on", name=op.f("ck_station_ends_after_it_begins")),
        sa.CheckConstraint("deposit >= 0", name=op.f("ck_station_deposit_not_negative")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_station_currency_is_iso")),
        sa.CheckConstraint(
            "state <> 'active' OR activated_at IS NOT NULL", name=op.f("ck_station_active_since_a_time")
        ),
        sa.CheckConstraint(
            "suspended_until IS NULL OR state = 'suspended'", name=op.f("ck_station_only_a_suspension_has_an_end")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_station_case_id_case")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_station_party_id_party")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_station")),
        sa.UniqueConstraint("agreement_number", name=op.f("uq_station_agreement_number")),
    )
    op.create_index(
        "uq_station_one_in_an_area",
        "station",
        ["area"],
        unique=True,
        postgresql_where=sa.text("exclusive AND state IN ('preparing', 'active')"),
    )
    op.create_index(op.f("ix_station_term_ends_on"), "station", ["term_ends_on"])
    op.create_table(
        "station_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('licence', 'lease')", name=op.f("ck_station_document_kind_is_known")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_station_document_has_a_number")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_station_document_case_id_case")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.party_id"], name=op.f("fk_station_document_station_id_station")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_document")),
    )
    op.create_index(op.f("ix_station_document_station_id"), "station_document", ["station_id"])
    op.create_table(
        "station_repairer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("certificate_number", sa.Text(), nullable=False),
        sa.Column("certified_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("certificate_number <> ''", name=op.f("ck_station_repairer_has_a_certificate")),
        sa.CheckConstraint("valid_until >= certified_on", name=op.f("ck_station_repairer_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_station_repairer_case_id_case")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.party_id"], name=op.f("fk_station_repairer_station_id_station")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_repairer")),
        sa.UniqueConstraint(
            "station_id", "certificate_number", name=op.f("uq_station_repairer_station_id_certificate_number")
        ),
    )
    op.create_table(
        "station_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(f"from_state IN {STATES}", name=op.f("ck_station_change_from_state_is_known")),
        sa.CheckConstraint(f"to_state IN {STATES}", name=op.f("ck_station_change_to_state_is_known")),
        sa.CheckConstraint("from_state IS NULL OR from_state <> to_state", name=op.f("ck_station_change_is_a_change")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_station_change_case_id_case")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.party_id"], name=op.f("fk_station_change_station_id_station")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_change")),
    )
    op.create_index(op.f("ix_station_change_station_id"), "station_change", ["station_id"])
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    # Version 0003 has no place for stations, and nothing is thrown away in silence.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM station) THEN
                RAISE EXCEPTION 'there are stations that version 0003 cannot keep';
            END IF;
        END $$
        """
    )
    for table in ("station_change", "station_repairer", "station_document", "station"):
        op.drop_table(table)
