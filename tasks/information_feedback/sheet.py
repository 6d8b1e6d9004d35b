"""Sheets of the form's workbook: title block, tables with totals by formula, and how they print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from models.forms import local_time
from models.language import N_, _
from tasks.information_feedback.form import QualityForm
from tasks.information_feedback.tables import Column, Kind, Table

#: Where the first table begins: its line of titles, which stays in view.
HEAD_ROW = 4
_A4 = 9
#: A row of text in points.
_LINE_HEIGHT, _HIGHEST_ROW = 15, 400
_NUMBERS = {Kind.WHOLE: "#,##0", Kind.MONEY: "#,##0.00", Kind.SHARE: "0.0%", Kind.DAY: "yyyy-mm-dd"}
#: What totals are made of.
_ADDED_UP = frozenset({Kind.WHOLE, Kind.MONEY})


@dataclass(frozen=True)
class Placed:
    """Where the rows of a table stand; one without rows takes none."""

    sheet: str
    first: int
    rows: int

    def column(self, number: int, most: int | None = None) -> list[Any]:
        """The cells of a column as charts refer to them, at most so many."""
        last = self.first + min(self.rows, most or self.rows) - 1
        return [self.sheet, self.first, number, last, number]


class Book:
    """A workbook that is being written, with its formats and the form that it tells."""

    def __init__(self, opened: Workbook, form: QualityForm) -> None:
        self.opened, self.form = opened, form
        self.title = opened.add_format({"bold": True, "font_size": 16})
        self.subtitle = opened.add_format({"bold": True, "font_size": 12})
        self.quiet = opened.add_format({"font_color": "#52606D"})
        self.warning = opened.add_format({"font_color": "#D64545", "text_wrap": True, "valign": "top"})
        self.text = opened.add_format({"text_wrap": True, "valign": "top"})
        self.head = opened.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        self.cells = {kind: self._cell(kind) for kind in Kind}
        self.totals = {kind: self._cell(kind, bold=True, top=6) for kind in Kind}

    def _cell(self, kind: Kind, **more: Any) -> Format:
        shown = {"num_format": _NUMBERS[kind]} if kind in _NUMBERS else {"text_wrap": True}
        return self.opened.add_format({"border": 1, "valign": "top", **shown, **more})

    def sheet(self, name: str) -> Worksheet:
        """A new sheet that prints on A4, lying, one page wide, with page numbers."""
        page = self.opened.add_worksheet(name)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.set_footer(f"&L{self.form.number}&C&P / &N&R{self.form.month}")
        page.hide_gridlines(2)
        return page

    def title_block(self, page: Worksheet, subject: str) -> None:
        """What the sheet is: form and month, what of it, whose and since when."""
        page.write_string(0, 0, _(N_("Quality-information form {month}"), month=self.form.month), self.title)
        page.write_string(1, 0, subject, self.subtitle)
        issued = _(N_("issued {at}"), at=local_time(self.form.issued_at))
        page.write_string(2, 0, f"{self.form.company} · {self.form.number} · {issued}", self.quiet)

    def fill(self, page: Worksheet, tables: Sequence[Table]) -> list[Placed]:
        """Tables one below the other; the titles of the first stay in view, and are repeated if they fit all."""
        self.title_block(page, tables[0].title)
        widths = [max(group) for group in _by_place([table.columns for table in tables])]
        for number, width in enumerate(widths):
            page.set_column(number, number, width)
        placed, row = [], HEAD_ROW
        for number, table in enumerate(tables):
            if number:
                page.write_string(row + 1, 0, table.title, self.subtitle)
                row += 2
            placed.append(Placed(page.get_name(), row + 1, len(table.rows)))
            row = self._table(page, row, table, widths)
        page.freeze_panes(HEAD_ROW + 1, 0)
        alike = all(table.head == tables[0].head for table in tables)
        page.repeat_rows(0, HEAD_ROW if alike else 2)
        page.print_area(0, 0, row - 1, len(widths) - 1)
        return placed

    def _table(self, page: Worksheet, row: int, table: Table, widths: Sequence[int]) -> int:
        """Writes a table from `row` on; the row after it."""
        for number, column in enumerate(table.columns):
            page.write_string(row, number, column.title, self.head)
        set_height(page, row, zip(table.head, widths, strict=False))
        first = row + 1
        for place, values in enumerate(table.rows):
            set_height(page, first + place, zip(map(str, values), widths, strict=False))
            for number, (column, value) in enumerate(zip(table.columns, values, strict=True)):
                self.write(page, first + place, number, column, value)
        after = first + len(table.rows)
        if not table.rows:
            page.write_string(after, 0, _(N_("none")), self.quiet)
            return after + 1
        if table.added_up:
            self._total(page, after, first, table)
            return after + 1
        return after

    def write(self, page: Worksheet, row: int, number: int, column: Column, value: Any) -> None:
        """A cell as its column wants it."""
        shape = self.cells[column.kind]
        if value is None or value == "":
            page.write_blank(row, number, None, shape)
        elif column.kind is Kind.TEXT:
            page.write_string(row, number, value, shape)
        elif column.kind is Kind.DAY:
            page.write_datetime(row, number, value, shape)
        else:
            page.write_number(row, number, value, shape)

    def _total(self, page: Worksheet, row: int, first: int, table: Table) -> None:
        """Sums as formulas, with their values for programs that do not calculate."""
        for number, column in enumerate(table.columns):
            shape = self.totals[column.kind]
            if column.kind in _ADDED_UP:
                total = sum(values[number] for values in table.rows)
                page.write_formula(row, number, f"=SUM({xl_range(first, number, row - 1, number)})", shape, total)
            elif number:
                page.write_blank(row, number, None, shape)
            else:
                page.write_string(row, number, _(N_("Total")), shape)


def set_height(page: Worksheet, row: int, texts: Iterable[tuple[str, int]]) -> None:
    """Makes a row high enough for its wrapped texts, each in a column of so many letters; not every program does."""
    lines = max(sum(1 + _letters(line) // width for line in text.split("\n")) for text, width in texts)
    page.set_row(row, min(_HIGHEST_ROW, _LINE_HEIGHT * lines))


def _letters(text: str) -> int:
    """How many letters wide a text is: a Chinese character takes the place of two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _by_place(tables: Sequence[Sequence[Column]]) -> list[list[int]]:
    """The widths that the tables of one sheet want for its first column, its second, …"""
    most = max(len(columns) for columns in tables)
    return [[columns[place].width for columns in tables if place < len(columns)] for place in range(most)]
