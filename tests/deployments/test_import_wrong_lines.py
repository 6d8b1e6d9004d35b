"""Master data that is wrong: lines named by sheet, row and field, and files that cannot be read at all."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from master_files import (
    A_COUNT,
    A_DELIVERY,
    A_PART,
    A_PERSON,
    A_SHOP,
    csv_folder,
    csv_text,
    done,
    party,
    places,
    refused,
    rejected,
    rewritten,
    workbook,
)
from sqlalchemy import Engine

from deployments.system import import_files

pytestmark = pytest.mark.usefixtures("in_english")


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


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_csv_file_that_is_not_utf_8_is_refused(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "parties.csv"
    file.write_bytes("code,name,kind\nS-90,天河专卖店,shop\n".encode(encoding))
    assert refused(file)["file"].startswith("parties.csv is not a CSV file in UTF-8: ")


def test_a_csv_file_with_a_gigantic_cell_is_refused(tmp_path: Path) -> None:
    file = csv_text(tmp_path, "parties", f"code,name,kind\nS-90,{'x' * 200_000},shop\n")
    assert "field larger than field limit" in refused(file)["file"]
