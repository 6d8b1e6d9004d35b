"""What the database itself refuses, whoever asks: each named constraint and trigger, with rows of a real case."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2.errors
import pytest
import swaps
from conftest import UsingDatabase
from people import forward, opened, play
from sqlalchemy import CheckConstraint, Connection, Engine, Index, UniqueConstraint, create_engine, select, text, update
from sqlalchemy.exc import IntegrityError

from deployments.postgres import Cluster
from models.rules.deadlines import Unit
from models.tables import Base
from tasks.sweeping import sweep

TABLES = Base.metadata.tables
#: A row of each table that the cases below leave empty.
ONE_OF_EACH = """
INSERT INTO case_link (parent_id, child_id, step, at)
SELECT parent.id, child.id, 'order-recall', now() FROM "case" parent, "case" child
WHERE parent.number LIKE 'BQ-%-0001' AND child.number LIKE 'BQ-%-0002';
INSERT INTO document_file (case_id, kind, number, name, media_type, content)
SELECT case_id, kind, number, 'finding.docx', 'application/octet-stream', 'x' FROM document WHERE kind = 'finding';
INSERT INTO repair_money (repair_id, fee, charged, case_id) SELECT id, 5, 0, case_id FROM repair;
INSERT INTO parts_charge (case_id, party_id, amount, currency, charged_at, settled_at)
SELECT case_id, station_id, 18.5, 'CNY', now(), now() FROM repair;
INSERT INTO measure (case_id, number, department, product_id, batch, problem, asked, urgent, cause, answer, state)
SELECT case_id, 1, 'quality_dept', product_id, '', 'dark', 'look', false, '', '', 'open' FROM repair;
INSERT INTO proposal (product_id, batch, pieces, stations, case_id, proposed_at, state)
SELECT product_id, 'MH260901A', 5, 2, case_id, now(), 'open' FROM repair;
INSERT INTO precedent (number, case_id, article, headnote, keywords, ruled_for, reasons, ruled_at, ruled_by_id)
SELECT 'PC-2026-0001', id, '四.1 第七条', 'a rule', '[]', 'claimant', 'seen', now(), opened_by FROM "case"
WHERE number LIKE 'PS-%';
INSERT INTO station_repairer (station_id, name, certificate_number, certified_on, valid_until, case_id)
SELECT station_id, 'Cai Ming', 'Z-1', '2026-01-01', '2027-12-31', case_id FROM repair;
INSERT INTO account (person_id, password_hash, changed_at, must_change)
SELECT id, 'x', now(), true FROM person WHERE login = 'li.na';
INSERT INTO signed_in (token_hash, person_id, begun_at, last_seen_at, ends_at)
SELECT repeat('a', 64), id, now(), now(), now() + interval '1 hour' FROM person WHERE login = 'li.na';
INSERT INTO brake (key, failures, last_at, blocked_until) VALUES ('login:li.na', 1, now(), now());
INSERT INTO delegation (principal_id, deputy_id, from_at, until_at, reason, made_at, made_by_id)
SELECT one.id, other.id, now(), now() + interval '1 day', 'away', now(), one.id FROM person one, person other
WHERE one.login = 'li.na' AND other.login = 'gao.jie';
INSERT INTO answer_link (code_hash, task_id, person_id, made_at, expires_at)
SELECT repeat('a', 64), task.id, person.id, now(), now() + interval '1 hour' FROM task, person
WHERE task.ref LIKE 'BQ-%-0001:batch-verdict:1' AND person.login = 'li.na';
INSERT INTO remark (case_id, by_id, at, text, asked_id)
SELECT "case".id, one.id, now(), 'how many?', other.id FROM "case", person one, person other
WHERE number LIKE 'BQ-%-0001' AND one.login = 'li.na' AND other.login = 'gao.jie';
INSERT INTO remark (case_id, by_id, at, text, answers_id)
SELECT case_id, asked_id, now(), 'nine', id FROM remark WHERE asked_id IS NOT NULL;
INSERT INTO photo (case_id, by_id, at, name, media_type, digest, content)
SELECT id, opened_by, now(), 'lamp.jpg', 'image/jpeg', repeat('a', 64), 'x' FROM "case" WHERE number LIKE 'BQ-%-0001';
"""
RUN = UUID("00000000-0000-4000-8000-000000000001")
#: The first deadline, counted anew once.
COUNTED_ANEW = text(
    "INSERT INTO deadline_change "
    "(deadline_id, number, at, by, reason, cause, due_before, due_after, budget_before, budget_after) "
    "SELECT id, 1, due_at, 'li.na', 'typhoon', 'calendar office 2', due_at, due_at, '4 hours', '4 hours' "
    "FROM deadline ORDER BY id LIMIT 1"
)


@pytest.fixture(scope="module")
def played(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with one case played to its end and one that waits, with a rung climbed."""
    maintenance = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    name = f"played_{uuid4().hex[:12]}"
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERSALES_DATA", str(tmp_path_factory.mktemp("settings")))
        with UsingDatabase(cluster.url(name).render_as_string(hide_password=False)):
            play(opened())
            play(opened(dealer="D-02", batch="MH260901A"), until="remedy")
            play(swaps.opened(), {"counter-check": swaps.checked()})
            forward(hours=5)
            sweep()
    engine = create_engine(cluster.url(name))
    with engine.begin() as connection:
        connection.execute(text("UPDATE \"case\" SET flow_run_id = :run WHERE number LIKE 'BQ-%-0001'"), {"run": RUN})
        connection.execute(COUNTED_ANEW)
        connection.exec_driver_sql(ONE_OF_EACH.replace("%", "%%"))
    yield engine
    engine.dispose()
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


