"""What the web part is told by its environment, beside what every part of the system knows."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator

from models.errors import InvalidInput
from models.forms import fault, sentence_of
from models.language import N_
from tasks.settings import Settings


class WebSettings(Settings):
    """AFTERSALES_WEB_HOST and its siblings, read when the application is made."""

    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=1, le=65535)] = 4200
    #: Addresses of the proxies in front of us, comma-separated; what they say of the caller is believed.
    trusted_proxy: str = ""
    #: Seconds in which the head of a request, and the whole of it, must have arrived.
    web_head_seconds: Annotated[float, Field(gt=0)] = 10
    web_body_seconds: Annotated[float, Field(gt=0)] = 120
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    #: The claim of the ID token that holds a person's login here.
    oidc_login_claim: str = "preferred_username"
    #: Whether people may sign in by password; `off` where OpenID Connect is the only way.
    passwords: bool = True

    @field_validator("ui_url")
    @classmethod
    def is_an_address(cls, value: str) -> str:
        """The public address has no path: cookies and redirects count on it."""
        if value and not _is_web_address(value, path_allowed=False):
            raise fault(N_("Write an address without a path, such as https://after-sales.example."))
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def is_encrypted(cls, value: str) -> str:
        """A provider is reached by https, or on this machine."""
        if value and not (_is_web_address(value) and (value.startswith("https://") or _is_here(value))):
            raise fault(
                N_("Write the issuer's address, such as https://login.example; only on this machine may it be http.")
            )
        return value

    @field_validator("oidc_client_id", "oidc_client_secret")
    @classmethod
    def is_known_to_the_issuer(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        """An issuer knows us by a name and a secret."""
        written = value.get_secret_value() if isinstance(value, SecretStr) else value
        if info.data.get("oidc_issuer") and not written:
            raise fault(N_("The issuer knows this system by a client id and a client secret; write it here."))
        return value

    @field_validator("passwords")
    @classmethod
    def leaves_a_way_in(cls, value: bool, info: ValidationInfo) -> bool:
        """Somebody must be able to sign in."""
        if not value and not info.data.get("oidc_issuer"):
            raise fault(N_("Without passwords nobody can sign in; set AFTERSALES_OIDC_ISSUER too."))
        return value

    @property
    def public_url(self) -> str:
        """The address that people open, without a slash at its end."""
        return self.ui_url or f"http://{self.web_host}:{self.web_port}"

    @property
    def is_https(self) -> bool:
        """Whether people reach us encrypted, so that cookies are sent in no other way."""
        return self.public_url.startswith("https://")


def web_settings() -> WebSettings:
    """The settings of now; raises InvalidInput that names each wrong one."""
    try:
        return WebSettings()
    except ValidationError as error:
        faults = {"_".join(map(str, one["loc"])).upper(): sentence_of(one) for one in error.errors()}
    raise InvalidInput({f"AFTERSALES_{name}": sentence for name, sentence in faults.items()})


def _is_web_address(value: str, *, path_allowed: bool = True) -> bool:
    try:
        parts = urlsplit(value)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    bare = not (parts.query or parts.fragment or parts.username) and (path_allowed or parts.path in {"", "/"})
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port and bare


def _is_here(value: str) -> bool:
    host = urlsplit(value).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
