"""The quality-information form (manual 000 三 经理 F) as people get it: its workbook, its mail, its page in Prefect.

All figures are worked out by hand from the reports in `months.py`. R-01: W-1 two and W-2 one ballast P-001 of LX-001,
8.00 each slip, W-3 two tubes P-003 of LX-008, 5.50. R-02: A-1 one ballast P-001 of LX-001, 8.00, A-2 three lamps LX-005
broken by people, 12.00 charged. In October R-03 repaired two lamps LX-005, 3.00.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from conftest import UsingDatabase
from months import (
    ALL_ANSWER,
    ANALYSIS,
    ITEM,
    as_workbook,
    at,
    files,
    lead,
    opened,
    repair,
    set_clock,
    without,
)
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from people import Script
from records import contents, mails
from sqlalchemy import create_engine, text

from deployments.postgres import Cluster
from models.language import speaking
from models.queries import cases
from models.queries.quality import Counted, Fault, Figures, PartUsed
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.information_feedback import INFORMATION_FEEDBACK
from tasks.information_feedback.form import QualityForm, Said, read
from tasks.information_feedback.issuing import issued_page
from tasks.information_feedback.workbook import workbook
from tasks.opening import file_of, open_case
from tasks.quality_notice import QUALITY_NOTICE

#: LX-005 was repaired in October, too, and R-03 tells it with November.
OCTOBER = repair("X-1", product="LX-005", part="", pieces=2, batch="", fault="Dark", fee="3.00",
                 received_on="2026-10-20", done_on="2026-10-21")  # fmt: skip
OTHER_ITEM = {**ITEM, "goods": "LX-005", "batch": "", "department": "purchasing_dept", "problem": "Lamps break."}
SCRIPT: Script = {
    **without(ALL_ANSWER, "office-b-02"),
    "report-r-03": ("wang.bin", {"lines": [OCTOBER]}),
    "analysis": ("chen.min", {**ANALYSIS, "items": [ITEM, OTHER_ITEM]}),
}


class Issued:
    """A form that went out: its workbook with values and with formulas, a mail, the page."""

    def __init__(self) -> None:
        set_clock("2026-11-20 09:00")
        notice = {"goods": "LX-005", "fault": "Base melts.", "pieces": 2, "danger": "yes", "registered_by": "li.na"}
        self.notice = open_case(QUALITY_NOTICE, notice)
        self.number = opened()
        lead(self.number, SCRIPT, until="answer-quality-dept")
        (english, _chinese) = files(self.number)
        self.values, self.formulas = as_workbook(english), as_workbook(english, formulas=True)
        self.name = english.name
        self.mail: Notice = next(one for one in mails(self.number, "information_feedback/form") if one.language == "en")
        with transaction() as session:
            file = file_of(cases.by_number(session, self.number), INFORMATION_FEEDBACK.form)
        self.page = issued_page(file)
        self.form = read(contents(self.number, "feedback_form")[0])


@pytest.fixture(scope="module")
def issued(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    """One November for all tests; the head of technology reads English."""
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE quality_form TEMPLATE {template}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERSALES_DATA", str(tmp_path_factory.mktemp("settings")))
        with UsingDatabase(cluster.url("quality_form").render_as_string(hide_password=False)):
            with transaction() as session:
                session.execute(text("UPDATE person SET language = 'en' WHERE login = 'sun.wei'"))
            yield Issued()
    with maintenance.connect() as connection:
        connection.execute(text("DROP DATABASE quality_form WITH (FORCE)"))
    maintenance.dispose()


def sheet(book: Workbook, name: str) -> Worksheet:
    return cast(Worksheet, book[name])


def rows(book: Workbook, name: str, first: int, last: int) -> list[list[Any]]:
    """The cells of the lines `first` to `last` as people count them, without empty ones at the end."""
    found = []
    for line in sheet(book, name).iter_rows(first, last, values_only=True):
        cells = list(line)
        while cells and cells[-1] is None:
            cells.pop()
        found.append(cells)
    return found


def test_the_sheets_are_named_and_each_says_what_it_is(issued: Issued) -> None:
    assert issued.name == "Quality-information form 2026-11.xlsx"
    assert issued.values.sheetnames == [
        "Summary",
        "Products",
        "Parts",
        "Faults",
        "Items and measures",
        "Notices and opinions",
        "Gaps",
        "Trend",
    ]
    for page in issued.values.worksheets:
        assert page["A1"].value == "Quality-information form 2026-11"
        assert issued.number in page["A3"].value
        assert "明辉照明有限公司" in page["A3"].value


def test_repairs_by_product_add_up_by_formula_and_by_value(issued: Issued) -> None:
    assert rows(issued.values, "Products", 5, 9) == [
        ["Number", "Product", "Repairs", "Pieces", "In warranty", "Out of warranty", "Caused by people",
         "Fees (CNY)", "Charged (CNY)"],
        ["LX-001", "吸顶灯 24W", 3, 4, 4, 0, 0, 24, 0],
        ["LX-005", "节能灯 11W", 1, 3, 0, 0, 3, 0, 12],
        ["LX-008", "环形灯 22W", 1, 2, 2, 0, 0, 5.5, 0],
        ["Total", None, 5, 9, 6, 0, 3, 29.5, 12],
    ]  # fmt: skip
    assert rows(issued.formulas, "Products", 9, 9)[0][2:4] == ["=SUM(C6:C8)", "=SUM(D6:D8)"]
    assert [line[:4] for line in rows(issued.values, "Products", 13, 15)] == [
        ["R-01", "天河维修点", 3, 5],
        ["R-02", "南山维修点", 2, 4],
        ["Total", None, 5, 9],
    ]


def test_parts_used_stand_beside_what_stations_hold(issued: Issued) -> None:
    # Three stations had 4 of P-001 and 6 of P-003 each, and none faulty.
    assert rows(issued.values, "Parts", 6, 8) == [
        ["P-001", "电子镇流器 24W 板", 4, 4, 12 - 4, 4],
        ["P-003", "环形灯管 22W", 2, 2, 18 - 2, 2],
        ["Total", None, 6, 6, 24, 6],
    ]


def test_faults_stand_by_their_number_with_their_running_share(issued: Issued) -> None:
    assert rows(issued.values, "Faults", 6, 8) == [
        ["Does not light", 3, 4, 2, pytest.approx(4 / 9)],
        ["Broken", 1, 3, 1, pytest.approx(7 / 9)],
        ["Flickers", 1, 2, 1, 1],
    ]
    assert sheet(issued.values, "Faults")["E6"].number_format == "0.0%"
    assert rows(issued.values, "Faults", 12, 12) == [["P-001", "电子镇流器 24W 板", "ZL260901", 4, 2, "Does not light"]]


def test_the_summary_compares_with_the_month_before_and_names_gaps_and_what_was_told_late(issued: Issued) -> None:
    assert rows(issued.values, "Summary", 5, 12) == [
        ["Figure", "2026-11", "Month before", "Change", "Told late"],
        ["Repairs", 5, 1, 4, 1],
        ["Pieces", 9, 2, 7, 2],
        ["In warranty", 6, 2, 4, 2],
        ["Out of warranty", 0, 0, 0, 0],
        ["Caused by people", 3, 0, 3, 0],
        ["Fees (CNY)", 29.5, 3, 26.5, 3],
        ["Charged (CNY)", 12, 0, 12, 0],
    ]
    assert rows(issued.formulas, "Summary", 7, 7)[0][3] == "=B7-C7"
    written = [line[0] for line in rows(issued.values, "Summary", 13, 30) if line]
    assert written == [
        "Analysis",
        "Ballasts are the month's problem.",
        "Gaps",
        "华东办事处: no report of the office came in",
    ]


def test_items_stand_with_department_measure_and_state(issued: Issued) -> None:
    assert rows(issued.values, "Items and measures", 6, 7) == [
        [f"{issued.number}/1", "P-001 电子镇流器 24W 板", "ZL260901", "Ballasts of this batch do not light.",
         "quality department", "Find the cause, tell the supplier.", "no", "open"],
        [f"{issued.number}/2", "LX-005 节能灯 11W", None, "Lamps break.", "purchasing department",
         "Find the cause, tell the supplier.", "no", "open"],
    ]  # fmt: skip
    assert rows(issued.values, "Items and measures", 9, 11)[0] == ["Open measures of earlier months"]
    assert rows(issued.values, "Items and measures", 11, 11) == [["none"]]


def test_gaps_opinions_and_the_trend_of_twelve_months_are_there(issued: Issued) -> None:
    assert rows(issued.values, "Gaps", 6, 6) == [["华东办事处: no report of the office came in"]]
    assert rows(issued.values, "Notices and opinions", 6, 6) == [
        [issued.notice, "LX-005", None, "Base melts.", 2, "under way", "yes"]
    ]
    said = rows(issued.values, "Notices and opinions", 10, 11)
    assert [(line[0], line[3]) for line in said] == [
        ("天河维修点", "Users ask for a longer warranty."),
        ("华南办事处", "R-02 needs training."),
    ]
    trend = rows(issued.values, "Trend", 6, 17)
    assert [line[0] for line in trend] == [
        "2025-12", *(f"2026-{number:02d}" for number in range(1, 12))
    ]  # fmt: skip
    assert [line[1:3] for line in trend[-3:]] == [[0, 0], [1, 2], [5, 9]]
    assert rows(issued.values, "Trend", 21, 22) == [["Urgent quality notice", 1, 1], ["Total", 1, 1]]


def test_every_sheet_prints_on_a4_one_page_wide_with_page_numbers_and_repeated_titles(issued: Issued) -> None:
    for page in issued.formulas.worksheets:
        # The summary stands and is one page, so that no chart is cut; tables lie and take the pages they need.
        lying = page.title != "Summary"
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape" if lying else "portrait", 9)
        assert page.sheet_properties.pageSetUpPr is not None
        assert page.sheet_properties.pageSetUpPr.fitToPage
        # What Excel takes for one is not written.
        pages_wide, pages_high = page.page_setup.fitToWidth, page.page_setup.fitToHeight
        assert (pages_wide or 1, 1 if pages_high is None else pages_high) == (1, 0 if lying else 1)
        assert page.oddFooter.center.text == "&P / &N"
        assert page.freeze_panes == "A6"
        assert page.print_area
    assert {page.title: page.print_title_rows for page in issued.formulas.worksheets} == {
        "Summary": "$1:$5",
        # Titles of columns are repeated where they hold for all that stands on the sheet.
        "Products": "$1:$3",
        "Parts": "$1:$5",
        "Faults": "$1:$3",
        "Items and measures": "$1:$5",
        "Notices and opinions": "$1:$3",
        "Gaps": "$1:$3",
        "Trend": "$1:$3",
    }


def test_money_and_numbers_are_written_as_such_and_columns_are_wide_enough(issued: Issued) -> None:
    products = sheet(issued.values, "Products")
    assert (products["H6"].number_format, products["C6"].number_format) == ("#,##0.00", "#,##0")
    assert products.column_dimensions["B"].width > 25
    assert products["A5"].font.bold
    assert products["A5"].alignment.wrap_text
    # "Charged (CNY)" and its like take one line of their column, "Caused by people" two of its eleven letters.
    assert products.row_dimensions[5].height == 30
    # Tables stay readable on A4: at a font of 11 points some 130 letters go on a line, 170 at three quarters of it.
    for page in issued.values.worksheets:
        assert sum(one.width * (one.max - one.min + 1) for one in page.column_dimensions.values()) <= 170


def test_no_chart_is_wider_than_the_columns_that_are_printed(issued: Issued) -> None:
    page = sheet(issued.formulas, "Summary")
    last = page.max_column
    assert [chart.anchor.to.col < last for chart in page._charts] == [True] * len(page._charts)


def test_the_charts_show_trend_products_and_faults(issued: Issued) -> None:
    charts = sheet(issued.formulas, "Summary")._charts
    assert len(charts) == 3
    assert {series.val.numRef.f for chart in charts for series in _series(chart)} == {
        "Trend!$C$6:$C$17",
        "Trend!$G$6:$G$17",
        "Products!$D$6:$D$8",
        "Faults!$C$6:$C$8",
        "Faults!$E$6:$E$8",
    }


def _series(chart: Any) -> list[Any]:
    return [series for one in (chart, *chart._charts) for series in one.series]


def test_what_people_wrote_is_never_a_formula(issued: Issued) -> None:
    found = [cell for page in issued.formulas.worksheets for line in page.iter_rows() for cell in line]
    assert all(re.match(r"=SUM\(|=B\d+-C\d+$", str(cell.value)) for cell in found if cell.data_type == "f")
    form = replace(issued.form, said=[Said("天河维修点", "=1+1")])
    with speaking("en"):
        book = as_workbook(cast(Any, workbook(form)), formulas=True)
    assert sheet(book, "Notices and opinions")["D10"].data_type == "s"


def test_the_mail_has_figures_gaps_items_and_bars(issued: Issued) -> None:
    assert "5 repairs with 9 pieces; fees 29.50 CNY" in issued.mail.plain
    assert "华东办事处: no report of the office came in" in issued.mail.plain
    assert "Lamps break." in issued.mail.html
    # LX-001 has most pieces, 4: its bar is whole, that of the 3 of LX-005 three quarters, of the 2 of LX-008 half.
    for share in ("100.0%", "75.0%", "50.0%"):
        assert f"width:{share}" in issued.mail.html


def test_the_page_has_charts_and_tables_that_peoples_words_cannot_break(issued: Issued) -> None:
    assert issued.page.count("data:image/svg+xml;base64,") == 3
    assert "| LX-001 | 吸顶灯 24W | 3 | 4 |" in issued.page


def nothing() -> Counted:
    return Counted("", "", 0, 0, 0, 0, 0, Decimal(0), Decimal(0))


def test_a_month_in_which_nothing_happened_has_a_form_too() -> None:
    trend = [Counted("", f"2026-{number:02d}", 0, 0, 0, 0, 0, Decimal(0), Decimal(0)) for number in range(1, 13)]
    figures = Figures("2026-12", "CNY", nothing(), nothing(), nothing(), [], [], [], [], [], trend, [])
    form = QualityForm("IF-1", "公司", "2026-12", at("2027-01-10 10:00"), figures, "", "", True, *([],) * 7)
    with speaking("en"):
        first, second = workbook(form), workbook(form)
    assert first == second
    book = as_workbook(cast(Any, first))
    assert len(sheet(book, "Summary")._charts) == 1
    assert rows(book, "Parts", 6, 6) == [["none"]]


def test_faults_beyond_those_listed_are_one_line() -> None:
    total = Counted("", "", 12, 20, 20, 0, 0, Decimal(0), Decimal(0))
    listed = [Fault("a", 5, 9, 2), Fault("b", 3, 6, 1)]
    parts = [PartUsed("P", "p", 1, 1, 0, 0)]
    figures = Figures("2026-12", "CNY", total, nothing(), nothing(), [], [], parts, listed, [], [], [])
    form = QualityForm("IF-1", "公司", "2026-12", at("2027-01-10 10:00"), figures, "", "", True, *([],) * 7)
    with speaking("en"):
        book = as_workbook(cast(Any, workbook(form)))
    assert rows(book, "Faults", 6, 8) == [
        ["a", 5, 9, 2, 0.45],
        ["b", 3, 6, 1, 0.75],
        ["other faults", 4, 5, None, 1],
    ]


def test_the_form_is_read_again_as_it_was_kept(issued: Issued) -> None:
    assert issued.form.figures.total.fee == Decimal("29.50")
    assert isinstance(issued.form.issued_at, datetime)
    assert [one.who for one in issued.form.gaps] == ["华东办事处"]
