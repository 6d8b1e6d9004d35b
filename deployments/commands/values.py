"""The command about a policy's values: where each comes from, and which the company has still to confirm."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
import yaml

from deployments import output
from deployments.commands import app
from models.errors import InvalidInput
from models.language import N_, _
from models.policy import read_policy
from models.queries import policies
from models.sources import UNSAID, Origin, Source, origin_of, settings_of
from tasks.database import transaction


@dataclass(frozen=True)
class _Setting:
    """One value of the policy in force, as its file has it."""

    place: str
    #: None if it is not set.
    value: str | None
    origin: Origin


@app.command(help=_(N_("Lists the values of the policy in force that the company has still to confirm.")))
def values(
    source: Annotated[
        str,
        typer.Option("--source", metavar="SOURCE", help=_(N_("Only these: manual, practice, default or company."))),
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help=_(N_("Those that are settled, too.")))] = False,
) -> None:
    """A value is settled by the manual or by the company's word."""
    asked = _asked_for(source, everything)
    found = _settings_in_force()
    shown = [one for one in found if one.origin.source in asked]
    if output.as_json:
        return output.data(
            [
                {"place": one.place, "value": one.value, "source": one.origin.source, "article": one.origin.article}
                for one in shown
            ]
        )
    if shown:
        output.table(
            [_(N_("Setting")), _(N_("Value")), _(N_("Source")), _(N_("Article"))],
            [(one.place, one.value or "–", one.origin.source.label, one.origin.article) for one in shown],
        )
    unsettled = sum(not one.origin.source.is_settled for one in found)
    output.say(
        _(
            N_(
                "{unsettled} of {all} values are to be confirmed: look at each, change it if need be, and write "
                "«company» at its place under «sources» in the policy file."
            ),
            unsettled=unsettled,
            all=len(found),
        )
        if unsettled
        else _(N_("All {all} values are settled."), all=len(found))
    )


def _asked_for(source: str, everything: bool) -> set[Source]:
    if source and source not in set(Source):
        raise InvalidInput({"--source": _(N_("Choose one of: {expected}."), expected=", ".join(Source))})
    if source:
        return {Source(source)}
    return {one for one in Source if everything or not one.is_settled}


def _settings_in_force() -> list[_Setting]:
    with transaction() as session:
        content = policies.current(session).content
        policy = read_policy(content)
        return [
            _Setting(place, _as_written(value), origin_of(place, policy.sources) or UNSAID)
            for place, value in settings_of(policy, content)
        ]


def _as_written(value: Any) -> str | None:
    """A value as people write it into the file."""
    if value is None or isinstance(value, str):
        return value
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return text.removesuffix("...\n").strip()
