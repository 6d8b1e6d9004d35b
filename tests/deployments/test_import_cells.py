"""Cells as programs keep them: text, numbers, dates and blanks in workbooks and CSV files."""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from master_files import (
    A_DELIVERY,
    A_PERSON,
    A_SHOP,
    csv_folder,
    csv_text,
    delivery,
    done,
    party,
    places,
    rejected,
    rewritten,
    rows,
    workbook,
)
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine

from deployments.system import import_files
from deployments.workbooks import read_lines
from models.master_data import PartRow, PartyRow

pytestmark = pytest.mark.usefixtures("in_english")


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
