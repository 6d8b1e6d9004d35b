"""Repair stations on the command line, as a sheet of master data, as a section of the policy, and in the database.

Manual 000 一.2, 三 经理 C, 三 内勤 A, 四 维修服务网点的建设.
"""

from pathlib import Path
from typing import Any

import psycopg2.errors
import pytest
from command_line import CommandLine
from pydantic import ValidationError
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from stations import changes, set_station, station

from deployments.sample_company import SAMPLE_COMPANY
from deployments.system import import_files
from models.language import speak
from models.policy import Policy, load_policy_file

POLICY = Path(__file__).parents[2] / "policies" / "lighting.yaml"
HEAD = "party,state,exclusive,agreement_number,signed_on,term_ends_on,licence_number,licence_valid_until\n"


@pytest.fixture
def aftersales(company: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(capsys, monkeypatch)


@pytest.fixture
def in_english(company: Engine) -> None:
    speak("en")


def sheet(folder: Path, *lines: str) -> Path:
    file = folder / "stations.csv"
    file.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    return file


def rejected(file: Path) -> list[tuple[int, str, str]]:
    return [(one.row, one.field, one.message) for one in import_files(file).rejected]


def test_stations_are_listed_with_state_area_address_and_when_things_end(aftersales: CommandLine) -> None:
    first, second, third = aftersales.json("stations")
    assert first == {
        "station": "R-01",
        "name": "天河维修点",
        "state": "active",
        "area": "广州天河",
        "address": "广州市天河区中山大道12号",
        "phone": "020-5550401",
        "term_ends_on": "2028-03-31",
        "suspended_until": None,
        "papers_until": "2031-05-31",
    }
    assert [second["station"], third["station"]] == ["R-02", "R-03"]


def test_stations_of_one_area_are_asked_for_by_its_name(aftersales: CommandLine) -> None:
    assert [one["station"] for one in aftersales.json("stations", "--area", "深圳南山")] == ["R-02"]
    assert aftersales.json("stations", "--area", "nowhere") == []
    assert "being set up" not in aftersales("stations")


def test_for_people_the_state_is_a_word_of_their_language(aftersales: CommandLine) -> None:
    set_station("R-02", state="suspended")
    lines = [line for line in aftersales("stations").splitlines() if "R-0" in line]
    assert ["suspended" in line for line in lines] == [False, True, False]


def test_stations_of_before_enter_with_their_agreement_and_licence(in_english: None) -> None:
    assert changes("R-01") == [(None, "active")]
    now = station("R-01")
    assert (now.agreement_number, now.exclusive, now.deposit) == ("XY-2025-011", True, 0)
    again = import_files(SAMPLE_COMPANY / "stations.csv")
    assert (again.added, again.changed, again.unchanged, again.rejected) == (0, 0, 3, [])


WRONG: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "no station": (
        "D-01,active,yes,XY-9,2026-01-01,2027-12-31,L-9,2030-01-31",
        [(2, "party", "D-01 is not a repair station with an area.")],
    ),
    "unknown": (
        "R-99,active,yes,XY-9,2026-01-01,2027-12-31,L-9,2030-01-31",
        [(2, "party", "There is no party R-99; it must stand in a line above or be known already.")],
    ),
    "taken number": (
        "R-04,active,yes,XY-2025-011,2026-01-01,2027-12-31,L-9,2030-01-31",
        [(2, "agreement_number", "Another station has the agreement XY-2025-011.")],
    ),
    "ends before": (
        "R-04,active,yes,XY-9,2026-01-01,2025-12-31,L-9,2030-01-31",
        [(2, "term_ends_on", "The agreement cannot end before it was signed.")],
    ),
    "changed": (
        "R-01,active,yes,XY-2025-011,2025-04-01,2029-03-31,L-9,2030-01-31",
        [(2, "party", "R-01 is in the books with other values; a review changes them.")],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_line_is_named_and_nothing_is_taken(in_english: None, tmp_path: Path, case: str) -> None:
    line, faults = WRONG[case]
    assert rejected(sheet(tmp_path, line)) == faults


def test_two_stations_cannot_each_be_alone_in_an_area(in_english: None, tmp_path: Path) -> None:
    parties = tmp_path / "parties.csv"
    parties.write_text("code,name,kind,superior,area\nR-09,Second,repair_station,B-01,广州天河\n", "utf-8")
    import_files(parties)
    line = "R-09,{},{},XY-9,2026-01-01,2027-12-31,L-9,2030-01-31"
    assert rejected(sheet(tmp_path, line.format("active", "yes"))) == [
        (2, "party", "R-01 serves 广州天河 already, and alone.")
    ]
    assert rejected(sheet(tmp_path, line.format("active", "no"))) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"criteria": {"skill": {"title": "skill", "weight": 90}}}, "must add up to 100; they add up to 90"),
        ({"renewal_decision": {"limit": "20 working days", "passing": "lapse"}}, "number of days before the end"),
        ({"number_prefix": ""}, "String should match pattern"),
        ({"pass_mark": "101"}, "less than or equal to 100"),
    ],
)
def test_a_policy_whose_numbers_do_not_fit_is_refused(changed: dict[str, Any], sentence: str) -> None:
    content = load_policy_file(POLICY)
    with pytest.raises(ValidationError, match=sentence):
        Policy.model_validate({**content, "stations": {**content["stations"], **changed}})


