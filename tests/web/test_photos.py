"""Photographs: what is taken, what is refused, how they are shown and to whom."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import Any
from zlib import crc32

import httpx
import pytest
from accounts import audited
from browsing import Browser, Site
from html_pages import lines_of, reader, said
from people import open_tasks, opened, run
from PIL import Image
from sqlalchemy import func, select

from models.tables.remarks import Photo
from tasks import photos
from tasks.database import transaction


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    file = BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(file, kind, **more)
    return file.getvalue()


def blank(width: int, height: int) -> bytes:
    """A picture of one colour: many pixels in few bytes."""
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def claiming_to_be(width: int, height: int) -> bytes:
    """A small PNG whose head says that it is as large."""
    content = bytearray(blank(8, 8))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.fixture
def number(site: Site) -> str:
    case = opened()
    run(case)
    return case


def attach(browser: Browser, number: str, content: bytes, name: str = "a.jpg", at: str = "") -> httpx.Response:
    return browser.post(
        f"/cases/{number}/photos",
        data={"csrf": browser.csrf(), "at": at},
        files={"photo": (name, content, "image/jpeg")},
        headers={"origin": browser.public},
    )


def kept() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Photo)) or 0


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("JPEG", progressive=True), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("WEBP", lossless=True), "image/webp"),
        (blank(8000, 5000), "image/png"),
    ],
    ids=["jpeg", "progressive", "png", "webp", "lossless", "forty-megapixels"],
)
def test_it_is_kept_byte_for_byte_and_served_as_what_it_is(
    number: str, site: Site, content: bytes, media_type: str
) -> None:
    browser = reader(site, "li.na")
    # What the sender calls it does not count.
    response = attach(browser, number, content, "photo.gif")
    assert (response.status_code, response.headers["location"]) == (303, f"/cases/{number}#photo-1")
    shown = browser.get("/photos/1")
    assert shown.content == content
    assert shown.headers["content-type"] == media_type
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''photo.gif"
    assert 'src="/photos/1"' in browser.get(f"/cases/{number}").text


def test_what_the_camera_wrote_into_it_stays(number: str, site: Site) -> None:
    exif = Image.Exif()
    exif[0x0132] = "2026:11:22 09:30:00"
    browser = reader(site, "li.na")
    attach(browser, number, picture("JPEG", exif=exif))
    with Image.open(BytesIO(browser.get("/photos/1").content)) as shown:
        assert shown.getexif()[0x0132] == "2026:11:22 09:30:00"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<script>alert(1)</script>", "This is no picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This is no picture that can be read"),
        (picture("GIF"), "This is no picture that can be read"),
        (picture("TIFF"), "This is no picture that can be read"),
        (picture("JPEG")[:-400], "This is no picture that can be read"),
        (picture("PNG")[:-400], "This is no picture that can be read"),
        (picture("WEBP")[:-400], "This is no picture that can be read"),
        (picture("JPEG")[:100], "This is no picture that can be read"),
        (b"", "Choose a photograph first."),
        (blank(8000, 5001), "This picture has too many pixels; at most 40 million are taken."),
        (claiming_to_be(12_000, 10_000), "This picture has too many pixels; at most 40 million are taken."),
        (claiming_to_be(60_000, 60_000), "This is no picture that can be read"),
        (picture("JPEG") + b"\0" * photos.MOST_BYTES, "This file is too large; at most 10 MB are taken."),
    ],
    ids=[
        "html", "svg", "gif", "tiff", "half-jpeg", "half-png", "half-webp", "head", "nothing", "pixels", "many-pixels",
        "bomb", "bytes",
    ],
)  # fmt: skip
def test_it_is_refused_in_a_sentence_and_nothing_is_kept(
    number: str, site: Site, content: bytes, sentence: str
) -> None:
    response = attach(reader(site, "li.na"), number, content)
    assert response.status_code == 400
    assert any(one.startswith(sentence) for one in said(response.text))
    assert kept() == 0


def test_a_picture_of_exactly_ten_mebibytes_is_taken(number: str, site: Site) -> None:
    content = picture("JPEG")
    content += b"\0" * (photos.MOST_BYTES - len(content))
    assert attach(reader(site, "li.na"), number, content).status_code == 303


def test_a_page_hidden_behind_a_picture_is_served_as_a_picture_that_may_run_nothing(number: str, site: Site) -> None:
    browser = reader(site, "li.na")
    assert attach(browser, number, picture("JPEG") + b"<html><script>alert(1)</script>", "x.html").status_code == 303
    shown = browser.get("/photos/1")
    assert shown.headers["content-type"] == "image/jpeg"
    assert (shown.headers["x-content-type-options"], shown.headers["content-security-policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("IMG 1.jpg", "IMG 1.jpg"),
        ("灯具.jpg", "灯具.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("a\nb\x00.jpg", "a b .jpg"),
        ("..", "photo.jpeg"),
        ("", "photo.jpeg"),
        ("x" * 300 + ".jpg", "x" * 116 + ".jpg"),
    ],
)
def test_its_name_is_one_on_every_system(given: str, name: str) -> None:
    assert photos.file_name(given, "image/jpeg") == name


def test_the_same_one_twice_is_kept_once(number: str, site: Site) -> None:
    browser, content = reader(site, "li.na"), picture()
    for _click in range(2):
        assert attach(browser, number, content).headers["location"] == f"/cases/{number}#photo-1"
    assert kept() == 1
    (entry,) = audited("photo_attached")
    assert (entry.actor, entry.subject, entry.detail["digest"]) == ("li.na", number, sha256(content).hexdigest())


def test_a_case_takes_a_hundred(number: str, site: Site) -> None:
    for _photo in range(photos.MOST_OF_A_CASE):
        photos.attach(number, "a.png", blank(8 + _photo, 8), by="li.na")
    response = attach(reader(site, "li.na"), number, picture())
    assert response.status_code == 400
    assert "This case has 100 photographs; more are not taken." in list(said(response.text))


def test_one_sent_from_the_page_of_a_question_leads_back_there_taken_or_not(number: str, site: Site) -> None:
    ref = open_tasks(number)["batch-verdict"]
    browser = reader(site, "li.na")
    assert attach(browser, number, picture(), at=ref).headers["location"] == f"/tasks/{ref}#photo-1"
    refused = attach(browser, number, b"no picture", at=ref)
    assert {"Is this a batch quality matter?", "Add the photograph"} <= set(said(refused.text))
    assert "a.jpg" in " ".join(lines_of(browser, f"/tasks/{ref}"))


def test_a_browser_asks_each_time_and_is_told_that_it_has_it(number: str, site: Site) -> None:
    browser = reader(site, "li.na")
    attach(browser, number, picture())
    shown = browser.get("/photos/1")
    assert shown.headers["cache-control"] == "private, no-cache"
    again = browser.get("/photos/1", headers={"if-none-match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "call",
    [
        lambda browser, number: browser.get("/photos/1"),
        lambda browser, number: browser.get("/photos/99"),
        lambda browser, number: browser.get(f"/photos/{10**30}"),
        lambda browser, number: attach(browser, number, picture("PNG")),
        lambda browser, number: attach(browser, "BQ-2026-9999", picture("PNG")),
    ],
    ids=["photo", "unknown", "huge", "attach", "attach-unknown"],
)
def test_a_shop_clerk_who_guesses_addresses_gets_nothing(
    number: str, site: Site, call: Callable[[Browser, str], httpx.Response]
) -> None:
    photos.attach(number, "a.jpg", picture(), by="li.na")
    assert call(reader(site, "liang.bo"), number).status_code == 404
    assert kept() == 1


def test_one_is_not_kept_at_a_question_of_another_case(number: str, site: Site) -> None:
    other = opened(separate=True)
    run(other)
    response = attach(reader(site, "li.na"), number, picture(), at=open_tasks(other)["batch-verdict"])
    assert response.status_code == 404
    assert kept() == 0
