"""Good answers to each form of the batch quality dispute, what its fields are, and what is wrong with another answer.

Manual 000 六 工具表格.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from models.batch_quality import (
    Appeal,
    AppealRuling,
    ArrivedLine,
    BatchVerdict,
    ConfirmedScope,
    CorrectedScope,
    DisputeReport,
    FindingVerdict,
    FreightBill,
    GoodsArrival,
    NameTechnician,
    RecallScope,
    Remedy,
    RemedyChoice,
    ReplacementDispatch,
    RulingOnAppeal,
    ScopeDecision,
    SiteFinding,
)
from models.errors import InvalidInput
from models.forms import Form, YesNo
from models.labels import Labelled

TECHNICIANS = {"technicians": {"liu.yang": "刘洋 (liu.yang)", "tom.baker": "Tom Baker (tom.baker)"}}
DELIVERED = {"delivered": 200}
OPEN = {
    "deliveries": {"DN-1": "DN-1 (120 pieces open)", "DN-2": "DN-2 (80 pieces open)"},
    "still_open": {"DN-1": 120, "DN-2": 80},
}
LINE = {"delivery": "DN-1", "received": 100, "already_sold": 20}


#: A good answer to each form, and the facts that its question is asked with.
GOOD: dict[type[Form], tuple[dict[str, Any], dict[str, Any]]] = {
    DisputeReport: (
        {
            "dealer": "D-01",
            "product": "LX-019",
            "batch": "MH260901A",
            "faulty_pieces": 5,
            "fault": "Does not light.\nSmells burnt.",
            "reported_at": "2026-11-20T10:00:00+08:00",
            "reported_by": "何老板",
            "registered_by": "li.na",
        },
        {},
    ),
    BatchVerdict: ({"is_batch": "yes", "reason": "Five of one fault."}, {"delivered": 200, "proposal": "yes"}),
    NameTechnician: ({"technician": "tom.baker", "note": "Take the long ladder.\nRing twice."}, TECHNICIANS),
    SiteFinding: (
        {
            "verdict": "quality_fault",
            "pieces_inspected": 20,
            "pieces_faulty": 9,
            "pieces_on_hand": 150,
            "report": "Capacitors bulge.",
        },
        DELIVERED,
    ),
    RecallScope: ({"decision": "send_back", "comment": "Where are the other fifty?"}, {"recall": {"DN-1": 120}}),
    CorrectedScope: ({"pieces_on_hand": 160, "report": "Ten more in the shop window."}, DELIVERED),
    ConfirmedScope: ({"comment": "All of it."}, {"recall": {"DN-1": 120}}),
    RemedyChoice: ({"remedy": "credit", "told_by": "Mr He"}, {}),
    ArrivedLine: (LINE, OPEN),
    GoodsArrival: (
        {
            "lines": [LINE, {"delivery": "DN-2", "received": 80}],
            "not_on_list": 3,
            "waybill": "SF100",
            "more_to_come": "no",
            "note": "",
        },
        OPEN,
    ),
    ReplacementDispatch: ({"waybill": "SF200", "dispatched_at": "2026-11-20T02:00:00Z"}, {}),
    FreightBill: ({"carrier": "SF Express", "bill_number": "F-1", "amount": "380.50"}, {}),
    Appeal: ({"appeals": "yes", "grounds": "The technician saw three pieces only."}, {}),
    RulingOnAppeal: ({"ruling": "quality_fault", "reasons": "The laboratory found the fault."}, {}),
}
FORMS = list(GOOD)


#: What must be answered in each form; the rest may be left out.
NEEDED: dict[type[Form], tuple[str, ...]] = {
    DisputeReport: (
        "dealer",
        "product",
        "batch",
        "faulty_pieces",
        "fault",
        "reported_at",
        "reported_by",
        "registered_by",
    ),
    BatchVerdict: ("is_batch", "reason"),
    NameTechnician: ("technician",),
    SiteFinding: ("verdict", "report"),
    RecallScope: ("decision", "comment"),
    CorrectedScope: ("pieces_on_hand", "report"),
    ConfirmedScope: ("comment",),
    RemedyChoice: ("remedy", "told_by"),
    ArrivedLine: ("delivery", "received"),
    GoodsArrival: ("lines", "waybill", "more_to_come"),
    ReplacementDispatch: ("waybill", "dispatched_at"),
    FreightBill: ("carrier", "bill_number", "amount"),
    Appeal: ("appeals", "grounds"),
    RulingOnAppeal: ("ruling", "reasons"),
}


#: Fields of one line of text.
LINES: list[tuple[type[Form], str]] = [
    (DisputeReport, "dealer"),
    (DisputeReport, "product"),
    (DisputeReport, "batch"),
    (DisputeReport, "reported_by"),
    (DisputeReport, "registered_by"),
    (NameTechnician, "technician"),
    (RemedyChoice, "told_by"),
    (ArrivedLine, "delivery"),
    (GoodsArrival, "waybill"),
    (ReplacementDispatch, "waybill"),
    (FreightBill, "carrier"),
    (FreightBill, "bill_number"),
]


#: Fields of several lines of text that must not be empty.
PROSE: list[tuple[type[Form], str]] = [
    (DisputeReport, "fault"),
    (BatchVerdict, "reason"),
    (SiteFinding, "report"),
    (RecallScope, "comment"),
    (CorrectedScope, "report"),
    (ConfirmedScope, "comment"),
    (Appeal, "grounds"),
    (RulingOnAppeal, "reasons"),
]


#: Fields of several lines of text that may be empty.
NOTES: list[tuple[type[Form], str]] = [(NameTechnician, "note"), (GoodsArrival, "note")]


#: Fields with a choice, and what may be chosen.
CHOICES: list[tuple[type[Form], str, type[Labelled], tuple[str, ...]]] = [
    (BatchVerdict, "is_batch", YesNo, ("yes", "no")),
    (SiteFinding, "verdict", FindingVerdict, ("quality_fault", "no_quality_fault", "cannot_attend")),
    (RecallScope, "decision", ScopeDecision, ("confirm", "send_back")),
    (RemedyChoice, "remedy", Remedy, ("replacement", "credit")),
    (GoodsArrival, "more_to_come", YesNo, ("yes", "no")),
    (Appeal, "appeals", YesNo, ("yes", "no")),
    (RulingOnAppeal, "ruling", AppealRuling, ("uphold_finding", "quality_fault")),
]


def read(form: type[Form], **changed: Any) -> Form:
    """The good answer with some fields changed, checked against its facts."""
    answer, facts = GOOD[form]
    return form.read({**answer, **changed}, facts)


def faults(form: type[Form], answer: object, facts: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What is wrong with an answer, field by field."""
    with pytest.raises(InvalidInput) as refused:
        form.read(answer, GOOD[form][1] if facts is None else facts)
    return refused.value.fields


def faults_with(form: type[Form], **changed: Any) -> dict[str, str]:
    """What is wrong with the good answer once some fields are changed."""
    return faults(form, {**GOOD[form][0], **changed})


def only_fault(form: type[Form], field: str, value: Any) -> str:
    """The sentence about the one field that was changed; nothing else may be wrong."""
    wrong = faults_with(form, **{field: value})
    assert list(wrong) == [field]
    return wrong[field]
