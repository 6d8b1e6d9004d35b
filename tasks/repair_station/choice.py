"""Until the vice-president has decided: every opinion on a candidate becomes a document of its case."""

from models.language import N_
from models.queries import deadlines, questions
from models.repair_station import CandidateSheet, PaperCheck
from models.repair_station_choice import Recommendation, StationApproval, VisitScore
from models.rules.stations import passes, total_of
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.notices import notify, to_party


@step(N_("Check of the papers filed"))
def file_paper_check(work: Work[CandidateSheet], check: PaperCheck, *, round: int) -> None:
    """Each check of the papers is kept, also one that sends them back."""
    file_document(work, DocumentKind.PAPER_CHECK, check.model_dump(mode="json"))


@step(N_("Score sheet of the visit filed"))
def file_visit(work: Work[CandidateSheet], visit: VisitScore) -> None:
    """The score sheet with its points, in the name of whoever went: the task may have passed on."""
    policy = work.policy.stations
    total = total_of(visit.by_criterion, policy.weights)
    content = {
        "visited_by": questions.last_decider(work.session, work.case.id, "station-visit"),
        **visit.model_dump(mode="json"),
        "weights": policy.weights,
        "total": str(total),
        "passed": passes(total, policy.pass_mark),
    }
    file_document(work, DocumentKind.VISIT_SCORE, content)


@step(N_("Manager's recommendation filed"))
def file_recommendation(work: Work[CandidateSheet], advice: Recommendation) -> None:
    """What the manager advises (manual 000 三 经理 C)."""
    file_document(work, DocumentKind.RECOMMENDATION, advice.model_dump(mode="json"))


@step(N_("Vice-president's decision filed"))
def file_approval(work: Work[CandidateSheet], approval: StationApproval) -> None:
    """What the vice-president decided."""
    file_document(work, DocumentKind.APPROVAL, approval.model_dump(mode="json"))


@step(N_("Agreement sent for signature"))
def offer_agreement(work: Work[CandidateSheet]) -> None:
    """The agreement goes to the candidate in two copies; its time to sign runs from here."""
    office, limit = work.case.party, work.policy.stations.signature
    signature = deadlines.start(
        work.session, work.case, "agreement-signature", limit, work.at, work.policy, holder=office
    )
    facts = {"name": work.report.name, "contact": work.report.contact, "due": signature.due_at}
    told = [to_party(work.session, office, work.case)]
    notify(work.session, work.case, work.at, "repair_station/agreement_offered", told, facts, key=work.key)
