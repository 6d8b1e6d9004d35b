"""A month's quality information: two stations report, one is silent, and a batch of lamps fails at both."""

from datetime import datetime, time

from deployments.stories.playing import Line, closes, days_pass, go_through, hours_pass, now, opened_by_the_calendar
from models.policy import read_policy
from models.queries import policies
from models.rules.feedback import first_day_after, month_of
from tasks.database import transaction
from tasks.information_feedback import INFORMATION_FEEDBACK


def play() -> str:
    """The number of the case, which the calendar opens on the first day of the next month."""
    with transaction() as session:
        zone = read_policy(policies.current(session).content).timezone
    month = month_of(now().astimezone(zone).date())
    first = datetime.combine(first_day_after(month), time(9), zone)
    hours_pass((first - now()).total_seconds() / 3600)
    number = opened_by_the_calendar(INFORMATION_FEEDBACK.code)
    said = lines(month)
    go_through(number, said[:2])
    # The third station is silent until its third day is over, the second office until its fifth.
    days_pass(3)
    go_through(number, said[2:3])
    days_pass(2)
    go_through(number, said[3:])
    # The other departments do not acknowledge; two working days may lie around a week of holidays.
    days_pass(12)
    closes(number)
    return number


def lines(month: str) -> list[Line]:
    """Who answers what, for a month such as 2026-11: R-03 and B-02 and four departments say nothing."""
    return [
        (
            "report-r-01",
            "cai.ming",
            {
                "lines": [
                    _lamp(month, "WX-1101", 2),
                    _repair(month, "WX-1102", product="LX-001", part="P-001", fault="镇流器烧坏", fee="8.00"),
                    _repair(month, "WX-1103", product="LX-008", part="P-003", fault="灯管两端发黑", fee="5.00"),
                ],
                "opinions": "多位用户反映节能灯使用两个月后灯头发软",
            },
        ),
        (
            "report-r-02",
            "peng.gang",
            {
                "lines": [
                    _lamp(month, "NS-0871", 3),
                    _repair(month, "NS-0872", product="LX-002", part="P-001", fault="镇流器烧坏", fee="8.00"),
                ],
            },
        ),
        ("office-b-01", "zhou.hai", {"remarks": "辖区两个维修点都遇到同一批节能灯，请品质部尽快查明"}),
        ("figures-check", "li.na", {"agree": "yes", "remarks": "西湖维修点未报，已电话催报"}),
        ("analysis", "chen.min", ANALYSIS),
        ("batch-proposal", "wang.fang", DISPUTE),
        ("acknowledgement-quality-dept", "lin.tao", {"note": "已收到，安排试验"}),
        (
            "answer-quality-dept",
            "lin.tao",
            {
                "answers": [
                    {
                        "item": "1",
                        "verdict": "accepted",
                        "cause": "灯头塑料更换供应商后耐热不足",
                        "answer": "恢复原材料，入库增加耐热抽检",
                        "due_on": first_day_after(month).replace(day=28).isoformat(),
                    }
                ]
            },
        ),
    ]


ANALYSIS = {
    "summary": "本月维修以节能灯灯头发软和镇流器烧坏为主，同一批号在两个维修点重复出现，须查明原因。",
    "items": [
        {
            "goods": "LX-005",
            "batch": "MH260801",
            "problem": "同一批号节能灯灯头发软，两个维修点共五只",
            "department": "quality_dept",
            "asked": "查明原因，提出纠正措施",
            "urgency": "ordinary",
        }
    ],
}

DISPUTE = {
    "open_dispute": "yes",
    "dealer": "D-03",
    "faulty_pieces": 5,
    "reported_by": "Ms Grace Shen",
    "reason": "灯头受热发软，怀疑整批塑料件耐热不足",
}


def _lamp(month: str, slip: str, pieces: int) -> dict[str, object]:
    """Energy-saving lamps of the batch that D-03 received; no part was changed."""
    return _repair(month, slip, product="LX-005", batch="MH260801", fault="灯头发软", pieces=pieces)


def _repair(month: str, slip: str, **other: object) -> dict[str, object]:
    """A repair of the tenth of the month, in warranty."""
    day = f"{month}-10"
    return {
        "slip": slip,
        "pieces": 1,
        "entitlement": "in_warranty",
        "received_on": day,
        "done_on": day,
        **other,
    }
