"""The letters: each has a subject and a body, and says nothing outside the catalogues."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tasks.notices import LETTERS

TEMPLATES = sorted(file for file in LETTERS.rglob("*.j2") if not file.name.startswith("layout."))

_TRANSLATED = re.compile(r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


@pytest.fixture(params=TEMPLATES, ids=lambda file: str(file.relative_to(LETTERS)))
def letter(request: pytest.FixtureRequest) -> Path:
    """Each letter that is written to somebody."""
    return Path(request.param)


def parsed(letter: Path) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(letter.read_text(encoding="utf-8"))


def test_there_are_letters() -> None:
    assert TEMPLATES


def test_a_letter_has_a_subject_and_a_body(letter: Path) -> None:
    assert sorted(block.name for block in parsed(letter).find_all(nodes.Block)) == ["body", "subject"]


def test_a_letter_uses_no_text_outside_the_catalogues(letter: Path) -> None:
    left = letter.read_text(encoding="utf-8")
    for known in (_COMMENT, _TRANSLATED, _TAG):
        left = known.sub("", left)
    assert left.split() == []


def test_a_subject_is_one_line(letter: Path) -> None:
    (subject,) = re.findall(
        r"\{% block subject %\}(.*?)\{% endblock %\}", letter.read_text(encoding="utf-8"), re.DOTALL
    )
    assert "\n" not in subject