@pytest.fixture
def database(played: Engine) -> Iterator[Connection]:
    """A connection whose changes are forgotten."""
    with played.connect() as connection:
        yield connection
        connection.rollback()


def row_of(database: Connection, table: str, **where: Any) -> dict[str, Any]:
    """A row of the table, the first of those that match."""
    columns = TABLES[table].c
    query = select(TABLES[table]).order_by(*TABLES[table].primary_key.columns).limit(1)
    for name, value in where.items():
        query = query.where(columns[name].is_(None) if value is None else columns[name] == value)
    return dict(database.execute(query).mappings().one())


def add_another(database: Connection, table: str, where: dict[str, Any], changes: dict[str, Any]) -> None:
    """Adds a copy of a row with some values changed; only a number that the database gives is new."""
    row = row_of(database, table, **where)
    row = {name: value for name, value in row.items() if TABLES[table].c[name].identity is None}
    database.execute(TABLES[table].insert().values(**row | changes))


def change(database: Connection, table: str, where: dict[str, Any], changes: dict[str, Any]) -> None:
    """Changes one row."""
    row = row_of(database, table, **where)
    key = [column == row[column.name] for column in TABLES[table].primary_key.columns]
    database.execute(update(TABLES[table]).where(*key).values(**changes))


def name_of_fault(refused: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    """The constraint that PostgreSQL names."""
    original = refused.value.orig
    assert isinstance(original, psycopg2.Error)
    return original.diag.constraint_name


NEW_PARTY = {"code": "N-1", "kind": "shop"}
NEW_NOTICE = {"key": "new", "message_id": "<new@x>"}
NEW_STEP = {"step": "another"}
#: Pieces that a case moved out of an account which nobody counts.
DISPUTED = {"from_condition": "disputed"}
OPENING = {"from_condition": "opening"}
ASKED_AT = {"key": "counter-check"}
NEW_REPAIR = {"slip": "new"}
NOT_THERE = 10**9
NEW_STATION = {"party_id": NOT_THERE, "agreement_number": "new"}
NEW_PRECEDENT = {"number": "PC-2026-0002", "case_id": NOT_THERE}
NEW_CASE = {"number": "BQ-2026-9999", "flow_run_id": None}
NEW_DEADLINE = {"key": "other"}
NEW_INTERVAL = {"number": 99}
NOW = text("now()")
LONG_AGO = "2001-01-01T00:00:00Z"
#: The remark that answers another.
ANSWERED = {"text": "nine"}

#: A copy of a row with these values changed is refused by this constraint.
REFUSED_ROWS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("party", {"code": "C-01"}, {"code": "C-02"}, "uq_party_one_company"),
    ("party", {"code": "D-01"}, {"kind": "shop"}, "uq_party_code"),
    ("party", {"code": "D-01"}, {**NEW_PARTY, "kind": "customer"}, "ck_party_kind_is_known"),
    ("party", {"code": "D-01"}, {**NEW_PARTY, "kind": ""}, "ck_party_kind_is_known"),
    ("party", {"code": "D-01"}, {**NEW_PARTY, "superior_id": 10**9}, "fk_party_superior_id_party"),
    ("person", {"login": "li.na"}, {}, "uq_person_login"),
    ("person", {"login": "li.na"}, {"login": "new", "party_id": 10**9}, "fk_person_party_id_party"),
    ("role_grant", {"role": "cs_clerk"}, {}, "pk_role_grant"),
    ("role_grant", {"role": "cs_clerk"}, {"role": "boss"}, "ck_role_grant_role_is_known"),
    ("product", {"code": "LX-019"}, {}, "uq_product_code"),
    ("product", {"code": "LX-019"}, {"code": "N-1", "kind": "service"}, "ck_product_kind_is_known"),
    ("product", {"code": "LX-019"}, {"code": "N-1", "price": "-0.01"}, "ck_product_price_not_negative"),
    ("product", {"code": "LX-019"}, {"code": "N-1", "currency": "yuan"}, "ck_product_currency_is_iso"),
    ("delivery", {}, {}, "uq_delivery_number"),
    ("delivery", {}, {"number": "N-1", "quantity": 0}, "ck_delivery_some_pieces"),
    ("delivery", {}, {"number": "N-1", "quantity": -1}, "ck_delivery_some_pieces"),
    ("delivery", {}, {"number": "N-1", "unit_price": "-0.01"}, "ck_delivery_price_not_negative"),
    ("delivery", {}, {"number": "N-1", "currency": "RMB "}, "ck_delivery_currency_is_iso"),
    ("delivery", {}, {"number": "N-1", "currency": "cny"}, "ck_delivery_currency_is_iso"),
    ("delivery", {}, {"number": "N-1", "currency": "CNY\n"}, "ck_delivery_currency_is_iso"),
    ("calendar_version", {}, {}, "uq_calendar_version_name_version"),
    ("calendar_version", {}, {"version": 0}, "ck_calendar_version_version_counts_from_one"),
    ("calendar_version", {}, {"version": -1}, "ck_calendar_version_version_counts_from_one"),
    ("policy_version", {}, {}, "uq_policy_version_name_version"),
    ("policy_version", {}, {"version": 0}, "ck_policy_version_version_counts_from_one"),
    ("case", {}, NEW_CASE | {"number": "BQ-2026-0001"}, "uq_case_number"),
    ("case", {}, NEW_CASE | {"flow_run_id": RUN}, "uq_case_flow_run_id"),
    ("case", {}, NEW_CASE | {"outcome": None}, "ck_case_closed_with_an_outcome"),
    ("case", {}, NEW_CASE | {"closed_at": None}, "ck_case_closed_with_an_outcome"),
    ("case_number", {}, {}, "pk_case_number"),
    ("step", {}, {}, "pk_step"),
    ("step", {}, {"key": "Stop Sale"}, "ck_step_key_is_plain"),
    ("step", {}, {"key": "stop_sale"}, "ck_step_key_is_plain"),
    ("step", {}, {"key": "stop-sale\n"}, "ck_step_key_is_plain"),
    ("step", {}, {"key": ""}, "ck_step_key_is_plain"),
    ("step", {}, {"case_id": 10**9}, "fk_step_case_id_case"),
    ("document", {}, {}, "pk_document"),
    ("document", {}, {"kind": "letter"}, "ck_document_kind_is_known"),
    ("task", {}, {"ref": "new"}, "uq_task_case_id_key_round"),
    ("task", {}, {"key": "other"}, "uq_task_ref"),
    ("task", {}, {"ref": "new", "round": 0}, "ck_task_round_counts_from_one"),
    ("task", {}, {"ref": "new", "key": "Other Key"}, "ck_task_key_is_plain"),
    ("task", {}, {"ref": "new", "key": "other", "role": "boss"}, "ck_task_role_is_known"),
    ("task", {}, {"ref": "new", "key": "other", "state": "forgotten"}, "ck_task_state_is_known"),
    ("task", {"awaited": True}, {"ref": "new", "key": "other"}, "uq_task_awaited"),
    ("decision", {"channel": "command_line"}, {}, "pk_decision"),
    ("decision", {"channel": "command_line"}, {"task_id": 10**9}, "fk_decision_task_id_task"),
    ("decision", {"channel": "command_line"}, {"by_id": None}, "ck_decision_only_the_sweep_has_no_name"),
    ("decision", {"channel": "command_line"}, {"channel": "sweep"}, "ck_decision_only_the_sweep_has_no_name"),
    ("decision", {"channel": "command_line"}, {"channel": "telephone"}, "ck_decision_channel_is_known"),
    ("deadline", {}, {}, "uq_deadline_case_id_key"),
    ("deadline", {}, NEW_DEADLINE | {"amount": 0}, "ck_deadline_some_time"),
    ("deadline", {}, NEW_DEADLINE | {"unit": "weeks"}, "ck_deadline_unit_is_known"),
    ("deadline", {}, NEW_DEADLINE | {"unit": "working days"}, "ck_deadline_unit_is_known"),
    ("deadline", {}, NEW_DEADLINE | {"passing": "panic"}, "ck_deadline_passing_is_known"),
    ("deadline", {}, NEW_DEADLINE | {"counts_from": "tomorrow"}, "ck_deadline_counts_from_is_known"),
    ("deadline", {}, NEW_DEADLINE | {"counts_from": ""}, "ck_deadline_counts_from_is_known"),
    ("deadline", {}, NEW_DEADLINE | {"last_day": "moved"}, "ck_deadline_last_day_is_known"),
    ("deadline", {}, NEW_DEADLINE | {"calendar_id": 10**9}, "fk_deadline_calendar_id_calendar_version"),
    ("deadline", {}, NEW_DEADLINE | {"case_id": 10**9}, "fk_deadline_case_id_case"),
    ("deadline_change", {}, {}, "pk_deadline_change"),
    ("deadline_change", {}, {"deadline_id": 10**9}, "fk_deadline_change_deadline_id_deadline"),
    ("running_interval", {}, {}, "pk_running_interval"),
    ("running_interval", {}, {"number": 0}, "ck_running_interval_counts_from_one"),
    ("running_interval", {}, NEW_INTERVAL | {"deadline_id": 10**9}, "fk_running_interval_deadline_id_deadline"),
    ("running_interval", {}, NEW_INTERVAL | {"holder_id": 10**9}, "fk_running_interval_holder_id_party"),
    ("running_interval", {}, NEW_INTERVAL | {"waits_for_id": 10**9}, "fk_running_interval_waits_for_id_party"),
    ("rung", {}, {}, "pk_rung"),
    ("notice", {}, NEW_NOTICE | {"key": "BQ-2026-0001:acknowledged:D-01"}, "uq_notice_key"),
    ("notice", {}, NEW_NOTICE | {"state": "lost"}, "ck_notice_state_is_known"),
    ("notice", {}, NEW_NOTICE | {"reminds_of_id": 10**9}, "fk_notice_reminds_of_id_deadline"),
    ("notice", {"sent_at": None}, NEW_NOTICE | {"state": "sent"}, "ck_notice_sent_has_a_time"),
    ("notice", {}, NEW_NOTICE | {"subject": "Hello\nBcc: all@example.com"}, "ck_notice_headers_are_one_line"),
    ("notice", {}, NEW_NOTICE | {"subject": "Hello\r"}, "ck_notice_headers_are_one_line"),
    ("notice", {}, NEW_NOTICE | {"to_name": "Mr He\nBcc: all@example.com"}, "ck_notice_headers_are_one_line"),
    ("notice", {"task_id": None}, NEW_NOTICE | {"person_id": 1}, "ck_notice_asks_a_person_a_question"),
    ("notice", {"task_id": None}, NEW_NOTICE | {"task_id": 1}, "ck_notice_asks_a_person_a_question"),
    ("notice", {}, NEW_NOTICE | {"task_id": NOT_THERE, "person_id": 1}, "fk_notice_task_id_task"),
    ("notice", {}, NEW_NOTICE | {"task_id": 1, "person_id": NOT_THERE}, "fk_notice_person_id_person"),
    ("case_link", {}, {}, "pk_case_link"),
    ("case_link", {}, {"parent_id": NOT_THERE}, "fk_case_link_parent_id_case"),
    ("case_link", {}, {"child_id": NOT_THERE}, "fk_case_link_child_id_case"),
    ("document_file", {}, {}, "pk_document_file"),
    ("document_file", {}, {"number": 99}, "fk_document_file_case_id_kind_number_document"),
    ("document_file", {}, {"name": ""}, "ck_document_file_name_is_a_file_name"),
    ("document_file", {}, {"name": "../finding.docx"}, "ck_document_file_name_is_a_file_name"),
    ("document_file", {}, {"name": "..\\finding.docx"}, "ck_document_file_name_is_a_file_name"),
    ("document_file", {}, {"name": "finding\n.docx"}, "ck_document_file_name_is_a_file_name"),
    ("task", ASKED_AT, {"ref": "new", "key": "other", "for_party_id": 1}, "ck_task_for_a_party_or_at_one"),
    ("task", {}, {"ref": "new", "key": "other", "at_party_id": NOT_THERE}, "fk_task_at_party_id_party"),
    ("repair", {}, {}, "uq_repair_station_id_slip"),
    ("repair", {}, NEW_REPAIR | {"pieces": 0}, "ck_repair_some_pieces"),
    ("repair", {}, NEW_REPAIR | {"entitlement": "free"}, "ck_repair_entitlement_is_known"),
    ("repair", {}, NEW_REPAIR | {"fee": "-0.01"}, "ck_repair_amounts_not_negative"),
    ("repair", {}, NEW_REPAIR | {"charged": -1}, "ck_repair_amounts_not_negative"),
    ("repair", {}, NEW_REPAIR | {"currency": "cny"}, "ck_repair_currency_is_iso"),
    ("repair", {}, NEW_REPAIR | {"done_on": "2001-01-01"}, "ck_repair_done_after_received"),
    ("repair", {}, NEW_REPAIR | {"purchased_on": "2099-01-01"}, "ck_repair_received_after_purchased"),
    ("repair", {}, NEW_REPAIR | {"part_id": NOT_THERE}, "fk_repair_part_id_product"),
    ("repair_money", {}, {}, "pk_repair_money"),
    ("repair_money", {}, {"fee": -1}, "ck_repair_money_amounts_not_negative"),
    ("repair_money", {}, {"charged": -1}, "ck_repair_money_amounts_not_negative"),
    ("stock_move", DISPUTED, {}, "uq_stock_move_case_id_step_line"),
    ("stock_move", OPENING, {}, "uq_stock_move_opening"),
    ("stock_move", OPENING, NEW_STEP | DISPUTED, "ck_stock_move_only_opening_stock_belongs_to_no_case"),
    ("stock_move", DISPUTED, NEW_STEP | OPENING, "ck_stock_move_only_opening_stock_belongs_to_no_case"),
    ("stock_move", DISPUTED, NEW_STEP | {"quantity": 0}, "ck_stock_move_some_pieces"),
    ("stock_move", DISPUTED, NEW_STEP | {"quantity": -1}, "ck_stock_move_some_pieces"),
    ("stock_move", DISPUTED, NEW_STEP | {"from_condition": "lost"}, "ck_stock_move_from_condition_is_known"),
    ("stock_move", DISPUTED, NEW_STEP | {"to_condition": "lost"}, "ck_stock_move_to_condition_is_known"),
    ("money_move", {}, {}, "uq_money_move_case_id_step_line"),
    ("money_move", {}, NEW_STEP | {"amount": 0}, "ck_money_move_some_money"),
    ("money_move", {}, NEW_STEP | {"amount": -1}, "ck_money_move_some_money"),
    ("money_move", {}, NEW_STEP | {"currency": "¥"}, "ck_money_move_currency_is_iso"),
    ("money_move", {}, NEW_STEP | {"from_account": "pocket"}, "ck_money_move_from_account_is_known"),
    ("money_move", {}, NEW_STEP | {"to_account": "pocket"}, "ck_money_move_to_account_is_known"),
    ("sale_stop", {"released_at": None}, {}, "uq_sale_stop_in_force"),
    ("parts_charge", {}, {}, "uq_parts_charge_case_id"),
    ("parts_charge", {}, {"case_id": NOT_THERE, "amount": 0}, "ck_parts_charge_some_money"),
    ("parts_charge", {}, {"case_id": NOT_THERE, "currency": "RMB "}, "ck_parts_charge_currency_is_iso"),
    ("parts_charge", {}, {"case_id": NOT_THERE, "settled_at": "2001-01-01"}, "ck_parts_charge_settled_after_charged"),
    ("measure", {}, {}, "uq_measure_case_id_number"),
    ("measure", {}, {"number": 0}, "ck_measure_number_counts_from_one"),
    ("measure", {}, {"number": 2, "department": "boss"}, "ck_measure_department_is_known"),
    ("measure", {}, {"number": 2, "state": "lost", "answer": "x", "ended_at": NOW}, "ck_measure_state_is_known"),
    ("measure", {}, {"number": 2, "state": "done", "answer": "x"}, "ck_measure_open_until_it_ended"),
    ("measure", {}, {"number": 2, "ended_at": NOW}, "ck_measure_open_until_it_ended"),
    ("measure", {}, {"number": 2, "state": "done", "ended_at": NOW}, "ck_measure_ended_with_an_answer"),
    ("proposal", {}, {}, "uq_proposal_product_id_batch"),
    ("proposal", {}, {"batch": "n", "pieces": 0}, "ck_proposal_something_failed_somewhere"),
    ("proposal", {}, {"batch": "n", "stations": 0}, "ck_proposal_something_failed_somewhere"),
    ("proposal", {}, {"batch": "n", "state": "lost"}, "ck_proposal_state_is_known"),
    ("proposal", {}, {"batch": "n", "state": "accepted"}, "ck_proposal_accepted_with_its_dispute"),
    ("proposal", {}, {"batch": "n", "dispute_id": 1}, "ck_proposal_accepted_with_its_dispute"),
    ("precedent", {}, {}, "pk_precedent"),
    ("precedent", {}, {"number": "PC-2026-0002"}, "uq_precedent_case_id"),
    ("precedent", {}, NEW_PRECEDENT | {"number": "PR-26-1"}, "ck_precedent_number_is_a_precedents"),
    ("precedent", {}, NEW_PRECEDENT | {"ruled_for": "both"}, "ck_precedent_ruled_for_is_known"),
    ("precedent", {}, NEW_PRECEDENT | {"headnote": ""}, "ck_precedent_says_something"),
    ("station", {}, {}, "pk_station"),
    ("station", {}, NEW_STATION | {"agreement_number": "XY-2025-011", "area": "n"}, "uq_station_agreement_number"),
    ("station", {}, NEW_STATION, "uq_station_one_in_an_area"),
    ("station", {}, NEW_STATION | {"area": ""}, "ck_station_serves_an_area"),
    ("station", {}, NEW_STATION | {"state": "asleep"}, "ck_station_state_is_known"),
    ("station", {}, NEW_STATION | {"deposit": -1}, "ck_station_deposit_not_negative"),
    ("station", {}, NEW_STATION | {"currency": ""}, "ck_station_currency_is_iso"),
    ("station", {}, NEW_STATION | {"term_ends_on": "2001-01-01"}, "ck_station_ends_after_it_begins"),
    ("station", {}, NEW_STATION | {"activated_at": None}, "ck_station_active_since_a_time"),
    ("station", {}, NEW_STATION | {"suspended_until": "2027-01-01"}, "ck_station_only_a_suspension_has_an_end"),
    ("station_document", {}, {"kind": "letter"}, "ck_station_document_kind_is_known"),
    ("station_document", {}, {"number": ""}, "ck_station_document_has_a_number"),
    ("station_repairer", {}, {}, "uq_station_repairer_station_id_certificate_number"),
    ("station_repairer", {}, {"certificate_number": ""}, "ck_station_repairer_has_a_certificate"),
    ("station_repairer", {}, {"valid_until": "2001-01-01"}, "ck_station_repairer_ends_after_it_begins"),
    ("station_change", {}, {"to_state": "asleep"}, "ck_station_change_to_state_is_known"),
    ("station_change", {}, {"from_state": "asleep"}, "ck_station_change_from_state_is_known"),
    ("station_change", {}, {"from_state": "active", "to_state": "active"}, "ck_station_change_is_a_change"),
    ("audit_entry", {}, {}, "pk_audit_entry"),
    ("audit_entry", {}, {"number": 10**9}, "uq_audit_entry_digest"),
    ("audit_entry", {}, {"number": 0, "digest": "new"}, "ck_audit_entry_counts_from_one"),
    ("account", {}, {}, "pk_account"),
    ("account", {}, {"person_id": NOT_THERE}, "fk_account_person_id_person"),
    ("signed_in", {}, {}, "uq_signed_in_token_hash"),
    ("signed_in", {}, {"token_hash": "secret"}, "ck_signed_in_token_is_hashed"),
    ("signed_in", {}, {"token_hash": "B" * 64}, "ck_signed_in_token_is_hashed"),
    ("signed_in", {}, {"token_hash": "b" * 64 + "\n"}, "ck_signed_in_token_is_hashed"),
    ("signed_in", {}, {"token_hash": "b" * 64, "ends_at": LONG_AGO}, "ck_signed_in_ends_after_it_begins"),
    ("brake", {}, {}, "pk_brake"),
    ("brake", {}, {"key": "new", "failures": 0}, "ck_brake_counts_failures"),
    ("delegation", {}, {"role": "boss"}, "ck_delegation_role_is_known"),
    ("delegation", {}, {"role": ""}, "ck_delegation_role_is_known"),
    ("delegation", {}, {"until_at": LONG_AGO}, "ck_delegation_ends_after_it_begins"),
    ("delegation", {}, {"ended_at": LONG_AGO}, "ck_delegation_ends_after_it_was_made"),
    ("delegation", {}, {"deputy_id": NOT_THERE}, "fk_delegation_deputy_id_person"),
    ("delegation", {}, {"principal_id": NOT_THERE}, "fk_delegation_principal_id_person"),
    ("delegation", {}, {"made_by_id": NOT_THERE}, "fk_delegation_made_by_id_person"),
    ("answer_link", {}, {}, "uq_answer_link_code_hash"),
    ("answer_link", {}, {"code_hash": "secret"}, "ck_answer_link_code_is_hashed"),
    ("answer_link", {}, {"code_hash": "b" * 64, "expires_at": LONG_AGO}, "ck_answer_link_expires_after_it_was_made"),
    ("answer_link", {}, {"code_hash": "b" * 64, "task_id": NOT_THERE}, "fk_answer_link_task_id_task"),
    ("remark", {}, {"text": ""}, "ck_remark_says_something"),
    ("remark", ANSWERED, {}, "uq_remark_answers_id"),
    ("remark", ANSWERED, {"answers_id": NOT_THERE}, "fk_remark_answers_id_remark"),
    ("photo", {}, {"media_type": "image/svg+xml"}, "ck_photo_media_type_is_a_pictures"),
    ("photo", {}, {"digest": "secret"}, "ck_photo_digest_is_sha256"),
    ("photo", {}, {"name": ""}, "ck_photo_name_is_a_file_name"),
    ("photo", {}, {"name": "../lamp.jpg"}, "ck_photo_name_is_a_file_name"),
    ("photo", {}, {"name": "lamp\n.jpg"}, "ck_photo_name_is_a_file_name"),
    ("photo", {}, {"content": b"x" * (10 * 1024 * 1024 + 1)}, "ck_photo_at_most_10_mib"),
    ("task", {"assignee_id": None}, {"ref": "new", "key": "other", "claimed_at": NOW}, "ck_task_claimed_by_somebody"),
    ("system", {}, {}, "pk_system"),
    ("system", {}, {"id": 2}, "ck_system_one_row"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "where", "changes", "constraint"), REFUSED_ROWS)
