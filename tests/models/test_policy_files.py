"""Policy files: everything that they must not say, named with file, line and place."""

from copy import deepcopy
from datetime import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import POLICY
from policy_texts import put
from wrong_files import faults_of, without_line

from models.errors import InvalidInput
from models.language import speaking
from models.policy import load_policy_file, read_policy

pytestmark = pytest.mark.usefixtures("english")

#: What is wrong with a policy file of this content: `faults_of_file(folder, text)`.
faults_of_file = partial(faults_of, load_policy_file)


@pytest.mark.parametrize("written", ["'16:00'", '"16:00"'])
def test_a_cut_off_is_written_in_quotes(content: dict[str, Any], tmp_path: Path, written: str) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(
        yaml.safe_dump(content | {"counting": {}}).replace("counting: {}", f"counting: {{cut_off: {written}}}")
    )
    policy = read_policy(load_policy_file(file))
    assert policy.counting.cut_off == time(16)


def test_an_unquoted_cut_off_is_named_with_what_would_be_right(content: dict[str, Any], tmp_path: Path) -> None:
    text = yaml.safe_dump(content | {"counting": {}}).replace("counting: {}", "counting: {cut_off: 16:00}")
    [(where, sentence)] = faults_of_file(tmp_path, text).items()
    assert without_line(where) == "company.yaml: counting.cut_off"
    assert sentence == "write a time of day in quotes, for example '16:00'"


# What a policy file must not say


HANDED_OVER = {"at": "+1 days", "to": "cs_manager", "hands_over": True}


