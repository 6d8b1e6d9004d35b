"""The approved return list (返厂清单): what the manager let stand of what the sender drew up."""

from models.language import N_
from models.parts_list import ListApproval, ReturnList
from models.parts_return import ReturnRequest
from models.tables.cases import DocumentKind
from tasks.documents import file_document
from tasks.journal import Work, step
from tasks.notices import notify, to_party
from tasks.parts_return.lists import Listed


@step(N_("Approved return list filed and sent to the sender"))
def approve_list(work: Work[ReturnRequest], drawn_up: ReturnList, approval: ListApproval) -> list[Listed]:
    """The list is filed with its cuts and statements, and goes to the sender; what is to be shipped, by part and batch.

    It goes by batch as the ledger does, whatever line of the list a piece stood in.
    """
    reasons = {cut.line: cut.reason for cut in approval.cuts}
    lots: dict[tuple[str, str], int] = {}
    lines = []
    for number, line in enumerate(drawn_up.lines, 1):
        cut = reasons.get(str(number), "")
        lines.append({**line.model_dump(mode="json"), "cut": cut})
        if not cut:
            lots[line.part, line.batch] = lots.get((line.part, line.batch), 0) + line.pieces
    statements = [one.model_dump(mode="json") for one in drawn_up.left_behind]
    content = {"month": work.report.month, "lines": lines, "left_behind": statements, "excused": approval.excused}
    file_document(work, DocumentKind.RETURN_LIST, content)
    sender = to_party(work.session, work.case.party, work.case)
    facts = {**content, "comment": approval.comment, "pieces": sum(lots.values())}
    notify(work.session, work.case, work.at, "parts_return/list_approved", [sender], facts, key=work.key)
    return [Listed(part, batch, pieces) for (part, batch), pieces in sorted(lots.items())]