def test_a_row_is_refused_by_the_constraint(
    database: Connection, table: str, where: dict[str, Any], changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        add_another(database, table, where, changes)
    assert name_of_fault(refused) == constraint


RUNNING = {"met_at": None, "abandoned_at": None, "paused_at": None}

#: A change of a row to these values is refused by this constraint.
REFUSED_CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("party", {"code": "B-01"}, {"kind": "company"}, "uq_party_one_company"),
    ("case", {"closed_at": None}, {"closed_at": text("now()")}, "ck_case_closed_with_an_outcome"),
    ("case", {"closed_at": None}, {"outcome": "credited"}, "ck_case_closed_with_an_outcome"),
    ("case", {"outcome": "credited"}, {"closed_at": None}, "ck_case_closed_with_an_outcome"),
    ("case", {"outcome": "credited"}, {"withdrawn_at": text("now()")}, "ck_case_ends_once"),
    ("case", {"closed_at": None}, {"flow_run_id": RUN}, "uq_case_flow_run_id"),
    ("notice", {"sent_at": None}, {"state": "sent"}, "ck_notice_sent_has_a_time"),
    ("notice", {"sent_at": None}, {"sent_at": text("now()")}, "ck_notice_sent_has_a_time"),
    ("notice", {"sent_at": None}, {"state": "withdrawn", "sent_at": NOW}, "ck_notice_sent_has_a_time"),
    ("deadline", RUNNING, {"amount": -2}, "ck_deadline_some_time"),
    ("deadline", RUNNING, {"met_at": NOW, "abandoned_at": NOW, "next_rung_at": None}, "ck_deadline_ends_once"),
    ("deadline", RUNNING, {"met_at": NOW, "next_rung_at": NOW}, "ck_deadline_chases_only_while_it_runs"),
    ("deadline", RUNNING, {"abandoned_at": NOW, "next_rung_at": NOW}, "ck_deadline_chases_only_while_it_runs"),
    ("deadline", RUNNING, {"paused_at": NOW, "next_rung_at": NOW}, "ck_deadline_chases_only_while_it_runs"),
    ("deadline", RUNNING, {"met_at": NOW, "paused_at": NOW, "next_rung_at": None},
     "ck_deadline_an_ended_one_is_not_paused"),
    ("deadline", RUNNING, {"abandoned_at": NOW, "paused_at": NOW, "next_rung_at": None},
     "ck_deadline_an_ended_one_is_not_paused"),
    ("running_interval", {"stopped_at": None}, {"number": 0}, "ck_running_interval_counts_from_one"),
    ("system", {}, {"rehearsal": False}, "ck_system_real_clock_is_not_set"),
    ("system", {}, {"link_key": "guessed"}, "ck_system_link_key_is_long"),
    ("system", {}, {"id": 2}, "ck_system_one_row"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "where", "changes", "constraint"), REFUSED_CHANGES)
