"""The application: every request passes the same guards, whatever page it asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from web import openid, pages, prefect, signing_in
from web.access_log import AccessLog
from web.faults import Faults, refused
from web.forgery import Forgery
from web.headers import SecurityHeaders
from web.hosts import Hosts
from web.language import Language
from web.pages import links
from web.sessions import Sessions
from web.settings import web_settings
from web.sizes import Sizes

STATIC = Path(__file__).parent / "static"
#: Bytes of a request: a photograph of 10 MiB and what a form puts around it.
LARGEST_BODY = 12 * 1024 * 1024
#: Pages at work at once; each has a connection to the database, of which this process keeps five.
_AT_WORK = 4


def create_app() -> Starlette:
    """The application by the settings of now; raises InvalidInput if they are wrong."""
    settings = web_settings()
    app = Starlette(
        routes=[
            *signing_in.ROUTES,
            *openid.routes(settings),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
            *pages.ROUTES,
            *links.ROUTES,
            # What is nobody else's is Prefect's.
            *prefect.ROUTES,
        ],
        middleware=[
            Middleware(AccessLog),
            Middleware(SecurityHeaders, is_https=settings.is_https),
            Middleware(Faults),
            Middleware(Sizes, largest=LARGEST_BODY),
            Middleware(Hosts, public_url=settings.public_url),
            Middleware(Sessions, settings=settings),
            Middleware(Forgery, public_url=settings.public_url),
            Middleware(Language),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=_lifespan,
    )
    # A path means what it says; redirects that add a slash would lead around the guards' tables.
    app.router.redirect_slashes = False
    app.state.settings = settings
    return app


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _AT_WORK
    yield
