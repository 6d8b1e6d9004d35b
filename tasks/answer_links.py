"""Links in mail (答复链接): each opens one question for one person, once and for a while.

A link is made as its mail goes out. What opens the question stands in that mail alone: the database keeps the SHA-256
of a random code, and neither a log nor a copy of the database holds a link that somebody could use.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from html import escape

from itsdangerous import Signer
from sqlalchemy.orm import Session

from models.errors import NotAllowed, NotFound
from models.forms import local_time
from models.language import N_, _, speaking
from models.queries import answer_links, clock, questions
from models.queries.access import access
from models.sections.access import LinkUse
from models.tables.answer_links import AnswerLink
from models.tables.notices import Notice
from models.tables.parties import Person
from models.tables.questions import Channel, Task, TaskState
from tasks.database import transaction
from tasks.deciding import Decided, decide, refuse_if_not_theirs, refuse_if_over, refuse_if_separated
from tasks.settings import settings

#: For everything that is no link of ours, or not any more; who tries learns nothing.
NO_LINK = N_("This link opens nothing. Look whether it was copied whole, or sign in.")
#: Where a letter's HTML takes up its link; what people wrote cannot hold it, as it is escaped.
_PLACE = "<!-- answer link -->"
_CODE_BYTES = 32


@dataclass(frozen=True)
class Made:
    """A link as its mail shows it: the address, and until when it is good, as its reader reads times."""

    address: str
    until: str
    #: Whether it answers without signing in.
    decides: bool


def is_wanted(notice: Notice) -> bool:
    """Whether a notice puts a question to somebody who can open our pages."""
    return notice.task_id is not None and bool(settings().ui_url)


def make(notice: Notice) -> Made | None:
    """A link to the question of a notice, for its reader; nothing if the reader may not answer it (any more).

    It is kept in a transaction of its own, so that no mail goes out with a link that is not known here.
    """
    with transaction() as session:
        task, person = session.get_one(Task, notice.task_id), session.get_one(Person, notice.person_id)
        free = questions.unbarred(session, task, questions.ways_to(session, task, person))
        if task.state != TaskState.OPEN or not free:
            return None
        at, rules, code = clock.now(session), access(session), secrets.token_hex(_CODE_BYTES)
        link = AnswerLink(
            code_hash=_hash(code),
            task=task,
            person=person,
            made_at=at,
            expires_at=at + timedelta(hours=rules.link_hours),
        )
        session.add(link)
        # The code stands last: programs that make links clickable leave out a mark at the end; a signature may be one.
        token = f"{_signer(session).get_signature(code).decode()}.{code}"
        until = local_time(link.expires_at.astimezone(questions.policy_of(task.case).timezone))
        return Made(f"{settings().ui_url.rstrip('/')}/links/{token}", until, rules.links is LinkUse.DECIDE)


def bodies(notice: Notice, link: Made | None) -> tuple[str, str]:
    """The plain text and the HTML of a notice as its mail goes out, with its link if it has one."""
    if link is None:
        return notice.plain, notice.html.replace(_PLACE, "")
    with speaking(notice.language):
        text = _(_WITHOUT_SIGNING_IN if link.decides else _SIGNED_IN, time=link.until)
    address = f'<p>{escape(text)}<br><a href="{escape(link.address)}">{escape(link.address)}</a></p>'
    return f"{notice.plain}\n{text}\n{link.address}\n", notice.html.replace(_PLACE, address)


_WITHOUT_SIGNING_IN = N_(
    "This link answers it without signing in, once, until {time}. Do not pass it on: "
    "whoever has it answers in your name."
)
_SIGNED_IN = N_("This link leads to it, until {time}; you sign in first.")


def opened(session: Session, token: str) -> AnswerLink:
    """The link that a token opens, whatever has become of it; raises NotFound, always with the same sentence."""
    signature, _dot, code = token.partition(".")
    # Told apart without looking for it: what nobody signed here is not searched for.
    known = _signer(session).verify_signature(code, signature)
    found = answer_links.by_code_hash(session, _hash(code)) if known else None
    if found is None:
        raise NotFound(NO_LINK)
    return found


def needs_sign_in(session: Session) -> bool:
    """Whether the policy wants whoever follows a link to sign in first."""
    return access(session).links is LinkUse.LOGIN


def refuse_if_spent(session: Session, link: AnswerLink) -> None:
    """Raises NotAllowed for a link whose time has passed; says as the one door does who decided, or who may not."""
    if link.expires_at <= clock.now(session):
        raise NotAllowed(answer_links.SPENT)
    task = link.task
    refuse_if_over(task, task.case)
    ways = questions.ways_to(session, task, link.person)
    refuse_if_not_theirs(task, link.person, ways)
    refuse_if_separated(session, task, ways, questions.unbarred(session, task, ways))


def decide_by(token: str, answer: object) -> Decided:
    """Decides in the name of whom the link was made for, and uses it up; raises what `decide` and `opened` do.

    Whether that person must sign in first is for the page to see to.
    """
    with transaction() as session:
        link = opened(session, token)
        ref, login = link.task.ref, link.person.login
    return decide(ref, answer, by=login, channel=Channel.MAIL_LINK, link=link.id)


def _signer(session: Session) -> Signer:
    return Signer(answer_links.key(session), salt="answer-link", key_derivation="hmac", digest_method=sha256)


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