def test_a_change_is_refused_by_the_constraint(
    database: Connection, table: str, where: dict[str, Any], changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        change(database, table, where, changes)
    assert name_of_fault(refused) == constraint


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


def test_two_who_take_the_last_piece_cannot_both_have_it(played: Engine) -> None:
    def take(connection: Connection, step: str) -> None:
        add_another(connection, "stock_move", DISPUTED, taking(connection, "R-03", "good", 4) | {"step": step})

    with ThreadPoolExecutor() as pool, played.connect() as first, played.connect() as second:
        take(first, "first")
        waiting = pool.submit(take, second, "second")
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        first.commit()
        with pytest.raises(IntegrityError) as refused:
            waiting.result(timeout=30)
        second.rollback()
    assert name_of_fault(refused) == "ck_stock_move_only_what_is_there"


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


# What happened stays


APPEND_ONLY = [
    "audit_entry",
    "calendar_version",
    "case_link",
    "deadline_change",
    "decision",
    "document",
    "document_file",
    "money_move",
    "photo",
    "precedent",
    "remark",
    "repair",
    "repair_money",
    "rung",
    "station_change",
    "station_document",
    "step",
    "stock_move",
]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_not_changed(database: Connection, table: str) -> None:
    first = next(iter(TABLES[table].columns)).name
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f"UPDATE {table} SET {first} = {first}"))
    assert name_of_fault(refused) == f"{table}_is_append_only"
    assert f"rows of {table} are never changed or removed" in str(refused.value.orig)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_not_removed(database: Connection, table: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f"DELETE FROM {table}"))
    assert name_of_fault(refused) == f"{table}_is_append_only"


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_not_emptied(database: Connection, table: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f"TRUNCATE {table} CASCADE"))
    assert name_of_fault(refused) == f"{table}_is_append_only"


