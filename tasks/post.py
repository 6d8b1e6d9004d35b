"""Delivery of queued notices through yagmail: retried with back-off, given up where people see it."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import yagmail
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.language import N_, _
from models.queries import audit, cases, clock
from models.tables.cases import DocumentFile
from models.tables.deadlines import Deadline
from models.tables.notices import Notice, NoticeState
from tasks import answer_links
from tasks.answer_links import Made
from tasks.climbing import meet
from tasks.database import transaction
from tasks.settings import settings

#: A message that could not be sent in this time is given up and shown as failed.
GIVE_UP_AFTER = timedelta(days=3)
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
#: From here on SMTP replies are final (RFC 5321 §4.2.1); 4xx ask to try again.
_PERMANENT = 500
#: The server says that it is about to hang up.
_CLOSING = 421


class ServerDown(Exception):
    """The mail server cannot be reached or hung up; trying the next message now is pointless."""


class Refused(Exception):
    """The mail server refused this message; `final` if trying again will not help."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


@dataclass
class Delivered:
    """What a delivery did, and why it stopped early if it did."""

    sent: int = 0
    failed: int = 0
    unreachable: str = field(default="")


class _Post(yagmail.SMTP):  # type: ignore[misc]  # yagmail has no types
    """yagmail with a message that is ours: real text and HTML parts, our Message-ID, nothing guessed from text."""

    message: EmailMessage

    def login(self) -> None:
        """Connects, and logs in if there is a login; what fails here concerns the server, not the message."""
        try:
            super().login()
            if settings().smtp_user:
                self.smtp.login(settings().smtp_user, settings().smtp_password.get_secret_value())
        except OSError as error:
            raise ServerDown(_reason(error)) from error

    def prepare_send(self, *_args: Any, **_kwargs: Any) -> tuple[list[str], str]:
        """The recipients and the message as text; yagmail's own builder would attach text that names a file."""
        return [self.message["To"].addresses[0].addr_spec], self.message.as_string(policy=SMTP)


def deliver(*, case_id: int | None = None, as_of: datetime | None = None) -> Delivered:
    """Sends what is queued and due, of one case or of all, one transaction a message.

    `as_of` may lie ahead on a rehearsal system: then what is due by then goes out too.
    A dead mail server blocks nothing: its messages stay queued. Raises nothing but Unavailable for PostgreSQL.
    """
    done = Delivered()
    links: dict[int, Made | None] = {}
    if not settings().smtp_host:
        done.unreachable = _(N_("No mail server is set (AFTERSALES_SMTP_HOST); notices stay queued."))
        return done
    while not done.unreachable:
        with transaction() as session:
            # A sweep that runs late sends what was due then, but the mail goes out now and is recorded so.
            at = clock.now(session)
            notice = _next(session, max(as_of or at, at), case_id)
            if notice is None:
                return done
            has_its_link = notice.id in links or not answer_links.is_wanted(notice)
            if has_its_link:
                _try(session, notice, links.get(notice.id), at, done)
        if not has_its_link:
            # While this notice is not held: who decides its question meanwhile holds the task and may want the notice.
            links[notice.id] = answer_links.make(notice)
    return done


def _try(session: Session, notice: Notice, link: Made | None, at: datetime, done: Delivered) -> None:
    try:
        _send(notice, _files_of(session, notice), link)
    except (ServerDown, Refused) as error:
        _put_off(session, notice, error, at)
        done.failed += notice.state == NoticeState.FAILED
        done.unreachable = str(error) if isinstance(error, ServerDown) else ""
    else:
        _mark_sent(session, notice, at)
        done.sent += 1


def _next(session: Session, at: datetime, case_id: int | None) -> Notice | None:
    # A reminder of a clock that stands waits until it goes on: nobody is chased meanwhile.
    stands = select(Deadline.id).where(Deadline.id == Notice.reminds_of_id, Deadline.paused_at.is_not(None)).exists()
    due = select(Notice).where(Notice.state == NoticeState.QUEUED, Notice.next_attempt_at <= at, ~stands)
    if case_id is not None:
        due = due.where(Notice.case_id == case_id)
    return session.scalars(due.order_by(Notice.id).limit(1).with_for_update(skip_locked=True)).first()


