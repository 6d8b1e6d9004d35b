"""Commands about a company's rules: calendar, policy, backtest."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from deployments import output
from deployments.commands import app
from deployments.commands.cases import Login, Reason
from models.calendars import load_calendar_file
from models.errors import InvalidInput
from models.forms import due_time, local_time
from models.language import N_, _
from models.policy import load_policy_file, read_policy
from models.queries import calendars, policies
from models.queries.projecting import Projected, count_unended
from tasks.backtesting import BackTest, back_test
from tasks.clock_words import duration_text
from tasks.database import transaction
from tasks.reprojecting import Effect, apply_calendars, apply_policy, preview_calendars, preview_policy

Apply = Annotated[bool, typer.Option("--apply", help=_(N_("Do it; without this it is only shown.")))]
CalendarFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help=_(N_("A calendar file; without one: what is in force.")))
]
PolicyFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help=_(N_("A policy file; without one: what is in force.")))
]


@app.command(help=_(N_("Shows what changed calendars would move; --apply counts open deadlines by them.")))
def calendar(file: CalendarFile = None, apply: Apply = False, reason: Reason = "", login: Login = "") -> None:
    """Statutory days are taken from the library anew, so the same file may change something after an update."""
    if file is None:
        return _list_calendars()
    contents = load_calendar_file(file)
    if apply:
        return _change(lambda heard: apply_calendars(contents, reason, _somebody(login), heard))
    _change(lambda heard: preview_calendars(contents, heard))


@app.command(help=_(N_("Shows what a changed policy would move; --apply makes its limits hold for open cases too.")))
def policy(file: PolicyFile = None, apply: Apply = False, reason: Reason = "", login: Login = "") -> None:
    """Without a file: the policy in force and its limits, and what is to come.

    A file that names a day to come is only recorded by --apply, for cases that begin from then on.
    """
    if file is None:
        return _list_limits()
    content = load_policy_file(file)
    if apply:
        return _change(lambda heard: apply_policy(content, reason, _somebody(login), heard))
    _change(lambda heard: preview_policy(content, heard))


@app.command(help=_(N_("Which closed cases would have been late, or not, under a changed policy.")))
def backtest(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_(N_("A policy file.")))],
    calendar_file: Annotated[
        Path | None, typer.Option("--calendars", metavar="FILE", help=_(N_("And these calendars.")))
    ] = None,
) -> None:
    """Nothing is changed."""
    content = load_policy_file(file)
    contents = load_calendar_file(calendar_file) if calendar_file else {}
    with output.progress(_(N_("Counting anew")), 0) as heard:
        done = back_test(content, contents, heard)
    if output.as_json:
        return output.data(_backtest_view(done))
    output.say(
        _(
            N_("{cases} closed cases, {checked} deadlines: {before} were late, {after} would have been."),
            cases=done.cases,
            checked=done.checked,
            before=done.late_before,
            after=done.late_after,
        )
    )
    if done.differing:
        output.table(
            [_(N_("Case")), _(N_("Deadline")), _(N_("Due")), _(N_("Would be due")), _(N_("Ended")), _(N_("Verdict"))],
            [
                (
                    one.number,
                    one.key,
                    _local(one.due_before),
                    _local(one.due_after),
                    _local(one.ended_at) if one.ended_at else "",
                    _(N_("would have been late")) if one.breached_after else _(N_("would have been in time")),
                )
                for one in done.differing
            ],
        )


def _somebody(login: str) -> str:
    if not login:
        raise InvalidInput({"--as": _(N_("Say who does it: --as LOGIN."))})
    return login


def _list_calendars() -> None:
    with transaction() as session:
        rows = [
            {
                "name": version.name,
                "version": version.version,
                "title": version.content["title"],
                "known_years": calendars.content_of(session, version.id).known_years,
                "recorded_at": version.recorded_at.isoformat(),
                "recorded_by": version.recorded_by,
                "reason": version.reason,
            }
            for version in calendars.all_current(session)
        ]
    if output.as_json:
        return output.data(rows)
    output.table(
        [_(N_("Calendar")), _(N_("Version")), _(N_("Title")), _(N_("Published up to")), _(N_("Reason"))],
        [
            (row["name"], row["version"], row["title"], max(row["known_years"], default=""), row["reason"])
            for row in rows
        ],
    )


def _list_limits() -> None:
    with transaction() as session:
        version = policies.current(session)
        found = read_policy(version.content)
        since = version.effective_from.astimezone(found.timezone)
        to_come = [
            (f"{one.name} {one.version}", one.effective_from.astimezone(read_policy(one.content).timezone))
            for one in policies.to_come(session)
        ]
    rows: list[dict[str, Any]] = [
        {
            "limit": path,
            "time": limit.limit,
            "calendar": found.calendar_of(limit),
            "passing": limit.passing,
            "rungs": [rung.model_dump(mode="json") for rung in limit.rungs],
        }
        for path, limit in found.limits.items()
    ]
    if output.as_json:
        listed = [{"policy": name, "effective_from": begins.isoformat()} for name, begins in to_come]
        about = {"policy": f"{version.name} {version.version}", "effective_from": since.isoformat()}
        return output.data({**about, "to_come": listed, "limits": rows})
    output.say(f"{version.name} {version.version}: {found.title}")
    for name, begins in to_come:
        output.say(
            _(N_("To come: {policy}, for cases that begin from {time} on."), policy=name, time=local_time(begins))
        )
    output.table(
        [_(N_("Limit")), _(N_("Time")), _(N_("Calendar")), _(N_("Rungs"))],
        [
            (row["limit"], row["time"], row["calendar"], ", ".join(f"{one['at']} {one['to']}" for one in row["rungs"]))
            for row in rows
        ],
    )


def _policy_to_come(effect: Effect, begins: datetime) -> None:
    said = _(
        N_("This policy takes effect at {time}, for cases that begin from then on; no open deadline moves."),
        time=local_time(begins.astimezone(_zone())),
    )
    done = _(N_("It is recorded.")) if effect.applied is not None else _nothing_changed()
    output.say(f"{said} {done}")


def _nothing_changed() -> str:
    return _(N_("Nothing was changed; --apply --reason TEXT --as LOGIN does it."))


def _change(work: Callable[[Callable[[int], None]], Effect]) -> None:
    with transaction() as session:
        total = count_unended(session)
    with output.progress(_(N_("Counting anew")), total) as heard:
        effect = work(heard)
    if output.as_json:
        return output.data(_effect_view(effect))
    if effect.effective_from:
        return _policy_to_come(effect, effect.effective_from)
    output.say(
        _(
            N_("{checked} open deadlines: {earlier} would be due earlier, {later} later."),
            checked=effect.checked,
            earlier=effect.earlier,
            later=effect.later,
        )
        if effect.applied is None
        else _(
            N_("{checked} open deadlines: {earlier} are due earlier, {later} later; {applied} were changed."),
            checked=effect.checked,
            earlier=effect.earlier,
            later=effect.later,
            applied=effect.applied,
        )
    )
    if effect.moved:
        output.table(
            [_(N_("Case")), _(N_("Deadline")), _(N_("Due")), _(N_("Would be due")), _(N_("By"))],
            [(one.number, one.key, _local(one.due_before), _local(one.due_after), _by(one)) for one in effect.farthest],
        )
    for text, those in (
        (N_("Late by the change: {which}"), effect.would_be_late),
        (N_("No longer late: {which}"), effect.no_longer_late),
    ):
        if those:
            output.say(_(text, which=", ".join(f"{one.number}:{one.key}" for one in those)))
    if effect.applied is None:
        output.say(_nothing_changed())


def _by(one: Projected) -> str:
    by = one.due_after - one.due_before
    return f"{'+' if by.total_seconds() > 0 else '-'}{duration_text(abs(by))}"


def _local(instant: datetime) -> str:
    return due_time(instant.astimezone(_zone()))


def _zone() -> ZoneInfo:
    """In which people read times: that of the policy in force."""
    with transaction() as session:
        return read_policy(policies.current(session).content).timezone


def _effect_view(effect: Effect) -> dict[str, Any]:
    zone = _zone()
    return {
        "effective_from": effect.effective_from.astimezone(zone).isoformat() if effect.effective_from else None,
        "applied": effect.applied,
        "checked": effect.checked,
        "moved": effect.moved,
        "earlier": effect.earlier,
        "later": effect.later,
        "most_earlier_seconds": int(effect.most_earlier.total_seconds()),
        "most_later_seconds": int(effect.most_later.total_seconds()),
        "would_be_late": [_projected_view(one, zone) for one in effect.would_be_late],
        "no_longer_late": [_projected_view(one, zone) for one in effect.no_longer_late],
        "farthest": [_projected_view(one, zone) for one in effect.farthest],
    }


def _projected_view(one: Projected, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "case": one.number,
        "deadline": one.key,
        "due_before": one.due_before.astimezone(zone).isoformat(),
        "due_after": one.due_after.astimezone(zone).isoformat(),
        "budget_before": one.budget_before,
        "budget_after": one.budget_after,
    }


def _backtest_view(done: BackTest) -> dict[str, Any]:
    zone = _zone()
    return {
        "cases": done.cases,
        "checked": done.checked,
        "late_before": done.late_before,
        "late_after": done.late_after,
        "differing": [
            {
                **_projected_view(one, zone),
                "ended_at": one.ended_at.astimezone(zone).isoformat() if one.ended_at else None,
                "was_late": one.breached_before,
                "would_be_late": one.breached_after,
            }
            for one in done.differing
        ],
    }
