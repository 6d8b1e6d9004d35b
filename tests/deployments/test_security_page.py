"""docs/security.md: every test that it names as proof is there."""

import re
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
PAGE = (PROJECT / "docs" / "security.md").read_text("utf-8")
#: What the threat model has to answer.
ATTACKS = [
    "CSRF",
    "fixation",
    "open redirect",
    "Path tricks",
    "Forged headers",
    "Stored script",
    "Mail header injection",
    "A link that is used twice",
    "A link that is guessed or changed",
    "10,000 tries",
    "A body of 50 MB",
    "a slow request",
    "Template markers",
    "registered_by",
    "by way of\na deputy",
    "The table of sessions",
    "A backup",
    "dishonest administrator",
]


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", PAGE)
    assert len(named) > 50
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not re.search(rf"^def {test}\(", (PROJECT / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_no_test_is_named_in_another_way() -> None:
    assert PAGE.count("::test_") == len(re.findall(r"`tests/[a-z_/]+\.py::test_[a-z0-9_]+`", PAGE))


def test_each_attack_is_answered() -> None:
    assert [one for one in ATTACKS if one.replace("\n", " ") not in " ".join(PAGE.split())] == []
