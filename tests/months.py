"""A month's feedback as scripted people play it: who is not in the script keeps silent, and the clock goes on."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from people import Answer, Script, answer, open_tasks, run
from records import children, contents
from sqlalchemy import select

from models.queries import cases, clock
from models.tables.cases import Case, DocumentFile
from models.tables.feedback import Measure
from models.tables.questions import Task
from tasks import sweeping
from tasks.database import transaction
from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.opening import open_case

#: November as its two reporting stations tell it. By hand: R-01 three slips with 5 pieces, R-02 two with 4.
IN_WARRANTY, OUT, HUMAN = "in_warranty", "out_of_warranty", "human_cause"


def at(text: str) -> datetime:
    """A time in Shanghai: `at("2026-12-01 09:00")`."""
    return datetime.fromisoformat(f"{text}:00+08:00")


def set_clock(text: str) -> None:
    with transaction() as session:
        clock.set_to(session, at(text))


def repair(slip: str, **other: Any) -> dict[str, Any]:
    """A line of a repair report: one ballast P-001 of a ceiling lamp LX-001, in warranty, fee 8.00."""
    return {
        "slip": slip,
        "product": "LX-001",
        "part": "P-001",
        "pieces": 1,
        "batch": "ZL260901",
        "fault": "Does not light",
        "entitlement": IN_WARRANTY,
        "purchased_on": "2026-06-01",
        "received_on": "2026-11-05",
        "done_on": "2026-11-06",
        "fee": "8.00",
    } | other


FIRST = {
    "lines": [
        repair("W-1", pieces=2),
        repair("W-2", fault=" does  not light "),
        repair("W-3", part="P-003", pieces=2, product="LX-008", batch="", fault="Flickers", fee="5.50"),
    ],
    "opinions": "Users ask for a longer warranty.",
}
SECOND = {
    "lines": [
        repair("A-1", pieces=1),
        repair("A-2", product="LX-005", part="", pieces=3, batch="", fault="Broken", entitlement=HUMAN,
               fee="0", charged="12.00"),
    ],
}  # fmt: skip
EMPTY = {"no_repairs": True}
URGENT = {"goods": "LX-005", "batch": "mh260801", "problem": "Base melts.", "pieces": 2, "urgency": "danger"}
ITEM = {
    "goods": "P-001",
    "batch": "ZL260901",
    "problem": "Ballasts of this batch do not light.",
    "department": "quality_dept",
    "asked": "Find the cause, tell the supplier.",
    "urgency": "ordinary",
}
ANALYSIS = {"summary": "Ballasts are the month's problem.", "items": [ITEM]}
ACCEPTED = {
    "answers": [
        {
            "item": "1",
            "verdict": "accepted",
            "cause": "Capacitor of a new supplier.",
            "answer": "Old capacitor again.",
            "due_on": "2027-01-15",
        }
    ]
}
NO_DISPUTE: Answer = ("li.na", {"open_dispute": "no", "reason": "Watch it for another month."})
ACKNOWLEDGED: Script = {
    f"acknowledgement-{key}-dept": (login, {})
    for key, login in {
        "marketing": "zhao.qiang",
        "production": "lin.tao",
        "quality": "lin.tao",
        "purchasing": "xie.juan",
        "technology": "sun.wei",
    }.items()
}
#: Two stations report, the third has no repairs; both offices report; everybody answers.
ALL_ANSWER: Script = {
    "report-r-01": ("cai.ming", FIRST),
    "report-r-02": ("peng.gang", SECOND),
    "report-r-03": ("wang.bin", EMPTY),
    "office-b-01": ("zhou.hai", {"remarks": "R-02 needs training."}),
    "office-b-02": ("wu.jiang", {}),
    "figures-check": ("li.na", {"agree": "yes"}),
    "analysis": ("chen.min", ANALYSIS),
    **ACKNOWLEDGED,
    "answer-quality-dept": ("lin.tao", ACCEPTED),
    "batch-proposal": NO_DISPUTE,
}

NOTHING_TO_ASK = {"summary": "A quiet month.", "nothing_to_ask": True}
#: Nobody has anything to say, and no department is asked.
QUIET: Script = {
    **ALL_ANSWER,
    "report-r-01": ("cai.ming", EMPTY),
    "report-r-02": ("peng.gang", EMPTY),
    "analysis": ("chen.min", NOTHING_TO_ASK),
}


def without(script: Script, *keys: str) -> Script:
    """The script of people of whom some keep silent."""
    return {key: given for key, given in script.items() if key not in keys}


def opened(month: str = "2026-11", on: str = "2026-12-01 09:00") -> str:
    """The number of a month's case, opened by the clerk."""
    set_clock(on)
    return open_case(INFORMATION_FEEDBACK, {"month": month, "registered_by": "li.na"})


def lead(number: str, script: Script, *, until: str = "") -> str | None:
    """Runs a case and answers what the script has; where it has nothing, time passes until silence answers."""
    while (outcome := run(number)) is None:
        asked = open_tasks(number)
        if until in asked:
            return None
        known = {key: ref for key, ref in asked.items() if key in script}
        for key, ref in known.items():
            given = script[key]
            by, what = given if isinstance(given, tuple) else given[int(ref.rsplit(":", 1)[1]) - 1]
            answer(number, key, by, what)
        if not known:
            pass_by(number)
    return outcome


def pass_by(number: str) -> None:
    """The clock goes to a minute after the next due time of a case, unless it is there already; silence answers.

    Of the sweep only what it does with deadlines: the calendar would open cases of other procedures.
    """
    with transaction() as session:
        case = cases.by_number(session, number)
        tasks = session.scalars(select(Task).where(Task.case_id == case.id, Task.state == "open")).all()
        next_due = min(task.deadline.due_at for task in tasks) + timedelta(minutes=1)
        moment = clock.set_to(session, max(next_due, clock.now(session)))
    swept = sweeping.Swept()
    sweeping._chase(swept, moment)
    sweeping._lapse(swept, moment)


def form(number: str) -> dict[str, Any]:
    """What the quality-information form of a month says."""
    return contents(number, "feedback_form")[0]


def measures_of(number: str) -> list[tuple[int, str, str, str]]:
    """The measures that a month's form asked for: number, department, state, answer."""
    with transaction() as session:
        found = select(Measure).join(Case).where(Case.number == number).order_by(Measure.number)
        return [(one.number, one.department, one.state, one.answer) for one in session.scalars(found)]


def begun(number: str, procedure: str) -> list[str]:
    """The cases of a procedure, named by its code, that came out of a month's case."""
    return [one for one in children(number) if one.startswith(f"{procedure}-")]


def files(number: str) -> list[DocumentFile]:
    """The files of a case."""
    with transaction() as session:
        found = select(DocumentFile).join(Case, Case.id == DocumentFile.case_id).where(Case.number == number)
        return list(session.scalars(found.order_by(DocumentFile.number)))


def as_workbook(file: DocumentFile, *, formulas: bool = False) -> Workbook:
    """A file opened as people's programs do; with the values that were kept, or with the formulas."""
    return load_workbook(BytesIO(file.content), data_only=not formulas)
