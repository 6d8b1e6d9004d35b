"""Manual 000 四.1 art. 4: goods lost or damaged in transit; the customer claims on the carrier, the company helps."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import docx
import pytest
from claimants import transit_claim as opened
from crashing import survives_every_boundary
from people import answer, business_now, forward, open_tasks, play, run
from records import letters, mails, money, numbered_documents, told
from sqlalchemy import Engine, select

from models.errors import AlreadyReported, InvalidInput, NotAllowed
from models.language import speaking
from models.queries import cases, deadlines, links, questions
from models.tables.cases import Case, DocumentFile
from models.tables.deadlines import DeadlineState
from models.tables.goods import Delivery
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify

IN_TRANSIT = {"cause": "transit", "carrier_chosen_by": "company", "reason": "The cartons are crushed from outside."}
PAPERS = {
    "packing_list": "PL-2026-77",
    "contract": "Frame contract 12; notice within 7 days; liable for the value.",
    "insured": "no",
    "survey": "Looked at by the driver and Mr He; 20 of 120 broken.",
}
FILE = {
    "pursues": "yes",
    "signatory": "何老板",
    "statement": "The cartons were crushed when they came.",
    "photos": "IMG-1 carton\nIMG-2 lamps",
}
SENT = {"sent": "yes", "how": "By courier, SF77001.", "sent_on": "2030-01-01"}
ACCEPTED = {
    "transit-cause": ("gao.jie", IN_TRANSIT),
    "transit-papers": ("gao.jie", PAPERS),
    "transit-file": ("li.na", FILE),
    "claim-sent": ("li.na", SENT),
    "carrier-answer": ("gao.jie", {"reply": "accepts", "reasons": "Our driver's fault."}),
    "settlement-received": ("li.na", {"amount": "930.00", "received_on": "2030-01-20", "reference": "Bank 4711"}),
}
LESS = {"reply": "offers_less", "offered": "500.00", "reasons": "Badly stacked."}
ENOUGH = {"answer": "accept", "told_by": "Mr He"}
PART = {
    **ACCEPTED,
    "carrier-answer": ("gao.jie", LESS),
    "offer": ("li.na", ENOUGH),
    "settlement-received": ("li.na", {"amount": "500.00", "received_on": "2030-01-20", "reference": "Bank 4711"}),
}


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


def said_in(number: str, kind: str, which: int = 1) -> list[str]:
    """Lines and cells of a document's file, read back."""
    with transaction() as session:
        case = cases.by_number(session, number)
        content = session.get_one(DocumentFile, (case.id, kind, which)).content
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [one.text for one in document.paragraphs] + cells


def asked(number: str, key: str) -> tuple[str, str]:
    """The role that is asked, and for which party."""
    with transaction() as session:
        task = questions.by_ref(session, open_tasks(number)[key])
        return task.role, task.for_party.code if task.for_party else ""


# The times


@pytest.mark.parametrize(
    ("hours", "state"), [(23, DeadlineState.MET), (24, DeadlineState.MET), (25, DeadlineState.BREACHED)]
)
def test_a_report_is_due_within_24_hours_of_the_receipt_and_registered_all_the_same(
    company: Engine, hours: int, state: DeadlineState
) -> None:
    reported_at = business_now() - timedelta(minutes=5)
    received_at = reported_at - timedelta(hours=hours)
    number = opened(received_at=received_at.isoformat(), reported_at=reported_at.isoformat())
    with transaction() as session:
        deadline = deadlines.of_case(session, cases.by_number(session, number).id, "transit-report")
        assert deadlines.state_of(deadline, business_now()) == state
        assert deadline.met_at == reported_at
    late = state is DeadlineState.BREACHED
    assert told(number, "deadline_escalation") == (["gao.jie"] if late else [])


