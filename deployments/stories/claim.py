"""A consumer's claim climbs from a shop past a silent distributor to the office, and is ruled on in the end."""

import time
from datetime import timedelta

from deployments.stories.playing import Line, begin, child_of, closes, days_pass, go_through, now
from models.queries import cases, questions
from tasks.claim import CLAIM
from tasks.database import transaction
from tasks.final_ruling import FINAL_RULING

#: The distributor's two days and the rest of the day on which they begin.
SILENCE_DAYS = 3


def play() -> str:
    """The number of the claim."""
    number = begin(CLAIM, {**REPORT, "reported_at": (now() - timedelta(hours=3)).isoformat()})
    go_through(number, AT_THE_SHOP)
    _is_with_the_next(number)
    days_pass(SILENCE_DAYS)
    go_through(number, FROM_THE_OFFICE_ON)
    closes(number)
    ruling = child_of(number, FINAL_RULING.code)
    until, today = (now() + timedelta(days=7)).date(), now().date()
    go_through(ruling, ruled(until.isoformat(), today.isoformat()))
    closes(ruling)
    return number


def _is_with_the_next(number: str) -> None:
    """Waits until the next level is asked, so that the days that pass are its own; what comes then waits longer."""
    for _attempt in range(100):
        with transaction() as session:
            if questions.open_in(session, cases.by_number(session, number).id):
                return
        time.sleep(0.3)


REPORT = {
    "party": "X-02",
    "came_in": "at_the_party",
    "claimant": "黄女士",
    "claimant_contact": "0755-5550911",
    "kind": "goods",
    "product": "LX-001",
    "matter": "吸顶灯装了八个月，镇流器烧坏，分销点说是电压不稳，不肯保修",
    "demand": "按保修一年免费更换镇流器",
    "reported_by": "黄女士",
    "registered_by": "li.na",
}

CLAIMANT_SAYS = "购买不到一年，有购货凭证，同楼其他灯都正常"
OTHERS_SAY = "当天小区电压不稳，属使用环境问题，不在保修范围"

AT_THE_SHOP: tuple[Line, ...] = (
    (
        "level",
        "xu.lan",
        {"handling": "liability_unclear", "claimant_position": CLAIMANT_SAYS, "other_position": OTHERS_SAY},
    ),
)

FROM_THE_OFFICE_ON: tuple[Line, ...] = (
    (
        "level",
        "zhou.hai",
        {"handling": "not_settled", "claimant_position": CLAIMANT_SAYS, "other_position": "愿意半价更换，客户不接受"},
    ),
    (
        "claim-file",
        "wang.fang",
        {
            "claimant_position": CLAIMANT_SAYS,
            "other_position": OTHERS_SAY,
            "established": "购买日期三月十日，镇流器确已烧坏",
            "evidence": "购货凭证、故障镇流器照片、物业供电记录",
        },
    ),
    ("manager-answer", "chen.min", {"handling": "liability_unclear", "reason": "电压责任各执一词，需要裁定"}),
)


def ruled(until: str, done_on: str) -> tuple[Line, ...]:
    """The ruling and its execution, with the last day for it and the day on which it was done."""
    return (
        (
            "final-ruling",
            "chen.min",
            {
                "ruled_for": "claimant",
                "article": "四.1 第一条",
                "reasons": "供电记录显示当天电压在允许范围内；镇流器在一年保修期内损坏，应予保修",
                "by_whom": "S-03",
                "to_do": "为黄女士免费更换镇流器",
                "until": until,
                "headnote": "主张电压不稳而不保修的，由主张一方举证",
                "keywords": "保修，镇流器，电压",
            },
        ),
        (
            "execution",
            "xu.lan",
            {"what": "已上门更换镇流器，客户签字确认", "done_on": done_on, "proof": "签字的维修单"},
        ),
    )
