"""The quality-information form as an Excel workbook (质量信息反馈表): to be read, printed and counted with."""

from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.language import N_, _
from tasks.charts import GREY, RED
from tasks.documents import XLSX, File
from tasks.information_feedback import tables
from tasks.information_feedback.form import QualityForm
from tasks.information_feedback.lists import gap_text
from tasks.information_feedback.sheet import HEAD_ROW, Book, Placed, set_height
from tasks.information_feedback.tables import Column, Kind

#: Charts show the most frequent; the tables have all.
_MOST_DRAWN = 10
_COLUMNS = (30, 17, 17, 17, 17, 17)
#: Two charts side by side, in pixels, are as wide as the columns; and how many rows one covers.
_CHART, _CHART_ROWS = {"width": 368, "height": 280}, 15


def workbook(form: QualityForm) -> File:
    """The form as a file, in the language in force."""
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True}) as opened:
        # The same form always makes the same file.
        created = form.issued_at.replace(tzinfo=None)
        opened.set_properties({"title": _(N_("Quality-information form")), "created": created})
        book = Book(opened, form)
        summary = book.sheet(_(N_("Summary")))
        by_product, *_stations = book.fill(
            book.sheet(_(N_("Products"))), [tables.products(form), tables.stations(form)]
        )
        book.fill(book.sheet(_(N_("Parts"))), [tables.parts(form)])
        faults, *_repeated = book.fill(book.sheet(_(N_("Faults"))), [tables.faults(form), tables.repeated(form)])
        book.fill(book.sheet(_(N_("Items and measures"))), [tables.items(form), tables.carried(form)])
        book.fill(book.sheet(_(N_("Notices and opinions"))), [tables.notices(form), tables.observed(form)])
        book.fill(book.sheet(_(N_("Gaps"))), [tables.gaps(form), tables.differences(form)])
        trend, *_cases = book.fill(book.sheet(_(N_("Trend"))), [tables.trend(form), tables.cases(form)])
        row = _summary(book, summary)
        row = _charts(book, summary, row, by_product, faults, trend)
        # All on one page, standing: a page break through a chart tells nothing.
        summary.set_portrait()
        summary.fit_to_pages(1, 1)
        summary.print_area(0, 0, row, len(_COLUMNS) - 1)
        summary.activate()
    return File(_(N_("Quality-information form {month}.xlsx"), month=form.month), XLSX, buffer.getvalue())


def _summary(book: Book, page: Worksheet) -> int:
    """What matters on the first page: figures beside those of the month before, analysis, gaps; the row after it."""
    form = book.form
    book.title_block(page, _(N_("Summary")))
    for number, width in enumerate(_COLUMNS):
        page.set_column(number, number, width)
    titles = [_(N_("Figure")), form.month, _(N_("Month before")), _(N_("Change")), _(N_("Told late"))]
    for number, title in enumerate(titles):
        page.write_string(HEAD_ROW, number, title, book.head)
    page.write_comment(HEAD_ROW, 4, _(N_("Repairs of earlier months that stations told only with this month.")))
    page.freeze_panes(HEAD_ROW + 1, 0)
    page.repeat_rows(0, HEAD_ROW)
    figures = _key_figures(form)
    for row, (column, now, before, late) in enumerate(figures, HEAD_ROW + 1):
        page.write_string(row, 0, column.title, book.cells[Kind.TEXT])
        for number, value in ((1, now), (2, before), (4, late)):
            book.write(page, row, number, column, value)
        page.write_formula(row, 3, f"=B{row + 1}-C{row + 1}", book.cells[column.kind], now - before)
    row = HEAD_ROW + len(figures) + 2
    row = _prose(book, page, row, _(N_("Analysis")), form.summary or _(N_("none")))
    if form.remarks:
        row = _prose(book, page, row, _(N_("Remarks on the figures")), form.remarks)
    if form.gaps:
        page.write_string(row, 0, _(N_("Gaps")), book.subtitle)
        for place, gap in enumerate(form.gaps, row + 1):
            _across(page, place, gap_text(gap), book.warning)
        row += len(form.gaps) + 2
    return row