def test_the_claim_file_is_due_seven_days_after_the_receipt(number: str) -> None:
    play(number, {"transit-cause": ("gao.jie", IN_TRANSIT)}, until="transit-file")
    with transaction() as session:
        case = cases.by_number(session, number)
        filing = deadlines.of_case(session, case.id, "filing")
        assert filing.started_at == datetime.fromisoformat(case.input["received_at"])
        assert timedelta(days=7) <= filing.due_at - filing.started_at < timedelta(days=8)
        assert questions.by_ref(session, f"{number}:transit-file:1").deadline.id == filing.id
    answer(number, "transit-file", "li.na", FILE)
    with transaction() as session:
        filing = deadlines.of_case(session, cases.by_number(session, number).id, "filing")
        assert filing.met_at is not None


def test_the_customer_hears_that_the_company_helps_and_promises_nothing(company: Engine) -> None:
    number = opened(customer="D-03", delivery="DN-2026-0004", carrier="K-02", pieces=4)
    (letter,) = mails(number, "transit_claim/registered")
    assert number in letter.subject
    assert "we do not promise compensation" in letter.plain
    assert "a new order" in letter.plain
    assert "came late" not in letter.plain


# The cause


def test_bad_packing_goes_on_as_a_claim_of_the_customer(number: str) -> None:
    packing = {"transit-cause": ("gao.jie", {**IN_TRANSIT, "cause": "factory_packing", "reason": "No inlays."})}
    assert play(number, packing) == "packing_fault"
    with transaction() as session:
        (claim,) = links.children(session, cases.by_number(session, number).id)
        assert (claim.procedure, claim.party.code, claim.is_open) == ("CL", "D-01", True)
        assert claim.input["matter"] == "No inlays."
        assert claim.input["demand"] == "DN-2026-0001: 930.00 CNY"
        assert (claim.input["product"], claim.input["batch"]) == ("LX-019", "MH260901A")
        child = claim.number
    run(child)
    assert asked_at(child) == "B-01"
    assert numbered_documents(number) == [("damage_report", 1)]
    assert verify() == []


def asked_at(number: str) -> str:
    (ref,) = open_tasks(number).values()
    with transaction() as session:
        task = questions.by_ref(session, ref)
        assert task.at_party is not None
        return task.at_party.code


# The file and the letters


def test_logistics_and_clerk_complete_the_file_side_by_side(number: str) -> None:
    play(number, {"transit-cause": ("gao.jie", IN_TRANSIT)}, until="transit-file")
    assert asked(number, "transit-papers") == ("logistics_dept", "")
    assert asked(number, "transit-file") == ("cs_clerk", "")


def test_the_letters_are_in_the_customers_name_and_go_to_the_customer_and_to_logistics(number: str) -> None:
    play(number, ACCEPTED, until="claim-sent")
    assert numbered_documents(number) == [
        ("damage_report", 1),
        ("claim_file", 1),
        ("claim_letter", 1),
        ("evidence_list", 1),
    ]
    assert told(number, "transit_claim/to_be_sent") == ["D-01", "gao.jie"]
    for mail in mails(number, "transit_claim/to_be_sent"):
        assert mail.attached == [["claim_letter", 1], ["evidence_list", 1]]
    letter = said_in(number, "claim_letter")
    assert letter[0] == "广州恒达灯饰经销商", "the letterhead is the customer's"
    for text in ("DN-2026-0001", "46.50 CNY", "930.00 CNY", "20", "MH260901A"):
        assert text in letter
    for text in ("远达物流", "YD20260077", "何老板"):
        assert any(text in one for one in letter)
    evidence = said_in(number, "evidence_list")
    for text in ("PL-2026-77", PAPERS["survey"], PAPERS["contract"], FILE["statement"]):
        assert text in evidence
    assert [one for one in evidence if one.isdigit()] == ["1", "2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize(
    ("customer", "delivery", "carrier", "languages"),
    [
        ("D-01", "DN-2026-0001", "K-01", ["zh_CN"]),
        ("D-01", "DN-2026-0001", "K-02", ["zh_CN", "en"]),
        ("D-03", "DN-2026-0004", "K-01", ["zh_CN", "en"]),
        ("D-01", "DN-2026-0001", "Some Carrier Ltd", ["zh_CN"]),
    ],
)
def test_the_letters_are_chinese_and_english_too_where_somebody_reads_that(
    company: Engine, customer: str, delivery: str, carrier: str, languages: list[str]
) -> None:
    number = opened(customer=customer, delivery=delivery, carrier=carrier, pieces=4)
    play(number, ACCEPTED, until="claim-sent")
    with transaction() as session:
        files = session.scalars(select(DocumentFile.name).order_by(DocumentFile.kind, DocumentFile.number)).all()
    assert files == [f"{number}-{kind}-{one}.docx" for kind in ("claim", "evidence") for one in languages]


