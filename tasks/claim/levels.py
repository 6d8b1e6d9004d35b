"""The levels of a claim (逐级负责): who has it, and how it goes up."""

from typing import Any

from models.claim import ClaimReport, LevelAnswer
from models.language import N_
from models.queries import people
from models.queries.claims import levels_of
from models.roles import Role
from models.rules.claims import Level
from models.tables.cases import DocumentKind
from models.tables.parties import Party
from tasks.asking import Overdue, TakenBack
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.notices import notify, to_party, to_person

#: How a claim went up from a level; it stays in the journal.
PASSED_UP, SILENT, SKIPPED = "passed_up", "silent", "skipped"
#: The task in which a level answers.
LEVEL = "level"
#: What the journal has of each skip, with its number behind it.
SKIP = "skip-level"


@step(N_("Levels of the claim determined"))
def find_levels(work: Work[ClaimReport]) -> list[Level]:
    """Who answers one after the other, as the master data has it when the claim begins."""
    return levels_of(work.case.party)


def next_above(work: Work[ClaimReport], following: Level | None) -> dict[str, Any]:
    """For a level: whom the claim goes to if it does not settle it; nobody named is customer service."""
    return {"next": _party(work, following).name if following else ""}


@step(N_("Regional managers called in to mediate"))
def call_in_regional_manager(work: Work[ClaimReport], office: Level, *, round: int) -> list[str]:
    """Regional managers mediate together with the office, which answers; who of them was called in."""
    posted_there = [
        one
        for one in people.holders(work.session, Role.REGIONAL_MANAGER)
        if one.party.code == office.party and Role.OFFICE_MANAGER not in one.roles
    ]
    facts = {"office": _party(work, office).name}
    recipients = [to_person(one) for one in posted_there]
    notify(work.session, work.case, work.at, "claim/mediate", recipients, facts, key=work.key)
    return people.logins(posted_there)


@step(N_("Claim passed up"))
def climb(
    work: Work[ClaimReport],
    level: Level,
    following: Level | None,
    came: LevelAnswer | Overdue | TakenBack,
    *,
    round: int,
) -> str:
    """The claim goes up one level, or past all of them: its positions are filed, and all concerned are told.

    A level that was skipped has been told by the manager's act.
    """
    how = _how(came)
    if isinstance(came, LevelAnswer):
        file_document(work, DocumentKind.POSITION, {"level": level.party, **came.model_dump(mode="json")})
    goes_to = following if how != SKIPPED else None
    parties = [work.case.party, *([_party(work, level)] if how != SKIPPED else [])]
    if goes_to:
        parties.append(_party(work, goes_to))
    facts = {
        "how": how,
        "level": _party(work, level).name,
        "next": _party(work, goes_to).name if goes_to else "",
    }
    recipients = [to_party(work.session, one, work.case) for one in parties]
    notify(work.session, work.case, work.at, "claim/climbed", recipients, facts, key=work.key)
    return how


def _how(came: LevelAnswer | Overdue | TakenBack) -> str:
    if isinstance(came, Overdue):
        return SILENT
    return SKIPPED if isinstance(came, TakenBack) else PASSED_UP


def _party(work: Work[ClaimReport], level: Level) -> Party:
    found = people.party_by_code(work.session, level.party)
    assert found is not None, "parties are never deleted"
    return found
