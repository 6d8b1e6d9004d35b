"""The facts are filed, papers are recorded, and what the manager decided is carried out."""

from models.language import N_
from models.queries import stations
from models.rules.stations import are_in_order
from models.station_review import Measure, NewPaper, Obstacle, PaperKind, ReviewDecision, ReviewRequest, StationFacts
from models.tables.cases import DocumentKind
from models.tables.stations import Station, StationDocument, StationRepairer, StationState
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.notices import notify
from tasks.repair_station.states import lift_suspension, may_be_active, suspend, today_of, who_answers_for
from tasks.station_review.lists import station_facts, station_of


@step(N_("Station suspended, since its papers have expired"))
def suspend_for_papers(work: Work[ReviewRequest]) -> None:
    """Whose papers have expired does not repair until there are new ones."""
    suspend(work, station_of(work), N_("a licence or the last valid certificate has expired"))


@step(N_("Station suspended, since its agreement has ended"))
def suspend_at_term_end(work: Work[ReviewRequest]) -> None:
    """The term has ended without a decision: the station does not repair until there is one."""
    suspend(work, station_of(work), N_("the agreement has ended and was not renewed"))


@step(N_("Facts about the station filed"))
def file_facts(work: Work[ReviewRequest], facts: StationFacts) -> None:
    """What the clerk gathered, beside what the books said then; who left repairs no more under the certificate."""
    content = {**facts.model_dump(mode="json"), "books": station_facts(work)}
    file_document(work, DocumentKind.REVIEW, content)
    for repairer in stations.repairers(work.session, station_of(work)):
        if repairer.certificate_number in facts.left:
            repairer.left_on = max(today_of(work), repairer.certified_on)


@step(N_("New paper of the station recorded"))
def record_paper(work: Work[ReviewRequest], paper: NewPaper, *, round: int) -> bool:
    """A new paper enters the file; whether the papers are in order now.

    They lift a suspension that this review began; one that was for another reason stays.
    """
    station = station_of(work)
    _add(work, station, paper)
    file_document(work, DocumentKind.REVIEW, paper.model_dump(mode="json"))
    work.session.flush()
    if not are_in_order(stations.end_of(stations.papers(work.session, [station.party_id])), today_of(work)):
        return False
    last = stations.last_change(work.session, station)
    if last is not None and last.case_id == work.case.id:
        lift_suspension(work, station)
    return True


def _add(work: Work[ReviewRequest], station: Station, paper: NewPaper) -> None:
    assert paper.valid_until is not None, "the form takes no paper without its last day"
    if paper.kind is PaperKind.CERTIFICATE:
        work.session.add(
            StationRepairer(
                station_id=station.party_id,
                name=paper.repairer,
                certificate_number=paper.number,
                certified_on=today_of(work),
                valid_until=paper.valid_until,
                case_id=work.case.id,
            )
        )
        return
    work.session.add(
        StationDocument(
            station_id=station.party_id,
            kind=paper.kind.value,
            number=paper.number,
            valid_until=paper.valid_until,
            recorded_at=work.at,
            case_id=work.case.id,
        )
    )


@step(N_("Manager's decision carried out, unless something stood in the way"))
def carry_out(work: Work[ReviewRequest], decision: ReviewDecision, *, round: int) -> Obstacle:
    """Does what the manager decided, unless something stands in its way; then nothing is changed."""
    station = station_of(work)
    if station.state == StationState.CLOSED:
        return Obstacle.CLOSED
    match decision.measure:
        case Measure.RENEW:
            obstacle = _renew(work, station, decision)
        case Measure.LIFT:
            obstacle = Obstacle.NOTHING if lift_suspension(work, station) else Obstacle.MAY_NOT_REPAIR
        case Measure.SUSPEND:
            suspend(work, station, decision.reason, decision.suspended_until)
            obstacle = Obstacle.NOTHING
        case _:
            obstacle = Obstacle.NOTHING
    if obstacle is Obstacle.NOTHING:
        file_document(work, DocumentKind.REVIEW, decision.model_dump(mode="json"))
    return obstacle


def _renew(work: Work[ReviewRequest], station: Station, decision: ReviewDecision) -> Obstacle:
    """The new agreement begins; a station that was suspended repairs again."""
    assert decision.term_ends_on is not None, "the form renews nothing without a last day"
    number = decision.agreement_number
    if number != station.agreement_number and stations.has_agreement(work.session, number):
        return Obstacle.AGREEMENT_TAKEN
    before = station.agreement_number, station.term_ends_on
    station.agreement_number, station.term_ends_on = number, decision.term_ends_on
    work.session.flush()
    if not may_be_active(work, station):
        station.agreement_number, station.term_ends_on = before
        return Obstacle.MAY_NOT_REPAIR
    content = {"agreement_number": number, "term_ends_on": decision.term_ends_on.isoformat(), "before": before[0]}
    file_document(work, DocumentKind.AGREEMENT, content)
    lift_suspension(work, station)
    facts = {"station": station.party.name, "number": number, "last_day": decision.term_ends_on.isoformat()}
    told = who_answers_for(work, station)
    notify(work.session, work.case, work.at, "station_review/renewed", told, facts, key=f"{work.key}:renewed")
    return Obstacle.NOTHING
