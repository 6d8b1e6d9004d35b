"""Photographs (照片) that people attach to a case: looked at before they are kept.

They are kept byte for byte as they came, with what the camera wrote into them. A photograph here is evidence: when and
where it was taken belongs to it, and its digest proves that nobody changed it. A picture that was decoded and written
anew would be safer to show, but no evidence; instead it is served in a way that lets a browser do nothing with it but
show it (`web.pages.photos`). Only those who see the case see it.
"""

import re
import unicodedata
import warnings
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from threading import Lock

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.errors import InvalidInput, NotFound
from models.language import N_, _
from models.queries import audit, cases, clock
from models.tables.remarks import Photo
from tasks.database import transaction
from tasks.seeing import case_seen, task_seen

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_OF_A_CASE = 100
#: What the content must be, whatever its name says.
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_LONGEST_NAME = 120
_NOT_IN_A_NAME = re.compile(r"[/\\:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: One picture is decoded at a time: the largest takes 160 MB.
_DECODING = Lock()


def attach(number: str, name: str, content: bytes, by: str, ref: str = "") -> int:
    """Keeps a photograph at a case, or at the task `ref` of it; the same one twice is kept once.

    Raises NotFound, also for somebody who may not see the case, or InvalidInput. Returns the photograph's number.
    """
    media_type = checked(content)
    digest = sha256(content).hexdigest()
    with transaction() as session:
        case, person = case_seen(session, number, by)
        cases.lock(session, case.id)
        task = task_seen(session, ref, by)[0] if ref else None
        if task is not None and task.case_id != case.id:
            raise NotFound(N_("There is no task {ref}."), ref=ref)
        there = session.scalars(select(Photo).where(Photo.case_id == case.id, Photo.digest == digest)).first()
        if there is not None:
            return there.id
        if (session.scalar(select(func.count()).where(Photo.case_id == case.id)) or 0) >= MOST_OF_A_CASE:
            raise _refusal(N_("This case has {most} photographs; more are not taken."), most=MOST_OF_A_CASE)
        photo = Photo(
            case=case,
            task=task,
            by=person,
            at=clock.now(session),
            name=file_name(name, media_type),
            media_type=media_type,
            digest=digest,
            content=content,
        )
        session.add(photo)
        session.flush()
        detail = {"photo": photo.id, "name": photo.name, "digest": digest}
        audit.record(session, photo.at, person.login, "photo_attached", task.ref if task else number, detail)
        return photo.id


def photo_seen(session: Session, photo_id: int, login: str) -> Photo:
    """The photograph with this number; raises NotFound, also for somebody who may not see its case."""
    found = session.get(Photo, photo_id) if 0 < photo_id < 2**63 else None
    try:
        if found is not None:
            case_seen(session, found.case.number, login)
            return found
    except NotFound:
        pass
    raise NotFound(N_("There is no photograph {number}."), number=photo_id)


def of_case(session: Session, case_id: int) -> Sequence[Photo]:
    """The photographs of a case, the oldest first; their content is not read."""
    return session.scalars(
        select(Photo)
        .where(Photo.case_id == case_id)
        .order_by(Photo.id)
        .options(joinedload(Photo.by), joinedload(Photo.task))
    ).all()


def checked(content: bytes) -> str:
    """The media type of a picture by its content; raises InvalidInput for anything else, too large or cut off."""
    if len(content) > MOST_BYTES:
        raise _refusal(N_("This file is too large; at most {most} MB are taken."), most=MOST_BYTES // 1024**2)
    try:
        with _DECODING, warnings.catch_warnings():
            # Of what the camera wrote, and of a size that is refused here anyway.
            warnings.simplefilter("ignore")
            return _decoded(content)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _refusal(N_("This is no picture that can be read; choose a JPEG, PNG or WebP file.")) from None


def _decoded(content: bytes) -> str:
    """Reads a picture to its end, so that one that is cut off is noticed. Its size is known before."""
    with Image.open(BytesIO(content), formats=list(MEDIA_TYPES)) as picture:
        kind, (width, height) = str(picture.format), picture.size
        if width * height > MOST_PIXELS:
            raise _refusal(
                N_("This picture has too many pixels; at most {most} million are taken."), most=MOST_PIXELS // 10**6
            )
        # A JPEG is read at an eighth of its size: that is enough to see that it is whole.
        picture.draft("L", (max(1, width // 8), max(1, height // 8)))
        picture.load()
    return MEDIA_TYPES[kind]


def file_name(name: str, media_type: str) -> str:
    """A name that is one on every system, whatever the sender called the file."""
    plain = _NOT_IN_A_NAME.sub(" ", unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1]))
    plain = " ".join(plain.split()).strip(".")[-_LONGEST_NAME:]
    return plain or f"photo.{media_type.removeprefix('image/')}"


def _refusal(text: str, **facts: object) -> InvalidInput:
    return InvalidInput({"photo": _(text, **facts)}, {"photo": _(N_("Photograph"))})
