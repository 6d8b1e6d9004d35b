"""Who may see a case (查看): who works for it, who is asked in it, and the company's posts that see everything.

Everybody else is told what they would be told of a case that there is not.
"""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.language import N_
from models.queries import cases, people, questions
from models.queries.access import access
from models.roles import PartyKind
from models.tables.cases import Case
from models.tables.notices import Notice
from models.tables.parties import Person
from models.tables.questions import Decision, Task


def case_seen(session: Session, number: str, login: str) -> tuple[Case, Person]:
    """The case with this number and the person, who may see it; raises NotFound for who may not, too."""
    case, person = cases.by_number(session, number), people.person(session, login)
    if not may_see(session, case, person):
        raise NotFound(N_("There is no case {number}."), number=number)
    return case, person


def task_seen(session: Session, ref: str, login: str) -> tuple[Task, Person]:
    """The task people call `ref` and the person, who may see its case; raises NotFound for who may not, too."""
    task, person = questions.by_ref(session, ref), people.person(session, login)
    if not may_see(session, task.case, person):
        raise NotFound(N_("There is no task {ref}."), ref=ref)
    return task, person


def may_see(session: Session, case: Case, person: Person) -> bool:
    """Whether a person may see a case, its questions, documents and photographs, as things are now."""
    return (
        case.opened_by == person.id
        or answers_for_the_party(case, person)
        or holds_a_post_that_sees_all(session, person)
        or was_asked(session, case, person)
        or is_asked(session, case, person)
    )


def answers_for_the_party(case: Case, person: Person) -> bool:
    """Of the case's party, or of one that answers for it (逐级负责, manual 000 四.1 art. 5).

    The company stands above everybody; at the company a post is asked for.
    """
    line = [one for one in (case.party, *people.superiors(case.party)) if one.kind != PartyKind.COMPANY]
    return person.party_id in {one.id for one in line}


def holds_a_post_that_sees_all(session: Session, person: Person) -> bool:
    """Works at the company in a post that the policy lets into Prefect, where everything can be read as well."""
    if person.party.kind != PartyKind.COMPANY:
        return False
    posts = access(session)
    return bool(person.roles & {*posts.operators, *posts.managers, *posts.auditors, *posts.administrators})


def was_asked(session: Session, case: Case, person: Person) -> bool:
    """Decided something in it, also by a deputy, or was told of a question; a notice's key ends with whom it told."""
    decided = exists().where(
        Decision.task_id == Task.id,
        Task.case_id == case.id,
        or_(Decision.by_id == person.id, Decision.in_place_of_id == person.id),
    )
    told = exists().where(
        Notice.case_id == case.id,
        Notice.template == "task_opened",
        Notice.key.endswith(f":{person.login}", autoescape=True),
    )
    return bool(session.scalar(select(or_(decided, told))))


def is_asked(session: Session, case: Case, person: Person) -> bool:
    """May answer one of its open questions now, also as a deputy; separation of duties is another matter."""
    return any(questions.ways_to(session, task, person) for task in questions.open_in(session, case.id))
