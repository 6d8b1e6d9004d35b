"""Manual 000 四.1 art. 7, 一.5, 三 经理 G: the manager rules finally, in writing; it is carried out and kept."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import docx
import pytest
from claimants import RULING_FILE, day, ruled, ruling
from claimants import ruling_request as opened
from crashing import survives_every_boundary
from people import answer, business_now, forward, open_tasks, play, run
from people import opened as opened_dispute
from records import candidates, contents, documents, facts, mails, money, told
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from models.errors import AlreadyReported, InvalidInput, NotAllowed, SeparationOfDuties
from models.language import speaking
from models.queries import cases, claims, deadlines, links, people, questions
from models.roles import Role
from models.tables.cases import Document, DocumentFile
from models.tables.claims import Precedent
from models.tables.parties import Person, RoleGrant
from tasks.database import transaction
from tasks.sweeping import sweep
from tasks.verifying import verify

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    return business_now().astimezone(SHANGHAI).date()


NOTHING_TO_DO = {"by_whom": "nobody", "to_do": "", "until": ""}


@pytest.fixture
def number(company: Engine) -> str:
    return opened()


def letter_of(number: str, which: int = 1) -> tuple[str, list[str], docx.document.Document]:
    """Name, lines and cells, and the whole of a ruling's file, read back."""
    with transaction() as session:
        case = cases.by_number(session, number)
        kept = session.get_one(DocumentFile, (case.id, "ruling", which))
        name, content = kept.name, kept.content
    document = docx.Document(BytesIO(content))
    lines = [one.text for one in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return name, lines + cells, document


def attached(number: str) -> dict[str, list[list[Any]]]:
    """Which documents went to whom with the ruling."""
    letter = "final_ruling/ruled"
    return {who: one.attached for who, one in zip(told(number, letter), mails(number, letter), strict=True)}


# Both positions


def test_the_clerk_files_both_positions_before_the_manager_rules(number: str) -> None:
    run(number)
    assert list(open_tasks(number)) == ["ruling-file"]
    answer(number, "ruling-file", *RULING_FILE)
    run(number)
    assert list(open_tasks(number)) == ["final-ruling"]
    (filed,) = contents(number, "position")
    assert (filed["claimant_position"], filed["evidence"]) == ("It broke.", "Photos 1 to 3.")


def test_a_request_that_brings_its_file_goes_straight_to_the_manager(company: Engine) -> None:
    number = opened(claimant_position="It broke.", other_position="It was dropped.", evidence="Photos.")
    run(number)
    assert list(open_tasks(number)) == ["final-ruling"]
    assert documents(number) == ["position"]


def test_both_sides_hear_that_a_ruling_was_asked_for(number: str) -> None:
    assert told(number, "final_ruling/opened") == ["X-02", "S-03"]


# The ruling


@pytest.mark.parametrize(
    ("ruled_for", "outcome"),
    [("claimant", "for_the_claimant"), ("other_side", "against_the_claim"), ("in_part", "in_part")],
)
def test_the_outcome_is_what_was_ruled(number: str, ruled_for: str, outcome: str) -> None:
    assert play(number, ruled(ruled_for=ruled_for)) == outcome
    assert verify() == []


def test_the_letter_names_the_sides_the_article_the_duty_and_that_the_courts_stay_open(company: Engine) -> None:
    number = opened(party="D-03", other_party="", claimant="Mr West")
    manager_says = ruling(by_whom="C-01", to_do="Pay for the repair.", amount="128.50", until=day(10))
    play(number, {"ruling-file": RULING_FILE, "final-ruling": ("chen.min", manager_says)}, until="execution")
    name, said, document = letter_of(number)
    assert name == f"{number}-en.docx"
    assert "明辉照明有限公司" in said
    assert "Final ruling" in said
    assert "To: Hangzhou Brightway Trading" in said
    for written in (
        "Mr West",
        "It was dropped.",
        "四.1 第一条",
        manager_says["reasons"],
        "Pay for the repair.",
        day(10),
        "128.50 CNY",
    ):
        assert written in said
    assert any("final inside the company" in one and "courts remains open" in one for one in said)
    assert any("陈敏" in one for one in said)
    assert document.core_properties.author == "明辉照明有限公司"


def test_the_letter_is_a4_and_has_a_font_for_chinese(number: str) -> None:
    play(number, ruled(), until="execution")
    _name, said, document = letter_of(number)
    page = document.sections[0]
    assert page.page_width is not None
    assert page.page_height is not None
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(docx.oxml.ns.qn("w:eastAsia")) == "SimSun"
    with transaction() as session:
        filed = session.scalars(select(Document).where(Document.kind == "ruling")).one()
        made_at = filed.at.replace(microsecond=0)
    assert document.core_properties.created == made_at, "the business time, not that of the machine"
    assert "南山专卖店" in "".join(said)


def test_each_side_gets_the_ruling_in_its_own_language(company: Engine) -> None:
    number = opened(party="S-06", other_party="D-03")
    play(number, ruled(by_whom="D-03"), until="execution")
    assert attached(number) == {"S-06": [["ruling", 1]], "D-03": [["ruling", 2]]}
    assert letter_of(number, 1)[0] == f"{number}-zh_CN.docx"
    assert letter_of(number, 2)[0] == f"{number}-en.docx"


def test_sides_of_one_language_get_the_same_letter(number: str) -> None:
    play(number, ruled(), until="execution")
    assert attached(number) == {"X-02": [["ruling", 1]], "S-03": [["ruling", 1]]}


def test_the_manager_can_cite_the_articles_of_the_policy_and_no_other(number: str) -> None:
    play(number, ruled(), until="final-ruling")
    with speaking("en"), pytest.raises(InvalidInput, match="第九条 is not among the choices"):
        answer(number, "final-ruling", "chen.min", ruling(article="四.9 第九条"))


def test_only_the_manager_rules(number: str) -> None:
    play(number, ruled(), until="final-ruling")
    with pytest.raises(NotAllowed):
        answer(number, "final-ruling", "zhao.qiang", ruling())


# Two people


def second_manager() -> None:
    """A clerk becomes a manager too."""
    with transaction() as session:
        session.add(RoleGrant(person_id=people.person(session, "wang.fang").id, role=Role.CS_MANAGER))


def test_whoever_registered_the_dispute_does_not_rule_on_it(company: Engine) -> None:
    second_manager()
    number = opened(registered_by="wang.fang")
    play(number, {"ruling-file": ("li.na", RULING_FILE[1])}, until="final-ruling")
    with pytest.raises(SeparationOfDuties):
        answer(number, "final-ruling", "wang.fang", ruling())
    answer(number, "final-ruling", "chen.min", ruling())


def test_whoever_made_the_file_does_not_rule_on_it(company: Engine) -> None:
    second_manager()
    number = opened()
    play(number, {"ruling-file": RULING_FILE}, until="final-ruling")
    with pytest.raises(SeparationOfDuties):
        answer(number, "final-ruling", "wang.fang", ruling())


def test_the_only_manager_does_not_register_and_with_a_second_one_does(company: Engine) -> None:
    with pytest.raises(InvalidInput, match="does not rule on it"):
        opened(registered_by="chen.min")
    second_manager()
    number = opened(registered_by="chen.min")
    play(number, {"ruling-file": ("li.na", RULING_FILE[1])}, until="final-ruling")
    assert candidates(number, "final-ruling") == ["wang.fang"]


# Carrying it out


@pytest.mark.parametrize(
    ("by_whom", "amount", "who"),
    [("S-03", 0, "xu.lan"), ("X-02", 0, "yuan.fei"), ("C-01", 0, "li.na"), ("C-01", "88.00", "xie.juan")],
)
def test_whoever_must_act_confirms_it(number: str, by_whom: str, amount: Any, who: str) -> None:
    play(number, ruled(by_whom=by_whom, amount=amount), until="execution")
    assert who in candidates(number, "execution")
    assert facts(number, "execution")["to_do"] == "Replace the lamp free of charge."


def test_the_time_for_it_ends_with_the_day_that_the_ruling_names(number: str) -> None:
    play(number, ruled(until=day(7)), until="execution")
    with transaction() as session:
        deadline = deadlines.of_case(session, cases.by_number(session, number).id, "execution")
        last = today() + timedelta(days=8)
        assert deadline.due_at == datetime(last.year, last.month, last.day, tzinfo=SHANGHAI)
        assert deadline.intervals[-1].holder.code == "S-03"


def test_what_is_not_done_in_time_is_raised_and_never_done_by_itself(number: str) -> None:
    play(number, ruled(until=day(2)), until="execution")
    forward(days=3)
    sweep()
    assert told(number, "deadline_escalation") == ["chen.min"]
    forward(days=4)
    sweep()
    assert told(number, "deadline_escalation") == ["chen.min", "zhao.qiang"]
    run(number)
    assert list(open_tasks(number)) == ["execution"]


def test_what_the_company_pays_is_booked_when_it_is_confirmed(number: str) -> None:
    paid = ruled(who="xie.juan", by_whom="C-01", amount="128.50")
    play(number, paid, until="execution")
    assert money(number) == []
    assert play(number, paid) == "for_the_claimant"
    assert money(number) == [("after_sales_expense", "C-01", "dealer_credit", "X-02", Decimal("128.50"), "CNY")]
    assert told(number, "final_ruling/executed") == ["X-02", "S-03"]
    assert verify() == []


def test_a_ruling_that_asks_nothing_of_anybody_ends_the_case(number: str) -> None:
    assert play(number, ruled(ruled_for="other_side", **NOTHING_TO_DO)) == "against_the_claim"
    assert told(number, "final_ruling/executed") == []
    assert money(number) == []
    with transaction() as session:
        assert deadlines.find(session, cases.by_number(session, number).id, "execution") is None
    assert verify() == []


# The collection


def test_the_ruling_joins_the_collection_under_a_number_of_its_own(number: str) -> None:
    play(number, ruled())
    with transaction() as session:
        (kept,) = claims.precedents(session)
        assert kept.number == f"PC-{today().year}-0001"
        assert (kept.case.number, kept.article, kept.ruled_for) == (number, "四.1 第一条", "claimant")
        assert kept.headnote == "Whoever says that goods were dropped has to show it."
        assert kept.keywords == ["warranty", "burden of proof", "灯"]
        assert kept.ruled_by.login == "chen.min"
        task = questions.by_ref(session, f"{number}:final-ruling:1")
        assert task.decision is not None
        assert kept.ruled_at == task.decision.at


def test_the_collection_is_searched_by_words_and_by_article(company: Engine) -> None:
    first = opened()
    play(first, ruled())
    second = opened(claimant="Mr Fu")
    play(second, ruled(article="四.1 第七条", reasons="100% unclear.", headnote="Halves.", keywords="liability"))

    def found(search: str = "", article: str = "") -> list[str]:
        with transaction() as session:
            return [one.case.number for one in claims.precedents(session, search, article)]

    assert found() == [second, first], "the newest first"
    assert found("DROPPED") == [first]
    assert found("灯") == [first]
    assert found("liability") == [second]
    assert found("100%") == [second]
    assert found("100_") == [], "signs of patterns are taken as they are written"
    assert found(article="四.1 第七条") == [second]
    assert found("dropped", "四.1 第七条") == []


@pytest.mark.parametrize("change", ["UPDATE precedent SET headnote = 'other'", "DELETE FROM precedent"])
def test_a_precedent_is_never_changed(number: str, change: str) -> None:
    play(number, ruled())
    with pytest.raises(DBAPIError, match="never changed"), transaction() as session:
        session.execute(text(change))


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"number": "P-1"}, "ck_precedent_number_is_a_precedents"),
        ({"ruled_for": "nobody"}, "ck_precedent_ruled_for_is_known"),
        ({"headnote": ""}, "ck_precedent_says_something"),
        ({"case_id": None}, "uq_precedent_case_id"),
    ],
)
def test_the_database_refuses_what_is_no_precedent(number: str, values: dict[str, Any], constraint: str) -> None:
    play(number, ruled())
    other = opened(claimant="Mr Fu")
    with transaction() as session:
        (kept,) = claims.precedents(session)
        row = {column.name: getattr(kept, column.name) for column in Precedent.__table__.columns}
        row |= {"number": "PC-2026-9999", "case_id": cases.by_number(session, other).id} | values
        row["case_id"] = row["case_id"] or kept.case_id
    with pytest.raises(DBAPIError, match=constraint), transaction() as session:
        session.add(Precedent(**row))


