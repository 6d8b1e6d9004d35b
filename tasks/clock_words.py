"""Words for what a clock does: budgets, rules, times and whom a rung tells, in the language in force."""

from datetime import timedelta

from models.language import N_, _
from models.limits import RungPlan
from models.roles import Role
from models.rules.explaining import Rule
from models.tables.deadlines import Deadline

RULES = {
    Rule.ROUND_THE_CLOCK: N_("hours count round the clock"),
    Rule.EVENT_DAY: N_("day 0, the day of the event"),
    Rule.CALENDAR_DAY: N_("calendar days"),
    Rule.WORKING_DAY: N_("working days"),
    Rule.WORKING_HOURS: N_("working hours"),
    Rule.MAKE_UP_DAY: N_("make-up working day"),
    Rule.EXTRA_DAY: N_("extra working day"),
    Rule.LAST_DAY_MOVED: N_("the last day was a rest day and moved to the next working day"),
    Rule.NIGHT: N_("outside working hours"),
    Rule.WEEKEND: N_("weekend"),
    Rule.HOLIDAY: N_("statutory holiday"),
    Rule.CLOSURE: N_("closed"),
    Rule.NOT_BEGUN: N_("counting begins later: after the cut-off, on a day off, or from the next working day"),
    Rule.PAUSE: N_("paused"),
}

UNITS = {
    "hours": N_("{amount} hours"),
    "working_hours": N_("{amount} working hours"),
    "days": N_("{amount} days"),
    "working_days": N_("{amount} working days"),
    "months": N_("{amount} months"),
}


ACTORS = {"flow": N_("the procedure"), "clock": N_("the deadline's rule")}


def budget_text(deadline: Deadline) -> str:
    """`2 days`, in the language in force."""
    return _(UNITS[deadline.unit], amount=deadline.amount)


def reason_text(reason: str) -> str:
    """Why a clock stands: a person's own words, or a procedure's in the language in force."""
    return _(reason) if reason else ""


def addressee(plan: RungPlan) -> str:
    """Whom a rung tells, in words."""
    if plan.steps_up:
        return _(N_("{steps} up the line of responsibility"), steps=plan.steps_up)
    return _(N_("whoever has the task")) if plan.to == "assignee" else Role(plan.to).label


def actor(login: str) -> str:
    """Who stopped or restarted a clock."""
    return _(ACTORS[login]) if login in ACTORS else login


def duration_text(time: timedelta) -> str:
    """`2 d 14:45 h`, for people."""
    minutes = round(time.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours = f"{rest // 60}:{rest % 60:02d}"
    return _(N_("{days} d {hours} h"), days=days, hours=hours) if days else _(N_("{hours} h"), hours=hours)
