"""Photographs (照片): sent from the page of a case or a task, and served so that a browser can only show them."""

from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from models.errors import AfterSalesError, InvalidInput
from models.language import N_, _
from tasks import photos
from tasks.database import transaction
from web.forgery import posted
from web.pages.asides import PHOTO, Refused
from web.pages.remarks import again, back, place
from web.sessions import visitor_of

#: Nothing in a file that only looks like a picture may run, load anything or send anything.
_ONLY_A_PICTURE = "default-src 'none'; sandbox"


def attach(request: Request) -> Response:
    """Keeps a photograph at a case."""
    visitor = visitor_of(request)
    try:
        sent = posted(request).get(PHOTO)
        if not isinstance(sent, UploadFile) or not sent.size:
            raise InvalidInput({PHOTO: _(N_("Choose a photograph first."))})
        # One byte more than is taken tells that it is too large.
        content = sent.file.read(photos.MOST_BYTES + 1)
        photo = photos.attach(
            request.path_params["number"], sent.filename or "", content, visitor.login, place(request)
        )
    except InvalidInput as error:
        return again(request, error, Refused(PHOTO, {}, error.fields, " ".join(error.fields.values())))
    except AfterSalesError as error:
        return again(request, error, Refused(PHOTO, {}, {}, error.message))
    return back(request, f"photo-{photo}")


def photo(request: Request) -> Response:
    """The bytes of a photograph, for those who see its case; a browser asks again each time whether it may show it."""
    with transaction() as session:
        found = photos.photo_seen(session, request.path_params["photo"], visitor_of(request).login)
        headers = {
            "content-security-policy": _ONLY_A_PICTURE,
            "content-disposition": f"inline; filename*=UTF-8''{quote(found.name, safe='')}",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-cache",
            "etag": f'"{found.digest}"',
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.media_type, headers=headers)
