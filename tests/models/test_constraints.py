"""What the database itself refuses, whoever asks: each named constraint, with a row that breaks it."""

from typing import Any

import pytest
from rows import ANSWERED, DISPUTED, LONG_AGO, NEW_STEP, NOW, RUN, RUNNING, add_another, change, name_of_fault
from sqlalchemy import CheckConstraint, Connection, Index, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError

from models.tables import Base

NEW_PARTY = {"code": "N-1", "kind": "shop"}
NEW_NOTICE = {"key": "new", "message_id": "<new@x>"}
OPENING = {"from_condition": "opening"}
ASKED_AT = {"key": "counter-check"}
NEW_REPAIR = {"slip": "new"}
NOT_THERE = 10**9
NEW_STATION = {"party_id": NOT_THERE, "agreement_number": "new"}
NEW_PRECEDENT = {"number": "PC-2026-0002", "case_id": NOT_THERE}
NEW_CASE = {"number": "BQ-2026-9999", "flow_run_id": None}
NEW_DEADLINE = {"key": "other"}
NEW_INTERVAL = {"number": 99}


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


def test_every_constraint_and_unique_index_of_the_tables_is_tried_here() -> None:
    declared = {
        str(rule.name)
        for table in Base.metadata.sorted_tables
        for rule in (*table.constraints, *table.indexes)
        if isinstance(rule, CheckConstraint | UniqueConstraint) or (isinstance(rule, Index) and rule.unique)
    }
    # Where another row must be looked at first: tests/models/test_constraints_between_rows.py.
    between_rows = {
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
    assert declared - tried - between_rows == set()
