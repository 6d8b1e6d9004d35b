"""Prefect's own UI and API behind our session."""

from starlette.routing import BaseRoute, Mount

from web.prefect.gateway import gateway

ROUTES: list[BaseRoute] = [Mount("/", gateway)]
