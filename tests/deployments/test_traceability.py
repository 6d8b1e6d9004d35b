"""docs/manual.md: every article of manual 000 points to what carries it out, or to who keeps it."""

import pytest

from deployments import traceability
from models.manual import ARTICLES, PLACES, cited_in


def test_no_article_points_nowhere() -> None:
    assert [article.place for article in traceability.pointing_nowhere()] == []


def test_the_page_is_up_to_date() -> None:
    assert traceability.PAGE.read_text("utf-8") == traceability.page(), "run: make manual"


def test_places_are_told_once() -> None:
    assert len(PLACES) == len(ARTICLES)


def test_nothing_cites_an_article_that_the_manual_does_not_have() -> None:
    cited = {
        *traceability.of_code(),
        *traceability.of_tests(),
        *traceability.of_policy(),
        *traceability.of_procedures(),
    }
    assert cited - PLACES == set()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Manual 000 四.1 art. 3.", ["四.1 art. 3"]),
        ("manual 000 四.1 art. 5 and 7", ["四.1 art. 5", "四.1 art. 7"]),
        ("000 四.1 第六条", ["四.1 art. 6"]),
        ("manual 三 经理 F, 四.1 art. 3", ["三 经理 F", "四.1 art. 3"]),
        ("manual 000 三 内勤 C, D and E", ["三 内勤 C", "三 内勤 D", "三 内勤 E"]),
        ("manual 000 四.1\n    art. 1 holds", ["四.1 art. 1"]),
        ("manual 000 五 维修点开发流程, 一.2", ["五 维修点开发流程", "一.2"]),
        ("manual 000 三 经理 D keeps a File", ["三 经理 D"]),
        ("an article 3 of something else", []),
    ],
)
def test_citations_are_read_as_people_write_them(text: str, places: list[str]) -> None:
    assert list(cited_in(text)) == places
