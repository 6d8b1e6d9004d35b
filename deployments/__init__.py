"""How it runs: PostgreSQL, Prefect server, worker, schedules, command line, demo. No rule of a manual lives here."""
