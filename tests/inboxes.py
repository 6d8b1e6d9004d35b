"""What reached people by mail, and in which language they read."""

from email.message import EmailMessage

from deployments.catcher import MailCatcher
from models.queries import people
from models.tables.notices import Notice
from tasks.database import transaction


def arrived(mailbox: MailCatcher, found: list[Notice]) -> list[EmailMessage]:
    """Those of the notices that reached the mail server."""
    ids = {one.message_id for one in found}
    return [one for one in mailbox.messages() if one["Message-ID"] in ids]


def body(message: EmailMessage, kind: str) -> str:
    """A mail as plain text or as HTML."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def plain(message: EmailMessage) -> str:
    return body(message, "plain")


def reads(login: str, language: str) -> None:
    """Sets the language of somebody."""
    with transaction() as session:
        people.person(session, login).language = language
