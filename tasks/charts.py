"""Bar charts as pictures (SVG) inside Markdown: Prefect's two UIs both show them, with the reader's own fonts."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

GREY, RED = "#9fb3c8", "#d64545"
_LONGEST_NAME = 20
_PICTURES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pictures"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Series:
    """One kind of bar: what it shows, in which colour, and a value for each row."""

    title: str
    colour: str
    values: Sequence[float]


def bars(title: str, names: Sequence[str], series: Sequence[Series]) -> str:
    """A Markdown image: for each name one bar of each series, all to one scale, the values written beside them."""
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in names]
    most = max((value for one in series for value in one.values), default=0) or 1
    svg = _PICTURES.get_template("bars.svg.j2").render(title=title, names=shown, series=series, most=most)
    return f"![chart](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