SECOND = (
    "INSERT INTO station (party_id, state, area, exclusive, agreement_number, signed_on, term_ends_on, deposit, "
    "currency, activated_at) SELECT id, {state}, {area}, {exclusive}, {number}, {signed}, DATE '2028-01-31', "
    "{deposit}, {currency}, {activated} FROM party WHERE code = 'R-04'"
)
GOOD = {
    "state": "'active'",
    "area": "'广州天河'",
    "exclusive": "false",
    "number": "'XY-9'",
    "signed": "DATE '2026-01-31'",
    "deposit": "0",
    "currency": "'CNY'",
    "activated": "now()",
}


def test_two_may_serve_an_area_if_one_of_them_is_an_exception(company: Engine) -> None:
    with company.begin() as connection:
        connection.execute(text(SECOND.format(**GOOD)))


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"exclusive": "true"}, "uq_station_one_in_an_area"),
        ({"exclusive": "true", "state": "'preparing'"}, "uq_station_one_in_an_area"),
        ({"state": "'open'"}, "ck_station_state_is_known"),
        ({"area": "''"}, "ck_station_serves_an_area"),
        ({"number": "'XY-2025-011'"}, "uq_station_agreement_number"),
        ({"signed": "DATE '2028-02-01'"}, "ck_station_ends_after_it_begins"),
        ({"deposit": "-1"}, "ck_station_deposit_not_negative"),
        ({"currency": "'yuan'"}, "ck_station_currency_is_iso"),
        ({"activated": "NULL"}, "ck_station_active_since_a_time"),
    ],
)
def test_the_database_refuses_a_station_that_cannot_be(
    company: Engine, changed: dict[str, str], constraint: str
) -> None:
    with company.begin() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(text(SECOND.format(**(GOOD | changed))))
    assert isinstance(refused.value.orig, psycopg2.errors.Error)
    assert refused.value.orig.diag.constraint_name == constraint


AT_R_01 = "SELECT party_id FROM station WHERE agreement_number = 'XY-2025-011'"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE station SET suspended_until = DATE '2027-01-31'", "ck_station_only_a_suspension_has_an_end"),
        (
            "INSERT INTO station_document (station_id, kind, number, valid_until, recorded_at) "
            f"SELECT ({AT_R_01}), 'passport', '1', DATE '2027-01-31', now()",
            "ck_station_document_kind_is_known",
        ),
        (
            "INSERT INTO station_document (station_id, kind, number, valid_until, recorded_at) "
            f"SELECT ({AT_R_01}), 'licence', '', DATE '2027-01-31', now()",
            "ck_station_document_has_a_number",
        ),
        (
            "INSERT INTO station_change (station_id, at, from_state, to_state, why) "
            f"SELECT ({AT_R_01}), now(), 'active', 'active', 'x'",
            "ck_station_change_is_a_change",
        ),
        (
            "INSERT INTO station_change (station_id, at, from_state, to_state, why) "
            f"SELECT ({AT_R_01}), now(), 'active', 'gone', 'x'",
            "ck_station_change_to_state_is_known",
        ),
        (
            "INSERT INTO station_change (station_id, at, from_state, to_state, why) "
            f"SELECT ({AT_R_01}), now(), 'gone', 'active', 'x'",
            "ck_station_change_from_state_is_known",
        ),
    ],
)
def test_the_database_refuses_what_its_papers_and_history_cannot_say(
    company: Engine, statement: str, constraint: str
) -> None:
    with company.begin() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg2.errors.Error)
    assert refused.value.orig.diag.constraint_name == constraint


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE station_change SET why = 'another'",
        "DELETE FROM station_change",
        "UPDATE station_document SET valid_until = DATE '2040-01-31'",
        "DELETE FROM station_document",
        "TRUNCATE station_change",
    ],
)
def test_papers_and_changes_of_stations_are_never_rewritten(company: Engine, statement: str) -> None:
    with company.begin() as connection, pytest.raises(Exception, match="never changed"):
        connection.execute(text(statement))
