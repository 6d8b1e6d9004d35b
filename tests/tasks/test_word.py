"""Word files, read back: what was written is there, in order, and nothing of the machine that wrote it."""

from datetime import UTC, datetime
from io import BytesIO

import docx

from models.language import speaking
from tasks.documents import DOCX
from tasks.word import Paper, Rows, word_file

AT = datetime(2026, 11, 3, 9, 30, 15, 123456, tzinfo=UTC)


def paper(*content: str | Rows) -> Paper:
    return Paper(["明辉照明", "Airport Road 1"], "最终裁定", content, AT, "明辉照明")


def read(content: bytes) -> docx.document.Document:
    return docx.Document(BytesIO(content))


def test_letterhead_title_and_paragraphs_stand_in_their_order() -> None:
    file = word_file("ruling.docx", paper("第一段", "Second\nparagraph"))
    assert (file.name, file.media_type) == ("ruling.docx", DOCX)
    lines = [one.text for one in read(file.content).paragraphs]
    assert lines == ["明辉照明", "Airport Road 1", "最终裁定", "第一段", "Second\nparagraph"]


def test_tables_have_their_head_in_bold_or_none() -> None:
    file = word_file("x.docx", paper(Rows(("No.", "What"), [("1", "灯"), ("2", "lamp")]), Rows((), [("a", "b", "c")])))
    first, second = read(file.content).tables
    assert [[cell.text for cell in row.cells] for row in first.rows] == [["No.", "What"], ["1", "灯"], ["2", "lamp"]]
    assert first.rows[0].cells[0].paragraphs[0].runs[0].bold
    assert not first.rows[1].cells[0].paragraphs[0].runs[0].bold
    assert [cell.text for cell in second.rows[0].cells] == ["a", "b", "c"]


def test_the_file_tells_when_and_by_whom_it_was_written_in_the_cases_time() -> None:
    with speaking("zh_CN"):
        told = read(word_file("x.docx", paper("x")).content).core_properties
    assert (told.created, told.modified) == (AT.replace(microsecond=0), AT.replace(microsecond=0))
    assert (told.author, told.last_modified_by, told.title, told.language) == (
        "明辉照明",
        "明辉照明",
        "最终裁定",
        "zh-CN",
    )


def test_signs_that_no_word_file_can_hold_are_left_out() -> None:
    file = word_file("x.docx", paper("a\uffffb\x0bc", Rows((), [("\ufffe<&>",)])))
    document = read(file.content)
    assert document.paragraphs[-2].text == "abc"
    assert document.tables[0].rows[0].cells[0].text == "<&>"