def test_the_english_letter_is_english(company: Engine) -> None:
    number = opened(carrier="K-02")
    play(number, ACCEPTED, until="claim-sent")
    letter = said_in(number, "claim_letter", 2)
    assert "Claim for goods lost or damaged in transit" in letter
    assert "To: Swift Freight" in letter
    assert "As the carrier you are liable for this. We claim 930.00 CNY from you." in letter


def test_the_customer_may_claim_less_than_the_price(company: Engine) -> None:
    number = opened(value="400.00")
    play(number, ACCEPTED, until="claim-sent")
    assert "400.00 CNY" in said_in(number, "claim_letter")


def test_a_customer_who_does_not_claim_ends_the_case(number: str) -> None:
    given_up = {**ACCEPTED, "transit-file": ("li.na", {**FILE, "pursues": "no"})}
    del given_up["transit-papers"]
    play(number, given_up, until="transit-file")
    answer(number, "transit-file", *given_up["transit-file"])
    assert run(number) == "not_pursued"
    assert numbered_documents(number) == [("damage_report", 1)]
    assert verify() == []


def test_a_customer_who_does_not_send_the_letter_ends_the_case(number: str) -> None:
    unsent = {**ACCEPTED, "claim-sent": ("li.na", {"sent": "no", "how": "Not worth it."})}
    assert play(number, unsent) == "not_pursued"
    assert verify() == []


# The carrier


@pytest.mark.parametrize(
    ("chosen_by", "who"), [("company", ("logistics_dept", "")), ("customer", ("cs_clerk", "D-01"))]
)
def test_our_logistics_deals_with_a_carrier_that_we_recommended_and_the_customer_with_any_other(
    number: str, chosen_by: str, who: tuple[str, str]
) -> None:
    cause = {**IN_TRANSIT, "carrier_chosen_by": chosen_by}
    play(number, {**ACCEPTED, "transit-cause": ("gao.jie", cause)}, until="carrier-answer")
    assert asked(number, "carrier-answer") == who


def test_a_carrier_that_pays_all_settles_the_claim_and_the_money_is_the_customers(number: str) -> None:
    assert play(number, ACCEPTED) == "settled"
    assert money(number) == [
        ("carrier_receivable", "K-01", "customer_settlement", "D-01", Decimal("930.00"), "CNY"),
    ]
    assert numbered_documents(number)[-2:] == [("carrier_answer", 1), ("settlement", 1)]
    assert verify() == []


def test_a_carrier_without_a_number_is_booked_by_its_name(company: Engine) -> None:
    number = opened(carrier="Some Carrier Ltd")
    assert play(number, ACCEPTED) == "settled"
    assert money(number)[0][1] == "Some Carrier Ltd"


def test_an_offer_is_for_the_customer_to_accept(number: str) -> None:
    play(number, PART, until="offer")
    assert asked(number, "offer") == ("cs_clerk", "D-01")
    assert told(number, "transit_claim/answered") == ["D-01"]
    assert play(number, PART) == "settled_in_part"
    assert money(number)[0][4] == Decimal("500.00")
    assert verify() == []


def test_a_customer_may_ask_for_more_until_the_last_offer(number: str) -> None:
    more = {"answer": "ask_for_more", "told_by": "Mr He"}
    play(number, PART, until="offer")
    for _round in (1, 2):
        answer(number, "offer", "li.na", more)
        run(number)
        answer(number, "carrier-answer", "gao.jie", LESS)
        run(number)
    with speaking("en"), pytest.raises(InvalidInput, match="the last offer"):
        answer(number, "offer", "li.na", more)
    answer(number, "offer", "li.na", ENOUGH)
    run(number)
    answer(number, "settlement-received", *PART["settlement-received"])
    assert run(number) == "settled_in_part"
    assert [which for kind, which in numbered_documents(number) if kind == "carrier_answer"] == [1, 2, 3]


