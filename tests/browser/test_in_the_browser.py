"""What people see and do in a browser: from Prefect's form to the inbox on a phone, and who sees nothing at all."""

import time
from io import BytesIO
from typing import Any

import pytest
from chromium import DESK, PHONE, Seat, Seats, seats
from PIL import Image
from playwright.sync_api import Browser, expect
from systems import PATIENCE_SECONDS, System

from models.batch_quality import DisputeReport, NameTechnician
from models.language import speaking

pytestmark = pytest.mark.timeout(600)

#: What Prefect's form asks for, besides the time.
REPORT = {
    "dealer": "D-01",
    "product": "LX-019",
    "batch": "MH260901A",
    "faulty_pieces": "12",
    "fault": "装上后不亮，镇流器发热",
    "reported_by": "何老板",
}
FINDING = "Bulging capacitors, a fault of the material"
#: Words of the case that nobody reads who has nothing to do with it.
PRIVATE = ("恒达", "何老板", "镇流器", "MH260901A", FINDING)


@pytest.fixture(scope="module")
def dispute(browser: Browser, system: System) -> str:
    """The number of a case that an operator has started from Prefect's form; it waits for its first answer."""
    with seats(browser, system.address) as seat:
        clerk = seat(DESK)
        run_id = started_from_the_form(clerk)
        number = number_of(system, run_id)
        waiting(system, number)
        clerk.page.goto(f"/v2/runs/flow-run/{run_id}")
        clerk.page.get_by_text("Suspended").first.wait_for()
        clerk.page.locator("canvas").first.wait_for()
        clerk.picture("03-prefect-run-waits", whole=False)
        only_telemetry_was_stopped(clerk)
    return number


def started_from_the_form(clerk: Seat) -> str:
    """Signs in, fills in the form behind «Custom run»; the id of the run that this starts."""
    page = clerk.page
    page.goto("/v2/deployments")
    clerk.picture("01-sign-in")
    clerk.sign_in("li.na", to="/v2/deployments")
    page.get_by_role("link", name="批量质量异议").first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Custom run").click()
    with speaking("zh_CN"):
        titles = DisputeReport.titles()
    for field, value in REPORT.items():
        page.get_by_label(titles[field], exact=True).fill(value)
    page.get_by_label(titles["reported_at"], exact=True).click()
    page.get_by_role("button", name="Today").click()
    page.keyboard.press("Escape")
    clerk.picture("02-prefect-start-form")
    with page.expect_response("**/create_flow_run") as started:
        page.get_by_role("button", name="Submit").click()
    assert started.value.status == 201, started.value.text()
    return str(started.value.json()["id"])


def number_of(system: System, run_id: str) -> str:
    """The case that a run has opened; the run bears its number."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        name = str(system.prefect.get(f"/flow_runs/{run_id}").json()["name"])
        if name.startswith("BQ-"):
            return name
        time.sleep(0.3)
    raise AssertionError(f"run {run_id} has opened no case")


def waiting(system: System, number: str) -> Any:
    """The case, once its run has come to the next question."""
    case = system.case(number)
    assert case["state"] == "waiting"
    return case


def only_telemetry_was_stopped(at: Seat) -> None:
    """Nothing of Prefect's own UI is stopped by what we allow pages to load; what it tells its makers is."""
    stopped = [one for one in at.complaints if "Content Security Policy" in one]
    assert [one for one in stopped if "amplitude.com" not in one] == []
    assert at.heard_from == {at.address}


def test_an_operator_starts_a_dispute_from_prefects_form(system: System, dispute: str) -> None:
    case = system.call("case", dispute)
    assert (case["party"], case["input"]["registered_by"]) == ("D-01", "li.na")
    told = {name: str(case["input"][name]) for name in REPORT}
    assert told == REPORT
    assert case["tasks"][0]["key"] == "batch-verdict"


