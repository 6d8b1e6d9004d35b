"""How a Prefect run carries a case. The only place that knows how Prefect sleeps."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature
from typing import Annotated, Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import Flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.states import Cancelled, Completed, Failed
from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema
from sqlalchemy import func, select

from models.errors import AfterSalesError, AlreadyReported, CaseEnded
from models.forms import Form, codes_for_labels
from models.language import N_, _, speak, speaking
from models.queries import cases, clock
from models.tables.questions import PrefectForm, Task, TaskState
from tasks import prefect_api
from tasks.carrying import carried_by
from tasks.database import transaction
from tasks.journal import CaseFile, R
from tasks.opening import Procedure, file_of, opened
from tasks.prefect_forms import answer_schema, form_key, start_schema
from tasks.settings import settings
from tasks.summary import question_text, story
from tasks.waking import carry
from tasks.why_page import why_page

P = ParamSpec("P")
T = TypeVar("T")


class PrefectRun:
    """The run that is executing now, as the carrier of a case."""

    def __init__(self, run_id: UUID) -> None:
        self.run_id = run_id

    def show(self, name: str, title: str, do: Callable[[], T]) -> T:
        """A step that is done now shows as one task of the run; one that was done before does not show again."""
        get_run_logger().info(title)
        shown = task(name=name, task_run_name=title, persist_result=False, cache_policy=NO_CACHE)
        return shown(do)()

    def keep_story(self, number: str) -> None:
        """The case as it ended and the clocks that ran in it, as artifacts of the run."""
        with transaction() as session:
            case = cases.by_number(session, number)
            told, clocks = story(session, case), why_page(session, case, clock.now(session))
        create_markdown_artifact(told, key=f"case-{number.lower()}", description=number)
        create_markdown_artifact(clocks, key=clocks_key(number), description=number)

    def start(self, number: str) -> None:
        """A run of its own for a case that came out of this one; with Prefect down the sweep starts it."""
        carry(number)

    def sleep(self, task_id: int) -> None:
        """Suspends the run with a form of its own. No timeout: the deadline is ours, and Prefect's would kill."""
        with transaction() as session:
            case = cases.lock(session, session.get_one(Task, task_id).case_id)
            question = session.get_one(Task, task_id)
            if question.state != TaskState.OPEN:
                return
            last = select(func.max(PrefectForm.number)).where(PrefectForm.task_id == task_id)
            number = (session.scalar(last) or 0) + 1
            session.add(
                PrefectForm(task_id=task_id, number=number, flow_run_id=self.run_id, shown_at=clock.now(session))
            )
            case.flow_run_id = self.run_id
            form = answer_form(question, question_text(session, question))
            key = form_key(question, number)
            name, clocks = case.number, why_page(session, case, clock.now(session))
        create_markdown_artifact(clocks, key=clocks_key(name), description=name)
        suspend_flow_run(wait_for_input=form, key=key, timeout=None)


def clocks_key(number: str) -> str:
    """The key of the artifact with the sums behind a case's deadlines."""
    return f"clocks-{number.lower()}"


def answer_form(question: Task, description: str) -> type[RunInput]:
    """The form as Prefect wants it: a model of whom only the schema is used.

    Nobody reads an answer back from Prefect: what is submitted there goes through the one door before Prefect hears of
    it, and what came past the gateway is no decision. The run then wakes, finds none, and asks again.
    """
    schema = answer_schema(question)

    class Answer(RunInput):
        @classmethod
        def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
            return schema

    Answer.__name__ = question.form
    # Prefect reads it off the class.
    Answer._description = description
    return Answer


def procedure(declared: Procedure) -> Callable[[Callable[P, T]], Flow[P, T]]:
    """Makes a procedure's function a Prefect flow.

    No retries, no timeout, no result store: the journal remembers. Input is checked by ours, whose sentences
    people understand, and what a rule refuses ends the run with that sentence and without a stack trace.
    """

    def flow_of(body: Callable[P, T]) -> Flow[P, T]:
        @wraps(body)
        def carried(*args: P.args, **kwargs: P.kwargs) -> Any:
            speak(settings().language)
            context = FlowRunContext.get()
            if context is None or context.flow_run is None:
                return body(*args, **kwargs)
            with carried_by(PrefectRun(context.flow_run.id)):
                return _ended(body, *args, **kwargs)

        carried.__signature__ = _with_start_form(signature(body), declared)  # type: ignore[attr-defined]
        return Flow(
            carried,
            name=declared.deployment.split("/", maxsplit=1)[0],
            validate_parameters=False,
            persist_result=False,
            log_prints=False,
        )

    return flow_of


@dataclass(frozen=True)
class StartForm:
    """The report of a procedure as Prefect's start form shows it: with labels, in the configured language.

    Prefect reads it off the signature when it deploys, where nobody speaks a language yet.
    """

    form: type[Form]

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        with speaking(settings().language):
            return start_schema(self.form)


def _with_start_form(given: Signature, declared: Procedure) -> Signature:
    report, *others = given.parameters.values()
    shown = report.replace(annotation=Annotated[report.annotation, StartForm(declared.form)])
    return given.replace(parameters=[shown, *others])


def _ended(body: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Any:
    try:
        outcome = body(*args, **kwargs)
    except AlreadyReported as error:
        return Completed(name="AlreadyReported", message=error.message)
    except CaseEnded as error:
        return Cancelled(message=error.message)
    except AfterSalesError as error:
        return Failed(message=error.message)
    return Completed(message=getattr(outcome, "label", str(outcome)))


def case_of(declared: Procedure, report: Any, number: str | None) -> CaseFile[R]:
    """The case that this run carries: the one it is called with, the one it opened before, or a new one."""
    context = FlowRunContext.get()
    run_id = context.flow_run.id if context and context.flow_run else None
    with transaction() as session:
        case = cases.by_number(session, number, lock=True) if number else None
        if case is None and run_id:
            case = cases.by_flow_run(session, run_id)
        before = case.flow_run_id if case else None
        if case is None:
            labels = declared.form.schema_for({}, labels=True)
            case = opened(session, declared, codes_for_labels(labels, report), run_id=run_id)
        if run_id:
            case.flow_run_id = run_id
        file = file_of(case, declared.form)
    if run_id:
        prefect_api.rename(run_id, file.number)
        if before and before != run_id:
            prefect_api.cancel(before, _(N_("Another run carries case {number} now."), number=file.number))
    return file  # type: ignore[return-value]  # the procedure's own form, which the caller names
