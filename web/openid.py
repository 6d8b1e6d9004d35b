"""Signing in at a provider of the company (OpenID Connect). Authlib speaks the protocol; we keep our own session."""

import hmac
import logging
from hashlib import sha256
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.errors import NotAllowed, Unavailable
from models.language import N_
from tasks.braking import is_writable
from tasks.signing_in import begin_session
from web.sessions import address_of, cookie_name
from web.settings import WebSettings
from web.signing_in import entered, local_path

_log = logging.getLogger("web")
START, BACK = "/sign-in/openid", "/sign-in/openid/back"
#: Seconds for the way to the provider and back, and for one answer of the provider.
_WAY_SECONDS, _ANSWER_SECONDS = 600, 10


class OpenId:
    """The provider that the settings name. State, nonce and PKCE travel in a signed cookie of the browser."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        issuer = settings.oidc_issuer
        self.provider: Any = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "timeout": _ANSWER_SECONDS,
            },
        )
        #: Whose word counts, and that it was said to us.
        self.claims = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        }

    async def start(self, request: Request) -> Response:
        """Leads to the provider."""
        request.session["to"] = local_path(request.query_params.get("to"))
        try:
            response: Response = await self.provider.authorize_redirect(request, f"{self.settings.public_url}{BACK}")
        except (httpx.HTTPError, RuntimeError, ValueError) as error:
            raise _unreachable(error) from error
        return response

    async def back(self, request: Request) -> Response:
        """Opens a session for whom the provider names, if an active person has that login."""
        to = local_path(request.session.pop("to", None))
        said_by = request.query_params.get("iss")
        if said_by is not None and said_by != self.settings.oidc_issuer:
            raise _not_proven(f"answer of {said_by!r}")
        try:
            token = await self.provider.authorize_access_token(request, claims_options=self.claims)
        except (httpx.HTTPError, RuntimeError) as error:
            raise _unreachable(error) from error
        except (AuthlibBaseError, JoseError, ValueError) as error:
            raise _not_proven(repr(error)) from error
        login = (token.get("userinfo") or {}).get(self.settings.oidc_login_claim)
        if not isinstance(login, str) or not is_writable(login):
            raise _not_proven(f"no login in {self.settings.oidc_login_claim}")
        opened = await run_in_threadpool(begin_session, login, address_of(request))
        return await run_in_threadpool(entered, request, opened, to)


def _unreachable(error: Exception) -> Unavailable:
    _log.warning("OpenID provider: %r", error)
    return Unavailable(N_("The provider where people sign in does not answer. Try again in a while."))


def _not_proven(why: str) -> NotAllowed:
    _log.warning("OpenID sign-in refused: %s", why)
    return NotAllowed(N_("The provider did not confirm who you are. Sign in again."))


def routes(settings: WebSettings) -> list[BaseRoute]:
    """The way to the provider and back; none where the settings name no provider."""
    if not settings.oidc_issuer:
        return []
    openid = OpenId(settings)
    cookie = Middleware(
        SessionMiddleware,
        secret_key=_cookie_key(settings),
        session_cookie=cookie_name(settings, "openid"),
        max_age=_WAY_SECONDS,
        same_site="lax",
        https_only=settings.is_https,
    )
    return [Route(START, openid.start, middleware=[cookie]), Route(BACK, openid.back, middleware=[cookie])]


def _cookie_key(settings: WebSettings) -> str:
    """The same in every process of ours, and known to nobody else but the provider."""
    secret = settings.oidc_client_secret.get_secret_value()
    return hmac.new(secret.encode(), b"aftersales sign-in cookie", sha256).hexdigest()
