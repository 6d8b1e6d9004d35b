"""The verdict on the returned parts: filed, told to the sender, and the repairable pieces to the workshop."""

from models.language import N_
from models.parts_inspection import InspectionVerdict
from models.parts_return import ReturnRequest
from models.queries import people, questions
from models.tables.cases import DocumentKind
from models.tables.ledgers import Condition
from tasks.clock_words import UNITS
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.ledgers import book_stock
from tasks.notices import notify, to_party
from tasks.parts_return.lists import products


@step(N_("Inspection verdict filed and told to the sender"))
def file_verdict(work: Work[ReturnRequest], verdict: InspectionVerdict) -> None:
    """The confirmed verdict is filed in the name of whoever judged, and the sender hears it."""
    judged = questions.last_decider(work.session, work.case.id, "inspection-verdict")
    content = {"judged_by": judged, **verdict.model_dump(mode="json")}
    file_document(work, DocumentKind.VERDICT_SHEET, content)
    policy = work.policy.parts_return
    budget = policy.refused_choice.budget
    facts = {
        **content,
        "refused": sum(verdict.refused.values()),
        "silence": policy.refused_goods.label_text,
        "limit": {"amount": budget.amount, "text": UNITS[budget.unit]},
    }
    told = [to_party(work.session, work.case.party, work.case)]
    notify(work.session, work.case, work.at, "parts_return/judged", told, facts, key=work.key)


@step(N_("Repairable parts sent to the workshop"))
def send_to_workshop(work: Work[ReturnRequest], verdict: InspectionVerdict) -> None:
    """Repairable pieces leave quarantine for rework."""
    company = people.company(work.session)
    parts = products(work, verdict.repairable)
    for number, (part, pieces) in enumerate(verdict.repairable.items(), 1):
        quarantine, rework = (company, Condition.QUARANTINE), (company, Condition.REWORK)
        book_stock(work, number, parts[part], "", pieces, quarantine, rework)
