"""Links in mail as tests need them: found in what arrived, and a policy that says what they are good for."""

import re
from email.message import EmailMessage
from typing import Any

from deployments.catcher import MailCatcher
from models.queries import policies
from tasks.database import transaction

_LINK = re.compile(r"https?://[^\s\"<>]+/links/([^\s\"<>]+)")


def access(**values: Any) -> None:
    """The policy in force says this on access: access(links="decide", link_hours=24)."""
    with transaction() as session:
        content = policies.current(session).content
        policies.keep(session, content | {"access": {**content.get("access", {}), **values}})


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """The plain text of a mail, or its HTML."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def tokens_in(message: EmailMessage, kind: str = "plain") -> list[str]:
    """What opens something in a mail."""
    return list(dict.fromkeys(_LINK.findall(text_of(message, kind))))


def mails_to(mailbox: MailCatcher, login: str, about: str = "") -> list[EmailMessage]:
    """What arrived for somebody of the company, the oldest first; with `about` only what has it in its text."""
    theirs = [one for one in mailbox.messages() if one["To"].addresses[0].username == login]
    return [one for one in theirs if about in text_of(one)]


def token_for(mailbox: MailCatcher, login: str, about: str = "") -> str:
    """The link in the last mail to somebody that has one; with `about` only in mails whose text has it."""
    return [token for one in mails_to(mailbox, login, about) for token in tokens_in(one)][-1]
