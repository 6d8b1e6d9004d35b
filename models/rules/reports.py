"""Reports of the same matter (重复提出): when a second one belongs to the case that is open already."""

from datetime import datetime, timedelta


def is_the_same_report(reported_at: datetime, earlier: datetime, days: int) -> bool:
    """A second report of one matter within `days` days belongs to the case that is open already."""
    return abs(reported_at - earlier) <= timedelta(days=days)
