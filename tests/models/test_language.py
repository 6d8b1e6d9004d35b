"""The catalogues: every text a person reads stands in them, whole, in Chinese and in English."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from deployments.messages import HOME, SOURCES, catalogue_file, collect
from models.language import LANGUAGES, _, speaking, spoken_language

#: Translations that are Chinese without a Chinese character, because they are names.
NAMES = frozenset({"Prefect", "PostgreSQL"})

_PERCENT = re.compile(r"%\((\w+)\)s")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def template() -> Catalog:
    """The texts that stand in code and letters now."""
    return collect()


@pytest.fixture(params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    """The catalogue of each language."""
    return read(request.param)


def read(language: str) -> Catalog:
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language)


def messages(catalogue: Catalog) -> list[Message]:
    """All but the header."""
    return [message for message in catalogue if message.id]


def texts(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in messages(catalogue)}


def test_every_text_in_code_and_letters_stands_in_the_catalogue(template: Catalog, catalogue: Catalog) -> None:
    assert texts(template) - texts(catalogue) == set()


def test_no_catalogue_holds_a_text_that_is_gone(template: Catalog, catalogue: Catalog) -> None:
    assert texts(catalogue) - texts(template) == set()
    assert not catalogue.obsolete


def test_every_marked_text_in_code_is_seen_by_the_collector(template: Catalog) -> None:
    """Babel does not look into f-strings: a text marked there would stay English for everybody."""
    collected = texts(template)
    unseen = [f"{place}: {text}" for place, text in marked_texts() if text not in collected]
    assert not unseen


def marked_texts() -> Iterator[tuple[str, str]]:
    """Where a literal text is given to `_` or `N_`, and the text."""
    for file in (file for source in SOURCES for file in sorted((HOME / source).rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_"}:
                for text in node.args[:1]:
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield f"{file.relative_to(HOME)}:{node.lineno}", text.value


def test_no_translation_is_empty_or_doubtful(catalogue: Catalog) -> None:
    assert [message.id for message in messages(catalogue) if not str(message.string).strip()] == []
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []
    assert not catalogue.fuzzy


def test_a_translation_keeps_its_placeholders(catalogue: Catalog) -> None:
    differing = {
        message.id: message.string
        for message in messages(catalogue)
        if placeholders(str(message.id)) != placeholders(str(message.string))
    }
    assert differing == {}


def placeholders(text: str) -> set[str]:
    """The `%(names)s` of a letter's text or the `{names}` of a sentence in code, each in its own writing."""
    found = {f"%({name})s" for name in _PERCENT.findall(text)}
    return found | {f"{{{name}}}" for _literal, name, _format, _conversion in Formatter().parse(text) if name}


def test_the_english_catalogue_is_its_own_translation() -> None:
    assert [message.id for message in messages(read("en")) if message.string != message.id] == []


def test_the_chinese_catalogue_is_chinese() -> None:
    not_chinese = [
        message.string
        for message in messages(read("zh_CN"))
        if has_a_letter(str(message.string)) and not _CHINESE.search(str(message.string))
    ]
    assert set(map(str, not_chinese)) <= NAMES


def has_a_letter(text: str) -> bool:
    """Whether words remain where the placeholders are taken out."""
    without = re.sub(r"\{\w*\}", "", _PERCENT.sub("", text))
    return any(mark.isalpha() for mark in without)


def test_speaking_changes_the_language_inside_and_restores_it() -> None:
    before = spoken_language()
    with speaking("zh_CN"):
        assert spoken_language() == "zh_CN"
        with speaking("en"):
            assert spoken_language() == "en"
        assert spoken_language() == "zh_CN"
    assert spoken_language() == before


def test_speaking_restores_the_language_after_an_error() -> None:
    before = spoken_language()
    with pytest.raises(RuntimeError), speaking("en" if before == "zh_CN" else "zh_CN"):
        raise RuntimeError
    assert spoken_language() == before


def test_the_same_text_comes_in_the_language_that_is_spoken() -> None:
    with speaking("en"):
        assert _("Case {number} is closed.", number="BQ-2026-0001") == "Case BQ-2026-0001 is closed."
    with speaking("zh_CN"):
        assert _("Case {number} is closed.", number="BQ-2026-0001") == "工单 BQ-2026-0001 已结案。"
