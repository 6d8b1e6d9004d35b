"""The demo: a fresh rehearsal system, a sample company, and one dispute played from report to closure."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from deployments import output
from deployments.postgres import cluster_folder, free_port, start_cluster
from deployments.running import DEFAULT_PORT, only_one, running_system, watch
from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files
from models.batch_quality import Outcome
from models.errors import InvalidInput, Unavailable
from models.forms import Form
from models.language import N_, _
from models.queries import cases, clock, deadlines, questions
from models.tables.cases import CaseState
from models.tables.questions import Channel
from tasks.batch_quality import BATCH_QUALITY_DISPUTE
from tasks.database import transaction
from tasks.deciding import decide
from tasks.opening import open_case
from tasks.settings import data_folder, settings
from tasks.summary import answer_text
from tasks.sweeping import sweep
from tasks.waking import carry, wake

_MARK = "this-is-a-demo"
_PATIENCE_SECONDS = 180.0
_LOOK_AGAIN_SECONDS = 0.3


def demo_system(port: int | None, announce: Callable[[str, str], None], *, stay: bool) -> None:
    """Runs the demo; `stay` until Ctrl-C. Raises InvalidInput if the data folder holds something that is no demo."""
    _fresh_folder()
    with running_system(port or _some_port(), rehearsal=True, announce=announce) as running:
        done = import_files(SAMPLE_COMPANY)
        output.say(_(N_("Sample company: {added} lines brought in."), added=done.added))
        number = _play()
        announce("all", "")
        output.say("")
        output.say(_(N_("Prefect's UI: {url}"), url=running.ui_url))
        output.say(_(N_("Mail folder:  {folder}"), folder=running.mail_folder))
        if not stay:
            return
        output.say(
            _(N_("Look around: AFTERSALES_DATA={data} aftersales case {number}"), data=data_folder(), number=number)
        )
        output.say(_(N_("Ctrl-C stops everything.")))
        watch(running, output.say)


def _fresh_folder() -> None:
    """A demo starts with nothing; it clears away an earlier demo, and nothing else."""
    if "AFTERSALES_DATA" not in os.environ:
        os.environ["AFTERSALES_DATA"] = str(user_data_path("aftersales-demo", appauthor=False))
    # A demo reaches nothing that is real: no database, mail server or Prefect that the environment names.
    for name in list(os.environ):
        if name.startswith(("AFTERSALES_", "PREFECT_")) and name not in {"AFTERSALES_DATA", "AFTERSALES_LANGUAGE"}:
            del os.environ[name]
    data = data_folder()
    if data.exists() and any(data.iterdir()):
        if not (data / _MARK).exists():
            raise InvalidInput(
                {"data": _(N_("{data} holds a system that is no demo; name an empty folder."), data=data)}
            )
        _clear(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / _MARK).touch()
    settings.cache_clear()


def _clear(data: Path) -> None:
    with only_one(data):
        cluster = cluster_folder(data)
        if (cluster / "postmaster.pid").exists():
            # Its demo was killed: PostgreSQL still runs, or left this file when the power went.
            start_cluster(data).stop()
        shutil.rmtree(cluster)
        shutil.rmtree(data)


def _some_port() -> int:
    """Prefect's usual port if it is free, else any."""
    with socket.socket() as probe:
        # A port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", DEFAULT_PORT))
        except OSError:
            return free_port()
    return DEFAULT_PORT


def _play() -> str:
    """The story: a dealer reports ballasts that do not light; everything comes back and is credited."""
    with transaction() as session:
        reported_at = clock.now(session) - timedelta(hours=2)
    number = open_case(
        BATCH_QUALITY_DISPUTE,
        {
            "dealer": "D-01",
            "product": "LX-019",
            "batch": "MH260901A",
            "faulty_pieces": 12,
            "fault": "装上后不亮，镇流器发热",
            "reported_at": reported_at.isoformat(),
            "reported_by": "何老板",
            "registered_by": "li.na",
        },
    )
    output.say(_(N_("A dealer reports a bad batch: case {number}."), number=number))
    carry(number)
    for key, login, answer in STORY:
        if key == "site-finding":
            _time_passes(number)
        _answer(number, key, login, answer)
    _until(number, lambda state: state is CaseState.CLOSED)
    with transaction() as session:
        case = cases.by_number(session, number)
        output.say(_(N_("Case {number} is closed: {outcome}"), number=number, outcome=Outcome(str(case.outcome)).label))
    return number


STORY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("batch-verdict", "li.na", {"is_batch": "yes", "reason": "同一型号同一故障十二只"}),
    ("name-technician", "sun.wei", {"technician": "liu.yang", "note": "请带测试台"}),
    (
        "site-finding",
        "liu.yang",
        {
            "verdict": "quality_fault",
            "pieces_inspected": 40,
            "pieces_faulty": 17,
            "pieces_on_hand": 170,
            "report": "滤波电容鼓包，属来料质量问题",
        },
    ),
    ("recall-scope", "chen.min", {"decision": "confirm", "comment": "整批退回"}),
    ("remedy", "wang.fang", {"remedy": "credit", "told_by": "何老板"}),
    (
        "arrival",
        "ma.chao",
        {
            "lines": [{"delivery": "DN-2026-0001", "received": 95, "already_sold": 25}],
            "waybill": "YD20260001",
            "more_to_come": "yes",
        },
    ),
    (
        "arrival",
        "ma.chao",
        {
            "lines": [{"delivery": "DN-2026-0002", "received": 75, "already_sold": 3}],
            "waybill": "YD20260002",
            "more_to_come": "no",
            "note": "少两只",
        },
    ),
    ("freight-bill", "gao.jie", {"carrier": "远达物流", "bill_number": "YF-8841", "amount": "860.00"}),
)


def _time_passes(number: str) -> None:
    """The technician lets most of the two days go by: the sweep reminds him and the head of technology."""
    with transaction() as session:
        determination = deadlines.of_case(session, cases.by_number(session, number).id, "determination")
        hours = round((determination.due_at - clock.now(session)) / timedelta(hours=1)) - 5
        clock.forward(session, timedelta(hours=hours))
    swept = sweep()
    output.say(
        _(
            N_("{hours} hours pass; the sweep reminds {reminded} times and escalates {escalated} times."),
            hours=hours,
            reminded=swept.reminded,
            escalated=swept.escalated,
        )
    )


def _answer(number: str, key: str, login: str, answer: dict[str, Any]) -> None:
    """Waits until the question is open, then answers it."""
    ref = ""

    def asked(_state: CaseState) -> bool:
        nonlocal ref
        with transaction() as session:
            waiting = [
                task.ref for task in questions.open_in(session, cases.by_number(session, number).id) if task.key == key
            ]
        ref = waiting[0] if waiting else ""
        return bool(ref)

    _until(number, asked)
    decided = decide(ref, answer, by=login, channel=Channel.COMMAND_LINE)
    with transaction() as session:
        task = questions.by_ref(session, ref)
        if task.decision:
            output.say(f"  {_(Form.named(task.form).heading)} — {login}: {answer_text(task.decision)}")
    wake(decided.case_id)


def _until(number: str, reached: Callable[[CaseState], bool]) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with transaction() as session:
            state = cases.state_of(session, cases.by_number(session, number))
        if reached(state):
            return
        if time.monotonic() > give_up_at:
            raise Unavailable(
                N_("Case {number} does not go on; see the logs in {folder}"),
                number=number,
                folder=data_folder() / "logs",
            )
        time.sleep(_LOOK_AGAIN_SECONDS)
