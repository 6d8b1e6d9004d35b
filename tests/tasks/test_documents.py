"""Documents that are files: kept as they were made, and sent along with mail."""

import pytest
from people import opened
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from deployments.catcher import MailCatcher
from deployments.views import whole_case
from models.queries import cases, people
from models.tables.cases import Document, DocumentFile, DocumentKind
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction
from tasks.documents import File, file_document
from tasks.journal import Work, step
from tasks.notices import notify, to_person
from tasks.opening import file_of
from tasks.post import deliver

NAME = "质量信息反馈表 2026-11.xlsx"
BYTES = bytes(range(256)) * 300


@step("File sent")
def send_a_file(work: Work, name: str) -> None:  # type: ignore[type-arg]
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    document = file_document(work, DocumentKind.FEEDBACK_FORM, {"month": "2026-11"}, File(name, sheet, BYTES))
    manager = [to_person(people.person(work.session, "chen.min"))]
    facts = {"outcome": "sent", "still_open": []}
    notify(work.session, work.case, work.at, "case_closed", manager, facts, key=work.key, attached=[document])


def filed(name: str = NAME) -> str:
    """The number of a case in which a file was made and mailed."""
    number = opened()
    with transaction() as session:
        file = file_of(cases.by_number(session, number), BATCH_QUALITY_DISPUTE.form)
    send_a_file(file, name)
    return number


def test_the_file_goes_along_with_the_mail_under_its_name(company: Engine, mailbox: MailCatcher) -> None:
    filed()
    deliver()
    [mail] = [one for one in mailbox.messages() if "chen.min" in str(one["To"])]
    [attached] = list(mail.iter_attachments())
    assert attached.get_filename() == NAME
    assert attached.get_content() == BYTES
    assert mail.get_body(("plain",)) is not None
    assert mail.get_body(("html",)) is not None


def test_a_mail_without_files_has_none(company: Engine, mailbox: MailCatcher) -> None:
    opened()
    deliver()
    assert all(not list(mail.iter_attachments()) for mail in mailbox.messages())


def test_the_case_shows_the_file_of_a_document(company: Engine) -> None:
    number = filed()
    with transaction() as session:
        shown = whole_case(session, cases.by_number(session, number))["documents"]
    assert [(one["kind"], one["file"]) for one in shown] == [("objection", None), ("feedback_form", NAME)]


@pytest.mark.parametrize("name", ["", "a/b.xlsx", "a\\b.xlsx", "a\nb.xlsx"])
def test_a_name_that_is_no_file_name_is_refused_by_the_database(company: Engine, name: str) -> None:
    with pytest.raises(IntegrityError, match="name_is_a_file_name"):
        filed(name)
    with transaction() as session:
        assert session.query(Document).filter_by(kind="feedback_form").count() == 0


def test_a_file_once_made_is_never_changed(company: Engine) -> None:
    filed()
    with pytest.raises(IntegrityError, match="never changed"), transaction() as session:
        session.execute(text("UPDATE document_file SET content = ''"))
    with transaction() as session:
        assert session.query(DocumentFile).one().content == BYTES
