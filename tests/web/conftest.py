"""The application on a fresh copy of the sample company, and browsers that call it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from browsing import PUBLIC, Site
from gateways import StandIn, serving
from sqlalchemy import Engine

from tasks.settings import settings


@pytest.fixture
def site(company: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The application, whose pages are English unless somebody's own language is known."""
    monkeypatch.setenv("AFTERSALES_UI_URL", PUBLIC)
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()
    with ExitStack() as stack:
        yield Site(stack)
    settings.cache_clear()


@pytest.fixture
def prefect(company: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in for Prefect's server, with a key as it has one; the way to it is what is tested."""
    stand_in = StandIn()
    monkeypatch.setenv("PREFECT_API_URL", f"{stand_in.url}/api")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "aftersales:the key")
    settings.cache_clear()
    with serving(stand_in, stand_in.port):
        yield stand_in
    settings.cache_clear()
