"""The month's reports come in: stations' repairs, offices' remarks; what is urgent does not wait for the form."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.feedback_reports import MonthlyOfficeReport, MonthlyRepairReport, ReportedItem, Urgency
from models.information_feedback import AnalysisItem, MonthToReport
from models.language import N_
from models.quality_notice import UrgentNotice
from models.queries import people, stations
from models.roles import PartyKind
from models.rules.feedback import last_day
from models.tables.cases import DocumentKind
from models.tables.goods import Product, ProductKind
from models.tables.parties import Party
from models.tables.stations import StationState
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.quality_notice import QUALITY_NOTICE
from tasks.quality_notice.children import child_or_link, login_of_opener
from tasks.quality_notice.in_reports import notice_of
from tasks.quality_notice.register import subject_of
from tasks.repairs import Slip, record_repairs


@dataclass(frozen=True)
class Reporter:
    """A station or office that is asked: its number and name, the key of its question, for a station its office."""

    code: str
    name: str
    key: str
    office: str = ""


@dataclass(frozen=True)
class Network:
    """Who is asked for the month: the stations that are active when it ends, and the offices."""

    stations: list[Reporter]
    offices: list[Reporter]


@step(N_("Stations and offices that report determined"))
def name_who_reports(work: Work[MonthToReport]) -> Network:
    """The network as it is when the month's information begins to be gathered."""
    active = [one.party for one in stations.listed(work.session, states=[StationState.ACTIVE])]
    offices = work.session.scalars(
        select(Party).where(Party.kind == PartyKind.BRANCH_OFFICE).order_by(Party.code)
    ).all()
    return Network(_reporters("report", active), _reporters("office", offices))


def _reporters(what: str, parties: Sequence[Party]) -> list[Reporter]:
    """Keys take small letters, digits and dashes; where two numbers look alike in them, the place tells them apart."""
    found: list[Reporter] = []
    for number, party in enumerate(parties, 1):
        key = f"{what}-{re.sub('[^a-z0-9]', '-', party.code.lower())}"
        key = f"{key}-{number}" if key in {one.key for one in found} else key
        above = (one.code for one in people.superiors(party) if one.kind == PartyKind.BRANCH_OFFICE)
        found.append(Reporter(party.code, party.name, key, next(above, "")))
    return found


def goods_to_choose(session: Session) -> dict[str, Any]:
    """Products and parts by number, with number and name to choose by."""
    rows = session.execute(select(Product.code, Product.name, Product.kind).order_by(Product.code)).all()
    named = {kind: {code: f"{code} {name}" for code, name, of in rows if of == kind} for kind in ProductKind}
    products, parts = named[ProductKind.PRODUCT], named[ProductKind.PART]
    return {"products": products, "parts": parts, "goods": {**products, **parts}}


def asked_of_a_station(work: Work[MonthToReport]) -> dict[str, Any]:
    """For a station: the month, and what can be repaired with what."""
    month = work.report.month
    return {"month": month, "last_day": last_day(month).isoformat(), **goods_to_choose(work.session)}


def asked_of_an_office(
    work: Work[MonthToReport], office: Reporter, network: Network, silent: Sequence[Reporter]
) -> dict[str, Any]:
    """For an office: which of its stations reported, and which did not."""
    theirs = [one for one in network.stations if one.office == office.code]
    return {
        "month": work.report.month,
        "reported": [one.name for one in theirs if one not in silent],
        "silent": [one.name for one in theirs if one in silent],
        "goods": goods_to_choose(work.session)["goods"],
    }


@step(N_("Repair report of a station entered in the ledger"))
def take_in_repairs(work: Work[MonthToReport], station: Reporter, report: MonthlyRepairReport, *, round: int) -> None:
    """A station's repairs enter the ledger, each slip once, and the parts they used leave its stock.

    Manual 000 三 内勤 C. What does not agree with the books is kept beside the report.
    """
    party = _party(work, station)
    codes = {code for line in report.lines for code in (line.product, line.part) if code}
    goods = {one.code: one for one in work.session.scalars(select(Product).where(Product.code.in_(codes)))}
    slips = [
        Slip(
            number=line.slip,
            product=goods[line.product],
            part=goods[line.part] if line.part else None,
            pieces=line.pieces,
            batch=line.batch,
            fault=line.fault,
            entitlement=line.entitlement,
            received_on=line.received_on,
            purchased_on=line.purchased_on,
            done_on=line.done_on,
            fee=line.fee,
            charged=line.charged,
        )
        for line in report.lines
    ]
    differences = [asdict(one) for one in record_repairs(work, party, slips)]
    content = {"code": station.code, "name": station.name, "report": report.model_dump(mode="json")}
    file_document(work, DocumentKind.STATION_REPORT, {**content, "differences": differences})
    tell_at_once(work, report.items, station.code)


@step(N_("Report of an office filed"))
def take_in_office(work: Work[MonthToReport], office: Reporter, report: MonthlyOfficeReport, *, round: int) -> None:
    """What an office adds is filed; what it marks as urgent goes out at once."""
    content = {"code": office.code, "name": office.name, "report": report.model_dump(mode="json")}
    file_document(work, DocumentKind.OFFICE_REPORT, content)
    tell_at_once(work, report.items, office.code)


def tell_at_once(work: Work[MonthToReport], items: Sequence[ReportedItem | AnalysisItem], seen_at: str) -> None:
    """In a step: each urgent item becomes an urgent quality notice, or belongs to the one that it led to already."""
    for item in items:
        if item.urgency is Urgency.ORDINARY:
            continue
        notice = {
            **notice_of(item.model_dump(mode="json"), seen_at),
            "registered_by": login_of_opener(work),
        }
        child_or_link(work, QUALITY_NOTICE, notice, subject_of(UrgentNotice.read(notice)))


def _party(work: Work[MonthToReport], reporter: Reporter) -> Party:
    party = people.party_by_code(work.session, reporter.code)
    assert party is not None, "a party's number stays for ever"
    return party
