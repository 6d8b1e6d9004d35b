"""Reading the company's data files (YAML): clear faults with file and place."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import InvalidInput


def mapping_in(path: Path, expected: str) -> dict[str, Any]:
    """The mapping in a file; raises InvalidInput that names the file, with `expected` if it holds something else."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InvalidInput({path.name: str(error)}) from None
    if not isinstance(content, dict):
        raise InvalidInput({path.name: expected})
    return content


class Strict(BaseModel):
    """Data of a company: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def as_ours(error: ValidationError, name: str) -> InvalidInput:
    """What pydantic found, as an error of ours: each wrong value by its place in `name`."""
    places = {".".join(map(str, detail["loc"])): detail["msg"] for detail in error.errors()}
    return InvalidInput({f"{name}: {place}" if place else name: fault for place, fault in places.items()})
