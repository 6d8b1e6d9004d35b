"""Repeated faults of one batch propose a batch quality dispute: manual 000 三 内勤 D, 一.3."""

from typing import Any

import pytest
from months import HUMAN, OUT, QUIET, begun, form, lead, opened, repair, without
from people import Script, open_tasks
from people import opened as dispute
from records import facts
from sqlalchemy import Engine, select

from models.queries import cases, links
from models.tables.feedback import Proposal
from tasks.database import transaction
from tasks.verifying import verify


def lamps(slip: str, pieces: int, **other: Any) -> dict[str, Any]:
    """Lamps LX-005 of batch MH260801, of which D-03 received 1000; nobody changed a part."""
    lamp = {"product": "LX-005", "part": "", "batch": "MH260801", "fault": "Base melts", "pieces": pieces}
    return repair(slip, **lamp | other)


REPEATED: Script = {
    **QUIET,
    "report-r-01": ("cai.ming", {"lines": [lamps("W-1", 2, batch="mh260801")]}),
    "report-r-02": ("peng.gang", {"lines": [lamps("A-1", 1, entitlement=OUT, fee="0", charged="3.00")]}),
}
DISPUTE = {
    "open_dispute": "yes",
    "dealer": "D-03",
    "faulty_pieces": 40,
    "reported_by": "Ms Shen",
    "reason": "Base melts.",
}


@pytest.mark.parametrize(
    ("second", "proposed"),
    [
        (lamps("A-1", 1), True),
        (lamps("A-1", 1, entitlement=HUMAN, fee="0"), False),
        (lamps("A-1", 1, batch="MH260802"), False),
        (lamps("A-1", 1, product="LX-006"), False),
    ],
)
def test_three_pieces_of_a_batch_at_two_stations_propose_a_dispute(
    company: Engine, second: dict[str, Any], proposed: bool
) -> None:
    number = opened()
    script = {**REPEATED, "report-r-02": ("peng.gang", {"lines": [second]})}
    lead(number, script, until="acknowledgement-quality-dept")
    assert ("batch-proposal" in open_tasks(number)) is proposed
    if proposed:
        shown = facts(number, "batch-proposal")
        assert (shown["pieces"], shown["stations"], shown["fault"]) == (3, 2, "Base melts")
        assert shown["dealers"] == {"D-03": "Hangzhou Brightway Trading"}
        assert shown["received"] == {"D-03": 1000}


def test_enough_pieces_at_one_station_alone_propose_nothing(company: Engine) -> None:
    number = opened()
    script = {**QUIET, "report-r-01": ("cai.ming", {"lines": [lamps("W-1", 30)]})}
    assert lead(number, without(script, "batch-proposal")) == "issued"


def test_an_accepted_proposal_opens_a_dispute_and_is_not_made_again(company: Engine) -> None:
    number = opened()
    assert lead(number, {**REPEATED, "batch-proposal": ("wang.fang", DISPUTE)}) == "issued"
    (dispute,) = begun(number, "BQ")
    with transaction() as session:
        case = cases.by_number(session, dispute)
        assert (case.subject, case.party.code, case.input["faulty_pieces"]) == ("D-03:LX-005:MH260801", "D-03", 40)
        assert [one.number for one in links.parents(session, case.id)] == [number]
        (proposal,) = session.scalars(select(Proposal))
        assert (proposal.state, proposal.dispute_id) == ("accepted", case.id)
    december = opened("2026-12", "2027-01-01 09:00")
    assert lead(december, without(QUIET, "batch-proposal")) == "issued"
    assert len(form(december)["figures"]["repeated"]) == 1
    assert verify() == []


@pytest.mark.parametrize("answered", [True, False])
def test_a_declined_proposal_is_not_made_again_but_one_that_nobody_answered_is(company: Engine, answered: bool) -> None:
    number = opened()
    assert lead(number, REPEATED if answered else without(REPEATED, "batch-proposal")) == "issued"
    december = opened("2026-12", "2027-01-01 09:00")
    lead(december, without(QUIET, "batch-proposal"), until="batch-proposal" if not answered else "")
    assert ("batch-proposal" in open_tasks(december)) is not answered


def test_a_batch_that_is_disputed_already_is_not_proposed(company: Engine) -> None:
    dispute(dealer="D-03", product="LX-005", batch="MH260801")
    number = opened()
    assert lead(number, without(REPEATED, "batch-proposal")) == "issued"


def test_repeated_faults_of_earlier_months_count_within_the_policys_months(company: Engine) -> None:
    november = opened()
    assert lead(november, {**QUIET, "report-r-01": ("cai.ming", {"lines": [lamps("W-1", 2)]})}) == "issued"
    december = opened("2026-12", "2027-01-01 09:00")
    later = lamps("A-1", 1, received_on="2026-12-10", done_on="2026-12-10")
    script = {**QUIET, "report-r-02": ("peng.gang", {"lines": [later]})}
    lead(december, script, until="batch-proposal")
    assert facts(december, "batch-proposal")["pieces"] == 3
