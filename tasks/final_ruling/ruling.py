"""What follows from a final ruling: both sides have it in writing, it is carried out, it joins the collection."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.final_ruling import NOBODY, Execution, Ruling, RulingFile, RulingRequest
from models.language import N_
from models.limits import Limit
from models.queries import cases, deadlines, people, questions
from models.roles import POST_AT, PartyKind, Role
from models.rules.deadlines import CountsFrom, LastDay
from models.tables.cases import DocumentKind
from models.tables.claims import Precedent
from models.tables.ledgers import Account
from models.tables.parties import Party
from models.tables.questions import Decision
from tasks.documents import file_document
from tasks.final_ruling.lists import sides
from tasks.final_ruling.paper import Issued, ruling_letter
from tasks.final_ruling.register import file_positions_of
from tasks.final_ruling.separation import RULING
from tasks.journal import Work, step
from tasks.ledgers import settle_money
from tasks.notices import notify, to_party

#: What the numbers of precedents begin with.
_COLLECTION = "PC"


@dataclass(frozen=True)
class Duty:
    """Who must carry a ruling out and confirm it: a role, at a party, or of the company where none is named."""

    role: Role
    party: str = ""


@step(N_("Both positions and the evidence filed"))
def file_positions(work: Work[RulingRequest], file: RulingFile) -> None:
    """What the clerk has collected becomes part of the case."""
    file_positions_of(work, file)


@step(N_("Ruling sent to both sides"))
def hand_down(work: Work[RulingRequest], ruling: Ruling) -> Duty | None:
    """Both sides get the ruling as a letter, each in its language; the time of whoever must act begins."""
    actor = people.party_by_code(work.session, ruling.by_whom) if ruling.by_whom != NOBODY else None
    if actor is not None and ruling.until is not None:
        limit = _until(work, ruling.until)
        deadlines.start(work.session, work.case, "execution", limit, work.at, work.policy, actor)
    ruler = _decision(work).by
    assert ruler is not None, "a ruling cannot lapse"
    issued = Issued(ruling, actor.name if actor else "", ruler.name, work.policy.currency)
    for language in dict.fromkeys(side.language for side in sides(work)):
        content = {"language": language, "ruled_by": ruler.login, **ruling.model_dump(mode="json")}
        letter = ruling_letter(work, language, issued)
        document = file_document(work, DocumentKind.RULING, content, letter)
        theirs = [to_party(work.session, side, work.case) for side in sides(work) if side.language == language]
        facts = {"ruled_for": ruling.ruled_for.label_text, "article": ruling.article}
        notify(work.session, work.case, work.at, "final_ruling/ruled", theirs, facts, key=work.key, attached=[document])
    return _duty(actor, ruling.amount) if actor else None


def _until(work: Work[RulingRequest], last_day: date) -> Limit:
    """A time that ends with that day, whatever the policy counts otherwise."""
    today = work.at.astimezone(work.policy.timezone).date()
    return Limit(
        limit=f"{max((last_day - today).days, 1)} days",
        rungs=work.policy.claims.execution_rungs,
        cut_off="none",
        counts_from=CountsFrom.EVENT,
        last_day=LastDay.KEPT,
    )


def _duty(actor: Party, amount: Decimal) -> Duty:
    """The clerk acts for the company; what is paid, the finance department confirms."""
    if actor.kind == PartyKind.COMPANY:
        return Duty(Role.FINANCE_DEPT if amount else Role.CS_CLERK)
    return Duty(POST_AT.get(PartyKind(actor.kind), Role.CS_CLERK), actor.code)


def _decision(work: Work[RulingRequest]) -> Decision:
    task = questions.asked(work.session, work.case.id, RULING, 1)
    assert task is not None, "these steps come after the ruling"
    assert task.decision is not None, "these steps come after the ruling"
    return task.decision


@step(N_("Execution of the ruling filed and told to both sides"))
def carry_out(work: Work[RulingRequest], ruling: Ruling, execution: Execution) -> None:
    """What was done is filed, what the company paid is booked, both sides hear of it."""
    paid = {"amount": str(ruling.amount), "currency": work.policy.currency}
    file_document(work, DocumentKind.SETTLEMENT, {**execution.model_dump(mode="json"), **paid})
    settle_money(
        work,
        1,
        ruling.amount,
        work.policy.currency,
        (Account.AFTER_SALES_EXPENSE, people.company(work.session).code),
        (Account.DEALER_CREDIT, work.case.party.code),
    )
    recipients = [to_party(work.session, side, work.case) for side in sides(work)]
    facts = {"what": execution.what, "done_on": execution.done_on}
    notify(work.session, work.case, work.at, "final_ruling/executed", recipients, facts, key=work.key)


@step(N_("Ruling added to the precedents"))
def keep_precedent(work: Work[RulingRequest], ruling: Ruling) -> str:
    """The ruling joins the collection under a number of its own, by which later cases cite it."""
    decision = _decision(work)
    number = cases.next_number(work.session, _COLLECTION, work.at, work.policy.timezone)
    work.session.add(
        Precedent(
            number=number,
            case=work.case,
            article=ruling.article,
            headnote=ruling.headnote,
            keywords=ruling.subjects,
            ruled_for=ruling.ruled_for,
            reasons=ruling.reasons,
            ruled_at=decision.at,
            ruled_by=decision.by,
        )
    )
    return number
