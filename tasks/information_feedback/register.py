"""How a month's feedback begins: by the calendar, once a month, or by a clerk or the manager. Manual 000 三 经理 F."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.information_feedback import MonthToReport
from models.language import N_, _
from models.policy import Policy
from models.queries import cases, people
from models.roles import Role
from models.rules.feedback import first_day_after, last_day, month_falls_due, month_is_over
from models.tables.cases import Case
from tasks.journal import Work
from tasks.notices import notify, to_role
from tasks.opening import Matter

CODE = "IF"


def month_ended(month: str, zone: ZoneInfo) -> datetime:
    """The last second of a month: the day of it is day 0, so that «3 days» end with the third of the next month."""
    return datetime.combine(first_day_after(month), time.min, zone) - timedelta(seconds=1)


def falls_due(session: Session, policy: Policy, at: datetime) -> Iterable[dict[str, Any]]:
    """The month before, in the first days of a month, unless it has a case."""
    month = month_falls_due(_today(policy, at), policy.feedback.opened_until_day)
    if month and not cases.was_ever_about(session, CODE, month):
        yield {"month": month}


def check(session: Session, report: MonthToReport, policy: Policy, at: datetime) -> Matter:
    """Refuses a month that is not over, and one whose form went out; raises InvalidInput."""
    if not month_is_over(report.month, _today(policy, at)):
        text = N_("{month} is not over yet; it ends on {day}.")
        faults = {"month": _(text, month=report.month, day=last_day(report.month))}
        raise InvalidInput(faults, MonthToReport.titles())
    if before := _closed(session, report.month):
        text = N_("The form of {month} went out with case {number}; it is made once.")
        raise InvalidInput({"month": _(text, month=report.month, number=before.number)}, MonthToReport.titles())
    return Matter(
        party=people.company(session),
        subject=report.month,
        reported_at=month_ended(report.month, policy.timezone),
        registrars=policy.feedback.registrars,
    )


def begin(work: Work[MonthToReport]) -> None:
    """Clerks and manager hear that the month's information is gathered now, and by when the form goes out."""
    told = {one.id: one for role in (Role.CS_CLERK, Role.CS_MANAGER) for one in to_role(work.session, role)}
    facts = {"month": work.report.month}
    notify(work.session, work.case, work.at, "information_feedback/opened", told.values(), facts, key="opened")


def _today(policy: Policy, at: datetime) -> date:
    return at.astimezone(policy.timezone).date()


def _closed(session: Session, month: str) -> Case | None:
    found = select(Case).where(Case.procedure == CODE, Case.subject == month, Case.closed_at.is_not(None))
    return session.scalars(found).first()
