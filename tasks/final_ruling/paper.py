"""The final ruling as a letter to both sides."""

from dataclasses import dataclass

from models.final_ruling import Ruling, RulingRequest
from models.language import N_, _, speaking
from models.queries import people
from models.tables.cases import Document, DocumentKind
from tasks.documents import File
from tasks.final_ruling.lists import sides
from tasks.journal import Work
from tasks.word import Paper, Rows, word_file


@dataclass(frozen=True)
class Issued:
    """A ruling with what its letter says beside it: who must act and who ruled, by name, and the currency."""

    ruling: Ruling
    actor: str
    ruler: str
    currency: str


def ruling_letter(work: Work[RulingRequest], language: str, issued: Issued) -> File:
    """The letter in `language`, one of those that the sides speak."""
    company = people.company(work.session)
    day = work.at.astimezone(work.policy.timezone).date().isoformat()
    with speaking(language):
        paper = Paper(
            letterhead=[company.name, company.address, company.phone],
            title=_(N_("Final ruling")),
            content=[
                _(N_("Number {number}, {day}"), number=work.case.number, day=day),
                _(N_("To: {names}"), names=", ".join(side.name for side in sides(work))),
                Rows((), _dispute(work)),
                Rows((), _ruled(issued)),
                _(
                    N_(
                        "This ruling is final inside the company; there is no appeal against it here. "
                        "The way to the courts remains open to everybody concerned."
                    )
                ),
                _(N_("For customer service: {name}, {day}"), name=issued.ruler, day=day),
            ],
            at=work.at,
            author=company.name,
        )
        return word_file(f"{work.case.number}-{language}.docx", paper)


def _dispute(work: Work[RulingRequest]) -> list[tuple[str, str]]:
    asked = work.report
    filed = work.session.get_one(Document, (work.case.id, DocumentKind.POSITION, 1)).content
    return [
        (_(N_("Claimant")), asked.claimant),
        (_(N_("Where it arose")), work.case.party.name),
        (_(N_("Matter")), asked.matter),
        (_(N_("Demand")), asked.demand),
        (_(N_("Position of the claimant")), filed["claimant_position"]),
        (_(N_("Position of the other side")), filed["other_position"]),
        (_(N_("Evidence")), filed["evidence"]),
    ]


def _ruled(issued: Issued) -> list[tuple[str, str]]:
    ruling = issued.ruling
    lines = [
        (_(N_("The ruling is")), ruling.ruled_for.label),
        (_(N_("Reasons")), ruling.reasons),
        (_(N_("Article of the manual")), ruling.article),
    ]
    if not issued.actor:
        return [*lines, (_(N_("What is to be done")), _(N_("nothing")))]
    lines += [
        (_(N_("What is to be done")), ruling.to_do),
        (_(N_("Who must act")), issued.actor),
        (_(N_("Until when")), str(ruling.until)),
    ]
    if ruling.amount:
        lines.append((_(N_("Amount that the company pays")), f"{ruling.amount:.2f} {issued.currency}"))
    return lines
