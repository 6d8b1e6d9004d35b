"""Claims, rulings and claims on carriers as the scripted people of tests register and answer them."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from people import Answer, Script, business_now, forward, open_tasks
from sqlalchemy import select

from models.queries import questions
from models.tables.cases import Case, Step
from tasks.claim import CLAIM
from tasks.database import transaction
from tasks.final_ruling import FINAL_RULING
from tasks.opening import open_case
from tasks.sweeping import sweep
from tasks.transit_claim import TRANSIT_CLAIM

POSITIONS = {"claimant_position": "It broke within a year.", "other_position": "The mains were at fault."}
UP: dict[str, Any] = {"handling": "not_settled", **POSITIONS}
SETTLED: dict[str, Any] = {"handling": "settled", "agreed": "A new ballast by Friday.", "accepted": "yes"}
CLAIM_FILE: Answer = (
    "wang.fang",
    {**POSITIONS, "established": "Bought on 10 March.", "evidence": "Receipt, photos."},
)
#: X-02's line is S-03, D-02, which has nobody so that the clerks answer for it, and the office B-01.
UP_TO_CUSTOMER_SERVICE: Script = {
    "level": [("xu.lan", UP), ("li.na", UP), ("zhou.hai", UP)],
    "claim-file": CLAIM_FILE,
}
REFERRED: Script = {
    **UP_TO_CUSTOMER_SERVICE,
    "manager-answer": ("chen.min", {"handling": "exception", "reason": "The terms do not foresee this."}),
}


def an_hour_ago() -> str:
    return (business_now() - timedelta(hours=1)).isoformat()


def day(from_now: int) -> str:
    """The day in Shanghai so many days from now."""
    return (business_now().astimezone(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=from_now)).isoformat()


def claim(**other: Any) -> str:
    """A claim of a consumer at the sub-distributor X-02, an hour old; its number."""
    return open_case(
        CLAIM,
        {
            "party": "X-02",
            "came_in": "at_the_party",
            "claimant": "Ms Huang",
            "claimant_contact": "0755-5550911",
            "kind": "goods",
            "product": "LX-001",
            "matter": "The ballast burnt out after eight months.",
            "demand": "A new ballast, free of charge.",
            "reported_at": an_hour_ago(),
            "reported_by": "Ms Huang",
            "registered_by": "li.na",
            **other,
        },
    )


def asked(number: str) -> tuple[str, str]:
    """The role that the only open question of a claim asks, and at which party."""
    (ref,) = open_tasks(number).values()
    with transaction() as session:
        task = questions.by_ref(session, ref)
        return task.role, task.at_party.code if task.at_party else ""


def step_results(number: str) -> dict[str, Any]:
    """What the steps of a claim came to, by their keys."""
    with transaction() as session:
        steps = session.scalars(select(Step).join(Case, Case.id == Step.case_id).where(Case.number == number))
        return {one.key: one.result["value"] for one in steps}


def silence(days: int) -> None:
    """The level that has the claim lets its time go by."""
    forward(days=days)
    sweep()


def ruling_request(**other: Any) -> str:
    """A clerk's request for a ruling between X-02 and S-03, without its file; its number."""
    return open_case(
        FINAL_RULING,
        {
            "party": "X-02",
            "other_party": "S-03",
            "claimant": "Ms Huang",
            "claimant_contact": "0755-5550911",
            "matter": "The lamp does not light.",
            "demand": "A new lamp.",
            "reported_at": an_hour_ago(),
            "reported_by": "Ms Huang",
            "registered_by": "li.na",
            **other,
        },
    )


def ruling(**other: Any) -> dict[str, Any]:
    """A ruling for the claimant that the shop S-03 must carry out within a week."""
    return {
        "ruled_for": "claimant",
        "article": "四.1 第一条",
        "reasons": "The lamp broke within its year; nothing shows that it was dropped.",
        "by_whom": "S-03",
        "to_do": "Replace the lamp free of charge.",
        "until": day(7),
        "headnote": "Whoever says that goods were dropped has to show it.",
        "keywords": "warranty, burden of proof；灯",
    } | other


RULING_FILE = (
    "wang.fang",
    {"claimant_position": "It broke.", "other_position": "It was dropped.", "evidence": "Photos 1 to 3."},
)


def ruled(who: str = "xu.lan", **other: Any) -> dict[str, Any]:
    """The script of a ruling, in which `who` carries it out today."""
    return {
        "ruling-file": RULING_FILE,
        "final-ruling": ("chen.min", ruling(**other)),
        "execution": (who, {"what": "A new lamp was handed over.", "done_on": day(0)}),
    }


def transit_claim(**other: Any) -> str:
    """20 of the 120 pieces of DN-2026-0001 (46.50 CNY each) arrived broken at D-01 five hours ago; its number."""
    return open_case(
        TRANSIT_CLAIM,
        {
            "customer": "D-01",
            "delivery": "DN-2026-0001",
            "waybill": "YD20260077",
            "carrier": "K-01",
            "received_at": (business_now() - timedelta(hours=5)).isoformat(),
            "mishap": "damage",
            "pieces": 20,
            "reserve_noted": "yes",
            "photos": "Five, of the cartons.",
            "reported_at": an_hour_ago(),
            "reported_by": "Mr He",
            "registered_by": "li.na",
            **other,
        },
    )
