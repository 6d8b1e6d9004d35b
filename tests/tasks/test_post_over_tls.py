"""Mail over STARTTLS with a login: only to a server whose certificate is trusted, only with the right password."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from people import opened
from sqlalchemy import Engine, select

from deployments.postgres import free_port
from models.tables.notices import Notice, NoticeState
from tasks.database import transaction
from tasks.post import deliver
from tasks.settings import settings


class Safe:
    """A mail server that wants STARTTLS and a login, and keeps whom it took mail for."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "server.pem"
        key = folder / "server.key"
        own_certificate(self.certificate, key)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, key)
        self.taken: list[tuple[str, str]] = []
        self.port = free_port()
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self.knows,
        )

    def knows(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        """Whether login and password are those of after-sales."""
        known = isinstance(login, LoginPassword) and (login.login, login.password) == (b"aftersales", b"right")
        return AuthResult(success=known, handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Takes the message."""
        self.taken.append((envelope.mail_from, envelope.rcpt_tos[0]))
        return "250 OK"


def own_certificate(certificate: Path, key: Path) -> None:
    """A certificate for 127.0.0.1 that nobody has signed."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@pytest.fixture
def server(company: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Safe]:
    safe = Safe(tmp_path)
    safe.controller.start()
    for name, value in {
        "HOST": "127.0.0.1",
        "PORT": str(safe.port),
        "SECURITY": "starttls",
        "USER": "aftersales",
        "PASSWORD": "right",
    }.items():
        monkeypatch.setenv(f"AFTERSALES_SMTP_{name}", value)
    monkeypatch.setenv("SSL_CERT_FILE", str(safe.certificate))
    settings.cache_clear()
    yield safe
    safe.controller.stop()


def state() -> str:
    with transaction() as session:
        return session.scalars(select(Notice.state)).one()


def test_a_trusted_server_takes_mail_after_the_login_and_the_sender_is_ours_and_not_the_login(server: Safe) -> None:
    opened()
    assert deliver().sent == 1
    assert server.taken == [("after-sales@aftersales.example", "hengda@dealer.example")]


def test_a_server_whose_certificate_is_not_trusted_gets_nothing(server: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    opened()
    assert "certificate" in deliver().unreachable
    assert (state(), server.taken) == (NoticeState.QUEUED, [])


def test_a_wrong_password_concerns_the_server_and_gives_up_no_message(
    server: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_SMTP_PASSWORD", "wrong")
    settings.cache_clear()
    opened()
    done = deliver()
    assert "535" in done.unreachable
    assert "wrong" not in done.unreachable
    assert (state(), server.taken) == (NoticeState.QUEUED, [])
