"""Master data from workbooks and CSV files: whole or not at all, wrong lines named, cells as programs keep them."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from conftest import UsingDatabase
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, create_engine, func, select, text

from deployments.postgres import Cluster
from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files
from deployments.workbooks import read_lines, write_template
from models.errors import InvalidInput
from models.language import LANGUAGES, speak, speaking
from models.master_data import SHEETS, PartRow, PartyRow, names_of_column
from models.queries import stock
from models.queries.master_data import Imported, Rejected
from models.roles import PartyKind, Role
from models.tables.audit import AuditEntry
from models.tables.goods import Delivery, Product
from models.tables.ledgers import Condition, StockMove
from models.tables.parties import Party, Person, RoleGrant
from models.tables.stations import Station
from tasks import database
from tasks.database import transaction

A_SHOP: dict[str, Any] = {"code": "S-90", "name": "Corner Shop", "kind": "shop", "superior": "D-01"}
A_PERSON: dict[str, Any] = {
    "login": "new.one",
    "name": "New One",
    "email": "new.one@minghui.example",
    "party": "C-01",
    "roles": "cs_clerk",
}
A_DELIVERY: dict[str, Any] = {
    "number": "DN-9",
    "party": "D-01",
    "product": "LX-019",
    "batch": "MH261101",
    "quantity": 100,
    "unit_price": "46.50",
    "delivered_on": "2026-11-01",
}
A_PART: dict[str, Any] = {"code": "P-90", "name": "Socket"}
A_COUNT: dict[str, Any] = {
    "number": "ST-9",
    "party": "R-04",
    "product": "P-001",
    "condition": "good",
    "quantity": 5,
}

Lines = Sequence[dict[str, Any]]


@pytest.fixture(autouse=True)
def in_english() -> None:
    speak("en")


@pytest.fixture(scope="module")
def copied(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of one copy of the company for all tests of this file that change nothing."""
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    name = f"untouched_{uuid4().hex[:12]}"
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield cluster.url(name).render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


@pytest.fixture
def untouched(copied: str) -> Iterator[Engine]:
    """That copy, in use."""
    with UsingDatabase(copied):
        yield database.engine()


