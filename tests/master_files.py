"""Files of master data as people and programs write them, and what came of their import."""

import csv
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files
from deployments.workbooks import read_lines
from models.errors import InvalidInput
from models.queries import stock
from models.queries.master_data import Imported, Rejected
from models.tables.audit import AuditEntry
from models.tables.goods import Delivery, Product
from models.tables.ledgers import Condition, StockMove
from models.tables.parties import Party, Person, RoleGrant
from models.tables.stations import Station
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


def rewritten(file: Path, part: str, change: Any) -> Path:
    """The workbook with one of its parts changed."""
    with ZipFile(BytesIO(file.read_bytes())) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file


def sample(sheet: str) -> list[dict[str, str]]:
    """The lines of a sheet of the sample company, as they are written."""
    with (SAMPLE_COMPANY / f"{sheet}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


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


def product(code: str) -> Product:
    with transaction() as session:
        return session.scalars(select(Product).where(Product.code == code)).one()


def held(party: str, part: str) -> dict[Condition, int]:
    """Pieces of a part that a party holds, by condition."""
    with transaction() as session:
        return {one.condition: one.pieces for one in stock.balances(session, party, part)}
