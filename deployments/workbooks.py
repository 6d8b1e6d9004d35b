"""Reading and writing master data as a workbook or CSV files (导入表格)."""

import csv
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from models.errors import InvalidInput
from models.labels import Labelled
from models.language import LANGUAGES, N_, _, speaking
from models.master_data import SHEETS, Row, names_of_column, read_cell
from models.queries.master_data import Lines

Cells = Iterable[tuple[int, list[Any]]]

#: What openpyxl raises for a file that is no workbook, or a damaged one: its parts are read without a check.
_DAMAGED = (InvalidFileException, BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, TypeError,
            AttributeError, SyntaxError)  # fmt: skip


def read_lines(source: Path) -> Lines:
    """The lines of a workbook, of a folder with `parties.csv` and its siblings, or of one such file.

    Raises InvalidInput for what is no such file, an unknown sheet, a missing or unknown column.
    """
    if not source.exists():
        raise InvalidInput({"file": _(N_("There is no file {file}."), file=source)})
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    lines: dict[type[Row], list[tuple[int, Mapping[str, Any]]]] = {}
    for file in files:
        for name, cells in _csv(file) if file.suffix.lower() == ".csv" else _workbook(file):
            sheet = _sheet(name)
            lines.setdefault(sheet, []).extend(_lines(sheet, cells))
    if not lines:
        raise InvalidInput({"file": _(N_("There is no sheet and no CSV file in {file}."), file=source)})
    return lines


def write_template(target: Path) -> None:
    """An empty workbook to fill in: a sheet each, headings in the language in force, rules as comments and lists."""
    with xlsxwriter.Workbook(str(target), {"strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        needed = book.add_format({"bold": True, "bg_color": "#F8D9C4", "border": 1, "text_wrap": True, "valign": "top"})
        for sheet in SHEETS:
            page = book.add_worksheet(_(sheet.heading))
            page.freeze_panes(1, 1)
            for column, (name, field) in enumerate(sheet.model_fields.items()):
                page.write_string(0, column, _(field.title or name), needed if field.is_required() else head)
                page.set_column(column, column, 22)
                if field.description:
                    page.write_comment(0, column, _(field.description))
                if choices := _choices(field.annotation):
                    page.data_validation(1, column, 5000, column, {"validate": "list", "source": choices})
            page.set_footer("&C&P / &N")
            page.repeat_rows(0)


def _choices(annotation: Any) -> list[str]:
    return (
        [member.label for member in annotation]
        if isinstance(annotation, type) and issubclass(annotation, Labelled)
        else []
    )


def _sheet(name: str) -> type[Row]:
    for sheet in SHEETS:
        names = {sheet.sheet}
        for language in LANGUAGES:
            with speaking(language):
                names.add(_(sheet.heading))
        if name.strip() in names:
            return sheet
    known = ", ".join(sheet.sheet for sheet in SHEETS)
    raise InvalidInput({"sheet": _(N_("There is no sheet called {name}; there are: {known}."), name=name, known=known)})


def _workbook(file: Path) -> list[tuple[str, Cells]]:
    try:
        with closing(load_workbook(file, read_only=True, data_only=True)) as book:
            return [(page.title, _cells(page)) for page in book.worksheets]
    except _DAMAGED as error:
        raise InvalidInput(
            {"file": _(N_("{file} is not a workbook that can be read: {reason}"), file=file.name, reason=error)}
        ) from None


def _cells(page: Any) -> Cells:
    # The size that some programs write into a sheet is wrong and would cut it off.
    page.reset_dimensions()
    return list(enumerate((list(row) for row in page.iter_rows(values_only=True)), 1))


def _csv(file: Path) -> Iterator[tuple[str, Cells]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield file.stem, list(enumerate(csv.reader(opened), 1))
    except OSError as error:
        raise InvalidInput(
            {"file": _(N_("{file} cannot be read: {reason}"), file=file.name, reason=error.strerror)}
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            {"file": _(N_("{file} is not a CSV file in UTF-8: {reason}"), file=file.name, reason=error)}
        ) from None


def _lines(sheet: type[Row], cells: Cells) -> Iterator[tuple[int, Mapping[str, Any]]]:
    columns: list[str | None] = []
    for number, row in cells:
        if not columns:
            columns = _columns(sheet, row)
            continue
        read = ((name, _cell(cell)) for name, cell in zip(columns, row, strict=False) if name)
        cells_of = dict(read)
        values = {name: cell for name, cell in cells_of.items() if cell not in (None, "")}
        if values:
            # An empty cell empties what was there; a column that the file does not have leaves it as it is.
            fields = sheet.model_fields
            emptied = {
                name: fields[name].get_default()
                for name in cells_of
                if name not in values and not fields[name].is_required()
            }
            yield number, {**_codes(sheet, values), **emptied}


def _columns(sheet: type[Row], heading: list[Any]) -> list[str | None]:
    """The field of each column; empty headings are skipped, unknown ones refused."""
    by_name = {name: field for field in sheet.model_fields for name in names_of_column(sheet, field)}
    given = [str(cell).strip() if cell is not None else "" for cell in heading]
    unknown = [name for name in given if name and name not in by_name]
    if unknown:
        raise InvalidInput({sheet.sheet: _(N_("Unknown columns: {names}."), names=", ".join(unknown))})
    columns = [by_name.get(name) for name in given]
    missing = [name for name, field in sheet.model_fields.items() if field.is_required() and name not in columns]
    if missing:
        raise InvalidInput({sheet.sheet: _(N_("Missing columns: {names}."), names=", ".join(missing))})
    return columns


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) or not isinstance(value, str) else value.strip()


def _codes(sheet: type[Row], values: dict[str, Any]) -> dict[str, Any]:
    """Labels that were chosen from a list, as codes again; so are codes that a workbook keeps as numbers."""
    return {name: read_cell(sheet, name, value) for name, value in values.items()}
