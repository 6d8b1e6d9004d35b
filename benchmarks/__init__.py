"""Measurements, side by side with what one would do instead, in one run. Not tests: nothing here passes or fails."""