def test_a_customer_may_give_the_claim_up(number: str) -> None:
    assert play(number, {**PART, "offer": ("li.na", {"answer": "give_up", "told_by": "Mr He"})}) == "not_pursued"
    assert money(number) == []
    assert verify() == []


def test_a_carrier_that_refuses_ends_the_case_and_the_customer_hears_why(number: str) -> None:
    refused = {**ACCEPTED, "carrier-answer": ("gao.jie", {"reply": "refuses", "reasons": "Act of God."})}
    assert play(number, refused) == "refused_by_carrier"
    ((who, text),) = letters(number, "transit_claim/answered")
    assert who == "D-01"
    assert "Act of God." in text
    assert money(number) == []
    assert verify() == []


def test_a_carrier_that_keeps_silent_is_raised_and_the_claim_stays_open(number: str) -> None:
    play(number, ACCEPTED, until="carrier-answer")
    forward(days=16)
    sweep()
    assert "chen.min" in told(number, "deadline_escalation")
    forward(days=5)
    sweep()
    assert "zhao.qiang" in told(number, "deadline_escalation")
    run(number)
    assert list(open_tasks(number)) == ["carrier-answer"]


def test_what_came_in_short_of_what_was_agreed_is_a_settlement_in_part(number: str) -> None:
    short = {"amount": "929.99", "received_on": "2030-01-20", "reference": "Bank 4711"}
    assert play(number, {**ACCEPTED, "settlement-received": ("li.na", short)}) == "settled_in_part"
    assert verify() == []


# Opening


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("customer", "K-01", "There is no dealer or station K-01"),
        ("delivery", "DN-9", "There is no delivery DN-9"),
        ("delivery", "DN-2026-0003", "did not go to 广州恒达灯饰经销商"),
        ("pieces", 121, "Only 120 pieces were delivered"),
        ("value", "930.01", "20 pieces cost 930.00 CNY; the claim may be lower, not higher"),
        ("carrier", "D-02", "is no carrier"),
        ("reported_at", "2099-01-01T10:00:00+08:00", "This lies in the future"),
        ("registered_by", "chen.min", "does not rule on it"),
    ],
)
def test_a_report_is_compared_with_the_master_data(company: Engine, field: str, value: Any, sentence: str) -> None:
    with speaking("en"), pytest.raises(InvalidInput) as refused:
        opened(**{field: value})
    with speaking("en"):
        assert sentence in refused.value.fields[field]
    with transaction() as session:
        assert session.scalars(select(Case)).all() == []


def test_goods_without_a_price_cannot_be_claimed_for(company: Engine) -> None:
    with transaction() as session:
        session.scalars(select(Delivery).where(Delivery.number == "DN-2026-0001")).one().unit_price = Decimal(0)
    with speaking("en"), pytest.raises(InvalidInput, match="has no price"):
        opened()


def test_a_second_report_of_the_same_mishap_is_the_open_case(number: str) -> None:
    with pytest.raises(AlreadyReported, match=number):
        opened()
    assert opened(separate=True) != number
    assert opened(waybill="YD20260078") != number


def test_clerks_and_logistics_register_and_dealers_do_not(company: Engine) -> None:
    opened(registered_by="gao.jie")
    with pytest.raises(NotAllowed):
        opened(registered_by="he.jun", waybill="YD2")


@pytest.mark.parametrize(("way", "script"), [("settled", ACCEPTED), ("settled_in_part", PART)])
def test_a_claim_on_a_carrier_comes_to_the_same_end_wherever_its_process_is_killed(
    way: str, script: dict[str, Any], company: Engine
) -> None:
    survives_every_boundary(opened, script, outcome=way)


def test_bad_packing_leads_to_one_claim_wherever_the_process_is_killed(company: Engine) -> None:
    packing = {"transit-cause": ("gao.jie", {**IN_TRANSIT, "cause": "factory_packing"})}
    survives_every_boundary(opened, packing, outcome="packing_fault")
