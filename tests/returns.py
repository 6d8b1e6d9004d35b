"""What an office returns and who answers what, for tests of the parts return and the claims that come out of it."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml
from conftest import POLICY
from people import Answer, Script, answer, business_now, open_tasks, play, run
from records import children

from models.queries import goods, people, policies, questions, returns, stock
from models.tables.ledgers import Condition, StockMove
from tasks.database import transaction
from tasks.opening import open_case
from tasks.parts_return import PARTS_RETURN

ZONE = ZoneInfo("Asia/Shanghai")
_numbers = count(1)


def hold(party: str, part: str, pieces: int, days_ago: float = 0, batch: str = "") -> None:
    """A party has had faulty pieces of a part for some days, as opening stock."""
    with transaction() as session:
        holder, product = people.party_by_code(session, party), goods.product_by_code(session, part)
        assert holder is not None
        assert product is not None
        session.add(
            StockMove(
                step=f"opening:T-{next(_numbers)}",
                line=1,
                at=business_now() - timedelta(days=days_ago),
                product=product,
                batch=batch,
                quantity=pieces,
                from_party=holder,
                from_condition=Condition.OPENING,
                to_party=holder,
                to_condition=Condition.FAULTY,
            )
        )


def request(**other: Any) -> dict[str, Any]:
    """B-01 returns this month's faulty parts; its manager registers it."""
    month = f"{business_now().astimezone(ZONE):%Y-%m}"
    return {"party": "B-01", "month": month, "registered_by": "zhou.hai"} | other


def opened(**other: Any) -> str:
    """The number of a case opened by such a request."""
    return open_case(PARTS_RETURN, request(**other))


def line(part: str = "P-001", pieces: int = 3, **other: Any) -> dict[str, Any]:
    """A line of the return list."""
    return {"part": part, "pieces": pieces, "fault": "Dead", "station": "B-01"} | other


def listed(*lines: dict[str, Any], stays: dict[str, str] | None = None, by: str = "zhou.hai") -> Answer:
    """The return list, with a statement for what stays."""
    statements = [{"part": part, "reason": reason} for part, reason in (stays or {}).items()]
    return by, {"lines": list(lines), "left_behind": statements}


def counted(**parts: int) -> Answer:
    """The factory's count: counted(P_001=3)."""
    return "ma.chao", {"lines": [{"part": _code(part), "counted": pieces} for part, pieces in parts.items()]}


def judged(findings: str = "Capacitors bulge.", **parts: dict[str, int]) -> Answer:
    """The verdict: judged(P_001={"own_quality": 3})."""
    return "lin.tao", {"lines": [{"part": _code(part), **how} for part, how in parts.items()], "findings": findings}


def received(by: str = "zhou.hai", **parts: int) -> Answer:
    """The good parts as they arrived."""
    return by, {"lines": [{"part": _code(part), "received": pieces} for part, pieces in parts.items()]}


def repaired(**parts: int) -> Answer:
    """The workshop's report."""
    return "lin.tao", {"lines": [{"part": _code(part), "repaired": pieces} for part, pieces in parts.items()]}


def _code(name: str) -> str:
    return name.replace("_", "-")


IN_ORDER: Answer = ("li.na", {"state": "in_order", "comment": "Agrees with the ledger."})
APPROVED: Answer = ("chen.min", {"comment": "Send it."})
SHIPMENT = {"waybill": "SF100", "carrier": "SF Express", "packed_by_kind": "yes", "freight": "25.00"}
DISPATCH = {"waybill": "SF200", "carrier": "SF Express", "dispatched_at": "2026-11-20T10:00:00+08:00"}

