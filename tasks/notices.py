"""Notices (通知): written with their cause, in the recipient's language, and sent later by `tasks.post`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.forms import Form, due_time, local_time
from models.language import N_, _, catalogue, speaking, spoken_language
from models.queries import people, questions
from models.roles import Role
from models.tables.cases import Case, Document
from models.tables.deadlines import Deadline
from models.tables.notices import Notice, NoticeState
from models.tables.parties import Party, Person
from models.tables.questions import Task
from models.tables.system import System
from tasks.settings import settings

LETTERS = Path(__file__).parent / "letters"


@dataclass(frozen=True)
class Recipient:
    """Whom a notice goes to: a name, an address, a language, and who they are to pass it on to, if anybody."""

    id: str
    name: str
    address: str
    language: str
    pass_on_to: str = ""
    #: Of a person with a login, who may be asked something.
    person_id: int | None = None


def to_person(person: Person) -> Recipient:
    """A person, by their own mail address."""
    return Recipient(person.login, person.name, person.email, person.language, person_id=person.id)


def to_party(session: Session, party: Party, case: Case) -> Recipient:
    """A party; one without a mail address is told by the person who opened the case."""
    if party.email:
        return Recipient(party.code, party.contact or party.name, party.email, party.language)
    clerk = session.get_one(Person, case.opened_by)
    reach = " ".join(filter(None, (party.name, party.contact, party.phone)))
    return Recipient(party.code, clerk.name, clerk.email, clerk.language, pass_on_to=reach)


def to_role(session: Session, role: Role) -> list[Recipient]:
    """Everybody who holds the role; if nobody does, a recipient without an address, so that it shows as failed."""
    holders = [to_person(one) for one in people.holders(session, role)]
    return holders or [Recipient(role, role.label, "", settings().language)]


Facts = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Letter:
    """A letter to be queued, once for its key and each recipient.

    `facts` may be a function: then it is asked in each recipient's language. Without a case the key is its own and
    `zone` says in which zone times are written. The first notice to go out meets the deadline `meets`; one that
    reminds of a deadline is withdrawn when that ends before; nothing goes out before `deliver_from`. The documents
    `attached`, which have a file, go along. One that `asks` a question goes out to each who may answer it with a link
    of their own (`tasks.answer_links`).
    """

    template: str
    recipients: Iterable[Recipient]
    facts: Facts
    key: str
    case: Case | None = None
    zone: ZoneInfo | None = None
    meets: Deadline | None = None
    reminds_of: Deadline | None = None
    attached: Sequence[Document] = ()
    deliver_from: datetime | None = None
    asks: Task | None = None


def notify(
    session: Session,
    case: Case,
    at: datetime,
    letter: str,
    recipients: Iterable[Recipient],
    facts: Facts,
    *,
    key: str,
    meets: Deadline | None = None,
    attached: Sequence[Document] = (),
    asks: Task | None = None,
) -> list[Notice]:
    """Queues one letter of a case to each recipient, once for `key`; see `Letter`."""
    one = Letter(letter, recipients, facts, key, case=case, meets=meets, attached=attached, asks=asks)
    return queue(session, at, [one])


def queue(session: Session, at: datetime, letters: Iterable[Letter]) -> list[Notice]:
    """Queues letters, each once for its key and recipient."""
    addressed = {
        f"{letter.case.number}:{letter.key}:{one.id}" if letter.case else f"{letter.key}:{one.id}": (letter, one)
        for letter in letters
        for one in letter.recipients
    }
    there = set(session.scalars(select(Notice.key).where(Notice.key.in_(addressed)))) if addressed else set()
    system = session.get_one(System, 1)
    queued = [_notice(system, at, key, letter, one) for key, (letter, one) in addressed.items() if key not in there]
    session.add_all(queued)
    session.flush()
    return queued


def _notice(system: System, at: datetime, key: str, letter: Letter, recipient: Recipient) -> Notice:
    with speaking(recipient.language):
        subject, plain, html = written(letter, recipient)
        nobody = "" if recipient.address else _(N_("Nobody with a mail address holds this role."))
    first = max(at, letter.deliver_from or at)
    asks = letter.asks if recipient.person_id is not None else None
    return Notice(
        case=letter.case,
        key=key,
        template=letter.template,
        to_name=recipient.name,
        to_address=recipient.address,
        language=recipient.language,
        subject=subject,
        plain=plain,
        html=html,
        state=NoticeState.FAILED if nobody else NoticeState.QUEUED,
        error=nobody,
        queued_at=at,
        deliver_from=first,
        next_attempt_at=first,
        message_id=_message_id(system, key),
        attached=[[one.kind, one.number] for one in letter.attached],
        task_id=asks.id if asks else None,
        person_id=recipient.person_id if asks else None,
        meets_deadline_id=letter.meets.id if letter.meets else None,
        reminds_of_id=letter.reminds_of.id if letter.reminds_of else None,
    )


def _message_id(system: System, key: str) -> str:
    """The same for the same notice however often it is sent, and another in every other system."""
    digest = sha256(f"{system.instance}:{key}".encode()).hexdigest()[:32]
    return f"<{digest}@{settings().mail_from.rpartition('@')[2]}>"


def tell_candidates(session: Session, task: Task, at: datetime, *, key: str = "") -> None:
    """Tells those who may decide a task, and their deputies, that it waits for them, with the time it is due."""
    recipients = [to_person(one) for one in questions.candidates(session, task)] or to_role(session, Role(task.role))
    facts, key = {"task": task, "form": Form.named(task.form)}, key or f"task:{task.key}:{task.round}"
    notify(session, task.case, at, "task_opened", recipients, facts, key=key, asks=task)
    for way in questions.deputies(session, task):
        deputy, behind = [to_person(way.acts)], {**facts, "in_place_of": way.holder.name}
        notify(session, task.case, at, "task_opened", deputy, behind, key=key, asks=task)


def about(case: Case) -> list[tuple[str, str]]:
    """What a case is about, as titles and values in the language in force: the party and the start form."""
    report = Form.named(FORMS[case.procedure]).read(case.input)
    reported_at = local_time(case.reported_at.astimezone(questions.policy_of(case).timezone))
    return [
        (_(N_("Case")), case.number),
        (_(N_("Party")), f"{case.party.name} ({case.party.code})"),
        *report.told(),
        (_(N_("Reported at")), reported_at),
    ]


#: The start form of each procedure; filled where procedures are declared.
FORMS: dict[str, str] = {}


def written(letter: Letter, recipient: Recipient) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a letter, in the language in force."""
    zone = questions.policy_of(letter.case).timezone if letter.case else letter.zone
    environment = _environment(spoken_language())
    facts = letter.facts() if callable(letter.facts) else letter.facts
    context = {
        **facts,
        "case": letter.case,
        "about": about(letter.case) if letter.case else [],
        "recipient": recipient,
        "tables": facts.get("tables", []),
        "ui_url": settings().ui_url,
        "local": lambda instant: local_time(instant.astimezone(zone)),
        "until": lambda due: due_time(due.astimezone(zone)),
    }
    body = environment.get_template(f"{letter.template}.j2")
    blocks = body.new_context(context)
    subject = " ".join("".join(body.blocks["subject"](blocks)).split())
    paragraphs = [
        "\n".join(map(str.strip, part.strip().splitlines()))
        for part in "".join(body.blocks["body"](blocks)).split("\n\n")
    ]
    context |= {"subject": subject, "paragraphs": [part for part in paragraphs if part]}
    plain = environment.get_template("layout.txt.j2").render(context)
    html = environment.get_template("layout.html.j2").render(context)
    return subject, plain, html


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(LETTERS),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        # The letters are plain text; only the HTML layout is markup, and it escapes what it is given.
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    return environment
