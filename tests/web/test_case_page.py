"""The page of a case: its whole story for those who may see it, nothing for anybody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import months
import pytest
import returns
import swaps
from browsing import Browser, Site
from html_pages import lines_of, reader, said
from people import CREDITED, answer, business_now, opened, play, run
from records import children, mails
from sqlalchemy import select

from models.queries import cases
from models.tables.notices import Notice
from tasks.database import transaction
from tasks.standing_in import delegate

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def disputed(until: str = "", **other: Any) -> str:
    number = opened(separate=True, **other)
    play(number, until=until)
    return number


def notice_ids(number: str) -> list[int]:
    with transaction() as session:
        case = cases.by_number(session, number)
        return list(session.scalars(select(Notice.id).where(Notice.case_id == case.id).order_by(Notice.id)))


# The story


def test_it_tells_what_it_is_about_what_happened_and_who_decided(site: Site) -> None:
    number = disputed()
    shown = lines_of(reader(site, "li.na"), f"/cases/{number}")
    assert f"{number} · 广州恒达灯饰经销商" in shown
    assert {"Batch quality dispute", "closed", "LX-019", "Does not light"} <= set(shown)
    told = [
        "Case opened",
        "Is this a batch quality matter? — 李娜 (li.na)",
        "Sale of the batch stopped",
        "Name the technician who goes to the site — 孙伟 (sun.wei)",
        "Finding on site — 刘洋 (liu.yang)",
        "Goods that came back — 马超 (ma.chao)",
    ]
    places = [shown.index(one) for one in told]
    assert places == sorted(places)
    assert "Capacitors bulge." in shown
    # People are chosen by their logins, and told by their names.
    assert shown[shown.index("Technician") + 1] == "刘洋 (liu.yang)"


def test_a_deputy_s_decision_names_both(site: Site) -> None:
    number = disputed(until="arrival")
    at = business_now()
    delegate("ma.chao", "tom.baker", at, at + timedelta(days=1), "On leave.", by="ma.chao")
    answer(number, "arrival", "tom.baker", CREDITED["arrival"][1])
    assert "Goods that came back — Tom Baker (tom.baker) in place of 马超 (ma.chao)" in lines_of(
        reader(site, "li.na"), f"/cases/{number}"
    )


def test_open_questions_say_for_whom_they_wait_and_which_are_the_reader_s(site: Site) -> None:
    number = disputed(until="arrival")
    for login, yours in (("ma.chao", 1), ("li.na", 1), ("chen.min", 0)):
        shown = lines_of(reader(site, login), f"/cases/{number}")
        assert {"What does the dealer want for the goods?", "Goods that came back", "warehouse keeper"} <= set(shown)
        assert shown.count("yours") == yours


def test_each_deadline_has_the_sum_behind_it(site: Site) -> None:
    number = disputed(until="name-technician")
    browser = reader(site, "li.na")
    shown = lines_of(browser, f"/cases/{number}?clock=determination")
    # Reported at 17:00 of 22 November, two days after the day of the event.
    assert "Determination on site: due 2026-11-24 24:00, running" in shown
    assert {"2 days, counted by calendar office 1", "calendar days", "day 0, the day of the event"} <= set(shown)
    page = browser.get(f"/cases/{number}?clock=determination").text
    assert '<details id="clock-determination" open>' in page
    assert '<details id="clock-acknowledgement">' in page


def test_stock_and_money_are_told_with_labels(site: Site) -> None:
    number = disputed()
    shown = lines_of(reader(site, "li.na"), f"/cases/{number}")
    # 100 and 80 pieces came back, 20 more had been sold; the freight was 380.50.
    assert {"广州恒达灯饰经销商: disputed", "明辉照明有限公司: in quarantine", "100", "80"} <= set(shown)
    assert {"380.50 CNY", "freight expense · C-01", "credit of a party · D-01"} <= set(shown)


def test_linked_cases_are_shown_to_those_who_see_them(site: Site) -> None:
    number = returns.opened()
    play(number, returns.EXCHANGED)
    (claim,) = children(number)
    assert claim in lines_of(reader(site, "li.na"), f"/cases/{number}")
    assert number in lines_of(reader(site, "li.na"), f"/cases/{claim}")
    # The quality department judged the parts; nobody asks it in the claim on their supplier.
    browser = reader(site, "lin.tao")
    assert claim not in " ".join(lines_of(browser, f"/cases/{number}"))
    assert browser.get(f"/cases/{claim}").status_code == 404


def test_stored_script_is_shown_inert(site: Site) -> None:
    number = disputed(fault=EVIL)
    browser = reader(site, "li.na")
    page = browser.get(f"/cases/{number}").text
    assert EVIL in list(said(page))
    assert "<script" not in page
    assert "<img" not in page


def test_it_is_written_in_the_reader_s_language(site: Site) -> None:
    number = disputed()
    browser = reader(site, "li.na")
    assert '<html lang="en">' in browser.get(f"/cases/{number}").text
    browser.cookies.set("aftersales-language", "zh_CN")
    assert '<html lang="zh-CN">' in browser.get(f"/cases/{number}").text


# Mails and documents


def test_a_mail_is_shown_as_plain_text(site: Site) -> None:
    number = disputed(fault=EVIL)
    browser = reader(site, "li.na")
    mail = mails(number, "batch_quality/acknowledged")[0]
    assert mail.subject in lines_of(browser, f"/cases/{number}")
    response = browser.get(f"/cases/{number}/notices/{mail.id}")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text == f"{mail.subject}\n\n{mail.plain}"
    assert EVIL in response.text


def test_a_link_by_which_somebody_answers_from_a_mail_is_not_shown_to_others(site: Site) -> None:
    number = disputed(until="arrival")
    mail = mails(number, "task_opened")[0].id
    with transaction() as session:
        session.get_one(Notice, mail).plain = "Answer: http://testserver/links/c0de.of-li_na~1\nSee http://testserver/x"
    text = reader(site, "chen.min").get(f"/cases/{number}/notices/{mail}").text
    assert text.endswith("Answer: http://testserver/links/…\nSee http://testserver/x")


def test_a_mail_of_another_case_is_not_found_in_this_one(site: Site) -> None:
    number, other = disputed(until="arrival"), disputed(until="arrival")
    browser = reader(site, "li.na")
    theirs = notice_ids(other)[0]
    for notice in (theirs, 0, 2**63, 10**30):
        assert browser.get(f"/cases/{number}/notices/{notice}").status_code == 404


def test_a_document_s_file_is_downloaded_as_it_was_made(site: Site) -> None:
    number = months.opened()
    months.lead(number, months.ALL_ANSWER)
    (file, *_others) = months.files(number)
    browser = reader(site, "li.na")
    path = f"/documents/{number}/{file.kind}/{file.number}"
    assert f'href="{path}" download' in browser.get(f"/cases/{number}").text
    response = browser.get(path)
    assert response.content == file.content
    assert response.headers["content-type"] == file.media_type
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    for unknown in (f"{file.kind}/99", f"{file.kind}/{10**30}", "finding/1"):
        assert browser.get(f"/documents/{number}/{unknown}").status_code == 404


# Strangers


@pytest.mark.parametrize(
    "path",
    [
        "/cases/{number}",
        "/cases/{number}/notices/{notice}",
        "/documents/{number}/swap_slip/1",
        "/cases/{number}?clock=x",
    ],
)
def test_a_shop_clerk_who_guesses_addresses_gets_nothing(site: Site, path: str) -> None:
    number = swaps.opened()
    run(number)
    browser = reader(site, "liang.bo")
    notice = (notice_ids(number) or [1])[0]
    response = browser.get(path.format(number=number, notice=notice))
    nothing = browser.get(path.format(number="PS-2026-9999", notice=notice))
    assert (response.status_code, nothing.status_code) == (404, 404)
    assert [one.replace(number, "X") for one in said(response.text)] == [
        one.replace("PS-2026-9999", "X") for one in said(nothing.text)
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda browser, number: browser.get(f"/cases/{number}"),
        lambda browser, number: browser.get(f"/cases/{number}/notices/1"),
        lambda browser, number: browser.get(f"/documents/{number}/objection/1"),
        lambda browser, number: browser.get("/photos/1"),
        lambda browser, number: browser.get("/delegations"),
    ],
)
def test_who_has_not_signed_in_is_led_there(site: Site, call: Callable[[Browser, str], Any]) -> None:
    response = call(site.browser(), opened())
    assert response.status_code == 303
    assert response.headers["location"].startswith("/sign-in?to=")