#: B-01 returns the three ballasts of its first stock; all are the company's quality fault.
EXCHANGED: dict[str, Answer | list[Answer]] = {
    "return-list": listed(line()),
    "list-check": IN_ORDER,
    "list-approval": APPROVED,
    "return-shipment": ("zhou.hai", SHIPMENT),
    "factory-count": counted(P_001=3),
    "difference-explanation": ("zhou.hai", {"accepted": "yes", "explanation": "One was left in the car."}),
    "inspection-verdict": judged(P_001={"own_quality": 3}),
    "verdict-review": ("chen.min", {"state": "confirm", "comment": "Agreed."}),
    "verdict-confirmation": ("chen.min", {"comment": "Now it is right."}),
    "exchange-dispatch": ("ma.chao", DISPATCH),
    "exchange-arrival": received(P_001=3),
    "refused-choice": ("zhou.hai", {"choice": "scrap"}),
    "refused-dispatch": ("ma.chao", {"waybill": "SF300", "carrier": "SF Express"}),
    "rework": repaired(P_001=0),
    "scrap-approval": ("zhao.qiang", {"decision": "scrap", "comment": "Beyond repair."}),
    "charge-settled": ("xie.juan", {"amount": "0", "paid_on": "2026-11-20", "reference": "PAY-1"}),
}

#: The supplier pays what is claimed for three ballasts at 18.50.
RECOVERED: dict[str, Answer | list[Answer]] = {
    "claim-confirmation": ("xie.juan", {"amount": "55.50", "note": "As agreed in the contract."}),
    "supplier-answer": ("xie.juan", {"answer": "accepts", "told_by": "Mr Tian"}),
    "claim-decision": ("chen.min", {"decision": "give_up", "reason": "Not worth a lawsuit."}),
    "old-parts-handover": ("ma.chao", {"waybill": "SF400", "carrier": "SF Express"}),
    "money-received": ("xie.juan", {"amount": "55.50", "received_on": "2026-11-20", "reference": "BANK-7"}),
}


def paid(amount: str) -> Answer:
    """Finance confirms a charge."""
    return "xie.juan", {"amount": amount, "paid_on": "2026-11-20", "reference": "PAY-1"}


#: Of six pieces one is the company's quality fault, two can be repaired, three are refused.
FIVE_WAYS = {"own_quality": 1, "repairable": 2, "human_cause": 1, "out_of_warranty": 1, "not_ours": 1}


def opened_at_b02() -> str:
    """A return of B-02, which has six ring tubes P-003 of the company's own make."""
    hold("B-02", "P-003", 6)
    return opened(party="B-02", registered_by="wu.jiang")


def of_b02(**other: Any) -> Script:
    """The answers on the way of `opened_at_b02`: all six arrive and are judged `FIVE_WAYS`."""
    theirs = {
        "return_list": listed(line("P-003", 6, station="B-02"), by="wu.jiang"),
        "return_shipment": ("wu.jiang", SHIPMENT),
        "factory_count": counted(P_003=6),
        "inspection_verdict": judged(P_003=FIVE_WAYS),
        "exchange_arrival": received("wu.jiang", P_003=3),
        "refused_choice": ("wu.jiang", {"choice": "scrap"}),
        "rework": repaired(P_003=1),
        "difference_explanation": ("wu.jiang", {"accepted": "no", "explanation": "We counted twice."}),
    }
    return script(**(theirs | other))


def use(**section: Any) -> None:
    """Makes the lighting maker's policy with another section on parts returns the current one."""
    content = yaml.safe_load(POLICY.read_text("utf-8"))
    with transaction() as session:
        policies.keep(session, content | {"parts_return": content["parts_return"] | section})


def held(party: str, part: str) -> dict[str, int]:
    """Pieces of a part that a party holds, by condition; what was there before the books is left out."""
    with transaction() as session:
        balances = stock.balances(session, party, part)
        return {one.condition.value: one.pieces for one in balances if one.condition is not Condition.OPENING}


def outcome(number: str, **other: Answer | list[Answer]) -> str | None:
    """How a return ends if it is played as `EXCHANGED`, with other answers for some questions: list_check=…"""
    return play(number, script(**other))


def script(**other: Answer | list[Answer]) -> Script:
    """`EXCHANGED` with other answers for some questions."""
    return {**EXCHANGED, **{key.replace("_", "-"): given for key, given in other.items()}}


def play_a_return(sender: str, by: str, chance: Random) -> None:
    """A return of `sender` from its list to its end, and the claims that come out of it, with answers by chance.

    Nothing is opened for a sender that holds no faulty parts. Any question may be answered in any way that its form
    takes: less is listed than there is, more or less counted, judged in all five ways, arrives, is repaired.
    """
    with transaction() as session:
        holder = people.party_by_code(session, sender)
        assert holder is not None
        holds_some = bool(returns.faulty_lots(session, holder))
    if not holds_some:
        return
    number = opened(party=sender, registered_by=by, separate=True)
    _play_by_chance(number, by, chance)
    for child in children(number):
        _play_by_chance(child, by, chance)


