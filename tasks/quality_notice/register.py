"""How an urgent quality notice begins: registered, and the departments are told in the same moment."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.forms import YesNo
from models.language import N_, _
from models.policy import Policy
from models.quality_notice import UrgentNotice
from models.queries import goods, people
from models.roles import Role
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work
from tasks.notices import Recipient, notify, to_role
from tasks.opening import Matter

#: So much of a fault's text tells it from others; subjects are short, since they are looked up.
_FIRST_WORDS = 60


def subject_of(notice: UrgentNotice) -> str:
    """What a second notice of the same would repeat: goods and batch; without a batch code how the fault is told."""
    return f"{notice.goods}:{notice.batch or notice.fault.casefold()[:_FIRST_WORDS]}"


def check(session: Session, report: UrgentNotice, policy: Policy, at: datetime) -> Matter:
    """Compares a notice with the master data; raises InvalidInput that names each wrong field."""
    faults: dict[str, str] = {}
    registrar = people.person(session, report.registered_by)
    place = people.party_by_code(session, report.seen_at) if report.seen_at else registrar.party
    if goods.product_by_code(session, report.goods) is None:
        faults["goods"] = _(
            N_("There is no product or part {code}; use the number from the master data."), code=report.goods
        )
    if place is None:
        faults["seen_at"] = _(
            N_("There is no party {code}; use the number from the master data, or leave it empty."),
            code=report.seen_at,
        )
    if faults or place is None:
        raise InvalidInput(faults, UrgentNotice.titles())
    return Matter(
        party=place,
        subject=subject_of(report),
        reported_at=at,
        repeated_within_days=policy.feedback.duplicate_days,
        separate=report.separate,
        registrars=policy.feedback.notice_registrars,
    )


def begin(work: Work[UrgentNotice]) -> None:
    """The notice is filed; the departments and the manager are told, in danger the vice-president too."""
    feedback = work.policy.feedback
    file_document(work, DocumentKind.QUALITY_NOTICE, work.report.model_dump(mode="json"))
    danger = work.report.danger is YesNo.YES
    roles = [*feedback.recipients, Role.CS_MANAGER, *(feedback.told_of_danger if danger else ())]
    facts = {"goods": goods_name(work), "danger": danger}
    notify(work.session, work.case, work.at, "quality_notice/noticed", holders_of(work, *roles), facts, key="noticed")


def goods_name(work: Work[UrgentNotice]) -> str:
    """The product or part by name and number."""
    product = goods.product_by_code(work.session, work.report.goods)
    assert product is not None, "the notice was checked when the case was opened"
    return f"{product.name} ({product.code})"


def holders_of(work: Work[UrgentNotice], *roles: Role) -> list[Recipient]:
    """Everybody who holds one of these posts, each once."""
    return list({one.id: one for role in roles for one in to_role(work.session, role)}.values())