@pytest.mark.parametrize(
    ("place", "value", "named", "fragment"),
    [
        ("batch_quality.arrival.limit", "0 days", "batch_quality.arrival.limit", "'0 days' is not a time"),
        ("batch_quality.arrival.limit", "3 weeks", "batch_quality.arrival.limit", "'3 weeks' is not a time"),
        ("batch_quality.arrival.limit", "99999999 days", "batch_quality.arrival.limit", "is not a time"),
        ("batch_quality.arrival.limit", 15, "batch_quality.arrival.limit", "Write text here"),
        ("batch_quality.arrival.limit", None, "batch_quality.arrival.limit", "Write text here"),
        ("batch_quality.arrival.rungs.0.at", "101%", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "0%", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "80", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.at", "+0 days", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "-0 days", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "- 4 hours", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "-4", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "4 hours", "batch_quality.arrival.rungs.0.at", "'-4 hours' before due"),
        ("batch_quality.arrival.rungs.0.at", "-80%", "batch_quality.arrival.rungs.0.at", "is not a time"),
        ("batch_quality.arrival.rungs.0.at", "", "batch_quality.arrival.rungs.0.at", "not a time of a rung"),
        ("batch_quality.arrival.rungs.0.hands_over", True, "batch_quality.arrival.rungs.0", "names the role"),
        (
            "batch_quality.arrival.rungs.0.hands_over",
            "x",
            "batch_quality.arrival.rungs.0.hands_over",
            "Answer yes or no",
        ),
        ("batch_quality.arrival.rungs", [HANDED_OVER, HANDED_OVER], "batch_quality.arrival", "one rung at most"),
        (
            "batch_quality.arrival.calendar",
            "Head Office",
            "batch_quality.arrival.calendar",
            "does not have the right form",
        ),
        ("batch_quality.arrival.cut_off", 960, "batch_quality.arrival.cut_off", "in quotes, for example '16:00'"),
        ("batch_quality.arrival.cut_off", "4pm", "batch_quality.arrival.cut_off", "'4pm' is not a time of day"),
        ("batch_quality.arrival.cut_off", "25:00", "batch_quality.arrival.cut_off", "'25:00' is not a time of day"),
        ("batch_quality.arrival.counts_from", "now", "batch_quality.arrival.counts_from", "next_working_day"),
        ("batch_quality.arrival.last_day", "moved", "batch_quality.arrival.last_day", "next_working_day"),
        ("counting", {"cut_off": "None"}, "counting.cut_off", "'None' is not a time of day"),
        ("counting", {"cut_off": 16}, "counting.cut_off", "in quotes, for example '16:00'"),
        ("counting", {"calendar": ""}, "counting.calendar", "does not have the right form"),
        ("counting", {"counts_from": 1}, "counting.counts_from", "next_working_day"),
        ("counting", {"last_day": None, "limit": "5 days"}, "counting.limit", "no such field"),
        ("counting", "office", "counting", "object with fields"),
        ("clock_keepers", ["everybody"], "clock_keepers.0", "cs_manager"),
        ("batch_quality.arrival.passing", "lapse", "batch_quality.arrival.passing", "rungs_only"),
        ("batch_quality.determination.passing", "lapse", "batch_quality.determination.passing", "rungs_only"),
        ("batch_quality.appeal.passing", "silence", "batch_quality.appeal.passing", "lapse"),
        ("batch_quality.arrival.colour", "red", "batch_quality.arrival.colour", "no such field"),
        ("batch_quality.colour", "red", "batch_quality.colour", "no such field"),
        ("colour", "red", "colour", "no such field"),
        ("batch_quality.threshold_pieces", 0, "batch_quality.threshold_pieces", "smallest value allowed is 1"),
        ("batch_quality.threshold_pieces", 2.5, "batch_quality.threshold_pieces", "whole number"),
        ("batch_quality.threshold_share", "1.01", "batch_quality.threshold_share", "largest value allowed is 1"),
        ("batch_quality.threshold_share", 5, "batch_quality.threshold_share", "largest value allowed is 1"),
        ("batch_quality.threshold_share", "0", "batch_quality.threshold_share", "greater than 0"),
        ("batch_quality.threshold_share", "5%", "batch_quality.threshold_share", "Write an amount"),
        ("batch_quality.threshold_share", float("nan"), "batch_quality.threshold_share", "Write an amount"),
        ("batch_quality.duplicate_days", -1, "batch_quality.duplicate_days", "smallest value allowed is 0"),
        ("batch_quality.batch_code_pattern", "[A-Z", "batch_quality.batch_code_pattern", "not a regular expression"),
        ("batch_quality.batch_code_pattern", "a{9999999999}", "batch_quality.batch_code_pattern", "not a regular"),
        ("batch_quality.told_of_recall.1", "board", "batch_quality.told_of_recall.1", "production_dept"),
        ("zone", "Asia/Beijing", "zone", "'Asia/Beijing' is not a time zone"),
        ("zone", "+08:00", "zone", "is not a time zone"),
        ("zone", "../localtime", "zone", "is not a time zone"),
        ("zone", "Asia", "zone", "is not a time zone"),
        ("zone", "", "zone", "is not a time zone"),
        ("currency", "RMB¥", "currency", "does not have the right form"),
        ("currency", "cny", "currency", "does not have the right form"),
        ("name", "Lighting Maker", "name", "does not have the right form"),
        ("registrars.0", "everybody", "registrars.0", "cs_clerk"),
        ("withdrawers", "cs_clerk", "withdrawers", "tuple"),
        ("supervisors", {"boss": "cs_manager"}, "supervisors.boss.[key]", "cs_manager"),
        ("supervisors.technician", "boss", "supervisors.technician", "cs_manager"),
        ("separate_people.0", ["report"], "", "pairs of two different steps"),
        ("separate_people.0", ["report", "report"], "", "pairs of two different steps"),
        ("separate_people.0", ["report", "arrival", "remedy"], "", "pairs of two different steps"),
        ("separate_people.0", [], "", "pairs of two different steps"),
        ("separate_people.0", "ab", "separate_people.0", "write a pair of steps"),
        ("separate_people.0", 5, "separate_people.0", "write a pair of steps"),
        ("separate_people.0", [["report"], "arrival"], "separate_people.0", "write a pair of steps"),
        ("separate_people", 5, "separate_people", "tuple"),
        ("separate_people", None, "separate_people", "tuple"),
        ("batch_quality", None, "batch_quality", "object with fields"),
        ("batch_quality.appeal", "5 days", "batch_quality.appeal", "object with fields"),
    ],
)
def test_a_wrong_value_is_named_with_file_and_place(
    content: dict[str, Any], tmp_path: Path, place: str, value: Any, named: str, fragment: str
) -> None:
    wrong = faults_of_file(tmp_path, yaml.safe_dump(put(content, place, value), allow_unicode=True))
    [(where, sentence)] = wrong.items()
    assert without_line(where) == (f"company.yaml: {named}" if named else "company.yaml")
    assert fragment in sentence


@pytest.mark.parametrize("nobody", ["boss", "up 0", "up 10", "up", "Up 1", "up one"])
def test_a_rung_for_nobody_known_is_named_with_all_that_could_be_told(
    content: dict[str, Any], tmp_path: Path, nobody: str
) -> None:
    changed = put(content, "batch_quality.arrival.rungs.2.to", nobody)
    wrong = faults_of_file(tmp_path, yaml.safe_dump(changed))
    [(where, said)] = wrong.items()
    assert without_line(where) == "company.yaml: batch_quality.arrival.rungs.2.to"
    assert "'marketing_vp'" in said
    assert f"{nobody!r} is not somebody to tell; write a role, 'assignee', or 'up 1'" in said


@pytest.mark.parametrize("place", ["zone", "batch_quality.appeal_ruling", "batch_quality.appeal.limit"])
def test_a_missing_value_is_named(content: dict[str, Any], tmp_path: Path, place: str) -> None:
    changed = deepcopy(content)
    node: Any = changed
    *path, last = place.split(".")
    for part in path:
        node = node[part]
    del node[last]
    [(where, sentence)] = faults_of_file(tmp_path, yaml.safe_dump(changed)).items()
    assert (without_line(where), sentence) == (f"company.yaml: {place}", "This field is needed.")


def test_every_wrong_value_is_named_at_once(content: dict[str, Any], tmp_path: Path) -> None:
    changed = put(put(content, "zone", "Mars"), "batch_quality.arrival.limit", "never")
    wrong = faults_of_file(tmp_path, yaml.safe_dump(changed))
    assert list(map(without_line, wrong)) == ["company.yaml: zone", "company.yaml: batch_quality.arrival.limit"]


@pytest.mark.parametrize("text", ["", "lighting", "5", "- zone\n- name\n", "null", "# only a comment\n"])
def test_what_is_no_mapping_is_no_policy(tmp_path: Path, text: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == ["company.yaml"]
    assert "this is not a policy" in wrong["company.yaml"]


@pytest.mark.parametrize(
    ("text", "where", "fragment"),
    [
        ("zone: [Asia/Shanghai\nname: x", "company.yaml line 2", "expected ',' or ']'"),
        ("name: x\n\tzone: y", "company.yaml line 2", "cannot start any token"),
        ("name: 'x", "company.yaml line 1", "end of stream"),
        ("name: x\nzone: !!python/object/apply:os.getcwd []", "company.yaml line 2", "constructor"),
        ("name: x\n---\nname: y", "company.yaml line 2", "single document"),
        ("name: &a x\nzone: *b", "company.yaml line 2", "undefined alias"),
        (b"title: \xd5\xd5\xc3\xf7", "company.yaml", "utf-8"),
        ("title: \x00", "company.yaml", "#x0000"),
    ],
)
def test_what_is_no_yaml_is_named_with_its_line(tmp_path: Path, text: str | bytes, where: str, fragment: str) -> None:
    wrong = faults_of_file(tmp_path, text)
    assert list(wrong) == [where]
    assert fragment in wrong[where]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_policy_file(tmp_path / "none.yaml")
    assert "No such file" in refused.value.fields["none.yaml"]


# On which line

#: The first line is empty, so that `name` stands on line 2.


WRITTEN = """
name: company
title: Company
zone: Asia/Shanghai
currency: CNY
registrars:
  - cs_clerk
  - cs_manager
withdrawers: [cs_manager]
supervisors: {technician: technology_head}
separate_people: []
counting:
  calendar: office
  cut_off: "16:00"
"""


def test_what_is_written_by_hand_here_is_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(WRITTEN)
    assert load_policy_file(file)["name"] == "company"


@pytest.mark.parametrize(
    ("right", "wrong", "where", "sentence"),
    [
        ("Asia/Shanghai", "Mars", "line 4: zone", "'Mars' is not a time zone; write for example 'Asia/Shanghai'"),
        ("title: Company", "title: 5", "line 3: title", "Write text here."),
        ("title: Company", "title: >-\n  2026\ncolour: red", "line 5: colour", "There is no such field."),
        ("- cs_manager", "- 5", "line 8: registrars.1", "Choose one of: 'marketing_vp'"),
        ("[cs_manager]", "[cs_manager,\n  boss]", "line 10: withdrawers.1", "Choose one of: 'marketing_vp'"),
        ("technology_head", "boss", "line 10: supervisors.technician", "Choose one of: 'marketing_vp'"),
        ("{technician:", "{boss:", "line 10: supervisors.boss.[key]", "Choose one of: 'marketing_vp'"),
        ("calendar: office", "calender: office", "line 13: counting.calender", "There is no such field."),
        ('"16:00"', '"4pm"', "line 14: counting.cut_off", "'4pm' is not a time of day; write for example '08:30'"),
        ("currency: CNY\n", "", "line 2: currency", "This field is needed."),
        (
            "counting:",
            "batch_quality: {arrival: {}}\ncounting:",
            "line 12: batch_quality.arrival.limit",
            "This field is needed.",
        ),
        ("currency: CNY", "currency: CNY\neffective_from: soon", "line 6: effective_from", "Write a date such as"),
        (
            "currency: CNY",
            "currency: CNY\neffective_from: 2027-02-29",
            "line 6: effective_from",
            "Write a date such as",
        ),
        ("currency: CNY", "currency: CNY\neffective_from: 2027", "line 6: effective_from", "Write a date such as"),
        ("currency: CNY", "currency: CNY\neffective_from: 2207-01-01", "line 6: effective_from", "Check the year"),
        (
            "currency: CNY",
            "currency: CNY\neffective_from: 2027-01-01 08:00:00",
            "line 6: effective_from",
            "Write a date such as",
        ),
    ],
)
def test_a_fault_is_named_with_the_line_of_the_deepest_part_that_is_there(
    tmp_path: Path, right: str, wrong: str, where: str, sentence: str
) -> None:
    assert WRITTEN.count(right) == 1
    faults = faults_of_file(tmp_path, WRITTEN.replace(right, wrong))
    assert faults[f"company.yaml {where}"].startswith(sentence)


def test_the_line_is_that_of_the_very_place_in_the_shipped_file(tmp_path: Path) -> None:
    text = POLICY.read_text("utf-8")
    lines = text.splitlines()
    scope = lines.index("  recall_scope:")
    assert lines[scope + 1] == "    limit: 1 days"
    lines[scope + 1] = "    limit: 3 weeks"
    assert faults_of_file(tmp_path, "\n".join(lines)) == {
        f"company.yaml line {scope + 2}: batch_quality.recall_scope.limit": (
            "'3 weeks' is not a time; write for example '4 hours', '2 days', '5 working days', '6 months'"
        )
    }


@pytest.mark.parametrize(
    ("right", "wrong", "places"),
    [
        ("title: Company", "title: Company\ntitle: Other", {"line 4: title": (3, 4)}),
        ('"16:00"', '"16:00"\n  calendar: works', {"line 15: counting.calendar": (13, 15)}),
        ("{technician:", "{technician: cs_manager, technician:", {"line 10: supervisors.technician": (10, 10)}),
        (
            "currency: CNY",
            "currency: CNY\ncurrency: EUR\ncurrency: USD\nzone: Mars",
            {"line 6: currency": (5, 6), "line 7: currency": (5, 7), "line 8: zone": (4, 8)},
        ),
        ("separate_people: []", "separate_people: [{a: b, a: c}]", {"line 11: separate_people.0.a": (11, 11)}),
    ],
)
def test_a_key_that_stands_twice_is_named_with_both_lines(
    tmp_path: Path, right: str, wrong: str, places: dict[str, tuple[int, int]]
) -> None:
    assert WRITTEN.count(right) == 1
    assert faults_of_file(tmp_path, WRITTEN.replace(right, wrong)) == {
        f"company.yaml {where}": f"This stands here twice, on line {first} and on line {second}; keep one."
        for where, (first, second) in places.items()
    }


def test_what_an_alias_names_again_stands_there_once(tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(WRITTEN.replace("[cs_manager]", "&who [cs_manager]") + "clock_keepers: *who\n")
    assert load_policy_file(file)["clock_keepers"] == ["cs_manager"]


def test_a_sentence_comes_in_the_language_in_force(tmp_path: Path) -> None:
    with speaking("zh_CN"):
        faults = faults_of_file(tmp_path, WRITTEN.replace("title: Company", "title: 5"))
    assert "Write text here." not in faults.values()