def _key_figures(form: QualityForm) -> list[tuple[Column, Any, Any, Any]]:
    """Each figure: its title and kind, of this month, of the month before, of earlier months told late."""
    now, before, late = form.figures.total, form.figures.before, form.figures.late
    titled = dict(zip(("repairs", "pieces", "in_warranty", "out_of_warranty", "human_cause", "fee", "charged"),
                      tables.trend(form).columns[1:], strict=True))  # fmt: skip
    return [(column, getattr(now, name), getattr(before, name), getattr(late, name)) for name, column in titled.items()]


def _prose(book: Book, page: Worksheet, row: int, title: str, text: str) -> int:
    """Text over the whole width, in a row high enough for it; the row after it."""
    page.write_string(row, 0, title, book.subtitle)
    _across(page, row + 1, text, book.text)
    return row + 3


def _across(page: Worksheet, row: int, text: str, shape: Format) -> None:
    page.merge_range(row, 0, row, len(_COLUMNS) - 1, "", shape)
    page.write_string(row, 0, text, shape)
    set_height(page, row, [(text, sum(_COLUMNS))])


def _charts(book: Book, page: Worksheet, row: int, products: Placed, faults: Placed, trend: Placed) -> int:
    """Trend, products and faults below the text; nothing is drawn of what did not happen."""
    drawn = [_trend(book, trend)]
    if products.rows:
        drawn.append(_products(book, products))
    if faults.rows:
        drawn.append(_pareto(book, faults))
    for number, chart in enumerate(drawn):
        chart.set_size(_CHART)
        chart.set_legend({"position": "bottom"})
        page.insert_chart(row + number // 2 * _CHART_ROWS, number % 2 * 3, chart)
    return row + (len(drawn) + 1) // 2 * _CHART_ROWS


def _trend(book: Book, placed: Placed) -> Any:
    chart = book.opened.add_chart({"type": "column"})
    _series(chart, _(N_("Pieces")), placed, 0, 2, GREY)
    fees = book.opened.add_chart({"type": "line"})
    title = _(N_("Fees ({currency})"), currency=book.form.figures.currency)
    fees.add_series(
        {
            "name": title,
            "categories": placed.column(0),
            "values": placed.column(6),
            "line": {"color": RED, "width": 2},
            "y2_axis": True,
        }
    )
    chart.combine(fees)
    chart.set_title({"name": _(N_("Twelve months")), "name_font": {"size": 12}})
    return chart


def _products(book: Book, placed: Placed) -> Any:
    chart = book.opened.add_chart({"type": "bar"})
    _series(chart, _(N_("Pieces")), placed, 1, 3, GREY, _MOST_DRAWN)
    chart.set_y_axis({"reverse": True})
    chart.set_title({"name": _(N_("Repairs by product")), "name_font": {"size": 12}})
    return chart


def _pareto(book: Book, placed: Placed) -> Any:
    chart = book.opened.add_chart({"type": "column"})
    _series(chart, _(N_("Pieces")), placed, 0, 2, GREY, _MOST_DRAWN)
    line = book.opened.add_chart({"type": "line"})
    line.add_series(
        {
            "name": _(N_("Running share")),
            "categories": placed.column(0, _MOST_DRAWN),
            "values": placed.column(4, _MOST_DRAWN),
            "line": {"color": RED, "width": 2},
            "marker": {"type": "circle", "size": 5},
            "y2_axis": True,
        }
    )
    line.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
    chart.combine(line)
    chart.set_title({"name": _(N_("Faults (Pareto)")), "name_font": {"size": 12}})
    return chart


def _series(
    chart: Any, title: str, placed: Placed, names: int, values: int, colour: str, most: int | None = None
) -> None:
    chart.add_series(
        {
            "name": title,
            "categories": placed.column(names, most),
            "values": placed.column(values, most),
            "fill": {"color": colour},
            "data_labels": {"value": True},
        }
    )
