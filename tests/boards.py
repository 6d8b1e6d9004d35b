"""The board of cases at a time, and its page with the charts as people see them."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from clocks import instant
from markdown_it import MarkdownIt
from people import opened, play

from models.queries import people
from tasks.board import Board, board
from tasks.board_page import page
from tasks.database import transaction
from tasks.sweeping import Swept

#: A Wednesday morning.
NOW = "2026-11-25T10:00:00+08:00"
COMPANY, HENGDA, LIANGJIA, BRIGHTWAY = (
    "明辉照明有限公司",
    "广州恒达灯饰经销商",
    "深圳亮家经销商",
    "Hangzhou Brightway Trading",
)
UNKNOWN = "Calendar office does not know 2027: "
PICTURES = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Prefect shows pictures that stand in the page itself.
PICTURES.validateLink = lambda url: url.startswith("data:image/svg+xml;base64,")  # type: ignore[method-assign]


def waiting(dealer: str, reported_at: str, **other: Any) -> str:
    """A case whose technician is named and silent."""
    number = opened(dealer=dealer, reported_at=reported_at, **other)
    play(number, until="site-finding")
    return number


def seen(at: str = NOW, parties: Sequence[str] | None = None) -> Board:
    """The board at a time, of all or of the parties with these numbers."""
    with transaction() as session:
        ids = None if parties is None else [one.id for code in parties if (one := people.party_by_code(session, code))]
        return board(session, instant(at), ids)


def digest(at: str = NOW, swept: Swept | None = None) -> str:
    """The page of the board of all at a time."""
    with transaction() as session:
        return page(session, board(session, instant(at)), swept or Swept())


def called(code: str, name: str) -> None:
    """Gives a party another name."""
    with transaction() as session:
        party = people.party_by_code(session, code)
        assert party is not None
        party.name = name


@dataclass(frozen=True)
class Chart:
    """A picture as its reader sees it: all its texts, and the bars as colour and length."""

    texts: list[str]
    bars: list[tuple[str, float]]


def charts(text: str) -> list[Chart]:
    """The pictures of a page."""
    images = [one for token in PICTURES.parse(text) for one in token.children or [] if one.type == "image"]
    return [drawn(str(one.attrs["src"]).removeprefix("data:image/svg+xml;base64,")) for one in images]


def drawn(encoded: str) -> Chart:
    root = ElementTree.fromstring(b64decode(encoded, validate=True))  # noqa: S314  # our own picture
    texts = [" ".join("".join(one.itertext()).split()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    boxes = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    # All bars begin at one place.
    return Chart(texts, [(one.attrib["fill"], float(one.attrib["width"])) for one in boxes if one.get("x") == "260"])
