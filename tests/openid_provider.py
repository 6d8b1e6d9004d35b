"""A small OpenID provider on this machine: discovery, authorization, token and keys, as the standard has them."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "aftersales", "the-clients-secret"


class Provider:
    """Whoever comes is `login`. `claims` changes what it says of them; `code_for` is what it remembers of a code."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signing_key = self.key
        self.login = "tom.baker"
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.tokens_given = 0
        self.issuer = ""
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def discovery(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        """The person has a session here and agrees at once."""
        self.asked = dict(request.query_params)
        answer = {"code": "the-code", "state": self.asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{self.asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        """Checks the client, the code, where it went, and that who brings it is who asked for it (PKCE)."""
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        verifier = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        fits = (
            request.headers.get("authorization") == f"Basic {basic}"
            and form.get("code") == "the-code"
            and form.get("redirect_uri") == self.asked["redirect_uri"]
            and self.asked["code_challenge_method"] == "S256"
            and base64.urlsafe_b64encode(verifier).decode().rstrip("=") == self.asked["code_challenge"]
        )
        if not fits:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens_given += 1
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": "4711",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": self.login,
        }
        said = {name: value for name, value in (said | self.claims).items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": self.signing_key.kid}, said, self.signing_key)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "id_token": token, "expires_in": 300})

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@contextmanager
def running_provider() -> Iterator[Provider]:
    """The provider on a port of its own, until the block ends."""
    provider = Provider()
    server = uvicorn.Server(uvicorn.Config(provider.app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    yield provider
    server.should_exit = True
    thread.join()
