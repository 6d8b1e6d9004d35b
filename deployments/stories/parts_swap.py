"""A station swaps faulty ballasts and tubes; the counter lacks one kind, and the company issues it the same day."""

from datetime import datetime, timedelta
from typing import Any

from deployments.stories.playing import Line, begin, closes, go_through, hours_pass, now
from tasks.parts_swap import PARTS_SWAP


def play() -> str:
    """The number of the case."""
    number = begin(PARTS_SWAP, slip(now()))
    *until_dispatch, arrival = lines(now())
    go_through(number, until_dispatch)
    # The parts are on their way over night.
    hours_pass(20)
    go_through(number, [arrival])
    closes(number)
    return number


def slip(at: datetime) -> dict[str, Any]:
    """The station's slip: two ballasts of a kind the counter lacks, one that it holds, two tubes."""

    def repair(number: str, product: str, part: str, pieces: int, fault: str, bought: int) -> dict[str, Any]:
        return {
            "slip": number,
            "product": product,
            "part": part,
            "pieces": pieces,
            "batch": "",
            "fault": fault,
            "purchased_on": _day(at, bought),
            "received_on": _day(at, 2),
            "done_on": _day(at, 1),
            "entitlement": "in_warranty",
        }

    return {
        "station": "R-01",
        "counter": "B-01",
        "lines": [
            repair("TH-0411", "LX-002", "P-002", 2, "不启动", 210),
            repair("TH-0412", "LX-001", "P-001", 1, "镇流器发热", 95),
            repair("TH-0413", "LX-008", "P-003", 2, "灯管两端发黑", 60),
        ],
        "registered_by": "zhou.hai",
    }


def lines(at: datetime) -> tuple[Line, ...]:
    """Who answers what, at a time."""
    swap = {"decision": "swap"}
    return (
        (
            "counter-check",
            "zhou.hai",
            {
                "lines": [
                    {"slip": "TH-0411", "pieces": 2, **swap},
                    {"slip": "TH-0412", "pieces": 1, **swap},
                    {"slip": "TH-0413", "pieces": 2, **swap},
                ]
            },
        ),
        ("back-order-date", "zhou.hai", {"promised_on": _day(at, -3), "note": "36W 镇流器板缺货，已申请"}),
        ("emergency-issue", "chen.min", {"approved": "yes", "reason": "两户消费者在等，当日发货"}),
        ("issue-dispatch", "ma.chao", {"waybill": "YD20260311", "dispatched_at": at.isoformat()}),
        ("issue-arrival", "zhou.hai", {"lines": [{"part": "P-002", "received": 2}]}),
    )


def _day(at: datetime, ago: int) -> str:
    return (at - timedelta(days=ago)).date().isoformat()
