"""`aftersales skip`, `precedents` and `document`: what they print, write and refuse.

Clerks and managers explain the policy by what was ruled before (manual 000 三 内勤 B, 经理 G).
"""

import json
from io import BytesIO
from pathlib import Path

import docx
import pytest
from claimants import claim, day, ruled, ruling, ruling_request
from command_line import CommandLine
from people import CREDITED, open_tasks, opened, play, run
from sqlalchemy import Engine

from deployments import output


@pytest.fixture
def aftersales(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr(output, "as_json", False)
    return CommandLine(capsys, monkeypatch)


# skip


def test_the_manager_skips_the_levels_of_a_claim(aftersales: CommandLine, company: Engine) -> None:
    number = claim()
    run(number)
    done = aftersales.json("skip", number, "--reason", "It is in the press.", "--as", "chen.min")
    assert done == {"case": number, "by": "chen.min", "reason": "It is in the press."}
    run(number)
    assert list(open_tasks(number)) == ["claim-file"]
    again = aftersales.error("skip", number, "--reason", "Again.", "--as", "chen.min", status=3)
    assert again["message"] == f"No level has claim {number} now; there is nothing to skip."


@pytest.mark.parametrize(
    ("arguments", "status", "code", "sentence"),
    [
        (("CL-2026-9999", "--reason", "x", "--as", "chen.min"), 4, "not_found", "There is no case CL-2026-9999."),
        (("NUMBER", "--reason", "x", "--as", "li.na"), 3, "not_allowed", "may not skip a level"),
        (("NUMBER", "--reason", "", "--as", "chen.min"), 2, "invalid_input", "This field must not be empty."),
        (("NUMBER", "--reason", "x", "--as", "nobody"), 4, "not_found", "no active person with the login nobody"),
    ],
)
def test_a_skip_that_may_not_be_is_refused_with_a_sentence(
    aftersales: CommandLine, company: Engine, arguments: tuple[str, ...], status: int, code: str, sentence: str
) -> None:
    number = claim()
    run(number)
    named = [number if one == "NUMBER" else one for one in arguments]
    wrong = aftersales.error("skip", *named, status=status)
    assert wrong["error"] == code
    assert sentence in wrong["message"]
    run(number)
    assert list(open_tasks(number)) == ["level"]


def test_only_claims_have_levels_to_skip(aftersales: CommandLine, company: Engine) -> None:
    number = opened()
    run(number)
    wrong = aftersales.error("skip", number, "--reason", "x", "--as", "chen.min", status=4)
    assert wrong["message"] == f"Case {number} is no claim; only claims have levels."


# precedents


def test_the_collection_is_listed_searched_and_chosen_by_article(aftersales: CommandLine, company: Engine) -> None:
    assert aftersales.json("precedents") == []
    first, second = ruling_request(), ruling_request(claimant="Mr Fu")
    play(first, ruled())
    play(second, ruled(article="四.1 第七条", headnote="Halves.", keywords="liability"))
    listed = aftersales.json("precedents")
    assert [one["case"] for one in listed] == [second, first]
    one = listed[1]
    assert one.pop("number").startswith("PC-")
    assert one.pop("ruled_at")
    assert one == {
        "case": first,
        "article": "四.1 第一条",
        "headnote": "Whoever says that goods were dropped has to show it.",
        "keywords": ["warranty", "burden of proof", "灯"],
        "ruled_for": "claimant",
        "reasons": ruling()["reasons"],
        "ruled_by": "chen.min",
    }
    assert [one["case"] for one in aftersales.json("precedents", "--search", "liability")] == [second]
    assert [one["case"] for one in aftersales.json("precedents", "--article", "四.1 第一条")] == [first]
    assert aftersales.json("precedents", "--search", "liability", "--article", "四.1 第一条") == []
    table = aftersales("precedents")
    assert "for the claimant" in table
    assert "Halves." in table


# document


@pytest.fixture
def ruled_on(company: Engine) -> str:
    """A ruling with its position as facts, and its letter as a file."""
    number = ruling_request()
    play(number, ruled(), until="execution")
    return number


def test_a_documents_file_is_written_under_its_own_name_or_another(
    aftersales: CommandLine, ruled_on: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert aftersales.json("document", ruled_on, "ruling") == {"written": f"{ruled_on}-zh_CN.docx"}
    content = (tmp_path / f"{ruled_on}-zh_CN.docx").read_bytes()
    cells = [cell.text for table in docx.Document(BytesIO(content)).tables for row in table.rows for cell in row.cells]
    assert {"四.1 第一条", day(7)} <= set(cells)
    assert "Written: " in aftersales("document", ruled_on, "ruling", "--out", tmp_path / "other.docx")
    assert (tmp_path / "other.docx").read_bytes() == content


def test_a_document_without_a_file_is_its_facts(aftersales: CommandLine, ruled_on: str, tmp_path: Path) -> None:
    facts = aftersales.json("document", ruled_on, "position")
    assert (facts["claimant_position"], facts["evidence"]) == ("It broke.", "Photos 1 to 3.")
    assert json.loads(aftersales("document", ruled_on, "position")) == facts
    aftersales("document", ruled_on, "position", "--out", tmp_path / "position.json")
    assert json.loads((tmp_path / "position.json").read_text("utf-8")) == facts


def test_the_second_of_its_kind_has_its_number(aftersales: CommandLine, company: Engine) -> None:
    number = opened()
    play(number, CREDITED)
    assert "not_on_list" in aftersales.json("document", number, "recall_list", "--number", 2)
    assert "not_on_list" not in aftersales.json("document", number, "recall_list")


def test_nothing_that_is_there_is_overwritten(aftersales: CommandLine, ruled_on: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.docx"
    mine.write_text("mine")
    wrong = aftersales.error("document", ruled_on, "ruling", "--out", mine, status=2)
    assert "is there already" in wrong["fields"]["out"]
    assert mine.read_text() == "mine"
    wrong = aftersales.error("document", ruled_on, "ruling", "--out", tmp_path / "no" / "folder.docx", status=2)
    assert "cannot be written" in wrong["fields"]["out"]


def test_a_document_that_is_not_there_is_refused_with_those_there_are(aftersales: CommandLine, ruled_on: str) -> None:
    wrong = aftersales.error("document", ruled_on, "ruling", "--number", 2, status=4)
    assert wrong["message"] == f"Case {ruled_on} has no document ruling 2; there are: position 1, ruling 1."
    wrong = aftersales.error("document", "FR-2026-9999", "ruling", status=4)
    assert wrong["message"] == "There is no case FR-2026-9999."
    aftersales.error("document", ruled_on, "diary", status=2)
