"""Opening cases (工单): checked first, numbered and journalled in one transaction, found again by every later run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.errors import AlreadyReported, NotAllowed, NotFound
from models.forms import Form, local_time
from models.labels import Labelled
from models.language import N_, _
from models.policy import Policy, read_policy
from models.queries import audit, cases, clock, people, policies
from models.roles import Role
from models.rules.reports import is_the_same_report
from models.tables.cases import Case, Step
from models.tables.parties import Party, Person
from tasks.database import transaction
from tasks.journal import CaseFile, R, Work, name_step
from tasks.notices import FORMS
from tasks.permission import refuse_unless

#: The key of the journal's first row.
OPEN = "open"
name_step(__name__, OPEN, N_("Case opened"))


@dataclass(frozen=True)
class Procedure:
    """A documented way of working (流程): its code in case numbers, where the manual has it, how it begins."""

    code: str
    title: str
    manual: str
    #: Prefect's "flow/deployment".
    deployment: str
    form: type[Form]
    #: How a case of it can end.
    outcomes: type[Labelled]
    #: Checks the start form against the master data; raises InvalidInput for what is wrong with it.
    check: Callable[[Session, Any, Policy, datetime], "Matter"]
    #: What the opening of a case brings with it, in its transaction: first document, first deadlines, first mail.
    begin: Callable[[Work[Any]], None]
    #: What does not agree in a closed case of this procedure: codes and texts.
    prove: Callable[[Session, Case], Iterable[tuple[str, str]]]
    #: The policy's section on it; a company whose policy has none does not run the procedure.
    section: str
    #: Start forms of what the calendar opens by itself: a month's feedback, a station's renewal. Each is opened once.
    falls_due: Callable[[Session, Policy, datetime], Iterable[dict[str, Any]]] = lambda session, policy, at: ()

    def __post_init__(self) -> None:
        FORMS[self.code] = self.form.__name__

    @property
    def name(self) -> str:
        """The procedure's name in the language in force."""
        return _(self.title)

    @property
    def package(self) -> str:
        """The package that declares its steps."""
        return self.begin.__module__.rpartition(".")[0]

    def is_run_under(self, policy: Policy) -> bool:
        """Whether the company runs this procedure."""
        return getattr(policy, self.section) is not None


@dataclass(frozen=True)
class Matter:
    """What a start form is about, once checked: the party, the subject that tells a repetition, the report's time."""

    party: Party
    subject: str
    reported_at: datetime
    #: Days in which a second report of the subject belongs to the case that is open already.
    repeated_within_days: int = 0
    separate: bool = False
    #: Who may open such a case; the policy's registrars where the section says nothing else.
    registrars: tuple[Role, ...] = ()


def open_case(procedure: Procedure, report: object, by: str = "") -> str:
    """Opens a case from a start form and returns its number; `by` is the login that overrides the form's registrar.

    Raises InvalidInput, NotFound, NotAllowed or AlreadyReported, and then no case was opened.
    """
    with transaction() as session:
        return opened(session, procedure, report, by).number


def opened(
    session: Session,
    procedure: Procedure,
    report: object,
    by: str = "",
    run_id: UUID | None = None,
    opener: Person | None = None,
) -> Case:
    """The case that `report` opens, in the caller's transaction.

    `opener` is in whose name a step or the calendar opens it: no post is asked for then.
    """
    if by and isinstance(report, dict):
        report = {**report, "registered_by": by}
    form = procedure.form.read(report)
    at = clock.now(session)
    version = policies.current(session)
    policy = read_policy(version.content)
    if not procedure.is_run_under(policy):
        raise NotAllowed(
            N_("The policy {policy} has no section {section}: the company does not run this procedure."),
            policy=version.name,
            section=procedure.section,
        )
    matter = procedure.check(session, form, policy, at)
    registrar = opener or _registrar(
        session, getattr(form, "registered_by", by), matter.registrars or policy.registrars
    )
    cases.lock_subject(session, procedure.code, matter.subject)
    _refuse_repetition(session, procedure, matter, policy)
    case = Case(
        number=cases.next_number(session, procedure.code, at, policy.timezone),
        procedure=procedure.code,
        policy_version=version,
        subject=matter.subject,
        party=matter.party,
        input=form.model_dump(mode="json"),
        reported_at=matter.reported_at,
        opened_at=at,
        opened_by=registrar.id,
        flow_run_id=run_id,
    )
    session.add(case)
    session.flush()
    audit.record(session, at, registrar.login, "case_opened", case.number, {"input": case.input})
    procedure.begin(Work(session, case, file_of(case, procedure.form), at, OPEN))
    session.add(Step(case_id=case.id, key=OPEN, at=at, result={"value": case.number}))
    return case


def open_what_fell_due(procedure: Procedure, at: datetime) -> list[str]:
    """Opens what the calendar asks for at `at`, in the name of the first clerk.

    Each subject is opened once, whatever became of its case.

    Raises NotFound if there is no clerk, and what `opened` raises.
    """
    with transaction() as session:
        policy = read_policy(policies.current(session).content)
        reports = list(procedure.falls_due(session, policy, at)) if procedure.is_run_under(policy) else []
    numbers = []
    for report in reports:
        with transaction() as session:
            case = _opened_once(session, procedure, report, policy, at)
            numbers += [case.number] if case else []
    return numbers


def _opened_once(
    session: Session, procedure: Procedure, report: dict[str, Any], policy: Policy, at: datetime
) -> Case | None:
    clerks = people.holders(session, Role.CS_CLERK)
    if not clerks:
        raise NotFound(N_("Nobody holds the role {role}, in whose name the calendar opens cases."), role=Role.CS_CLERK)
    form = procedure.form.read({"registered_by": clerks[0].login, **report})
    subject = procedure.check(session, form, policy, at).subject
    cases.lock_subject(session, procedure.code, subject)
    if cases.was_ever_about(session, procedure.code, subject):
        return None
    return opened(session, procedure, form.model_dump(mode="json"), opener=clerks[0])


def file_of(case: Case, form: type[R]) -> CaseFile[R]:
    """The case as its flow holds it."""
    return CaseFile(
        case.id, case.number, read_policy(case.policy_version.content), form.read(case.input), case.reported_at
    )


def _registrar(session: Session, login: str, allowed: tuple[Role, ...]) -> Person:
    person = people.person(session, login)
    refuse_unless(person, allowed, N_("{person} may not register reports; that takes one of: {roles}."))
    return person


def _refuse_repetition(session: Session, procedure: Procedure, matter: Matter, policy: Policy) -> None:
    if matter.separate:
        return
    for case in cases.open_cases_about(session, procedure.code, matter.subject):
        if is_the_same_report(matter.reported_at, case.reported_at, matter.repeated_within_days):
            raise AlreadyReported(
                N_(
                    "This is already open as case {case}, reported at {at}. "
                    "Add to that case, or ask for a separate one."
                ),
                case=case.number,
                at=local_time(case.reported_at.astimezone(policy.timezone)),
            )
