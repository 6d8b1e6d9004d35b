"""The quality-information form goes out (质量信息反馈表): measures are written down, workbooks made, mails queued.

Manual 000 三 经理 F: every month to marketing, production, quality, purchasing, technology.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models.feedback_reports import Urgency
from models.information_feedback import FiguresCheck, Gap, MonthToReport, QualityAnalysis
from models.language import N_, speaking
from models.queries import goods, measures
from models.roles import Role
from models.tables.cases import Document, DocumentKind
from models.tables.feedback import Measure, MeasureState
from tasks.database import transaction
from tasks.documents import file_document
from tasks.information_feedback.form import QualityForm, form_of, kept, read
from tasks.information_feedback.mail import mail_tables, page
from tasks.information_feedback.reports import tell_at_once
from tasks.information_feedback.workbook import workbook
from tasks.journal import CaseFile, Work, step
from tasks.notices import Recipient, notify, to_role


@dataclass(frozen=True)
class Addressed:
    """A department that got the form: how many items it is asked for, and measures of earlier months."""

    department: Role
    key: str
    items: int
    carried: int

    @property
    def has_to_answer(self) -> bool:
        """Departments without either acknowledge the form only."""
        return bool(self.items or self.carried)


@step(N_("Quality-information form sent out"))
def issue_form(
    work: Work[MonthToReport], check: FiguresCheck | None, analysis: QualityAnalysis | None, gaps: list[Gap]
) -> list[Addressed]:
    """The form leaves for its recipients, in each one's language, with the gaps named that it leaves with."""
    if analysis:
        _write_down(work, analysis)
        tell_at_once(work, analysis.items, "")
    form = form_of(work, check, analysis, gaps)
    for language, recipients in _by_language(work).items():
        with speaking(language):
            file = workbook(form)
        document = file_document(work, DocumentKind.FEEDBACK_FORM, kept(form), file)
        notify(
            work.session,
            work.case,
            work.at,
            "information_feedback/form",
            recipients,
            _facts(form),
            key=work.key,
            attached=[document],
        )
    return [_addressed(work, role) for role in work.policy.feedback.recipients]


def issued_page(month: CaseFile[MonthToReport]) -> str:
    """The form that went out, as Markdown with charts in the language in force."""
    with transaction() as session:
        found = select(Document.content).where(
            Document.case_id == month.id, Document.kind == DocumentKind.FEEDBACK_FORM
        )
        content = session.scalars(found.order_by(Document.number)).first()
    assert content is not None, "the form went out"
    return page(read(content))


def _write_down(work: Work[MonthToReport], analysis: QualityAnalysis) -> None:
    for number, item in enumerate(analysis.items, 1):
        product = goods.product_by_code(work.session, item.goods)
        assert product is not None, "the item was checked against the master data"
        work.session.add(
            Measure(
                case_id=work.case.id,
                number=number,
                department=item.department,
                product_id=product.id,
                batch=item.batch,
                problem=item.problem,
                asked=item.asked,
                urgent=item.urgency is not Urgency.ORDINARY,
                state=MeasureState.OPEN,
            )
        )
    work.session.flush()


def _by_language(work: Work[MonthToReport]) -> dict[str, list[Recipient]]:
    """Who gets the form, each once, by language."""
    feedback = work.policy.feedback
    roles = (*feedback.recipients, *feedback.also_to)
    found = {one.id: one for role in roles for one in to_role(work.session, role)}
    by_language: dict[str, list[Recipient]] = {}
    for one in found.values():
        by_language.setdefault(one.language, []).append(one)
    return dict(sorted(by_language.items()))


def _facts(form: QualityForm) -> Callable[[], dict[str, Any]]:
    return lambda: {"form": form, "tables": mail_tables(form)}


def _addressed(work: Work[MonthToReport], role: Role) -> Addressed:
    return Addressed(
        department=role,
        key=role.value.replace("_", "-"),
        items=len(measures.of_case(work.session, work.case, role)),
        carried=len(measures.open_before(work.session, work.case, role)),
    )
