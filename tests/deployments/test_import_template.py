"""The template for master data: filled in and imported, in every language."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from master_files import delivery, done, held, party, roles_of
from openpyxl import load_workbook
from sqlalchemy import Engine

from deployments.system import import_files
from deployments.workbooks import write_template
from models.language import LANGUAGES, speaking
from models.master_data import SHEETS, names_of_column
from models.roles import PartyKind, Role
from models.tables.ledgers import Condition

pytestmark = pytest.mark.usefixtures("in_english")


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
