"""What tests of clocks begin with: mail that goes out, one case whose technician is silent, a board of four."""

import pytest
from boards import NOW, waiting
from clocks import it_is, waiting_for_the_finding
from sqlalchemy import Engine

from deployments.catcher import MailCatcher
from models.queries import people
from tasks.database import transaction
from tasks.pausing import pause
from tasks.settings import settings


@pytest.fixture
def english_with_mail(mailbox: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements go out, so that their clock is not among those that are open or chased."""
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    settings.cache_clear()


@pytest.fixture
def number(company: Engine) -> str:
    """A case reported on Monday at eight; now it is nine and the technician is on his way."""
    return waiting_for_the_finding()


@pytest.fixture
def numbers(company: Engine) -> dict[str, str]:
    """Four cases that wait for the finding: due at 24:00 today, late since Sunday, standing, due on Friday."""
    it_is("2026-11-25T09:00:00+08:00")
    with transaction() as session:
        # Of the offices one has a head here, so that it is plain who sees what.
        people.person(session, "wu.jiang").active = False
    found = {
        "today": waiting("D-01", "2026-11-23T08:00:00+08:00"),
        "late": waiting("D-02", "2026-11-20T08:00:00+08:00"),
        "paused": waiting("D-03", "2026-11-24T08:00:00+08:00"),
        "running": waiting("D-01", "2026-11-25T08:00:00+08:00", product="LX-004", batch="MH260622"),
    }
    pause(found["paused"], "determination", "The shop is closed", "chen.min")
    it_is(NOW)
    return found
