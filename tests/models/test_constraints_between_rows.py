"""What the database refuses by what stands in it already, and what it lets pass: intervals, stock, sale stops."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from rows import DISPUTED, NEW_STEP, NOW, RUNNING, add_another, change, name_of_fault, row_of
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from models.rules.deadlines import Unit


def test_a_party_is_not_its_own_superior(database: Connection) -> None:
    party = row_of(database, "party", code="D-01")
    with pytest.raises(IntegrityError) as refused:
        change(database, "party", {"code": "D-01"}, {"superior_id": party["id"]})
    assert name_of_fault(refused) == "ck_party_not_its_own_superior"


def test_a_real_system_has_no_clock_set_off(database: Connection) -> None:
    change(database, "system", {}, {"rehearsal": False, "clock_offset": timedelta()})
    with pytest.raises(IntegrityError) as refused:
        change(database, "system", {}, {"clock_offset": timedelta(seconds=1)})
    assert name_of_fault(refused) == "ck_system_real_clock_is_not_set"


def test_a_deadline_has_one_open_interval(database: Connection) -> None:
    running = row_of(database, "running_interval", stopped_at=None)
    with pytest.raises(IntegrityError) as refused:
        add_another(
            database,
            "running_interval",
            {"stopped_at": None},
            {"number": running["number"] + 1},
        )
    assert name_of_fault(refused) == "uq_running_interval_one_open"


def test_an_interval_runs_forward(database: Connection) -> None:
    running = row_of(database, "running_interval", stopped_at=None)
    with pytest.raises(IntegrityError) as refused:
        change(
            database,
            "running_interval",
            {"stopped_at": None},
            {"stopped_at": running["started_at"] - timedelta(seconds=1)},
        )
    assert name_of_fault(refused) == "ck_running_interval_runs_forward"


@pytest.mark.parametrize("unit", list(Unit))
def test_a_deadline_may_be_counted_in_every_unit(database: Connection, unit: Unit) -> None:
    change(database, "deadline", RUNNING, {"unit": unit, "counts_from": "next_working_day"})
    change(database, "deadline", RUNNING, {"unit": unit, "last_day": "next_working_day"})


@pytest.mark.parametrize("how", ["met_at", "abandoned_at"])
def test_a_deadline_that_stands_chases_nobody_and_may_end(database: Connection, how: str) -> None:
    where = {"id": row_of(database, "deadline", **RUNNING)["id"]}
    change(database, "deadline", where, {"paused_at": NOW, "next_rung_at": None})
    change(database, "deadline", where, {"paused_at": None, how: NOW})


def test_intervals_of_a_deadline_may_begin_in_one_instant(database: Connection) -> None:
    # The ball passed twice within a microsecond.
    running = row_of(database, "running_interval", stopped_at=None)
    change(database, "running_interval", {"stopped_at": None}, {"stopped_at": running["started_at"]})
    stopped = {"deadline_id": running["deadline_id"], "number": running["number"]}
    add_another(database, "running_interval", stopped, {"number": running["number"] + 1})


def test_a_notice_that_waits_may_be_withdrawn(database: Connection) -> None:
    change(database, "notice", {"state": "queued"}, {"state": "withdrawn"})


def test_two_notices_never_carry_one_message_id(database: Connection) -> None:
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "notice", {}, {"key": "new"})
    assert name_of_fault(refused) == "uq_notice_message_id"


def test_stock_does_not_move_to_where_it_is(database: Connection) -> None:
    move = row_of(database, "stock_move", **DISPUTED)
    stays = {"to_party_id": move["from_party_id"], "to_condition": move["from_condition"]}
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "stock_move", DISPUTED, NEW_STEP | stays)
    assert name_of_fault(refused) == "ck_stock_move_goes_somewhere_else"


def test_a_case_is_not_its_own_child(database: Connection) -> None:
    link = row_of(database, "case_link")
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "case_link", {}, {"child_id": link["parent_id"]})
    assert name_of_fault(refused) == "ck_case_link_not_its_own_child"


def taking(database: Connection, party: str, condition: str, quantity: int) -> dict[str, Any]:
    """A move of a board of P-001 out of an account to a consumer."""
    return NEW_STEP | {
        "product_id": row_of(database, "product", code="P-001")["id"],
        "from_party_id": row_of(database, "party", code=party)["id"],
        "from_condition": condition,
        "to_condition": "with_consumer",
        "quantity": quantity,
    }


@pytest.mark.parametrize(
    ("party", "condition", "held"),
    [
        ("R-02", "good", 4),
        ("B-01", "faulty", 5),  # three when the books were opened, two swapped
        ("R-01", "faulty", 0),
        ("C-01", "quarantine", 0),
        ("C-01", "rework", 0),
        ("B-01", "in_transit", 0),
        ("C-01", "faulty", 0),
    ],
)
def test_no_more_is_taken_out_of_an_account_than_it_holds(
    database: Connection, party: str, condition: str, held: int
) -> None:
    if held:
        add_another(database, "stock_move", DISPUTED, taking(database, party, condition, held) | {"step": "all"})
        database.rollback()
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "stock_move", DISPUTED, taking(database, party, condition, held + 1))
    assert name_of_fault(refused) == "ck_stock_move_only_what_is_there"


@pytest.mark.parametrize(
    ("party", "condition"), [("C-01", "good"), ("R-01", "with_consumer"), ("B-01", "missing"), ("D-01", "disputed")]
)
def test_production_and_what_nobody_counts_may_give_more_than_was_booked_in(
    database: Connection, party: str, condition: str
) -> None:
    to = {"to_party_id": row_of(database, "party", code="R-04")["id"]}
    add_another(database, "stock_move", DISPUTED, taking(database, party, condition, 1_000_000) | to)


def test_two_who_take_the_last_piece_cannot_both_have_it(one_of_each: Engine) -> None:
    def take(connection: Connection, step: str) -> None:
        add_another(connection, "stock_move", DISPUTED, taking(connection, "R-03", "good", 4) | {"step": step})

    with ThreadPoolExecutor() as pool, one_of_each.connect() as first, one_of_each.connect() as second:
        take(first, "first")
        waiting = pool.submit(take, second, "second")
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        first.commit()
        with pytest.raises(IntegrityError) as refused:
            waiting.result(timeout=30)
        second.rollback()
    assert name_of_fault(refused) == "ck_stock_move_only_what_is_there"


def test_nobody_stands_in_for_themselves(database: Connection) -> None:
    made = row_of(database, "delegation")
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "delegation", {}, {"deputy_id": made["principal_id"]})
    assert name_of_fault(refused) == "ck_delegation_not_to_oneself"


def test_nobody_decides_in_their_own_place(database: Connection) -> None:
    # In a table that keeps no decision twice, the rule is tried on a task that has none.
    decided = row_of(database, "decision", channel="command_line")
    undecided = row_of(database, "task", state="open")
    own = {"task_id": undecided["id"], "in_place_of_id": decided["by_id"]}
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "decision", {"channel": "command_line"}, own)
    assert name_of_fault(refused) == "ck_decision_not_in_place_of_oneself"


def test_nobody_asks_themselves_back(database: Connection) -> None:
    asked = row_of(database, "remark")
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "remark", {}, {"asked_id": asked["by_id"]})
    assert name_of_fault(refused) == "ck_remark_not_asked_of_oneself"


def test_a_remark_asks_or_answers(database: Connection) -> None:
    asked = row_of(database, "remark")
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "remark", {}, {"answers_id": asked["id"]})
    assert name_of_fault(refused) == "ck_remark_asks_or_answers"


def test_a_photo_may_have_ten_mebibytes(database: Connection) -> None:
    add_another(database, "photo", {}, {"content": b"x" * (10 * 1024 * 1024)})


def test_money_does_not_move_to_where_it_is(database: Connection) -> None:
    move = row_of(database, "money_move")
    with pytest.raises(IntegrityError) as refused:
        add_another(database, "money_move", {}, NEW_STEP | {"to_account": move["from_account"]})
    assert name_of_fault(refused) == "ck_money_move_goes_somewhere_else"


def test_a_sale_is_not_released_before_it_was_stopped(database: Connection) -> None:
    stop = row_of(database, "sale_stop", released_at=None)
    with pytest.raises(IntegrityError) as refused:
        change(database, "sale_stop", {"released_at": None}, {"released_at": stop["stopped_at"] - timedelta(seconds=1)})
    assert name_of_fault(refused) == "ck_sale_stop_released_after_stopped"


def test_a_batch_can_be_stopped_again_once_it_was_released(database: Connection) -> None:
    stop = row_of(database, "sale_stop", released_at=None)
    change(database, "sale_stop", {"released_at": None}, {"released_at": stop["stopped_at"]})
    add_another(database, "sale_stop", {"id": stop["id"]}, {"released_at": None})
