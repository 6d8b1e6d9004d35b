"""What tests stand on: a real PostgreSQL of their own, a company in it, a real SMTP server, the business clock."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import company_copied
from hypothesis import HealthCheck
from hypothesis import settings as examples
from sqlalchemy import Engine

from deployments.catcher import MailCatcher
from deployments.postgres import Cluster, cluster_folder, start_cluster
from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files, load_calendars, load_policy, migrate_database
from models.language import speak
from tasks import database
from tasks.settings import settings

POLICY = Path(__file__).parent.parent / "policies" / "lighting.yaml"
CALENDARS = POLICY.with_name("calendars.yaml")

# How long an example takes tells of the machine, not of the code.
examples.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("unhurried")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One PostgreSQL for the whole test session; it is gone afterwards."""
    data = tmp_path_factory.mktemp("data")
    started = start_cluster(data, durable=False)
    yield started
    started.stop()
    shutil.rmtree(cluster_folder(data))


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """A migrated rehearsal database with the sample company, copied for each test."""
    cluster.ensure_database("template_company")
    with UsingDatabase(cluster.url("template_company").render_as_string(hide_password=False)):
        migrate_database(rehearsal=True)
        load_calendars(CALENDARS)
        load_policy(POLICY)
        import_files(SAMPLE_COMPANY)
    return "template_company"


@pytest.fixture
def company(cluster: Cluster, template: str) -> Iterator[Engine]:
    """A fresh copy of the sample company's database, in use for this test."""
    with company_copied(cluster, template) as url, UsingDatabase(url):
        yield database.engine()


class UsingDatabase:
    """Settings and engine of this process on another database, and forgotten afterwards."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        os.environ["AFTERSALES_DATABASE_URL"] = self.url
        forget()
        speak("en")

    def __exit__(self, *_exception: object) -> None:
        if database.engine.cache_info().currsize:
            database.engine().dispose()
        del os.environ["AFTERSALES_DATABASE_URL"]
        forget()


def forget() -> None:
    """Settings and engine are read and made anew at their next use."""
    settings.cache_clear()
    database.engine.cache_clear()


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings or the running system of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("AFTERSALES_") and name != "AFTERSALES_DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERSALES_DATA", str(tmp_path / "data"))
    settings.cache_clear()


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailCatcher]:
    """A real SMTP server that keeps what it gets."""
    catcher = MailCatcher(tmp_path / "mail")
    catcher.start()
    monkeypatch.setenv("AFTERSALES_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("AFTERSALES_SMTP_PORT", str(catcher.port))
    settings.cache_clear()
    yield catcher
    catcher.stop()
    settings.cache_clear()
