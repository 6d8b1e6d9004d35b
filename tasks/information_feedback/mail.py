"""The form by mail and as a page (质量信息反馈表): what matters of it, with bars; the workbook has all."""

from collections.abc import Sequence
from typing import Any

from models.forms import local_time
from models.language import N_, _
from tasks.charts import GREY, Series, bars
from tasks.information_feedback import tables
from tasks.information_feedback.form import QualityForm
from tasks.information_feedback.lists import gap_text
from tasks.information_feedback.tables import Table
from tasks.markdown import plain
from tasks.markdown import table as marked

_MOST_SHOWN = 10
#: Which columns of a table a narrow mail shows, and by which its bars are drawn.
_OF_COUNTED = (1, 2, 3, 7)
_OF_ITEMS = (0, 1, 3, 4, 5)


def mail_tables(form: QualityForm) -> list[dict[str, Any]]:
    """What stands under the text of the mail, in the language in force; only what there is."""
    found = [
        _in_mail(tables.items(form), _OF_ITEMS),
        _in_mail(tables.carried(form), (*_OF_ITEMS, 9)),
        _in_mail(tables.notices(form), (0, 1, 3, 5)),
        _in_mail(tables.products(form), _OF_COUNTED, bars_by=3),
        _in_mail(tables.parts(form), (1, 2, 4, 5), bars_by=2),
        _in_mail(tables.faults(form), (0, 1, 2, 4), bars_by=2),
        _in_mail(tables.repeated(form), (1, 2, 3, 4, 5)),
        _in_mail(tables.trend(form), (0, 1, 2, 6), bars_by=2, most=None),
    ]
    return [one for one in found if one["rows"]]


def _in_mail(
    table: Table, columns: Sequence[int], bars_by: int | None = None, most: int | None = _MOST_SHOWN
) -> dict[str, Any]:
    values = [row[bars_by] for row in table.rows[:most]] if bars_by is not None else []
    longest = max(values, default=0) or 1
    return {
        "title": table.title,
        "legend": [(GREY, table.head[bars_by])] if bars_by is not None else [],
        "head": [table.head[number] for number in columns],
        "rows": [
            {
                "cells": [cells[number] for number in columns],
                "bars": [(values[place] / longest, GREY)] if values else [],
            }
            for place, cells in enumerate(table.written(most))
        ],
    }


def page(form: QualityForm) -> str:
    """The form as Markdown with charts, for Prefect's artifacts, in the language in force."""
    head = _(N_("Quality-information form {month}"), month=form.month)
    parts = [f"# {head}", f"{plain(form.company)} · {form.number} · {local_time(form.issued_at)}"]
    if form.gaps:
        parts += ["## " + _(N_("Gaps")), "\n".join(f"- {plain(gap_text(one))}" for one in form.gaps)]
    if form.summary:
        parts += ["## " + _(N_("Analysis")), plain(form.summary)]
    parts += _section(tables.trend(form), drawn=(0, 2))
    parts += _section(tables.products(form), drawn=(1, 3))
    parts += _section(tables.faults(form), drawn=(0, 2))
    for table in (
        tables.parts(form),
        tables.repeated(form),
        tables.items(form),
        tables.carried(form),
        tables.notices(form),
        tables.differences(form),
    ):
        parts += _section(table)
    return "\n\n".join(parts)


def _section(table: Table, drawn: tuple[int, int] | None = None) -> list[str]:
    """A table with its title, and a chart of one of its columns above it; nothing if it is empty."""
    if not table.rows:
        return []
    parts = [f"## {table.title}"]
    if drawn:
        names, values = ([row[number] for row in table.rows[: 2 + _MOST_SHOWN]] for number in drawn)
        parts.append(bars(table.title, names, [Series(table.head[drawn[1]], GREY, values)]))
    return [*parts, marked(table.head, table.written())]
