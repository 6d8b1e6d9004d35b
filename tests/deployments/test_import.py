"""Master data from files: all of it or nothing, a second time unchanged, in whatever way it is written."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from master_files import (
    A_COUNT,
    A_PART,
    A_PERSON,
    A_SHOP,
    csv_folder,
    csv_text,
    delivery,
    done,
    figures,
    held,
    party,
    places,
    product,
    rejected,
    roles_of,
    rows,
    sample,
    workbook,
)
from sqlalchemy import Engine, select, text

from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files
from models.roles import Role
from models.tables.audit import AuditEntry
from models.tables.goods import Product
from models.tables.ledgers import Condition
from models.tables.parties import Person
from tasks.database import transaction

pytestmark = pytest.mark.usefixtures("in_english")

# The sample company, and what changes in it


def sizes() -> list[int]:
    """How many parties, people, roles held, products and parts, deliveries, stocks and stations the sample has."""
    roles = sum(len(line["roles"].split(";")) for line in sample("people"))
    goods = len(sample("products")) + len(sample("parts"))
    return [
        len(sample("parties")),
        len(sample("people")),
        roles,
        goods,
        len(sample("deliveries")),
        len(sample("stock")),
        len(sample("stations")),
    ]


def sample_lines() -> int:
    """All lines of the sample company; a role is no line of its own."""
    parties, people, _roles, *others = sizes()
    return parties + people + sum(others)


def test_into_an_empty_company_everything_is_added(company: Engine) -> None:
    with transaction() as session:
        # What tests may do and nobody else: without the triggers that keep what happened.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("TRUNCATE party, person, product CASCADE"))
    assert import_files(SAMPLE_COMPANY) == done(added=sample_lines())
    assert figures()[:7] == sizes()
    assert party("S-01").superior_id == party("D-01").id


def test_a_second_time_everything_is_unchanged_and_not_audited(company: Engine) -> None:
    before = figures()
    assert import_files(SAMPLE_COMPANY) == done(unchanged=sample_lines())
    assert figures() == before


def test_one_changed_price_is_one_change(company: Engine, tmp_path: Path) -> None:
    text = (SAMPLE_COMPANY / "deliveries.csv").read_text("utf-8")
    changed = text.replace("DN-2026-0001,D-01,LX-019,MH260901A,120,46.50", "DN-2026-0001,D-01,LX-019,MH260901A,120,47")
    file = csv_text(tmp_path, "deliveries", changed)
    assert import_files(file) == done(changed=1, unchanged=29)
    assert delivery("DN-2026-0001").unit_price == Decimal("47.00")
    assert import_files(file) == done(unchanged=30)


def test_an_import_is_audited_with_its_figures(company: Engine, tmp_path: Path) -> None:
    import_files(
        csv_folder(tmp_path, parties=[A_SHOP, A_SHOP | {"code": "D-01", "kind": "distributor", "superior": ""}])
    )
    with transaction() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).one()
    assert (last.operation, last.subject) == ("imported", "master data")
    assert last.detail == {"added": 1, "changed": 1}


@pytest.mark.parametrize(
    ("login", "roles"),
    [
        ("li.na", "cs_clerk;cs_manager"),  # one more
        ("zhao.qiang", "marketing_vp"),  # one less
        ("sun.wei", "technology_head;quality_dept"),  # one stays, one goes, one comes
        ("liu.yang", "warehouse_keeper"),
    ],
)
def test_changed_roles_are_a_change(company: Engine, tmp_path: Path, login: str, roles: str) -> None:
    with transaction() as session:
        person = session.scalars(select(Person).where(Person.login == login)).one()
        same = {"login": login, "name": person.name, "email": person.email, "party": "C-01"}
    file = csv_folder(tmp_path, people=[same | {"roles": roles, "language": "zh_CN", "active": "yes"}])
    assert import_files(file) == done(changed=1)
    assert roles_of(login) == set(roles.split(";"))
    assert import_files(file) == done(unchanged=1)


@pytest.mark.parametrize(
    "roles",
    [
        "cs_clerk;technician",
        "technician , cs_clerk",
        "cs_clerk；technician；",
        "cs_clerk、technician",
        "cs_clerk，technician，cs_clerk",
        "customer service clerk; technician",
    ],
)
def test_roles_may_be_written_in_several_ways(tmp_path: Path, roles: str) -> None:
    [person] = rows(csv_folder(tmp_path, people=[A_PERSON | {"roles": roles}]))
    assert set(person.roles) == {"cs_clerk", "technician"}


def test_a_role_that_stands_twice_is_held_once(company: Engine, tmp_path: Path) -> None:
    line = A_PERSON | {"roles": "cs_clerk;technician;cs_clerk"}
    assert import_files(csv_folder(tmp_path, people=[line])) == done(added=1)
    assert roles_of("new.one") == {"cs_clerk", "technician"}
    assert import_files(csv_folder(tmp_path, people=[line])) == done(unchanged=1)


@pytest.mark.parametrize(("word", "active"), [("no", False), ("否", False), ("0", False), ("yes", True), ("是", True)])
def test_whether_somebody_is_active_is_answered_in_either_language(tmp_path: Path, word: str, active: bool) -> None:
    [person] = rows(csv_folder(tmp_path, people=[A_PERSON | {"active": word}]))
    assert person.active is active


def test_people_become_inactive_and_active_again(company: Engine, tmp_path: Path) -> None:
    import_files(csv_folder(tmp_path, people=[A_PERSON]))
    for word, active in (("否", False), ("yes", True)):
        assert import_files(csv_folder(tmp_path, people=[A_PERSON | {"active": word}])) == done(changed=1)
        with transaction() as session:
            person = session.scalars(select(Person).where(Person.login == "new.one")).one()
            assert person.active is active
            assert person.roles == ({Role.CS_CLERK} if active else set())


def test_a_column_left_out_takes_its_default(tmp_path: Path) -> None:
    [shop] = rows(csv_folder(tmp_path, parties=[A_SHOP]))
    assert (shop.contact, shop.phone, shop.email, shop.language) == ("", "", "", "zh_CN")


# New columns, and opening stock


def test_where_consumers_look_for_a_party_is_kept_and_may_change(company: Engine, tmp_path: Path) -> None:
    there = A_SHOP | {"area": "广州天河", "address": "1 Sports Road"}
    assert import_files(csv_folder(tmp_path, parties=[there])) == done(added=1)
    assert (party("S-90").area, party("S-90").address) == ("广州天河", "1 Sports Road")
    assert import_files(csv_folder(tmp_path, parties=[there | {"address": "2 Sports Road"}])) == done(changed=1)
    assert party("S-90").address == "2 Sports Road"
    # A file without the columns leaves them alone, empty cells empty them.
    assert import_files(csv_folder(tmp_path, parties=[A_SHOP])) == done(unchanged=1)
    assert (party("S-90").area, party("S-90").address) == ("广州天河", "2 Sports Road")
    assert import_files(csv_folder(tmp_path, parties=[A_SHOP | {"area": "", "address": ""}])) == done(changed=1)
    assert (party("S-90").area, party("S-90").address) == ("", "")


def test_a_part_has_a_kind_and_a_price_or_neither(company: Engine, tmp_path: Path) -> None:
    file = csv_folder(tmp_path, parts=[A_PART])
    assert import_files(file) == done(added=1)
    assert (product("P-90").goods_kind, product("P-90").price, product("P-90").currency) == ("", None, "CNY")
    priced = A_PART | {"goods_kind": "lamp_socket", "price": "2.50", "currency": "EUR"}
    assert import_files(csv_folder(tmp_path, parts=[priced])) == done(changed=1)
    known = product("P-90")
    assert (known.goods_kind, known.price, known.currency) == ("lamp_socket", Decimal("2.50"), "EUR")
    assert import_files(csv_folder(tmp_path, parts=[priced])) == done(unchanged=1)


def test_opening_stock_is_booked_once_out_of_what_was_before_the_books(company: Engine, tmp_path: Path) -> None:
    file = csv_folder(tmp_path, stock=[A_COUNT, A_COUNT | {"number": "ST-10", "condition": "faulty", "quantity": 2}])
    assert import_files(file) == done(added=2)
    assert held("R-04", "P-001") == {Condition.GOOD: 5, Condition.FAULTY: 2, Condition.OPENING: -7}
    before = figures()
    assert import_files(file) == done(unchanged=2)
    assert figures() == before
    assert held("R-04", "P-001") == {Condition.GOOD: 5, Condition.FAULTY: 2, Condition.OPENING: -7}


@pytest.mark.parametrize("other", [{"quantity": 6}, {"condition": "faulty"}, {"party": "R-03"}, {"product": "P-003"}])
def test_what_is_booked_is_not_changed_by_an_import(company: Engine, tmp_path: Path, other: dict[str, Any]) -> None:
    import_files(csv_folder(tmp_path, stock=[A_COUNT]))
    found = rejected(csv_folder(tmp_path, stock=[A_COUNT | other]))
    assert [(one.sheet, one.row, one.field, one.message) for one in found] == [
        ("stock", 2, "number", "ST-9 is booked already, and with other values.")
    ]
    assert held("R-04", "P-001") == {Condition.GOOD: 5, Condition.OPENING: -5}


def test_one_wrong_count_and_no_stock_is_booked(untouched: Engine, tmp_path: Path) -> None:
    lines = [A_COUNT, A_COUNT | {"number": "ST-10", "party": "R-99"}]
    assert places(rejected(csv_folder(tmp_path, stock=lines))) == [("stock", 3, "party")]


def test_a_party_and_a_part_of_the_same_file_can_be_counted(company: Engine, tmp_path: Path) -> None:
    source = csv_folder(
        tmp_path, parties=[A_SHOP], parts=[A_PART], stock=[A_COUNT | {"party": "S-90", "product": "P-90"}]
    )
    assert import_files(source) == done(added=3)
    assert held("S-90", "P-90")[Condition.GOOD] == 5


def test_a_condition_may_be_left_out_and_pieces_may_be_kept_as_a_float(company: Engine, tmp_path: Path) -> None:
    [count] = rows(workbook(tmp_path, stock=[{"number": 7, "party": "R-04", "product": "P-001", "quantity": 5.0}]))
    assert (count.number, count.condition, count.quantity) == ("7", "good", 5)


# Less than all


def test_one_csv_file_is_read_for_itself(untouched: Engine) -> None:
    assert import_files(SAMPLE_COMPANY / "parties.csv") == done(unchanged=len(sample("parties")))


def test_a_file_without_a_column_leaves_what_stands_there(company: Engine, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    file.write_text("code,name\nP-001,Ballast board\n", "utf-8")
    import_files(file)
    with transaction() as session:
        part = session.scalars(select(Product).where(Product.code == "P-001")).one()
        assert (part.name, part.goods_kind, part.price) == ("Ballast board", "electronic_ballast", Decimal("18.50"))


def test_an_empty_cell_empties_what_stood_there(company: Engine, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    file.write_text("code,name,goods_kind,price\nP-001,Ballast board,,\n", "utf-8")
    import_files(file)
    with transaction() as session:
        part = session.scalars(select(Product).where(Product.code == "P-001")).one()
        assert (part.goods_kind, part.price) == ("", None)
