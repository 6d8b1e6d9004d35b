"""`aftersales values`: what each value of the policy in force is, where it comes from, and what is to be confirmed."""

from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from command_line import CommandLine
from conftest import POLICY
from sqlalchemy import Engine

from models.policy import load_policy_file
from models.queries import clock, policies
from tasks.database import transaction


class Values(CommandLine):
    """`aftersales values`."""

    def json(self, *arguments: object, status: int = 0) -> dict[str, dict[str, Any]]:
        """The one JSON document that it prints, by place."""
        listed = super().json(*arguments, status=status)
        assert all(set(one) == {"place", "value", "source", "article"} for one in listed)
        return {one["place"]: one for one in listed}


@pytest.fixture
def values(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, company: Engine) -> Values:
    return Values(capsys, monkeypatch, "values", columns=400)


def it_is(at: str) -> None:
    with transaction() as session:
        clock.set_to(session, datetime.fromisoformat(at))


def use(**changed: Any) -> None:
    """A policy with the batch quality dispute alone, and some things changed, is in force.

    With these sources eight settings are settled: name, title, zone, currency, registrars, withdrawers, and of the
    determination its time and who is told.
    """
    shipped = load_policy_file(POLICY)
    of_it = ("name", "title", "zone", "currency", "registrars", "withdrawers", "supervisors", "separate_people")
    content = {name: deepcopy(shipped[name]) for name in (*of_it, "counting", "batch_quality")}
    content["sources"] = {
        **dict.fromkeys(("name", "title", "zone", "currency"), "company"),
        **dict.fromkeys(("registrars", "withdrawers"), "manual 三 内勤 E"),
        "batch_quality": "practice",
        "batch_quality.determination": "manual 四.1 art. 3",
        "batch_quality.determination.rungs": "company",
    }
    with transaction() as session:
        policies.keep(session, content | changed)


def test_what_is_to_be_confirmed_is_practice_and_what_nobody_has_said(values: Values) -> None:
    use()
    found = values.json()
    assert {one["source"] for one in found.values()} == {"practice", "default"}
    assert found["batch_quality.duplicate_days"] == {
        "place": "batch_quality.duplicate_days",
        "value": "30",
        "source": "practice",
        "article": "",
    }
    assert found["clock_keepers"]["source"] == "default"
    assert not {"zone", "registrars", "batch_quality.determination.limit"} & set(found)


def test_all_are_listed_with_their_articles(values: Values) -> None:
    use()
    found = values.json("--all")
    assert found["batch_quality.determination.limit"] == {
        "place": "batch_quality.determination.limit",
        "value": "2 days",
        "source": "manual",
        "article": "四.1 art. 3",
    }
    assert found["batch_quality.determination.rungs"]["source"] == "company"
    assert len(found) == len(values.json()) + 8


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("manual", {"registrars", "withdrawers", "batch_quality.determination.limit"}),
        ("company", {"name", "title", "zone", "currency", "batch_quality.determination.rungs"}),
    ],
)
def test_those_of_one_source_are_listed(values: Values, source: str, places: set[str]) -> None:
    use()
    assert set(values.json("--source", source)) == places
    assert set(values.json("--all", "--source", source)) == places


def test_practice_and_default_make_up_all_that_is_to_be_confirmed(values: Values) -> None:
    use()
    practice, default = values.json("--source", "practice"), values.json("--source", "default")
    assert {place.partition(".")[0] for place in practice} == {"batch_quality"}
    assert {place.partition(".")[0] for place in default} == {
        "access",
        "clock_keepers",
        "rule_keepers",
        "told_of_board",
        "supervisors",
        "counting",
        "separate_people",
    }
    assert practice | default == values.json()


def test_a_value_is_shown_as_people_write_it(values: Values) -> None:
    use(counting={"cut_off": "16:00"}, supervisors={})
    found = {place: one["value"] for place, one in values.json("--all").items()}
    assert found["title"] == "照明公司 / Lighting maker"
    assert found["registrars"] == "[cs_clerk, cs_manager]"
    assert found["supervisors"] == "{}"
    assert found["separate_people"].startswith("[[report, recall-scope], [report, recall-confirmation], ")
    assert found["counting.cut_off"] == "16:00"
    assert found["counting.calendar"] is None
    assert found["batch_quality.threshold_pieces"] == "3"
    assert found["batch_quality.threshold_share"] == "0.05"
    assert found["batch_quality.appeal.limit"] == "{limit: 5 days, passing: lapse}"
    assert found["batch_quality.appeal.rungs"] == "[{at: 60%, to: assignee}]"


def test_people_read_a_table_and_how_many_are_to_be_confirmed(values: Values) -> None:
    use()
    told = values()
    unsettled = len(values.json())
    line = next(line for line in told.splitlines() if "batch_quality.appeal.limit" in line)
    assert "{limit: 5 days, passing: lapse}" in line
    assert "usual practice" in line
    assert "counting.cut_off" in told
    assert "四.1 art. 3" not in told
    assert "四.1 art. 3" in values("--all")
    said = f"{unsettled} of {unsettled + 8} values are to be confirmed: "
    for printed in (told, values("--all"), values("--source", "manual")):
        assert said in " ".join(printed.split())
        assert "«company»" in printed


def test_when_the_company_has_confirmed_all_that_is_said(values: Values) -> None:
    parts = ("access", "clock_keepers", "rule_keepers", "told_of_board", "supervisors", "counting", "separate_people")
    sections = ("name", "title", "zone", "currency", "registrars", "withdrawers", "batch_quality")
    use(sources=dict.fromkeys((*parts, *sections), "company"))
    assert values.json() == {}
    assert values().strip() == f"All {len(values.json('--all'))} values are settled."


def test_the_policy_in_force_counts_not_the_one_to_come(values: Values) -> None:
    it_is("2026-12-31T23:00:00+08:00")
    use()
    with transaction() as session:
        section = policies.current(session).content["batch_quality"]
    use(batch_quality=section | {"duplicate_days": 60}, effective_from="2027-01-01")
    assert values.json()["batch_quality.duplicate_days"]["value"] == "30"
    it_is("2027-01-01T00:00:00+08:00")
    assert values.json()["batch_quality.duplicate_days"]["value"] == "60"


def test_a_word_that_is_no_source_is_refused_with_all_that_are(values: Values) -> None:
    assert values("--source", "law", status=2) == ""
    assert all(word in values.errors for word in ("manual", "practice", "default", "company"))