def csv_folder(folder: Path, **sheets: Lines) -> Path:
    """A folder of CSV files with these lines; the columns are those of the first line."""
    for sheet, lines in sheets.items():
        with (folder / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
    return folder


def csv_text(folder: Path, sheet: str, text: str) -> Path:
    """One CSV file with exactly this text."""
    file = folder / f"{sheet}.csv"
    file.write_bytes(text.encode())
    return file


def workbook(folder: Path, **sheets: Lines) -> Path:
    """A workbook with these lines, as somebody made it without the template."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet, lines in sheets.items():
        page = book.create_sheet(sheet)
        page.append(list(lines[0]))
        for line in lines:
            page.append(list(line.values()))
    book.save(folder / "master.xlsx")
    return folder / "master.xlsx"


def done(added: int = 0, changed: int = 0, unchanged: int = 0) -> Imported:
    return Imported(added, changed, unchanged, [])


def refused(source: Path) -> dict[str, str]:
    """What is wrong with a file that cannot be read as master data at all; no database is asked."""
    with pytest.raises(InvalidInput) as raised:
        read_lines(source)
    return raised.value.fields


def rejected(source: Path) -> list[Rejected]:
    """The lines that were not taken; nothing may have changed then."""
    before = figures()
    outcome = import_files(source)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (0, 0, 0)
    assert figures() == before
    return outcome.rejected


def rows(source: Path) -> list[Any]:
    """The checked rows of a file."""
    return [sheet.read(values) for sheet, lines in read_lines(source).items() for _number, values in lines]


def places(lines: Sequence[Rejected]) -> list[tuple[str, int, str]]:
    return [(one.sheet, one.row, one.field) for one in lines]


def figures() -> list[int]:
    """How many rows there are of everything that an import writes."""
    with transaction() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Party, Person, RoleGrant, Product, Delivery, StockMove, Station, AuditEntry)
        ]


def party(code: str) -> Party:
    with transaction() as session:
        return session.scalars(select(Party).where(Party.code == code)).one()


def roles_of(login: str) -> set[str]:
    with transaction() as session:
        return {grant.role for grant in session.scalars(select(Person).where(Person.login == login)).one().grants}


def delivery(number: str) -> Delivery:
    with transaction() as session:
        return session.scalars(select(Delivery).where(Delivery.number == number)).one()


# The sample company, twice


def sample(sheet: str) -> list[dict[str, str]]:
    """The lines of a sheet of the sample company, as they are written."""
    with (SAMPLE_COMPANY / f"{sheet}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


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


def product(code: str) -> Product:
    with transaction() as session:
        return session.scalars(select(Product).where(Product.code == code)).one()


def held(party: str, part: str) -> dict[Condition, int]:
    """Pieces of a part that a party holds, by condition."""
    with transaction() as session:
        return {one.condition: one.pieces for one in stock.balances(session, party, part)}


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


# The template


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_can_be_filled_in_and_imported(company: Engine, tmp_path: Path, language: str) -> None:
    file = tmp_path / "template.xlsx"
    with speaking(language):
        write_template(file)
        clerk, technician = Role.CS_CLERK.label, Role.TECHNICIAN.label
    book = load_workbook(file)
    parties, people, products, parts, deliveries, counts, _stations = book.worksheets
    kinds, languages = (validation.formula1.strip('"').split(",") for validation in lists_of(parties))
    parties.append(["D-90", "New Dealer", kinds[2], "B-01", "Ms Li", "020 5550900", "d90@dealer.example", languages[1]])
    parties.append(["S-91", "New Shop", kinds[3], "D-90"])
    people.append(
        ["new.one", "New One", "new.one@minghui.example", "C-01", f"{clerk}; {technician}", languages[0], "no"]
    )
    products.append(["LX-901", "Lamp"])
    parts.append(["P-901", "Socket", "V-01", "lamp_socket", 2.5, "CNY"])
    deliveries.append(["DN-9", "D-90", "LX-901", "MH261101", 100, 46.5, "CNY", date(2026, 11, 1)])
    conditions, *_none = (validation.formula1.strip('"').split(",") for validation in lists_of(counts))
    counts.append(["ST-9", "D-90", "P-901", conditions[1], 12])
    book.save(file)

    assert import_files(file) == done(added=7)
    dealer = party("D-90")
    assert (dealer.kind, dealer.language, dealer.phone) == (PartyKind.DISTRIBUTOR, "en", "020 5550900")
    assert party("S-91").kind == PartyKind.SHOP
    assert party("S-91").superior_id == dealer.id
    assert roles_of("new.one") == {"cs_clerk", "technician"}
    assert delivery("DN-9").unit_price == Decimal("46.50")
    assert held("D-90", "P-901") == {Condition.FAULTY: 12, Condition.OPENING: -12}
    assert import_files(file) == done(unchanged=7)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_template_brings_nothing(untouched: Engine, tmp_path: Path, language: str) -> None:
    with speaking(language):
        write_template(tmp_path / "template.xlsx")
    assert import_files(tmp_path / "template.xlsx") == done()


def test_the_english_template_says_what_each_sheet_wants(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    book = load_workbook(tmp_path / "template.xlsx")
    assert book.sheetnames[:6] == ["Parties", "People", "Products", "Parts", "Deliveries", "Opening stock"]
    assert [cell.value for cell in book["Opening stock"][1]] == [
        "Line of the count",
        "Held by",
        "Product",
        "Condition",
        "Pieces",
    ]
    assert [cell.value for cell in book["Parties"][1]][-2:] == ["Area", "Address"]
    assert [cell.value for cell in book["Parts"][1]][-3:] == ["Kind of goods", "Price", "Currency"]
    assert [cell.value for cell in book["Deliveries"][1]] == [
        "Delivery",
        "Delivered to",
        "Product",
        "Batch code",
        "Pieces",
        "Unit price",
        "Currency",
        "Delivered on",
    ]
    assert "One or several, with semicolons between them." in book["People"]["E1"].comment.text
    kinds, languages = lists_of(book["Parties"])
    assert kinds.formula1.strip('"').split(",")[:3] == ["company", "branch office", "distributor"]
    assert (str(kinds.sqref), str(languages.sqref)) == ("C2:C5001", "H2:H5001")
    assert languages.formula1 == '"Chinese,English"'


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_heading_means_two_columns_in_any_language(sheet: Any) -> None:
    names = [name for field in sheet.model_fields for name in names_of_column(sheet, field)]
    assert len(names) == len(set(names))


def lists_of(page: Any) -> list[Any]:
    """The lists to choose from in a sheet, by column."""
    return sorted(page.data_validations.dataValidation, key=lambda one: str(one.sqref))


# Lines that are wrong


@pytest.mark.parametrize(
    ("sheet", "line", "field", "fragment"),
    [
        ("parties", A_SHOP | {"kind": "kiosk"}, "kind", "Choose one of: 'company'"),
        ("parties", A_SHOP | {"code": ""}, "code", "This field is needed."),
        ("parties", A_SHOP | {"code": "S 90"}, "code", "does not have the right form"),
        ("parties", A_SHOP | {"code": "S" * 41}, "code", "At most 40 characters"),
        ("parties", A_SHOP | {"name": "x" * 121}, "name", "At most 120 characters"),
        ("parties", A_SHOP | {"name": "Corner\nShop"}, "name", "line breaks are not allowed"),
        ("parties", A_SHOP | {"contact": "Mr He\nBcc: all@example.com"}, "contact", "line breaks are not allowed"),
        ("parties", A_SHOP | {"phone": "1\x002"}, "phone", "Control characters"),
        ("parties", A_SHOP | {"email": "nobody"}, "email", "does not have the right form"),
        ("parties", A_SHOP | {"email": "a@b\nBcc: c@d"}, "email", "does not have the right form"),
        ("parties", A_SHOP | {"language": "fr"}, "language", "Choose one of"),
        ("parties", A_SHOP | {"superior": "D-99"}, "superior", "There is no party D-99"),
        ("parties", A_SHOP | {"superior": "S-90"}, "superior", "S-90 lead back to itself"),
        ("parties", A_SHOP | {"kind": "company"}, "kind", "There is one company, and C-01 is it already."),
        ("people", A_PERSON | {"email": ""}, "email", "This field is needed."),
        ("people", A_PERSON | {"party": "X-99"}, "party", "There is no party X-99"),
        ("people", A_PERSON | {"roles": "cs_clerk;boss"}, "roles.1", "Choose one of"),
        ("people", A_PERSON | {"roles": ""}, "roles", "This field is needed."),
        ("people", A_PERSON | {"active": "sometimes"}, "active", "Answer yes or no."),
        ("products", {"code": "P-001", "name": "A part as a product"}, "code", "P-001 is a part already."),
        ("parts", {"code": "LX-001", "name": "A product as a part"}, "code", "LX-001 is a product already."),
        ("products", {"code": "LX-90", "name": "x", "supplier": "V-99"}, "supplier", "There is no party V-99"),
        ("deliveries", A_DELIVERY | {"party": "X-99"}, "party", "There is no party X-99"),
        ("deliveries", A_DELIVERY | {"product": "LX-90"}, "product", "There is no product or part LX-90."),
        ("deliveries", A_DELIVERY | {"quantity": 0}, "quantity", "The smallest value allowed is 1."),
        ("deliveries", A_DELIVERY | {"quantity": "1.5"}, "quantity", "Write a whole number here."),
        ("deliveries", A_DELIVERY | {"quantity": "-5"}, "quantity", "Write a whole number here."),
        ("deliveries", A_DELIVERY | {"quantity": "1,000"}, "quantity", "Write a whole number here."),
        ("deliveries", A_DELIVERY | {"quantity": "9" * 5000}, "quantity", "cannot be taken"),
        ("deliveries", A_DELIVERY | {"unit_price": "-1"}, "unit_price", "The smallest value allowed is 0."),
        ("deliveries", A_DELIVERY | {"unit_price": "46.505"}, "unit_price", "at most 2 decimal places"),
        ("deliveries", A_DELIVERY | {"unit_price": "NaN"}, "unit_price", "Write an amount such as 1234.50."),
        ("deliveries", A_DELIVERY | {"currency": "RMB¥"}, "currency", "does not have the right form"),
        ("deliveries", A_DELIVERY | {"batch": "B" * 121}, "batch", "At most 120 characters"),
        ("deliveries", A_DELIVERY | {"delivered_on": "2026/11/01"}, "delivered_on", "Write a date such as 2026-11-23."),
        ("deliveries", A_DELIVERY | {"delivered_on": "2026-02-29"}, "delivered_on", "Write a date such as"),
        ("deliveries", A_DELIVERY | {"delivered_on": "20261101"}, "delivered_on", "Write a date such as"),
        ("deliveries", A_DELIVERY | {"delivered_on": "1793491200"}, "delivered_on", "Write a date such as"),
        ("deliveries", A_DELIVERY | {"delivered_on": "2206-11-01"}, "delivered_on", "Check the year of 2206-11-01."),
        ("parties", A_SHOP | {"area": "x" * 121}, "area", "At most 120 characters"),
        ("parties", A_SHOP | {"address": "1 Road\n2 Road"}, "address", "line breaks are not allowed"),
        ("parts", A_PART | {"goods_kind": "ring tube"}, "goods_kind", "does not have the right form"),
        ("parts", A_PART | {"price": "-0.01"}, "price", "The smallest value allowed is 0."),
        ("parts", A_PART | {"price": "1.005"}, "price", "at most 2 decimal places"),
        ("parts", A_PART | {"price": "cheap"}, "price", "Write an amount such as 1234.50."),
        ("parts", A_PART | {"currency": "yuan"}, "currency", "does not have the right form"),
        ("products", A_PART | {"currency": "cny"}, "currency", "does not have the right form"),
        ("stock", A_COUNT | {"party": "R-99"}, "party", "There is no party R-99"),
        ("stock", A_COUNT | {"product": "P-999"}, "product", "There is no product or part P-999."),
        ("stock", A_COUNT | {"quantity": 0}, "quantity", "The smallest value allowed is 1."),
        ("stock", A_COUNT | {"quantity": "-5"}, "quantity", "Write a whole number here."),
        ("stock", A_COUNT | {"quantity": 2.5}, "quantity", "Write a whole number here."),
        ("stock", A_COUNT | {"condition": "in_transit"}, "condition", "Choose one of: 'good'"),
        ("stock", A_COUNT | {"number": ""}, "number", "This field is needed."),
        ("stock", A_COUNT | {"number": "line 9"}, "number", "does not have the right form"),
    ],
)
def test_a_wrong_line_is_named_by_sheet_row_and_field(
    untouched: Engine, tmp_path: Path, sheet: str, line: dict[str, Any], field: str, fragment: str
) -> None:
    found = rejected(csv_folder(tmp_path, **{sheet: [line]}))
    assert places(found) == [(sheet, 2, field)]
    assert fragment in found[0].message


def test_one_wrong_line_and_nothing_is_taken(untouched: Engine, tmp_path: Path) -> None:
    shops = [A_SHOP | {"code": f"S-9{number}"} for number in range(5)]
    shops[3]["kind"] = "kiosk"
    found = rejected(csv_folder(tmp_path, parties=shops, deliveries=[A_DELIVERY | {"party": "S-90"}]))
    assert places(found) == [("parties", 5, "kind")]


def test_every_wrong_line_is_named_at_once(untouched: Engine, tmp_path: Path) -> None:
    found = rejected(
        csv_folder(
            tmp_path,
            parties=[A_SHOP | {"kind": "kiosk", "name": ""}, A_SHOP | {"superior": "D-99"}],
            deliveries=[A_DELIVERY, A_DELIVERY | {"number": "DN-10", "quantity": "many"}],
        )
    )
    assert places(found) == [
        ("parties", 2, "name"),
        ("parties", 2, "kind"),
        ("parties", 3, "superior"),
        ("deliveries", 3, "quantity"),
    ]


@pytest.mark.parametrize(
    ("sheet", "line", "key"),
    [
        ("parties", A_SHOP, "code"),
        ("people", A_PERSON, "login"),
        ("deliveries", A_DELIVERY, "number"),
        ("stock", A_COUNT, "number"),
    ],
)
def test_a_key_that_stands_twice_is_named_at_its_second_line(
    untouched: Engine, tmp_path: Path, sheet: str, line: dict[str, Any], key: str
) -> None:
    found = rejected(csv_folder(tmp_path, **{sheet: [line, line | {"name": "Other"} if "name" in line else line]}))
    assert places(found) == [(sheet, 3, key)]
    assert found[0].message == f"{line[key]} stands twice in this sheet."


def test_a_superior_must_stand_above_or_be_known(company: Engine, tmp_path: Path) -> None:
    below_first = [A_SHOP | {"superior": "D-90"}, A_SHOP | {"code": "D-90", "kind": "distributor", "superior": "B-01"}]
    assert places(rejected(csv_folder(tmp_path, parties=below_first))) == [("parties", 2, "superior")]
    assert import_files(csv_folder(tmp_path, parties=below_first[::-1])) == done(added=2)


def test_superiors_that_lead_back_are_refused(untouched: Engine, tmp_path: Path) -> None:
    # S-01 answers to D-01, D-01 to B-01; now B-01 would answer to S-01.
    office = {"code": "B-01", "name": "华南办事处", "kind": "branch_office", "superior": "S-01"}
    found = rejected(csv_folder(tmp_path, parties=[A_SHOP, office]))
    assert places(found) == [("parties", 3, "superior")]
    assert found[0].message == "The responsible superiors of B-01 lead back to itself."


def test_a_party_that_is_known_cannot_answer_to_itself(untouched: Engine, tmp_path: Path) -> None:
    itself = {"code": "D-01", "name": "Itself", "kind": "distributor", "superior": "D-01"}
    found = rejected(csv_folder(tmp_path, parties=[itself, A_SHOP]))
    assert places(found)[0] == ("parties", 2, "superior")
    assert "lead back to itself" in found[0].message


def test_the_company_may_change_its_own_line(company: Engine, tmp_path: Path) -> None:
    line = {"code": "C-01", "name": "New Name", "kind": "company", "phone": "020-5550100"}
    assert import_files(csv_folder(tmp_path, parties=[line])) == done(changed=1)
    assert party("C-01").name == "New Name"


# Files that are wrong


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    wrong = refused(csv_folder(tmp_path, parties=[A_SHOP | {"colour": "red", "size": "L"}]))
    assert wrong == {"parties": "Unknown columns: colour, size."}


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    wrong = refused(csv_folder(tmp_path, parties=[{"code": "S-90", "superior": "D-01"}]))
    assert wrong == {"parties": "Missing columns: name, kind."}


@pytest.mark.parametrize("text", ["\n", "\ncode,name,kind\nS-90,Shop,shop\n", ",,\nS-90,Shop,shop\n"])
def test_a_file_without_headings_in_its_first_line_is_refused(tmp_path: Path, text: str) -> None:
    assert refused(csv_text(tmp_path, "parties", text)) == {"parties": "Missing columns: code, name, kind."}


def test_an_unknown_sheet_is_refused(tmp_path: Path) -> None:
    wrong = refused(workbook(tmp_path, parties=[A_SHOP], prices=[{"code": "x"}]))
    sheets = "parties, people, products, parts, deliveries, stock, stations"
    assert wrong == {"sheet": f"There is no sheet called prices; there are: {sheets}."}
    assert list(refused(csv_text(tmp_path, "prices", "code\nx\n"))) == ["sheet"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.xlsx") == {"file": f"There is no file {tmp_path / 'none.xlsx'}."}


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    assert "There is no sheet and no CSV file" in refused(tmp_path)["file"]


def test_a_folder_called_like_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "parties.csv").mkdir()
    assert "parties.csv cannot be read" in refused(tmp_path)["file"]


@pytest.mark.parametrize("name", ["master.xlsx", "master.xls", "master.txt", "master"])
@pytest.mark.parametrize(
    "content", [b"", b"code,name\nS-90,Shop\n", b"PK\x03\x04 but no more", b"\xd0\xcf\x11\xe0" * 200]
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name)["file"].startswith(f"{name} is not a workbook that can be read: ")


def test_a_workbook_cut_off_in_transfer_is_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path, parties=[A_SHOP])
    file.write_bytes(file.read_bytes()[:-200])
    assert "is not a workbook that can be read" in refused(file)["file"]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'><c r='A1'><v>1</v>"),
        ("xl/worksheets/sheet1.xml", b"not xml"),
        ("xl/worksheets/sheet1.xml", b""),
        ("xl/workbook.xml", b"<nonsense/>"),
        ("xl/workbook.xml", b"not xml"),
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/styles.xml", b"<styleSheet"),
    ],
)
def test_a_workbook_with_a_damaged_part_is_refused(tmp_path: Path, part: str, content: bytes) -> None:
    file = rewritten(workbook(tmp_path, parties=[A_SHOP]), part, lambda _old: content)
    assert list(refused(file)) == ["file"]


def test_a_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "master.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "is not a workbook that can be read" in refused(tmp_path / "master.xlsx")["file"]


def rewritten(file: Path, part: str, change: Any) -> Path:
    """The workbook with one of its parts changed."""
    with ZipFile(BytesIO(file.read_bytes())) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_csv_file_that_is_not_utf_8_is_refused(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "parties.csv"
    file.write_bytes("code,name,kind\nS-90,天河专卖店,shop\n".encode(encoding))
    assert refused(file)["file"].startswith("parties.csv is not a CSV file in UTF-8: ")


def test_a_csv_file_with_a_gigantic_cell_is_refused(tmp_path: Path) -> None:
    file = csv_text(tmp_path, "parties", f"code,name,kind\nS-90,{'x' * 200_000},shop\n")
    assert "field larger than field limit" in refused(file)["file"]


# Cells as programs keep them


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")'])
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, text: str) -> None:
    assert [shop.name for shop in rows(csv_folder(tmp_path, parties=[A_SHOP | {"name": text}]))] == [text]


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook(tmp_path: Path) -> None:
    file = workbook(tmp_path, parties=[A_SHOP])
    book = load_workbook(file)
    cell = book["parties"]["B2"]
    cell.value = "=1+1"
    cell.data_type = "s"
    book.save(file)
    assert [shop.name for shop in rows(file)] == ["=1+1"]


def test_a_formula_counts_as_the_value_that_was_saved_with_it(untouched: Engine, tmp_path: Path) -> None:
    file = workbook(tmp_path, deliveries=[A_DELIVERY | {"quantity": "=2*50"}])
    assert places(rejected(file)) == [("deliveries", 2, "quantity")]  # written by a program that does not calculate
    calculated = rewritten(
        file,
        "xl/worksheets/sheet1.xml",
        lambda old: re.sub(rb"<f>2\*50</f><v ?(/>|></v>)", b"<f>2*50</f><v>100</v>", old),
    )
    assert [goods.quantity for goods in rows(calculated)] == [100]


@pytest.mark.parametrize(("kept", "code"), [(1001, "1001"), (1001.0, "1001"), ("1001", "1001"), ("0101", "0101")])
def test_a_code_that_is_a_number_is_text(tmp_path: Path, kept: Any, code: str) -> None:
    [shop] = rows(workbook(tmp_path, parties=[A_SHOP | {"code": kept, "phone": 13800138000}]))
    assert (shop.code, shop.phone) == (code, "13800138000")


def test_numbers_name_a_superior_and_a_party_too(company: Engine, tmp_path: Path) -> None:
    dealer = A_SHOP | {"code": 77, "kind": "distributor", "superior": "B-01"}
    shop = A_SHOP | {"code": 78.0, "superior": 77.0}
    goods = A_DELIVERY | {"number": 5, "party": 78, "batch": 260901}
    assert import_files(workbook(tmp_path, parties=[dealer, shop], deliveries=[goods])) == done(added=3)
    assert party("78").superior_id == party("77").id
    assert (delivery("5").party_id, delivery("5").batch) == (party("78").id, "260901")


def test_noughts_in_front_are_kept(tmp_path: Path) -> None:
    [shop] = rows(csv_folder(tmp_path, parties=[A_SHOP | {"code": "007", "name": "0", "phone": "02055509000"}]))
    assert (shop.code, shop.name, shop.phone) == ("007", "0", "02055509000")


@pytest.mark.parametrize(
    "day",
    [date(2026, 11, 1), datetime(2026, 11, 1), datetime(2026, 11, 1, 17, 30), "2026-11-01", " 2026-11-01 "],  # noqa: DTZ001
)
def test_a_date_is_a_date_cell_or_text(tmp_path: Path, day: Any) -> None:
    [goods] = rows(workbook(tmp_path, deliveries=[A_DELIVERY | {"delivered_on": day}]))
    assert goods.delivered_on == date(2026, 11, 1)


@pytest.mark.parametrize("day", [46327, 46327.5, 20261101, True])
def test_a_date_that_was_kept_as_a_number_is_refused(untouched: Engine, tmp_path: Path, day: Any) -> None:
    found = rejected(workbook(tmp_path, deliveries=[A_DELIVERY | {"delivered_on": day}]))
    assert places(found) == [("deliveries", 2, "delivered_on")]
    assert found[0].message == "Write a date such as 2026-11-23."


def test_a_batch_code_that_became_a_date_is_refused(untouched: Engine, tmp_path: Path) -> None:
    found = rejected(workbook(tmp_path, deliveries=[A_DELIVERY | {"batch": date(2026, 9, 1)}]))
    assert places(found) == [("deliveries", 2, "batch")]


@pytest.mark.parametrize("pieces", [100, 100.0, "100", " 100 "])
def test_a_whole_number_may_be_kept_as_a_float_or_text(tmp_path: Path, pieces: Any) -> None:
    [goods] = rows(workbook(tmp_path, deliveries=[A_DELIVERY | {"quantity": pieces}]))
    assert goods.quantity == 100


@pytest.mark.parametrize("pieces", [100.5, True, "hundred", 1e300])
def test_pieces_that_are_no_whole_number_are_refused(untouched: Engine, tmp_path: Path, pieces: Any) -> None:
    found = rejected(workbook(tmp_path, deliveries=[A_DELIVERY | {"quantity": pieces}]))
    assert places(found) == [("deliveries", 2, "quantity")]


@pytest.mark.parametrize(
    ("price", "kept"), [(46, "46.00"), (46.0, "46.00"), (46.5, "46.50"), (0.1, "0.10"), (0, "0.00")]
)
def test_a_price_is_kept_exactly(tmp_path: Path, price: Any, kept: str) -> None:
    [goods] = rows(workbook(tmp_path, deliveries=[A_DELIVERY | {"unit_price": price}]))
    assert goods.unit_price == Decimal(kept)


def test_a_price_with_a_rest_of_arithmetic_is_refused(untouched: Engine, tmp_path: Path) -> None:
    found = rejected(workbook(tmp_path, deliveries=[A_DELIVERY | {"unit_price": 46.5 * 1.1}]))
    assert [(one.field, one.message) for one in found] == [("unit_price", "Write at most 2 decimal places.")]


@pytest.mark.parametrize("roles", [5, 5.5, True, date(2026, 11, 1)])
def test_roles_that_are_no_text_are_refused(untouched: Engine, tmp_path: Path, roles: Any) -> None:
    found = rejected(workbook(tmp_path, people=[A_PERSON | {"roles": roles}]))
    assert places(found) == [("people", 2, "roles")]


@pytest.mark.parametrize("active", [True, 1, 1.0, "TRUE"])
def test_true_is_yes(tmp_path: Path, active: Any) -> None:
    assert [person.active for person in rows(workbook(tmp_path, people=[A_PERSON | {"active": active}]))] == [True]


def test_blanks_around_a_cell_are_dropped_and_blank_cells_are_none(tmp_path: Path) -> None:
    [shop] = rows(csv_text(tmp_path, "parties", "code, name ,kind,superior,language\n S-90 , Shop ,shop,  , \n"))
    assert (shop.code, shop.name, shop.superior, shop.language) == ("S-90", "Shop", "", "zh_CN")


def test_blank_lines_are_skipped_and_still_counted(untouched: Engine, tmp_path: Path) -> None:
    file = csv_text(tmp_path, "parties", "code,name,kind\n\nS-90,Shop,shop\n , ,\n,,\nS-91,Shop,kiosk\n")
    assert places(rejected(file)) == [("parties", 6, "kind")]


def test_columns_without_a_heading_are_left_alone(tmp_path: Path) -> None:
    [shop] = rows(csv_text(tmp_path, "parties", "code,,name,kind\nS-90,a note,Shop,shop,another note\n"))
    assert (shop.code, shop.name, shop.kind) == ("S-90", "Shop", "shop")


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path: Path) -> None:
    [shop] = rows(csv_text(tmp_path, "parties", "\ufeffcode,name,kind\r\nS-90,天河专卖店,shop\r\n"))
    assert shop.name == "天河专卖店"


def test_one_csv_file_is_read_for_itself(untouched: Engine) -> None:
    assert import_files(SAMPLE_COMPANY / "parties.csv") == done(unchanged=len(sample("parties")))


def test_an_upper_case_ending_is_a_csv_file_too(tmp_path: Path) -> None:
    file = tmp_path / "parties.CSV"
    file.write_text("code,name,kind\nS-90,Shop,shop\n")
    assert len(rows(file)) == 1


def test_columns_may_stand_in_any_order_and_be_named_in_either_way(tmp_path: Path) -> None:
    [shop] = rows(csv_text(tmp_path, "Parties", "Kind,Name,code\nexclusive shop,Shop,S-90\n"))
    assert (shop.code, shop.name, shop.kind) == ("S-90", "Shop", "shop")


def test_two_sheets_of_one_kind_are_both_read(tmp_path: Path) -> None:
    file = workbook(tmp_path, **{"products": [{"code": "A", "name": "a"}], "products ": [{"code": "B", "name": "b"}]})
    assert [product.code for product in rows(file)] == ["A", "B"]


def test_a_sheet_whose_size_was_written_wrongly_is_read_whole(tmp_path: Path) -> None:
    file = rewritten(
        workbook(tmp_path, parts=[{"code": f"P-{number}", "name": "Part"} for number in range(90)]),
        "xl/worksheets/sheet1.xml",
        lambda old: old.replace(b'<dimension ref="A1:B91"', b'<dimension ref="A1"'),
    )
    assert len(read_lines(file)[PartRow]) == 90


def test_lines_carry_the_numbers_that_the_workbook_shows(tmp_path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page.title = "parties"
    page.append(["code", "name", "kind"])
    page["A5"], page["B5"], page["C5"] = "S-90", "Shop", "shop"
    book.save(tmp_path / "gaps.xlsx")
    assert [number for number, _values in read_lines(tmp_path / "gaps.xlsx")[PartyRow]] == [5]


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
