"""`aftersales stock`: who holds what, and that every part adds up to nothing."""

import pytest
from command_line import CommandLine
from people import play
from sqlalchemy import Engine
from swaps import checked, opened

from deployments import output


@pytest.fixture
def aftersales(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr(output, "as_json", False)
    return CommandLine(capsys, monkeypatch)


def test_the_balances_of_a_party_after_a_swap(aftersales: CommandLine, company: Engine) -> None:
    # B-01 opened with 12 good boards and 3 faulty ones; two are swapped.
    play(opened(), {"counter-check": checked()})
    assert aftersales.json("stock", "--party", "B-01", "--part", "P-001") == [
        {"part": "P-001", "party": "B-01", "condition": "faulty", "pieces": 5},
        {"part": "P-001", "party": "B-01", "condition": "good", "pieces": 10},
        {"part": "P-001", "party": "B-01", "condition": "opening", "pieces": -15},
    ]


def test_a_part_adds_up_to_nothing_over_all_parties(aftersales: CommandLine, company: Engine) -> None:
    play(opened(), {"counter-check": checked()})
    every = aftersales.json("stock")
    assert {one["part"] for one in every} == {"P-001", "P-002", "P-003", "P-004", "P-005"}
    for part in {one["part"] for one in every}:
        assert sum(one["pieces"] for one in every if one["part"] == part) == 0
    of_one_part = aftersales.json("stock", "--part", "P-001")
    assert of_one_part == [one for one in every if one["part"] == "P-001"]


def test_people_read_a_sum_under_each_part_but_not_under_one_partys_share(
    aftersales: CommandLine, company: Engine
) -> None:
    table = aftersales("stock", "--part", "P-004")
    lines = [line for line in table.splitlines() if "P-004" in line]
    assert "all together" in lines[-1]
    assert lines[-1].rstrip("│ ").endswith(" 0")
    assert "800" in lines[0]
    assert "all together" not in aftersales("stock", "--party", "C-01")


def test_people_read_conditions_in_their_language(aftersales: CommandLine, company: Engine) -> None:
    assert "before the books" in aftersales("stock", "--party", "R-01")


def test_a_party_that_holds_nothing_is_an_empty_list(aftersales: CommandLine, company: Engine) -> None:
    assert aftersales.json("stock", "--party", "R-04") == []
    assert "hold nothing" in aftersales("stock", "--party", "R-04")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--party", "R-99"), "There is no party R-99."),
        (("--part", "P-999"), "There is no product or part P-999."),
        (("--party", "' OR 1=1"), "There is no party ' OR 1=1."),
    ],
)
def test_what_is_not_there_is_named(
    aftersales: CommandLine, company: Engine, arguments: tuple[str, ...], sentence: str
) -> None:
    wrong = aftersales.error("stock", *arguments, status=4)
    assert (wrong["error"], wrong["message"]) == ("not_found", sentence)
