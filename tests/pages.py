"""Pages in Markdown as their readers see them."""

from itertools import pairwise

from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def cells(text: str) -> list[list[str]]:
    """The rows of every table of a page, each cell as its reader sees it, without any mark that means something."""
    rows: list[list[str]] = []
    for token in MARKDOWN.parse(text):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and token.level == 4 and rows:
            children = token.children or []
            assert {one.type for one in children} <= {"text", "text_special"}, token.content
            rows[-1].append("".join(one.content for one in children))
    return rows


def headings(text: str) -> list[str]:
    tokens = MARKDOWN.parse(text)
    return [f"{one.tag} {inline.content}" for one, inline in pairwise(tokens) if one.type == "heading_open"]
