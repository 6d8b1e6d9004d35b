"""Alembic's entry: migrates over the connection that `models.migrating` hands over."""

from alembic import context

from models.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    version_table="aftersales_alembic_version",
)
with context.begin_transaction():
    context.run_migrations()
