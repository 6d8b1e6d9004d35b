"""Markdown for Prefect's forms and artifacts: whatever people wrote into a case stays text in it."""

from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from people import open_tasks, opened, play, run
from sqlalchemy import Engine

from models.queries import cases, clock, questions
from tasks.database import transaction
from tasks.markdown import facts, plain, table
from tasks.summary import question_text, story
from tasks.why_page import why_page

#: As Prefect's UI reads it, but nothing is cleaned afterwards: what got through would be seen here.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<!-- <script>alert(1)</script> -->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "[1]: https://evil.example\n\n[1]",
    "```\n<script>alert(1)</script>\n```",
    "| a | b |\n| --- | --- |\n| c | d |",
    "# Heading\n\n> quote\n\n---",
    "text\n    <script>alert(1)</script>",
    "</td></tr></table><script>alert(1)</script>",
    "**bold** _em_ ~~gone~~ `code`",
    "\\<script>alert(1)\\</script>",
    "{{ 7 * 7 }} {% include '/etc/passwd' %}",
]
#: What people can type; forms take no control characters.
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)


class Read(HTMLParser):
    """What a browser makes of it: tags, addresses, text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.text = ""
        self.cells: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _value in attrs}
        if tag in {"td", "th", "li"}:
            self.cells.append("")

    def handle_comment(self, data: str) -> None:
        self.tags["comment"] += 1

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.cells:
            self.cells[-1] += data


def rendered(markdown: str) -> Read:
    return Read(READER.render(markdown))


@given(WORDS, WORDS)
def test_words_are_an_item_of_a_list_and_nothing_else(title: str, value: str) -> None:
    title, value = f"t{title}t", f"v{value}v"  # as the titles of forms, which begin with no mark
    read = rendered(facts([(title, value), ("next", "one")]))
    assert read.tags == {"ul": 1, "li": 2, "strong": 2}
    assert " ".join(read.cells[0].split()) == " ".join(f"{title} {value}".split())


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
def test_words_are_a_cell_of_a_table_and_nothing_else(rows: list[tuple[str, str]]) -> None:
    read = rendered(table(["One", "Other"], rows))
    assert set(read.tags) <= {"table", "thead", "tbody", "tr", "th", "td"}
    assert [" ".join(cell.split()) for cell in read.cells[2:]] == [" ".join(one.split()) for row in rows for one in row]


@pytest.mark.parametrize("words", HOSTILE)
def test_marks_of_markdown_and_html_are_shown_as_they_were_typed(words: str) -> None:
    read = rendered(f"before {plain(words)} after")
    assert read.tags == {"p": 1}
    assert read.text.strip() == " ".join(f"before {words} after".split())


#: What the story of a case is made of, without anybody's words.
MADE_OF = {"h1", "h2", "h3", "h4", "p", "ul", "li", "strong", "em", "blockquote"}
OF_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}


def test_a_story_in_prefect_shows_what_people_wrote_as_text(company: Engine) -> None:
    for words in HOSTILE:
        number = opened(fault=words, separate=True, reported_by=words.splitlines()[0])
        run(number)
        ref = open_tasks(number)["batch-verdict"]
        with transaction() as session:
            case = cases.by_number(session, number)
            question = question_text(session, questions.by_ref(session, ref))
            shown = [question, story(session, case), why_page(session, case, clock.now(session))]
        for markdown in shown:
            read = rendered(markdown)
            assert set(read.tags) <= MADE_OF | OF_TABLES, words
            assert read.attributes == set(), words
        assert " ".join(words.split()) in " ".join(rendered(question).text.split())


def test_an_answer_that_stands_in_a_story_is_text_too(company: Engine) -> None:
    number = opened()
    verdict = {"is_batch": "yes", "reason": "".join(f"{words}\n\n" for words in HOSTILE)}
    play(number, {"batch-verdict": ("li.na", verdict)}, until="name-technician")
    with transaction() as session:
        read = rendered(story(session, cases.by_number(session, number)))
    assert set(read.tags) <= MADE_OF | OF_TABLES
    assert read.attributes == set()
    assert "<script>alert(1)</script>" in read.text
