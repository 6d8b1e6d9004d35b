"""Claims on suppliers that come out of other cases."""

from typing import Any

from models.policy import read_policy
from models.queries import policies
from models.tables.parties import Person
from tasks.journal import Work
from tasks.linking import open_child
from tasks.supplier_claim import SUPPLIER_CLAIM


def claim_on_supplier(work: Work[Any], report: dict[str, Any]) -> list[str]:
    """In a step: opens a claim out of this case; its number, or nothing if the company does not run such claims.

    `report` is the start form without who registers it: that is whoever opened this case. Each case claims for its own
    pieces, so another claim for the same goods does not stand in the way.
    """
    if not SUPPLIER_CLAIM.is_run_under(read_policy(policies.current(work.session).content)):
        return []
    opener = work.session.get_one(Person, work.case.opened_by)
    return [open_child(work, SUPPLIER_CLAIM, {**report, "registered_by": opener.login, "separate": True})]
