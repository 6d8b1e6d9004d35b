"""A repair shop in 番禺 becomes a station: visited, approved, lent parts, trained, and published to its shops."""

from datetime import timedelta

from deployments.stories.playing import Line, begin, closes, days_pass, go_through, now
from tasks.repair_station import REPAIR_STATION


def play() -> str:
    """The number of the case."""
    applied_at = now() - timedelta(hours=3)
    sheet = {**SHEET, "reported_at": applied_at.isoformat()}
    sheet["licence_valid_until"] = (applied_at + timedelta(days=1500)).date().isoformat()
    number = begin(REPAIR_STATION, sheet)
    today = now().date()
    go_through(number, lines(today.isoformat(), (today + timedelta(days=730)).isoformat()))
    days_pass(27)
    go_through(number, AFTER_A_MONTH)
    closes(number)
    return number


SHEET = {
    "office": "B-01",
    "name": "番禺明亮维修部",
    "area": "广州番禺",
    "contact": "冯师傅",
    "phone": "020-5550405",
    "address": "广州市番禺区大北路12号",
    "bank_account": "工商银行番禺支行 6222020000012345",
    "repairers": [
        {"name": "冯亮", "id_digits": "012X", "skill": "电工证，家电维修八年"},
        {"name": "邱明", "id_digits": "3391", "skill": "学徒两年"},
    ],
    "premises_m2": 45,
    "tools": "万用表、示波器、电烙铁、升降梯",
    "phone_24h": "yes",
    "registered_entity": "yes",
    "licence_number": "91440101MA5R05X5",
    "registered_by": "zhou.hai",
}


def lines(today: str, valid_until: str) -> tuple[Line, ...]:
    """Who answers what, up to the activation, on the day `today`; certificates are good to `valid_until`."""
    scores = {"premises": 8, "tools": 7, "skill": 9, "location": 8, "attitude": 9}
    return (
        (
            "paper-check",
            "li.na",
            {
                "licence": "yes",
                "identity": "yes",
                "skill": "yes",
                "premises": "yes",
                "tools": "yes",
                "bank": "yes",
                "verdict": "complete",
            },
        ),
        ("visit-decision", "chen.min", {"decision": "visit"}),
        (
            "station-visit",
            "zhou.hai",
            {
                "visited_on": today,
                "scores": [{"criterion": code, "score": score} for code, score in scores.items()],
                "report": "临街铺面，工具齐全，师傅手艺好",
            },
        ),
        ("station-recommendation", "chen.min", {"decision": "recommend", "reason": "番禺尚无维修点"}),
        ("station-approval", "zhao.qiang", {"decision": "approve"}),
        (
            "station-agreement",
            "wang.fang",
            {
                "signature": "signed",
                "agreement_number": "XY-2026-001",
                "signed_on": today,
                "deposit": "500.00",
                "station_number": "R-05",
            },
        ),
        (
            "loan-dispatch",
            "ma.chao",
            {
                "lines": [
                    {"part": "P-001", "pieces": 4},
                    {"part": "P-003", "pieces": 6},
                    {"part": "P-005", "pieces": 2},
                ],
                "waybill": "YD20260105",
            },
        ),
        # Nobody of the new station has a login yet, so a clerk answers for it.
        (
            "loan-arrival",
            "li.na",
            {
                "lines": [
                    {"part": "P-001", "pieces": 4},
                    {"part": "P-003", "pieces": 5},
                    {"part": "P-005", "pieces": 2},
                ],
                "note": "冯师傅来电：灯管碎了一支",
            },
        ),
        (
            "station-training",
            "sun.wei",
            {
                "held_on": today,
                "passed": [{"repairer": "冯亮", "certificate_number": "PX-2026-031", "valid_until": valid_until}],
                "then": "go_on",
                "remark": "邱明下期补考",
            },
        ),
        ("station-activation", "chen.min", {"decision": "activate"}),
    )


AFTER_A_MONTH: tuple[Line, ...] = (
    ("first-month-check", "zhou.hai", {"reports_on_time": "yes", "stock_agrees": "yes", "complaints": 0}),
)
