"""Cases that come out of cases: linked both ways, each with an end of its own."""

import pytest
from people import answer, opened, play, report, run
from sqlalchemy import Engine, func, select

from deployments.views import whole_case
from models.errors import InvalidInput
from models.queries import cases, links
from models.tables.cases import Case, CaseLink
from models.tables.notices import Notice
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction
from tasks.journal import CaseFile, Work, step
from tasks.linking import open_child
from tasks.opening import file_of
from tasks.summary import story
from tasks.withdrawing import withdraw

NO_BATCH = {"batch-verdict": ("li.na", {"is_batch": "no", "reason": "Single pieces."})}


@step("Another batch looked into")
def look_into_another_batch(work: Work, batch: str) -> str:  # type: ignore[type-arg]
    return open_child(work, BATCH_QUALITY_DISPUTE, report(dealer="D-02", batch=batch))


def file_of_case(number: str) -> CaseFile:  # type: ignore[type-arg]
    with transaction() as session:
        return file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)


@pytest.fixture
def parent(company: Engine) -> str:
    return opened()


def test_a_child_and_its_parent_know_of_each_other(parent: str) -> None:
    child = look_into_another_batch(file_of_case(parent), "MH260901A")
    with transaction() as session:
        above, below = (cases.by_number(session, number) for number in (parent, child))
        assert [one.number for one in links.children(session, above.id)] == [child]
        assert [one.number for one in links.parents(session, below.id)] == [parent]
        assert whole_case(session, above)["linked"] == {"parents": [], "children": [child]}
        assert whole_case(session, below)["linked"] == {"parents": [parent], "children": []}
        assert child in story(session, above)
        assert parent in story(session, below)


def test_whoever_opened_the_parent_counts_as_the_opener_of_the_child(company: Engine) -> None:
    parent = opened(registered_by="chen.min")
    child = look_into_another_batch(file_of_case(parent), "MH260901A")
    with transaction() as session:
        assert cases.by_number(session, child).opened_by == cases.by_number(session, parent).opened_by


def test_a_step_done_again_opens_no_second_child(parent: str) -> None:
    first = look_into_another_batch(file_of_case(parent), "MH260901A")
    assert look_into_another_batch(file_of_case(parent), "MH260901A") == first
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(CaseLink)) == 1


def test_a_child_that_cannot_be_opened_leaves_nothing_behind(parent: str) -> None:
    with pytest.raises(InvalidInput):
        look_into_another_batch(file_of_case(parent), "never delivered")
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        assert session.scalar(select(func.count()).select_from(CaseLink)) == 0


def test_a_parent_closed_early_says_what_stays_open(parent: str) -> None:
    child = look_into_another_batch(file_of_case(parent), "MH260901A")
    assert play(parent, NO_BATCH) == "ordinary_warranty"
    with transaction() as session:
        told = session.scalars(select(Notice).where(Notice.template == "case_closed")).all()
        # The dealer, and who registered the case.
        assert {one.to_address for one in told} == {"hengda@dealer.example", "li.na@minghui.example"}
        assert all(child in one.plain for one in told)
    run(child)
    answer(child, "batch-verdict", *NO_BATCH["batch-verdict"])
    assert run(child) == "ordinary_warranty"


def test_a_withdrawn_parent_says_what_stays_open(parent: str) -> None:
    child = look_into_another_batch(file_of_case(parent), "MH260901A")
    withdraw(parent, "registered twice", "li.na")
    with transaction() as session:
        told = session.scalars(select(Notice.plain).where(Notice.template == "case_withdrawn")).all()
        assert told
        assert all(child in one for one in told)
        assert cases.by_number(session, child).is_open


def test_a_closed_child_is_not_named_as_going_on(parent: str) -> None:
    child = look_into_another_batch(file_of_case(parent), "MH260901A")
    play(child, NO_BATCH)
    play(parent, NO_BATCH)
    with transaction() as session:
        told = session.scalars(
            select(Notice.plain).join(Case).where(Case.number == parent, Notice.template == "case_closed")
        ).all()
        assert len(told) == 1
        assert child not in told[0]
