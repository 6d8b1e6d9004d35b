"""Files of rules that are wrong, and what is said of them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import InvalidInput


def faults_of(load: Callable[[Path], object], folder: Path, text: str | bytes) -> dict[str, str]:
    """What is wrong with a file of this content, by place."""
    file = folder / "company.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput) as refused:
        load(file)
    return refused.value.fields


def without_line(where: str) -> str:
    """A fault's file and place; the line is looked at where the file is written by hand."""
    return re.sub(r" line [0-9]+: ", ": ", where, count=1)
