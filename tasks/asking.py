"""Asking people (待办): a question is opened once, answered once, and never asked again after its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from models.forms import Form
from models.language import N_, _
from models.limits import Limit
from models.queries import audit, cases, clock, deadlines, links, people, questions
from models.roles import Role
from models.tables.deadlines import Deadline
from models.tables.parties import Person
from models.tables.questions import Task, TaskState
from tasks.carrying import carrier
from tasks.database import transaction
from tasks.journal import CaseFile, R, Work, in_round, refuse_if_ended
from tasks.notices import tell_candidates
from tasks.post import deliver
from tasks.responsibility import holder_of

F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Overdue:
    """Silence as an answer: the time passed and the policy's lapse rule answered."""


@dataclass(frozen=True)
class TakenBack:
    """The question was taken back while its case goes on: somebody ruled that it is not this one's to answer."""


@dataclass(frozen=True)
class Question(Generic[F]):
    """A task that was put to somebody; `answer_to` waits for what comes of it."""

    file: CaseFile[Any]
    task_id: int
    form: type[F]


def ask(file: CaseFile[R], key: str, form: type[F], **how: Any) -> F:
    """Puts a question, once, and waits for its answer; see `put` for how it can be put."""
    return answer_to(put(file, key, form, **how))


def put(
    file: CaseFile[R],
    key: str,
    form: type[F],
    *,
    of: Role,
    limit: Limit | None = None,
    within: str = "",
    since: datetime | None = None,
    assignee: str = "",
    for_the_party: bool = False,
    at: str = "",
    facts: Callable[[Work[R]], dict[str, Any]] = lambda work: {},
    round: int = 1,
) -> Question[F]:
    """Opens a task without waiting.

    It goes to the holders of the role `of`, or to `assignee` (a login) among them; with `for_the_party` they
    answer for the party that the case is for. With `at` (a party's number) the people of that party are asked who
    hold the role there; the clerks answer for a party that has none. Its time is `limit`, from now or from `since`,
    or the case's deadline `within` which already runs. `facts` is what the form is checked against.
    """
    with transaction() as session:
        if task := questions.asked(session, file.id, key, round):
            return Question(file, task.id, form)

    def open_task() -> int:
        with transaction() as session:
            case = cases.lock(session, file.id)
            if task := questions.asked(session, file.id, key, round):
                return task.id
            refuse_if_ended(case)
            work = Work(session, case, file, clock.now(session), key)
            task = Task(
                ref=f"{case.number}:{key}:{round}",
                case=case,
                key=key,
                round=round,
                role=of,
                assignee=_assignee(work, assignee),
                for_party=case.party if for_the_party else None,
                at_party=people.party_by_code(session, at) if at else None,
                form=form.__name__,
                facts=facts(work),
                state=TaskState.OPEN,
                opened_at=work.at,
            )
            task.deadline = _deadline(work, task, limit, within, since)
            session.add(task)
            session.flush()
            audit.record(session, work.at, "flow", "task_opened", task.ref, {"role": of.value, "assignee": assignee})
            tell_candidates(session, task, work.at)
            return task.id

    title = _(N_("Asked: {question}"), question=_(form.heading))
    return Question(file, carrier().show(f"ask-{key}", in_round(title, round), open_task), form)


def answer_to(question: Question[F]) -> F:
    """Waits for the answer of a question that cannot lapse."""
    answer = answer_or_overdue(question)
    assert not isinstance(answer, Overdue), "the policy model lets only lapsable questions lapse"
    return answer


def answer_or_overdue(question: Question[F]) -> F | Overdue:
    """Waits for the answer, or for the lapse rule to give it."""
    came = what_came(question)
    assert not isinstance(came, TakenBack), "a question is taken back only where its flow reads what came of it"
    return came


def what_came(question: Question[F]) -> F | Overdue | TakenBack:
    """Waits for the answer, for the lapse rule to give it, or for the question to be taken back.

    Whoever takes a question back withdraws its task and ends its clock under the lock of the case, then wakes the run.
    """
    while True:
        with transaction() as session:
            task = session.get_one(Task, question.task_id)
            if task.state == TaskState.LAPSED:
                return Overdue()
            if task.decision is not None:
                return question.form.read(task.decision.answer, task.facts)
            # The flow of a closed case, called once more, went past the questions that it awaits here.
            if task.state == TaskState.WITHDRAWN and task.case.withdrawn_at is None:
                return TakenBack()
            refuse_if_ended(task.case)
            questions.await_only(session, task)
        send_and_start(question.file)
        carrier().sleep(question.task_id)


def send_and_start(file: CaseFile[Any]) -> None:
    """What steps left to be done outside the database, before the flow waits or ends: mail, and runs of child cases."""
    deliver(case_id=file.id)
    with transaction() as session:
        waiting = links.without_run(session, file.id)
    for number in waiting:
        carrier().start(number)


def _assignee(work: Work[Any], login: str) -> Person | None:
    return people.person(work.session, login) if login else None


def _deadline(work: Work[Any], task: Task, limit: Limit | None, within: str, since: datetime | None) -> Deadline:
    """The clock that runs for a task: its own, or one that runs already and whose ball passes to the task's party."""
    with work.session.no_autoflush:
        holder = holder_of(work.session, task)
        if within:
            deadline = deadlines.of_case(work.session, work.case.id, within)
            deadlines.pass_ball(deadline, holder, work.at, "flow")
            return deadline
        assert limit is not None, "a question has a time of its own or runs within another"
        name = task.key if task.round == 1 else f"{task.key}-{task.round}"
        return deadlines.start(work.session, work.case, name, limit, since or work.at, work.policy, holder)
