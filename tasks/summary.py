"""A case as Markdown, for the form above which it stands and for the story that is kept with the run."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.forms import Form, due_time, local_time
from models.language import N_, _
from models.queries import clock, deadlines, questions
from models.tables.cases import Case, Step
from models.tables.deadlines import Deadline
from models.tables.questions import Decision, Task
from tasks.deadlines import name_of
from tasks.deciding import IN_PLACE_OF
from tasks.linking import linked_rows
from tasks.markdown import facts, plain, table
from tasks.notices import about
from tasks.states import STATES
from tasks.step_names import step_label


def question_text(session: Session, task: Task) -> str:
    """What stands above the form: the question, who may answer it, the case."""
    zone = questions.policy_of(task.case).timezone
    who = ", ".join(one.label for one in questions.candidates(session, task)) or _(N_("nobody holds the role"))
    parts = [
        f"### {_(Form.named(task.form).heading)}",
        _(N_("Due by **{due}**."), due=due_time(deadlines.due_of(task.deadline, clock.now(session)).astimezone(zone))),
        _(N_("May decide: {who}."), who=plain(who)),
    ]
    if standing_in := questions.deputies(session, task):
        who = ", ".join(_(IN_PLACE_OF, name=way.acts.label, holder=way.holder.label) for way in standing_in)
        parts.append(_(N_("Standing in: {who}."), who=plain(who)))
    if task.for_party:
        parts.append(_(N_("The answer is given for {party} and recorded so."), party=plain(task.for_party.name)))
    if hint := Form.named(task.form).hint(task.facts):
        parts += ["#### " + _(N_("To be considered")), facts(hint)]
    return "\n\n".join([*parts, story(session, task.case)])


def story(session: Session, case: Case) -> str:
    """The case: what it is about, what was decided, which clocks run, what was done."""
    zone = questions.policy_of(case).timezone

    def local(instant: datetime) -> str:
        return local_time(instant.astimezone(zone))

    decided = session.scalars(select(Decision).join(Task).where(Task.case_id == case.id).order_by(Decision.at)).all()
    clocks = session.scalars(select(Deadline).where(Deadline.case_id == case.id).order_by(Deadline.id)).all()
    steps = session.scalars(select(Step).where(Step.case_id == case.id).order_by(Step.at)).all()
    at = clock.now(session)
    parts = ["#### " + _(N_("About")), facts(about(case))]
    if linked := linked_rows(session, case):
        parts += ["#### " + _(N_("Linked cases")), table(["", _(N_("Case")), _(N_("State"))], linked)]
    if decided:
        rows = [
            (_(Form.named(one.task.form).heading), f"{_by(one)} · {local(one.at)} · {answer_text(one)}")
            for one in decided
        ]
        parts += ["#### " + _(N_("Decisions")), facts(rows)]
    dues = [
        (
            name_of(session, one),
            due_time(deadlines.due_of(one, at).astimezone(zone)),
            STATES[deadlines.state_of(one, at)](),
        )
        for one in clocks
    ]
    parts += ["#### " + _(N_("Deadlines")), table([_(N_("For")), _(N_("Due")), _(N_("State"))], dues)]
    done = [f"- {local(one.at)} · {step_label(case.procedure, one.key)}" for one in steps]
    parts += ["#### " + _(N_("Steps")), "\n".join(done)]
    return "\n\n".join(parts)


def answer_text(decision: Decision) -> str:
    """An answer in one line: titles and values, as people chose them."""
    if decision.by is None:
        return _(N_("no answer in time"))
    facts = decision.task.facts
    answer = Form.named(decision.task.form).read(decision.answer, facts)
    return "; ".join(f"{title}: {text}" for title, text in answer.told(facts))


def _by(decision: Decision) -> str:
    name = decision.by.name if decision.by else _(N_("the lapse rule"))
    if decision.in_place_of:
        name = _(IN_PLACE_OF, name=name, holder=decision.in_place_of.name)
    if decision.on_behalf_of:
        return _(N_("{name} for {party}"), name=name, party=decision.on_behalf_of.name)
    return name
