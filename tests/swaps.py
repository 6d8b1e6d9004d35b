"""A station's swap slips and what the counter answers, for tests of the parts swap."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from people import business_now

from models.queries import stock
from tasks.database import transaction
from tasks.opening import open_case
from tasks.parts_swap import PARTS_SWAP


def today() -> date:
    """The business day in the company's zone."""
    return business_now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def days_ago(days: int) -> str:
    """A day before today."""
    return (today() - timedelta(days=days)).isoformat()


def line(slip: str = "W-1", **other: Any) -> dict[str, Any]:
    """A ballast of a ceiling lamp, bought a hundred days ago, repaired yesterday."""
    return {
        "slip": slip,
        "product": "LX-001",
        "part": "P-001",
        "pieces": 2,
        "batch": "",
        "fault": "Does not light",
        "purchased_on": days_ago(100),
        "received_on": days_ago(2),
        "done_on": days_ago(1),
        "entitlement": "in_warranty",
    } | other


def slip(*lines: dict[str, Any], **other: Any) -> dict[str, Any]:
    """The swap slip of R-01 at the branch office B-01, which its manager registers."""
    return {"station": "R-01", "counter": "B-01", "lines": list(lines) or [line()], "registered_by": "zhou.hai"} | other


def opened(*lines: dict[str, Any], **other: Any) -> str:
    """The number of a case opened by such a slip."""
    return open_case(PARTS_SWAP, slip(*lines, **other))


def decision(slip: str = "W-1", decision: str = "swap", pieces: int = 2, reason: str = "") -> dict[str, Any]:
    """What the counter decides on one repair."""
    return {"slip": slip, "decision": decision, "pieces": pieces, "reason": reason}


def checked(*lines: dict[str, Any], by: str = "zhou.hai") -> tuple[str, dict[str, Any]]:
    """The counter's check of the whole slip."""
    return by, {"lines": list(lines) or [decision()]}


def held(party: str, part: str) -> dict[str, int]:
    """Pieces of a part that a party holds, by condition."""
    with transaction() as session:
        return {one.condition.value: one.pieces for one in stock.balances(session, party, part)}
