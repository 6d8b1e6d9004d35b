"""A dealer reports ballasts that do not light; everything comes back and is credited."""

from datetime import timedelta

from deployments.stories.playing import Line, begin, closes, go_through, hours_pass, now
from models.queries import cases, deadlines
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction


def play() -> str:
    """The number of the case."""
    number = begin(
        BATCH_QUALITY_DISPUTE,
        {
            "dealer": "D-01",
            "product": "LX-019",
            "batch": "MH260901A",
            "faulty_pieces": 12,
            "fault": "装上后不亮，镇流器发热",
            "reported_at": (now() - timedelta(hours=2)).isoformat(),
            "reported_by": "何老板",
            "registered_by": "li.na",
        },
    )
    go_through(number, BEFORE_THE_VISIT)
    # The technician lets most of the two days go by.
    with transaction() as session:
        due = deadlines.of_case(session, cases.by_number(session, number).id, "determination").due_at
    hours_pass((due - now()) / timedelta(hours=1) - 5)
    go_through(number, FROM_THE_VISIT_ON)
    closes(number)
    return number


BEFORE_THE_VISIT: tuple[Line, ...] = (
    ("batch-verdict", "li.na", {"is_batch": "yes", "reason": "同一型号同一故障十二只"}),
    ("name-technician", "sun.wei", {"technician": "liu.yang", "note": "请带测试台"}),
)

FROM_THE_VISIT_ON: tuple[Line, ...] = (
    (
        "site-finding",
        "liu.yang",
        {
            "verdict": "quality_fault",
            "pieces_inspected": 40,
            "pieces_faulty": 17,
            "pieces_on_hand": 170,
            "report": "滤波电容鼓包，属来料质量问题",
        },
    ),
    ("recall-scope", "chen.min", {"decision": "confirm", "comment": "整批退回"}),
    ("remedy", "wang.fang", {"remedy": "credit", "told_by": "何老板"}),
    (
        "arrival",
        "ma.chao",
        {
            "lines": [{"delivery": "DN-2026-0001", "received": 95, "already_sold": 25}],
            "waybill": "YD20260001",
            "more_to_come": "yes",
        },
    ),
    (
        "arrival",
        "ma.chao",
        {
            "lines": [{"delivery": "DN-2026-0002", "received": 75, "already_sold": 3}],
            "waybill": "YD20260002",
            "more_to_come": "no",
            "note": "少两只",
        },
    ),
    ("freight-bill", "gao.jie", {"carrier": "远达物流", "bill_number": "YF-8841", "amount": "860.00"}),
)
