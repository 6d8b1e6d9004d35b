"""Letters as Word files (DOCX): letterhead, title, paragraphs and tables on A4, readable in Chinese and English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from models.language import spoken_language
from tasks.documents import DOCX, File

_LATIN, _CHINESE = "Times New Roman", "SimSun"
_MARGIN = Mm(25)
#: What XML cannot hold; people never mean it.
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Rows:
    """A table: its head, which may be empty, and its lines."""

    head: Sequence[str]
    lines: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Paper:
    """A letter: who writes in the lines of the letterhead, what it is, and its paragraphs and tables in order."""

    letterhead: Sequence[str]
    title: str
    content: Sequence[str | Rows]
    #: When it was written; the file says so, and nothing of the clock of the machine that made it.
    at: datetime
    author: str


def word_file(name: str, paper: Paper) -> File:
    """The letter as a file of this name, its texts as they are in the language in force."""
    document = docx.Document()
    _lay_out(document)
    _describe(document, paper)
    for line in paper.letterhead:
        document.add_paragraph(_held(line)).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(_held(paper.title))
    run.bold, run.font.size = True, Pt(16)
    for part in paper.content:
        if isinstance(part, Rows):
            _add_table(document, part)
        else:
            document.add_paragraph(_held(part))
    written = BytesIO()
    document.save(written)
    return File(name, DOCX, written.getvalue())


def _held(text: str) -> str:
    return _NOT_XML.sub("", text)


def _lay_out(document: Document) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(11)
    # Word chooses the font of Chinese characters by an attribute of its own.
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _CHINESE)
    normal.paragraph_format.space_after = Pt(6)


def _describe(document: Document, paper: Paper) -> None:
    told = document.core_properties
    at = paper.at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    told.author = told.last_modified_by = _held(paper.author)
    told.title, told.comments, told.language = _held(paper.title), "", spoken_language().replace("_", "-")
    told.created = told.modified = at
    told.revision = 1


def _add_table(document: Document, rows: Rows) -> None:
    width = max(len(line) for line in (rows.head, *rows.lines))
    table = document.add_table(rows=0, cols=width, style="Table Grid")
    for place, line in enumerate(([rows.head] if rows.head else []) + list(rows.lines)):
        cells = table.add_row().cells
        for cell, text in zip(cells, line, strict=False):
            cell.text = _held(text)
            if rows.head and place == 0:
                for run in cell.paragraphs[0].runs:
                    run.bold = True
    document.add_paragraph()