@pytest.mark.parametrize(
    ("table", "constraint"),
    [
        ("case", "_case_id_case"),
        ("person", "_person"),
        ("party", "_party"),
        ("task", "_task"),
        ("deadline", "_deadline"),
    ],
)
def test_nothing_is_removed_that_records_name(database: Connection, table: str, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        database.execute(text(f'DELETE FROM "{table}"'))
    found = name_of_fault(refused) or ""
    assert found.startswith("fk_")
    assert found.endswith(constraint)


def test_every_constraint_and_unique_index_of_the_tables_is_tried_here() -> None:
    declared = {
        str(rule.name)
        for table in Base.metadata.sorted_tables
        for rule in (*table.constraints, *table.indexes)
        if isinstance(rule, CheckConstraint | UniqueConstraint) or (isinstance(rule, Index) and rule.unique)
    }
    alone = {
        "ck_party_not_its_own_superior",
        "uq_running_interval_one_open",
        "ck_running_interval_runs_forward",
        "uq_notice_message_id",
        "ck_case_link_not_its_own_child",
        "ck_stock_move_goes_somewhere_else",
        "ck_money_move_goes_somewhere_else",
        "ck_sale_stop_released_after_stopped",
        "ck_delegation_not_to_oneself",
        "ck_decision_not_in_place_of_oneself",
        "ck_remark_not_asked_of_oneself",
        "ck_remark_asks_or_answers",
    }
    tried = {case[3] for case in (*REFUSED_ROWS, *REFUSED_CHANGES)}
    assert declared - tried - alone == set()
