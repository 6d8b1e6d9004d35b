"""Changes of the tables over time, by Alembic. A migration keeps data."""
