"""What was done in a case is told in words: in its story, on the command line, in Prefect's task list."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from command_line import CommandLine
from people import CREDITED, opened, play
from sqlalchemy import Engine, select

import tasks
from deployments import output
from deployments.views import whole_case
from models.language import speaking
from models.queries import cases
from models.tables.cases import Step
from tasks.carrying import Bare, carried_by
from tasks.database import transaction
from tasks.journal import Work, step
from tasks.procedures import PROCEDURES
from tasks.settings import settings
from tasks.step_names import step_label
from tasks.summary import story

T = TypeVar("T")
HOME = Path(tasks.__file__).parent
#: Codes of procedures by the package that declares their steps.
CODES = {procedure.package: code for code, procedure in PROCEDURES.items()}


def declared_steps() -> list[tuple[str, str]]:
    """Procedure and key of each function under `@step`, as its module's text has it; any procedure closes a case."""
    functions = [
        (".".join(file.parent.relative_to(HOME.parent).parts), node)
        for file in sorted(HOME.rglob("*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    ]
    return [
        (CODES.get(package, "BQ"), function.name.replace("_", "-"))
        for package, function in functions
        if any("step" in names(one) for one in function.decorator_list)
    ]


def names(node: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


@pytest.mark.parametrize(("procedure", "key"), declared_steps())
def test_every_step_is_told_in_words_of_both_languages(procedure: str, key: str) -> None:
    with speaking("en"):
        english = step_label(procedure, key)
    with speaking("zh_CN"):
        chinese = step_label(procedure, key)
    assert english not in {key, ""}
    assert chinese not in {key, english}


def test_whoever_writes_rows_of_the_journal_gives_them_a_name() -> None:
    writers = {file.name: file.read_text(encoding="utf-8") for file in HOME.rglob("*.py")}
    writers = {name: text for name, text in writers.items() if re.search(r"\bStep\(\s*case_id", text)}
    assert set(writers) == {"journal.py", "opening.py", "skipping.py"}
    assert [name for name, text in writers.items() if "name_step(" not in text] == []


@pytest.mark.parametrize(
    ("procedure", "key", "label"),
    [
        ("BQ", "open", "Case opened"),
        ("PS", "open", "Case opened"),
        ("BQ", "close-case", "Case closed"),
        # Its number is behind each skip, the first one's too.
        ("CL", "skip-level-1", "Level skipped by the customer service manager"),
        ("CL", "skip-level-2", "Level skipped by the customer service manager, round 2"),
        ("BQ", "stop-sale-2", "Sale of the batch stopped, round 2"),
        ("BQ", "take-in-12", "Goods that came back taken into quarantine, round 12"),
        # The same word means something else in another procedure.
        ("PS", "hand-over", "Parts handed over, as far as in stock"),
        ("SC", "hand-over", "Old parts handed over to the supplier"),
    ],
)
def test_a_row_of_the_journal_is_told_with_its_round(procedure: str, key: str, label: str) -> None:
    with speaking("en"):
        assert step_label(procedure, key) == label


@pytest.mark.parametrize("key", ["was-renamed-since", "was-renamed-since-2", "skip-level-1", "take-in-goods-2"])
def test_a_key_that_nobody_knows_stays_as_it_is(key: str) -> None:
    assert step_label("BQ", key) == key


@pytest.mark.parametrize(("procedure", "key"), [("PS", "post-at-the-counter"), ("CL", "skip-level-1"), ("TC", "open")])
def test_whoever_runs_no_flow_reads_the_words_too(procedure: str, key: str) -> None:
    """In a process of its own, which has imported no step."""
    asked = f"from tasks.step_names import step_label; print(step_label({procedure!r}, {key!r}) == {key!r})"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=HOME.parent)
    assert told.stdout == "False\n"


def declared_in(module: str, name: str) -> Callable[[Work[Any]], None]:
    """A function of that name, as if it stood in that module."""

    def effect(work: Work[Any]) -> None:
        """Does nothing; it is never called."""

    effect.__module__, effect.__name__ = module, name
    return effect


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("tasks.batch_quality.elsewhere", "stop_sale"),
        ("tasks.batch_quality.elsewhere", "close_case"),
        ("tasks.batch_quality.elsewhere", "open"),
        ("tasks.elsewhere", "stop_sale"),
    ],
)
def test_two_steps_of_one_procedure_may_not_share_a_name(module: str, name: str) -> None:
    before = step_label("BQ", name.replace("_", "-"))
    with pytest.raises(TypeError, match=name.replace("_", "-")):
        step("Twice")(declared_in(module, name))
    assert step_label("BQ", name.replace("_", "-")) == before


def told_steps(number: str) -> list[str]:
    """What the story of a case says was done, without the times."""
    with transaction() as session:
        last = story(session, cases.by_number(session, number)).rsplit("\n\n", 1)[1]
    return [line.split(" · ", 1)[1] for line in last.splitlines()]


def keys_of(number: str) -> set[str]:
    with transaction() as session:
        case = cases.by_number(session, number)
        return set(session.scalars(select(Step.key).where(Step.case_id == case.id)))


@pytest.fixture
def credited(company: Engine) -> str:
    """A case of which everything came back, in one arrival, and was credited."""
    number = opened()
    play(number, CREDITED)
    return number


def test_the_story_says_in_words_what_was_done(credited: str) -> None:
    with speaking("en"):
        told = told_steps(credited)
    assert sorted(told) == [
        "Case closed",
        "Case opened",
        "Checked whether to claim on the supplier",
        "Finding report filed",
        "Freight booked at the company's cost",
        "Goods that came back compared with the recall list",
        "Goods that came back credited to the dealer",
        "Goods that came back taken into quarantine",
        "Recall ordered",
        "Sale of the batch stopped",
    ]


def test_the_chinese_story_has_no_english_word_among_its_steps(credited: str) -> None:
    with speaking("zh_CN"):
        told = told_steps(credited)
    assert len(told) == len(keys_of(credited))
    assert [line for line in told if any(mark.isascii() and mark.isalpha() for mark in line)] == []


def test_the_command_line_has_the_words_beside_the_keys(credited: str) -> None:
    with transaction() as session, speaking("en"):
        steps = {one["key"]: one["title"] for one in whole_case(session, cases.by_number(session, credited))["steps"]}
    assert set(steps) == keys_of(credited)
    assert steps["stop-sale"] == "Sale of the batch stopped"


def test_people_read_the_words_on_the_command_line(
    credited: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "as_json", False)
    shown = CommandLine(capsys, monkeypatch)("case", credited)
    assert "Sale of the batch stopped" in shown
    assert "stop-sale" not in shown
    assert "close-case" not in shown


class Watched(Bare):
    """Carries a case as tests do, and remembers under which name and title each step was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def show(self, name: str, title: str, do: Callable[[], T]) -> T:
        self.shown.append((name, title))
        return super().show(name, title, do)


def test_a_carrier_shows_steps_and_questions_by_their_titles(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()
    number, watched = opened(), Watched()
    ill = ("liu.yang", {"verdict": "cannot_attend", "report": "Ill."})
    script = {**CREDITED, "site-finding": [ill], "name-technician": [CREDITED["name-technician"]]}
    with carried_by(watched), pytest.raises(IndexError):
        # Nobody is there to be named in the second round.
        play(number, script)
    assert watched.shown == [
        ("ask-batch-verdict", "Asked: Is this a batch quality matter?"),
        ("stop-sale", "Sale of the batch stopped"),
        ("ask-name-technician", "Asked: Name the technician who goes to the site"),
        ("ask-site-finding", "Asked: Finding on site"),
        ("ask-name-technician", "Asked: Name the technician who goes to the site, round 2"),
    ]
