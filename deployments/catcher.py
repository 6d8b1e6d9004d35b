"""The mail catcher (收信箱): a real SMTP server on this machine that keeps every message as a file."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deployments.postgres import free_port


class MailCatcher:
    """Keeps messages as .eml files in `folder`, named in the order of their arrival."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._count = 0
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Takes a message: written under another name first, so that no half message is ever seen."""
        self._count += 1
        content = envelope.original_content or b""
        unfinished = self.folder / f".{uuid4().hex}"
        unfinished.write_bytes(content)
        unfinished.rename(self.folder / f"{self._count:05d}-{envelope.rcpt_tos[0].replace('/', '_')}.eml")
        return "250 kept"

    def start(self) -> None:
        """Listens from now on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._count = len(list(self.folder.glob("*.eml")))
        self._controller.start()

    def stop(self) -> None:
        """Listens no more."""
        self._controller.stop()

    def messages(self) -> list[EmailMessage]:
        """Everything that was kept, in the order of arrival."""
        parser = BytesParser(policy=default)
        return [parser.parsebytes(file.read_bytes()) for file in sorted(self.folder.glob("*.eml"))]