def test_a_ruling_that_the_collection_does_not_have_is_found_by_the_proof(number: str) -> None:
    play(number, ruled())
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE precedent SET reasons = 'forged'"))
    assert [one.code for one in verify()] == ["precedent_differs"]


# Opening


def test_a_ruling_on_another_case_is_linked_to_it(company: Engine) -> None:
    dispute = opened_dispute()
    number = opened(party="D-01", other_party="", about=dispute)
    with transaction() as session:
        case = cases.by_number(session, number)
        assert [one.number for one in links.parents(session, case.id)] == [dispute]
    with pytest.raises(AlreadyReported):
        opened(party="D-01", other_party="", about=dispute)


def test_clerks_ask_for_rulings_and_offices_do_not(company: Engine) -> None:
    with pytest.raises(NotAllowed):
        opened(registered_by="zhou.hai")


def test_people_who_left_rule_no_more(number: str) -> None:
    play(number, ruled(), until="final-ruling")
    with transaction() as session:
        session.scalars(select(Person).where(Person.login == "chen.min")).one().active = False
    assert candidates(number, "final-ruling") == []


@pytest.mark.parametrize(
    ("way", "how"),
    [
        ("for_the_claimant", {"who": "xie.juan", "by_whom": "C-01", "amount": "128.50"}),
        ("against_the_claim", {"ruled_for": "other_side", **NOTHING_TO_DO}),
    ],
)
def test_a_ruling_comes_to_the_same_end_wherever_its_process_is_killed(
    way: str, how: dict[str, Any], company: Engine
) -> None:
    survives_every_boundary(opened, ruled(**how), outcome=way)
