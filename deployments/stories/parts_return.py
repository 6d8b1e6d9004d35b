"""An office returns three faulty ballasts: one gets lost, one is exchanged and claimed on its supplier, one is refused.

The office says nothing to the difference, which accepts the factory's count.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deployments.stories.playing import Line, begin, closes, days_pass, go_through, now
from tasks.parts_return import PARTS_RETURN

#: The office may explain the difference within three days.
DAYS_OF_SILENCE = 3.5


def play() -> str:
    """The number of the case."""
    number = begin(PARTS_RETURN, request(now()))
    go_through(number, UNTIL_THE_COUNT)
    days_pass(DAYS_OF_SILENCE)
    go_through(number, from_the_verdict_on(now()))
    closes(number)
    return number


def request(at: datetime) -> dict[str, Any]:
    """The office's own request for the month of a time."""
    month = f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m}"
    return {"party": "B-01", "month": month, "registered_by": "zhou.hai"}


UNTIL_THE_COUNT: tuple[Line, ...] = (
    (
        "return-list",
        "zhou.hai",
        {"lines": [{"part": "P-001", "pieces": 3, "fault": "不启动", "station": "B-01"}]},
    ),
    ("list-check", "li.na", {"state": "in_order", "comment": "与台账、维修报表一致"}),
    ("list-approval", "chen.min", {"comment": "同意返厂"}),
    (
        "return-shipment",
        "zhou.hai",
        {"waybill": "YD20261130", "carrier": "远达物流", "packed_by_kind": "yes", "freight": "36.00"},
    ),
    (
        "factory-count",
        "ma.chao",
        {"lines": [{"part": "P-001", "counted": 2}], "note": "外箱一角破损"},
    ),
)


def from_the_verdict_on(at: datetime) -> tuple[Line, ...]:
    """Who answers what after the count; the good part leaves at a time."""
    return (
        (
            "inspection-verdict",
            "lin.tao",
            {
                "lines": [{"part": "P-001", "own_quality": 1, "human_cause": 1}],
                "findings": "一只滤波电容鼓包，属来料质量问题；一只接线处有人为改动",
            },
        ),
        ("verdict-review", "chen.min", {"state": "confirm", "comment": "同意鉴定结论"}),
        (
            "exchange-dispatch",
            "ma.chao",
            {"waybill": "YD20261205", "carrier": "远达物流", "dispatched_at": at.isoformat()},
        ),
        ("exchange-arrival", "zhou.hai", {"lines": [{"part": "P-001", "received": 1}]}),
        ("refused-choice", "zhou.hai", {"choice": "scrap"}),
    )