def test_a_case_is_decided_on_phones_and_in_prefects_form_by_whom_it_asks(
    system: System, seat: Seats, dispute: str
) -> None:
    clerk, technician, manager = seat(PHONE), seat(PHONE), seat(PHONE)
    clerk.sign_in("wang.fang")
    clerk.picture("04-phone-inbox")
    clerk.open_question(dispute)
    clerk.answer(is_batch="yes", reason="同一型号同一故障十二只")
    clerk.picture("05-phone-question")
    clerk.send()
    clerk.picture("06-phone-answered")

    case = waiting(system, dispute)
    name_a_technician_in_prefect(seat(DESK), case["flow_run_id"])

    waiting(system, dispute)
    technician.sign_in("tom.baker")
    technician.open_question(dispute)
    finding = {"pieces_inspected": "40", "pieces_faulty": "17", "pieces_on_hand": "170"}
    technician.answer(verdict="quality_fault", report=FINDING, **finding)
    technician.picture("09-phone-finding-in-english")
    technician.send()

    waiting(system, dispute)
    manager.sign_in("chen.min")
    manager.picture("10-phone-inbox-of-the-manager")
    manager.open_question(dispute)
    manager.answer(decision="confirm", comment="整批退回")
    manager.picture("11-phone-approval")
    manager.send()
    manager.picture("12-phone-approved")

    decided = [(one["key"], one["decision"]) for one in waiting(system, dispute)["tasks"] if one["decision"]]
    assert [(key, one["by"], one["channel"]) for key, one in decided] == [
        ("batch-verdict", "wang.fang", "inbox"),
        ("name-technician", "sun.wei", "prefect"),
        ("site-finding", "tom.baker", "inbox"),
        ("recall-scope", "chen.min", "inbox"),
    ]
    assert decided[1][1]["answer"]["technician"] == "tom.baker"
    assert decided[3][1]["answer"] == {"decision": "confirm", "comment": "整批退回"}
    assert [one.complaints for one in (clerk, technician, manager)] == [[], [], []]


def name_a_technician_in_prefect(head: Seat, run_id: str) -> None:
    """The technology department's head answers in the form that Prefect shows on the page of the run."""
    page = head.page
    head.sign_in("sun.wei", to=f"/v2/runs/flow-run/{run_id}")
    page.get_by_role("button", name="Open menu").first.click()
    page.get_by_role("menuitem", name="Resume").click()
    form = page.get_by_role("dialog", name="Resume Flow Run")
    with speaking("zh_CN"):
        technician = NameTechnician.titles()["technician"]
    form.get_by_role("button", name=technician).click()
    page.get_by_role("option", name="Tom Baker").click()
    head.picture("07-prefect-question", whole=False)
    with page.expect_response("**/resume") as resumed:
        form.get_by_role("button", name="Resume").click()
    assert resumed.value.json()["status"] == "ACCEPT"
    form.wait_for(state="hidden")
    head.picture("08-prefect-answered", whole=False)
    only_telemetry_was_stopped(head)
    page.close()


def test_a_shop_clerk_who_guesses_addresses_gets_nothing(system: System, seat: Seats, dispute: str) -> None:
    """Whatever leads a manager further answers the shop's clerk as if it were not there, or refuses."""
    manager, stranger = seat(PHONE), seat(DESK)
    manager.sign_in("chen.min")
    manager.page.goto(f"/cases/{dispute}")
    attach_a_photo(manager)
    manager.picture("13-phone-case")
    leads_to = [one.get_attribute("href") or "" for one in manager.page.locator('main a[href^="/"]').all()]
    run = system.call("case", dispute)["flow_run_id"]
    addresses = [f"/cases/{dispute}", *(one.partition("#")[0] for one in leads_to), *in_prefect(run)]
    assert {one.split("/")[1] for one in addresses} >= {"cases", "tasks", "photos", "v2", "runs", "api", "ui-settings"}

    stranger.sign_in("liang.bo")
    stranger.picture("14-stranger-inbox", whole=False)
    assert stranger.page.locator('header a[href="/"]').count() == 0
    for path in addresses:
        assert manager.get(path).status == 200, path
        refused = stranger.get(path)
        assert refused.status in {403, 404}, path
        gives_nothing_away(path, refused.text())
    for path in ("/documents/{}/recall_list/1", "/audit", "/audit/export", "/cases/", "/tasks/", "/inbox/li.na"):
        assert stranger.get(path.format(dispute)).status in {403, 404}, path

    not_there = stranger.get("/cases/BQ-2026-9999").text().replace("BQ-2026-9999", dispute)
    assert stranger.get(f"/cases/{dispute}").text() == not_there
    stranger.page.goto(f"/cases/{dispute}")
    stranger.picture("15-stranger-case", whole=False)
    stranger.page.goto(f"/v2/runs/flow-run/{run}")
    stranger.picture("16-stranger-prefect", whole=False)


def attach_a_photo(at: Seat) -> None:
    """A photograph, from the page of a case."""
    content = BytesIO()
    Image.new("RGB", (640, 480), (90, 110, 130)).save(content, "PNG")
    at.unfold()
    at.page.set_input_files("#photo", {"name": "ballast.png", "mimeType": "image/png", "buffer": content.getvalue()})
    at.page.click('form[action*="/photos"] button')
    at.page.locator(".photos img").wait_for()


