"""Prefect's command line with one repair, for its server: `python -m deployments.prefect_server server start`.

Prefect 3.8.8 inserts scheduled runs in bulk and hands the hybrid attribute `state` along with the columns.
SQLAlchemy 2.0 passed over it; 2.1 refuses the whole insert, so no schedule ever makes a run
(docs/decisions/0003-sqlalchemy-2-1.md). The repair says that `state` is nothing to insert, as it was.
"""

import runpy
from collections.abc import MutableMapping
from typing import Any, cast

from prefect.server.database.orm_models import FlowRun, TaskRun
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import class_mapper


def repair() -> None:
    """Lets bulk inserts of runs pass over their state, which Prefect inserts by itself afterwards."""
    for runs in (FlowRun, TaskRun):
        state = cast("hybrid_property[Any]", class_mapper(runs).all_orm_descriptors["state"])
        state.inplace.bulk_dml(_not_inserted)


def _not_inserted(cls: Any, mapping: MutableMapping[str, Any], value: Any) -> None:
    """Leaves the mapping as it is: only columns are taken from it, and Prefect still needs the state itself."""


if __name__ == "__main__":
    repair()
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