def _play_by_chance(number: str, by: str, chance: Random) -> None:
    while run(number) is None:
        for key in open_tasks(number):
            with transaction() as session:
                asked = dict(questions.by_ref(session, open_tasks(number)[key]).facts)
            login, given = _by_chance(key, asked, by, chance)
            answer(number, key, login, given)


def _by_chance(key: str, asked: dict[str, Any], by: str, chance: Random) -> Answer:
    """Who answers a question of a return or a claim, and something that its form takes."""
    some = {name: _some(asked, name, chance) for name in ("exchanged", "repairable")}
    answers: dict[str, Callable[[], Answer]] = {
        "return-list": lambda: (by, _list_by_chance(asked, by, chance)),
        "list-check": lambda: ("wang.fang", IN_ORDER[1]),
        "list-approval": lambda: (
            "chen.min",
            {
                "comment": "As it was drawn.",
                "cuts": [{"line": one, "reason": "Drawn."} for one in asked["lines"] if chance.random() < 0.1],
            },
        ),
        "return-shipment": lambda: (by, SHIPMENT),
        "factory-count": lambda: (
            "ma.chao",
            {
                "lines": [
                    {"part": part, "counted": max(0, pieces + chance.choice([0, 0, -1, 1]))}
                    for part, pieces in asked["listed"].items()
                ]
            },
        ),
        "difference-explanation": lambda: (by, {"accepted": chance.choice(["yes", "no"]), "explanation": "Drawn."}),
        "inspection-verdict": lambda: ("lin.tao", _verdict_by_chance(asked["counted"], chance)),
        "verdict-review": lambda: ("chen.min", {"state": chance.choice(["confirm", "send_back"]), "comment": "Drawn."}),
        "exchange-arrival": lambda: (by, {"lines": _lines(some["exchanged"], "received")}),
        "refused-choice": lambda: (by, {"choice": chance.choice(["send_back", "scrap"])}),
        "rework": lambda: ("lin.tao", {"lines": _lines(some["repairable"], "repaired")}),
        "scrap-approval": lambda: ("zhao.qiang", {"decision": chance.choice(["scrap", "keep"]), "comment": "Drawn."}),
        "charge-settled": lambda: paid(asked["amount"]),
        "claim-confirmation": lambda: ("xie.juan", {"amount": asked["amount"]}),
        "supplier-answer": lambda: (
            "xie.juan",
            {"answer": chance.choice(["accepts", "refuses"]), "reason": "Drawn.", "told_by": "Mr Tian"},
        ),
        "money-received": lambda: (
            "xie.juan",
            {"amount": asked["agreed"], "received_on": "2026-11-20", "reference": "BANK-7"},
        ),
    }
    otherwise = {**EXCHANGED, **RECOVERED}
    return answers[key]() if key in answers else cast(Answer, otherwise[key])


def _list_by_chance(asked: dict[str, Any], by: str, chance: Random) -> dict[str, Any]:
    station = next(iter(asked["stations"]))
    lines, stays = [], {}
    for part, batches in asked["ledger"].items():
        for batch, pieces in batches.items():
            taken = chance.randint(0, pieces)
            if taken:
                lines.append(line(part, taken, batch=batch, station=station))
            if taken < pieces:
                stays[part] = "As it was drawn."
    return listed(*lines, stays=stays, by=by)[1]


def _verdict_by_chance(counts: dict[str, int], chance: Random) -> dict[str, Any]:
    ways = ("own_quality", "repairable", "human_cause", "out_of_warranty", "not_ours")
    found: dict[str, Any] = {
        part: Counter(chance.choice(ways) for _piece in range(pieces)) for part, pieces in counts.items()
    }
    return judged(**found)[1]


def _some(asked: dict[str, Any], name: str, chance: Random) -> dict[str, int]:
    return {part: chance.randint(0, pieces) for part, pieces in asked.get(name, {}).items()}


def _lines(pieces: dict[str, int], name: str) -> list[dict[str, Any]]:
    return [{"part": part, name: many} for part, many in pieces.items()]