def _mark_sent(session: Session, notice: Notice, at: datetime) -> None:
    notice.state, notice.sent_at, notice.error = NoticeState.SENT, at, ""
    notice.attempts += 1
    if notice.meets_deadline_id and notice.case_id:
        cases.lock(session, notice.case_id)
        deadline = session.get_one(Deadline, notice.meets_deadline_id)
        # The case may have been withdrawn while the mail waited.
        if not deadline.is_over:
            meet(session, deadline, at)


def _put_off(session: Session, notice: Notice, error: ServerDown | Refused, at: datetime) -> None:
    notice.attempts += 1
    notice.error = str(error)[:500]
    if getattr(error, "final", False) or at - notice.deliver_from > GIVE_UP_AFTER:
        notice.state = NoticeState.FAILED
        audit.record(session, at, "post", "notice_failed", notice.key, {"error": notice.error})
    else:
        notice.next_attempt_at = at + min(_FIRST_WAIT * 2 ** (notice.attempts - 1), _LONGEST_WAIT)


def message_of(notice: Notice, files: Sequence[DocumentFile] = (), link: Made | None = None) -> EmailMessage:
    """The mail as it goes out; the same notice always makes the same Message-ID."""
    plain, html = answer_links.bodies(notice, link)
    message = EmailMessage(policy=SMTP)
    message["From"] = settings().mail_from
    message["To"] = Address(notice.to_name, addr_spec=notice.to_address)
    message["Subject"] = notice.subject
    message["Date"] = notice.queued_at
    message["Message-ID"] = notice.message_id
    message["Content-Language"] = notice.language.replace("_", "-")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    for file in files:
        main, _slash, sub = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message


def _files_of(session: Session, notice: Notice) -> list[DocumentFile]:
    """The files that go along with a notice, in its order."""
    return [session.get_one(DocumentFile, (notice.case_id, kind, number)) for kind, number in notice.attached]


def _send(notice: Notice, files: Sequence[DocumentFile], link: Made | None) -> None:
    """One SMTP conversation. yagmail's errors are OSErrors; those with a code come from the server's replies."""
    try:
        with _connection() as post:
            post.message = message_of(notice, files, link)
            answer = post.send(notice.to_address)
    except OSError as error:
        raise _told_apart(error) from error
    except ValueError as error:
        raise Refused(str(error), final=True) from error
    if answer is False:
        raise ServerDown(_(N_("The mail server hung up in the middle; whether it took the message is unknown.")))
    if answer:
        raise Refused(str(answer), final=False)


def _connection() -> _Post:
    chosen = settings()
    # yagmail by itself would accept any certificate.
    checked = {} if chosen.smtp_security == "none" else {"context": ssl.create_default_context()}
    return _Post(
        user=chosen.mail_from,
        host=chosen.smtp_host,
        port=chosen.smtp_port,
        smtp_ssl=chosen.smtp_security == "ssl",
        smtp_starttls=checked if chosen.smtp_security == "starttls" else False,
        # We log in ourselves: yagmail would take the login for the sender's address, and ask on the terminal.
        smtp_skip_login=True,
        timeout=chosen.smtp_timeout,
        soft_email_validation=False,
        **(checked if chosen.smtp_security == "ssl" else {}),
    )


def _told_apart(error: OSError) -> ServerDown | Refused:
    """Refused if the server answered about this message, ServerDown if the connection broke."""
    refused = getattr(error, "recipients", None)
    code = next(iter(refused.values()))[0] if isinstance(refused, dict) and refused else getattr(error, "smtp_code", 0)
    if not isinstance(code, int) or code <= 0 or code == _CLOSING:
        return ServerDown(_reason(error))
    return Refused(_reason(error), final=code >= _PERMANENT)


def _reason(error: OSError) -> str:
    """The server's own words where it said any."""
    refused = getattr(error, "recipients", None)
    code, reply = getattr(error, "smtp_code", ""), getattr(error, "smtp_error", "")
    if isinstance(refused, dict) and refused:
        code, reply = next(iter(refused.values()))
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return f"{code} {words}".strip() or str(error) or type(error).__name__
