"""Functions that take a session and read or write tables; they never commit."""