def in_prefect(run: str) -> list[str]:
    """Where managers come to in Prefect."""
    pages = ["/v2/", "/v2/deployments", f"/v2/runs/flow-run/{run}", "/runs", "/deployments"]
    deployment = "/api/deployments/name/batch-quality-dispute/批量质量异议"
    return [*pages, "/ui-settings", "/api/version", f"/api/flow_runs/{run}", deployment]


def gives_nothing_away(path: str, text: str) -> None:
    """An answer has no word of the case, and no program of Prefect's."""
    assert [word for word in (*PRIVATE, "<script") if word in text] == [], path


def test_what_a_shop_clerk_sends_to_guessed_addresses_changes_nothing(
    system: System, seat: Seats, dispute: str
) -> None:
    manager, stranger = seat(PHONE), seat(PHONE)
    manager.sign_in("chen.min")
    stranger.sign_in("liang.bo")
    before = system.call("case", dispute)
    run = before["flow_run_id"]
    for what in ("flow_runs", "task_runs", "logs", "artifacts", "deployments", "events"):
        assert manager.post(f"/api/{what}/filter", data={}).status == 200, what
        refused = stranger.post(f"/api/{what}/filter", data={})
        assert refused.status == 403, what
        gives_nothing_away(what, refused.text())

    deployment = manager.get("/api/deployments/name/batch-quality-dispute/批量质量异议").json()["id"]
    question = next(one["id"] for one in before["tasks"] if one["state"] == "open")
    csrf = stranger.page.locator('[name="csrf"]').first.get_attribute("value") or ""
    answer = {"csrf": csrf, "answer.is_batch": "no", "answer.reason": "No.", "remark.text": "No."}
    for path in (f"/api/flow_runs/{run}/resume", f"/api/flow_runs/{run}/set_state"):
        assert stranger.post(path, data={"run_input": {}, "state": {"type": "CANCELLED"}}).status == 403, path
    started = stranger.post(f"/api/deployments/{deployment}/create_flow_run", data={"parameters": {}})
    assert started.status == 403
    for path in (f"/tasks/{question}", f"/tasks/{question}/claim", f"/cases/{dispute}/remarks"):
        assert stranger.post(path, form=answer).status == 404, path
    after = system.call("case", dispute)
    assert [after[one] for one in ("state", "tasks", "steps")] == [before[one] for one in ("state", "tasks", "steps")]
    assert [one["number"] for one in system.call("cases")] == [dispute]


def test_pages_fit_a_phone_and_speak_the_language_of_whoever_reads_them(seat: Seats, dispute: str) -> None:
    """The person's language, whatever the browser asks for; another one by a button, without a script."""
    clerk = seat(PHONE, locale="en-US")
    clerk.sign_in("wang.fang")
    clerk.open_question(dispute)
    pages = {
        "inbox": "/inbox",
        "question": clerk.page.url,
        "case": f"/cases/{dispute}?clock=determination",
        "standing-in": "/delegations",
        "password": "/password",
    }
    for language, inbox in (("zh-CN", "待办"), ("en", "Inbox")):
        for name, path in pages.items():
            clerk.page.goto(path)
            assert clerk.page.locator("html").get_attribute("lang") == language
            assert clerk.page.locator('header a[href="/inbox"]').last.inner_text() == inbox
            clerk.picture(f"17-phone-{language}-{name}")
            clerk.unfold()
            assert not clerk.scrolls_sideways(), path
        clerk.page.click('button[name="language"]')
        clerk.page.wait_for_load_state()
    assert clerk.complaints == []


def test_our_pages_at_a_desk_load_nothing_that_they_forbid_themselves(seat: Seats, dispute: str) -> None:
    clerk = seat(DESK)
    clerk.sign_in("wang.fang")
    clerk.open_question(dispute)
    clerk.picture("18-desk-question")
    clerk.page.goto(f"/cases/{dispute}")
    clerk.picture("19-desk-case")
    assert not clerk.scrolls_sideways()
    assert (clerk.complaints, clerk.heard_from) == ([], {clerk.address})


def test_a_form_that_is_sent_empty_comes_back_and_shows_what_is_missing(seat: Seats, dispute: str) -> None:
    clerk = seat(PHONE)
    clerk.sign_in("wang.fang")
    clerk.open_question(dispute)
    clerk.page.click("main button.wide")
    expect(clerk.page.locator("#faults")).to_be_in_viewport()
    assert not clerk.scrolls_sideways()
    clerk.picture("20-phone-refused", whole=False)
