"""The files of documents (单据), to be kept and opened in a program of one's own."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.tables.cases import DocumentFile
from tasks.database import transaction
from tasks.seeing import case_seen
from web.sessions import visitor_of


def document(request: Request) -> Response:
    """A file as it was made and sent; never opened as a page."""
    given = request.path_params
    with transaction() as session:
        case, _person = case_seen(session, given["number"], visitor_of(request).login)
        file = session.get(DocumentFile, (case.id, given["kind"], given["n"])) if given["n"] < 2**31 else None
        if file is None:
            raise HTTPException(404)
        return Response(
            file.content,
            media_type=file.media_type,
            headers={
                "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "x-content-type-options": "nosniff",
                "content-security-policy": "default-src 'none'; sandbox",
            },
        )
