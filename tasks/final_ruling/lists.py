"""Who the sides of a dispute are, and what the forms of a ruling are checked against."""

from typing import Any

from models.final_ruling import NOBODY, Ruling, RulingRequest
from models.language import N_, _
from models.queries import people
from models.tables.parties import Party
from tasks.journal import Work


def sides(work: Work[RulingRequest]) -> list[Party]:
    """The party where it arose, and the one on the other side if that is not the company."""
    other = people.party_by_code(work.session, work.report.other_party) if work.report.other_party else None
    return [work.case.party, *([other] if other else [])]


def for_the_ruling(work: Work[RulingRequest]) -> dict[str, Any]:
    """For the manager: the articles that can be cited, who can be told to act, and the day."""
    company = people.company(work.session)
    actors = {one.code: one.name for one in (company, *sides(work))}
    return {
        "articles": {one: one for one in work.policy.claims.citable_articles},
        "actors": {NOBODY: _(N_("nobody: nothing is to be done")), **actors},
        "company": company.code,
        "today": work.at.astimezone(work.policy.timezone).date().isoformat(),
    }


def to_be_done(work: Work[RulingRequest], ruling: Ruling) -> dict[str, Any]:
    """For whoever must act: what was ruled."""
    return {"to_do": ruling.to_do, "ruled_on": work.at.astimezone(work.policy.timezone).date().isoformat()}
