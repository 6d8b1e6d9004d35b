"""The claim letter and the evidence list, in the customer's name: the customer is the claimant."""

from models.language import N_, _, speaking
from models.tables.parties import Party
from models.transit_claim import TransitFile, TransitPapers, TransitReport
from tasks.documents import File
from tasks.journal import Work
from tasks.transit_claim.lists import claimed
from tasks.word import Paper, Rows, word_file


def claim_letter(work: Work[TransitReport], language: str, signatory: str) -> File:
    """The customer's claim on the carrier, ready to be signed and sent."""
    found, customer = claimed(work), work.case.party
    with speaking(language):
        paper = Paper(
            letterhead=_head_of(customer),
            title=_(N_("Claim for goods lost or damaged in transit")),
            content=[
                _day(work),
                _(N_("To: {names}"), names=found.carrier),
                *([found.carrier_party.address] if found.carrier_party and found.carrier_party.address else []),
                _(
                    N_(
                        "You carried the goods below to us under waybill {waybill}. They did not arrive in the state "
                        "and number in which you took them over."
                    ),
                    waybill=work.report.waybill,
                ),
                Rows((), _goods(work)),
                _(
                    N_("As the carrier you are liable for this. We claim {amount} {currency} from you."),
                    amount=f"{found.amount:.2f}",
                    currency=found.delivery.currency,
                ),
                _(N_("Our evidence is listed in the enclosure. Please answer in writing.")),
                _(N_("For {customer}: {signatory}"), customer=customer.name, signatory=signatory),
                _(N_("Signature and seal:")),
            ],
            at=work.at,
            author=customer.name,
        )
        return word_file(f"{work.case.number}-claim-{language}.docx", paper)


def evidence_list(work: Work[TransitReport], language: str, papers: TransitPapers, file: TransitFile) -> File:
    """What goes along with the claim, numbered."""
    report = work.report
    with speaking(language):
        evidence = [
            (_(N_("Waybill number")), f"{report.waybill} ({_reserve(report)})"),
            (_(N_("Packing list")), papers.packing_list),
            (_(N_("Contract of carriage")), papers.contract),
            (_(N_("Were the goods insured?")), papers.insured.label),
            (_(N_("Survey")), papers.survey),
            (_(N_("Statement of the customer")), file.statement),
            (_(N_("Photos")), f"{report.photos}\n{file.photos}"),
        ]
        paper = Paper(
            letterhead=_head_of(work.case.party),
            title=_(N_("Evidence list")),
            content=[
                _day(work),
                Rows(
                    (_(N_("No.")), _(N_("Evidence")), _(N_("Content"))),
                    [(str(number), *line) for number, line in enumerate(evidence, 1)],
                ),
            ],
            at=work.at,
            author=work.case.party.name,
        )
        return word_file(f"{work.case.number}-evidence-{language}.docx", paper)


def _head_of(customer: Party) -> list[str]:
    return [one for one in (customer.name, customer.address, customer.contact, customer.phone) if one]


def _day(work: Work[TransitReport]) -> str:
    day = work.at.astimezone(work.policy.timezone).date().isoformat()
    return _(N_("Our reference {number}, {day}"), number=work.case.number, day=day)


def _goods(work: Work[TransitReport]) -> list[tuple[str, str]]:
    report, found = work.report, claimed(work)
    delivery = found.delivery
    return [
        (_(N_("Delivery")), delivery.number),
        (_(N_("Product")), f"{delivery.product.name} ({delivery.product.code})"),
        (_(N_("Batch code")), delivery.batch),
        (_(N_("Received at")), f"{report.received_at.astimezone(work.policy.timezone):%Y-%m-%d %H:%M}"),
        (_(N_("What happened")), report.mishap.label),
        (_(N_("Pieces lost or damaged")), str(report.pieces)),
        (_(N_("Price of a piece")), f"{delivery.unit_price:.2f} {delivery.currency}"),
        (_(N_("Amount claimed")), f"{found.amount:.2f} {delivery.currency}"),
        (_(N_("Was it noted on the waybill?")), report.reserve_noted.label),
    ]


def _reserve(report: TransitReport) -> str:
    return f"{_(N_('Was it noted on the waybill?'))} {report.reserve_noted.label}"
