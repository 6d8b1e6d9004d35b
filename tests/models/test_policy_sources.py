"""Sources: where each value of a policy comes from, by the longest place that is named, and what is no source."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.errors import InvalidInput
from models.language import speaking
from models.policy import load_policy_file, read_policy
from models.sources import Origin, Source, origin_of, read_origin, settings_of

SHIPPED = Path(__file__).parents[2] / "policies" / "lighting.yaml"
PRACTICE, DEFAULT, COMPANY = Origin(Source.PRACTICE), Origin(Source.DEFAULT), Origin(Source.COMPANY)
TWO_DAYS = Origin(Source.MANUAL, "四.1 art. 3")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def content() -> dict[str, Any]:
    """The shipped policy as data, with the batch quality dispute as its only procedure."""
    shipped = load_policy_file(SHIPPED)
    about_itself = {"name", "title", "zone", "currency", "registrars", "withdrawers", "supervisors", "separate_people"}
    return {name: deepcopy(shipped[name]) for name in [*sorted(about_itself), "counting", "batch_quality"]}


def settings(content: dict[str, Any]) -> dict[str, Any]:
    return dict(settings_of(read_policy(content), content))


def origins(content: dict[str, Any]) -> dict[str, Origin | None]:
    sources = read_policy(content).sources
    return {place: origin_of(place, sources) for place in settings(content)}


def faults_of_file(folder: Path, content: dict[str, Any]) -> dict[str, str]:
    file = folder / "company.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(file)
    return refused.value.fields


# The shipped policy


def test_no_value_of_the_shipped_policy_is_without_a_source() -> None:
    unsaid = [place for place, origin in origins(load_policy_file(SHIPPED)).items() if origin is None]
    assert unsaid == []


def test_the_manual_gives_two_days_for_the_determination_but_not_whom_to_tell() -> None:
    shipped = origins(load_policy_file(SHIPPED))
    assert shipped["batch_quality.determination.limit"] == TWO_DAYS
    assert shipped["batch_quality.determination.rungs"] == DEFAULT
    assert shipped["batch_quality.told_of_recall"] == Origin(Source.MANUAL, "三 经理 F, 四.1 art. 3")
    assert shipped["batch_quality.recall_scope.limit"] == DEFAULT


# Which values there are


def test_a_limit_is_two_settings_its_time_and_who_is_told(content: dict[str, Any]) -> None:
    content["batch_quality"]["arrival"] = {"limit": "15 days", "rungs": [{"at": "80%", "to": "assignee"}]}
    found = {place: value for place, value in settings(content).items() if ".arrival" in place}
    assert found == {
        "batch_quality.arrival.limit": "15 days",
        "batch_quality.arrival.rungs": [{"at": "80%", "to": "assignee"}],
    }


def test_how_a_limit_is_counted_and_what_its_passing_means_belong_to_its_time(content: dict[str, Any]) -> None:
    said = {"limit": "5 days", "passing": "lapse", "calendar": "works", "cut_off": "16:00", "last_day": "kept"}
    content["batch_quality"]["appeal"] = said
    found = {place: value for place, value in settings(content).items() if ".appeal." in place}
    assert found == {"batch_quality.appeal.limit": said, "batch_quality.appeal.rungs": []}


def test_each_entry_of_a_mapping_is_a_setting_and_a_list_is_one(content: dict[str, Any]) -> None:
    content["supervisors"] = {"technician": "technology_head", "cs_clerk": "cs_manager"}
    content["separate_people"] = [["report", "arrival"]]
    found = settings(content)
    assert found["supervisors.technician"] == "technology_head"
    assert found["supervisors.cs_clerk"] == "cs_manager"
    assert found["separate_people"] == [["report", "arrival"]]
    assert "supervisors" not in found


def test_an_empty_mapping_is_a_setting_too(content: dict[str, Any]) -> None:
    content["supervisors"] = {}
    assert settings(content)["supervisors"] == {}


def test_what_a_file_leaves_to_the_program_is_a_setting_too(content: dict[str, Any]) -> None:
    del content["batch_quality"]["settlement"], content["counting"]
    found = settings(content)
    assert found["clock_keepers"] == ["cs_manager"]
    assert found["batch_quality.settlement.limit"] == "10 working days"
    assert found["batch_quality.settlement.rungs"] == [
        {"at": "100%", "to": "cs_manager"},
        {"at": "+5 days", "to": "up 2"},
    ]
    assert [found[f"counting.{name}"] for name in ("calendar", "cut_off", "counts_from", "last_day")] == [None] * 4


def test_the_sources_and_the_first_day_are_no_settings(content: dict[str, Any]) -> None:
    found = settings(content | {"sources": {"zone": "company"}, "effective_from": "2027-01-01"})
    assert not [place for place in found if place.startswith(("sources", "effective_from"))]


def test_a_procedure_that_is_not_run_has_no_settings(content: dict[str, Any]) -> None:
    assert {place.partition(".")[0] for place in settings(content)} == {
        *content,
        "access",
        "clock_keepers",
        "rule_keepers",
        "told_of_board",
    }


# Where they come from


@pytest.mark.parametrize(
    ("sources", "of_time", "of_rungs", "of_another"),
    [
        ({}, None, None, None),
        ({"zone": "company"}, None, None, None),
        ({"batch_quality": "practice"}, PRACTICE, PRACTICE, PRACTICE),
        ({"batch_quality": "default", "batch_quality.determination": "practice"}, PRACTICE, PRACTICE, DEFAULT),
        ({"batch_quality.determination": "practice", "batch_quality": "default"}, PRACTICE, PRACTICE, DEFAULT),
        ({"batch_quality.determination.rungs": "company"}, None, COMPANY, None),
        ({"batch_quality.determination.limit": "manual 四.1 art. 3"}, TWO_DAYS, None, None),
        (
            {
                "batch_quality": "default",
                "batch_quality.determination": "manual 四.1 art. 3",
                "batch_quality.determination.rungs": "company",
            },
            TWO_DAYS,
            COMPANY,
            DEFAULT,
        ),
    ],
)
def test_the_longest_place_that_a_value_lies_in_counts(
    content: dict[str, Any],
    sources: dict[str, str],
    of_time: Origin | None,
    of_rungs: Origin | None,
    of_another: Origin | None,
) -> None:
    found = origins(content | {"sources": sources})
    assert found["batch_quality.determination.limit"] == of_time
    assert found["batch_quality.determination.rungs"] == of_rungs
    assert found["batch_quality.duplicate_days"] == of_another


def test_a_place_is_not_met_by_a_part_of_its_name(content: dict[str, Any]) -> None:
    found = origins(content | {"sources": {"batch_quality.appeal": "company"}})
    assert found["batch_quality.appeal.limit"] == COMPANY
    assert found["batch_quality.appeal_ruling.limit"] is None


def test_a_policy_without_sources_is_valid(content: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    loaded = load_policy_file(file)
    assert read_policy(loaded).sources == {}
    assert set(origins(loaded).values()) == {None}


@pytest.mark.parametrize(
    ("source", "settled"), [("manual", True), ("company", True), ("practice", False), ("default", False)]
)
def test_a_value_is_settled_by_the_manual_or_by_the_company(source: str, settled: bool) -> None:
    assert Source(source).is_settled is settled


@pytest.mark.parametrize(
    "article",
    [
        "四.1 art. 3",
        "000 四.1 art. 6",
        "四.1 art. 2 D",
        "四.1 art. 2 A-D",
        "四.1 art. 6, art. 7",
        "四.1 第三条",
        "一.2",
        "四.1",
        "十二",
        "三 经理 F",
        "000 三 内勤 C",
        "三 经理 F, 四.1 art. 3",
        "五 维修点开发流程",
        "004-1 3.4.1",
        "7",
    ],
)
def test_an_article_is_a_chapter_and_what_stands_in_it(article: str) -> None:
    assert read_origin(f"manual {article}") == Origin(Source.MANUAL, article)


@pytest.mark.parametrize(
    "article",
    [
        "",
        " ",
        "art. 3",
        "somewhere",
        "四.",
        "四.1 art.",
        "四.1 art. x",
        "四.1,",
        "四.1  art. 3",
        "page 7",
        "四.1 art. 3;",
    ],
)
def test_a_value_of_the_manual_names_its_article(content: dict[str, Any], tmp_path: Path, article: str) -> None:
    wrong = faults_of_file(tmp_path, content | {"sources": {"zone": f"manual {article}"}})
    [(where, sentence)] = wrong.items()
    assert where.endswith(": sources.zone")
    assert sentence == "Name the article of the manual, for example «manual 四.1 art. 3»."


@pytest.mark.parametrize(
    "source", ["manuals 四.1", "Default", "default 四.1", "company Li Na", "law", "", 5, None, ["x"]]
)
def test_a_word_that_is_no_source_is_named_with_all_that_are(
    content: dict[str, Any], tmp_path: Path, source: object
) -> None:
    [(where, sentence)] = faults_of_file(tmp_path, content | {"sources": {"zone": source}}).items()
    assert where.endswith(": sources.zone")
    assert "write «manual» and the article, «practice», «default» or «company»" in sentence


def test_sources_are_a_mapping(content: dict[str, Any], tmp_path: Path) -> None:
    [(where, sentence)] = faults_of_file(tmp_path, content | {"sources": ["default"]}).items()
    assert where.endswith(": sources")
    assert "object with fields" in sentence


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("colour", "batch_quality, clock_keepers, counting, currency, name, "),
        ("sources", "batch_quality, clock_keepers"),
        ("effective_from", "batch_quality, clock_keepers"),
        ("stations", "batch_quality, clock_keepers"),
        ("zone.city", "there are: –."),
        ("counting.calender", "counting.calendar, counting.counts_from, counting.cut_off, counting.last_day."),
        ("batch_quality.recal", "batch_quality.acknowledgement, batch_quality.appeal, "),
        (
            "batch_quality.arrival.cut_off",
            "there are: batch_quality.arrival.limit, batch_quality.arrival.rungs.",
        ),
        ("batch_quality.arrival.rungs.0", "there are: –."),
        ("batch_quality.arrival.", "batch_quality.arrival.limit, batch_quality.arrival.rungs."),
        (".zone", "batch_quality, clock_keepers"),
        ("", "batch_quality, clock_keepers"),
    ],
)
def test_a_place_that_the_policy_has_not_is_named_with_those_that_it_has(
    content: dict[str, Any], tmp_path: Path, place: str, named: str
) -> None:
    [(where, sentence)] = faults_of_file(tmp_path, content | {"sources": {place: "default"}}).items()
    assert where.endswith(f": sources.{place}")
    assert sentence.startswith("The policy has no such place; there are: ")
    assert named in sentence


def test_every_unknown_place_is_named_with_its_line(content: dict[str, Any], tmp_path: Path) -> None:
    text = "sources:\n  zone: default\n  zoen: default\n  batch_quality: default\n  batch: default\n"
    file = tmp_path / "company.yaml"
    file.write_text(text + yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(file)
    assert list(refused.value.fields) == ["company.yaml line 3: sources.zoen", "company.yaml line 5: sources.batch"]


def test_a_recorded_policy_stays_readable_when_a_place_of_it_is_gone(content: dict[str, Any]) -> None:
    policy = read_policy(content | {"sources": {"batch_quality.gone": "company"}})
    assert policy.sources == {"batch_quality.gone": COMPANY}
