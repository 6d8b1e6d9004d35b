"""The command `import`: its figures, its template, and wrong lines that it names."""

import json
from pathlib import Path

import pytest
from command_line import CommandLine
from openpyxl import load_workbook
from refusals import Refusals, error_of
from sqlalchemy import Engine
from traces import everything

from deployments.sample_company import SAMPLE_COMPANY


def test_the_sample_company_imported_again_is_unchanged(aftersales: CommandLine, played: Engine) -> None:
    # 22 parties, 23 people, 20 products, 10 parts, 30 deliveries, 31 counts of stock, 3 stations.
    done = {"added": 0, "changed": 0, "unchanged": 139, "rejected": []}
    assert aftersales.json("import", SAMPLE_COMPANY) == done
    assert aftersales("import", SAMPLE_COMPANY) == "0 added, 0 changed, 139 unchanged.\n"


def test_import_counts_what_it_adds_and_changes(aftersales: CommandLine, rehearsal: Engine, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("code,name\nLX-001,Ceiling light\nLX-002,吸顶灯 36W\nLX-900,Desk lamp\n", "utf-8")
    assert aftersales.json("import", file) == {"added": 1, "changed": 1, "unchanged": 1, "rejected": []}


@pytest.mark.parametrize(("language", "sheet"), [("en", "Repair stations"), ("zh_CN", "特约维修点")])
def test_import_writes_a_template_in_the_configured_language(
    aftersales: CommandLine, tmp_path: Path, language: str, sheet: str
) -> None:
    file = tmp_path / "template.xlsx"
    aftersales.language(language)
    assert aftersales.json("import", "--template", file) == {"template": str(file)}
    assert load_workbook(file).sheetnames[-1] == sheet
    assert str(file) in aftersales("import", "--template", file)


def test_the_template_can_be_imported_as_it_is(aftersales: CommandLine, played: Engine, tmp_path: Path) -> None:
    aftersales("import", "--template", tmp_path / "template.xlsx")
    done = {"added": 0, "changed": 0, "unchanged": 0, "rejected": []}
    assert aftersales.json("import", tmp_path / "template.xlsx") == done


# An import that is wrong


def test_an_import_with_wrong_lines_names_each_and_takes_none(refused: Refusals, cases: Engine, tmp_path: Path) -> None:
    good = "LX-900,Desk lamp,V-01\n"
    (tmp_path / "products.csv").write_text(f"code,name,supplier\n{good}LX 901,Lamp,\nLX-902,,V-99\n", "utf-8")
    before = everything()
    printed, errors = refused.call(2, "import", tmp_path, "--json")
    done = json.loads(printed)
    rejected = done.pop("rejected")
    assert done == {"added": 0, "changed": 0, "unchanged": 0}
    assert all(set(line) == {"sheet", "row", "field", "message"} for line in rejected)
    assert [(line["sheet"], line["row"], line["field"]) for line in rejected] == [
        ("products", 3, "code"),
        ("products", 4, "name"),
    ]
    assert rejected[1]["message"] == "This field is needed."
    assert error_of(errors, "invalid_input")["fields"] == {"file": "2 faults; nothing was changed."}
    told, errors = refused.call(2, "import", tmp_path)
    assert "This field is needed." in told
    assert "2 faults; nothing was changed." in errors
    assert everything() == before


def test_one_wrong_line_among_the_sample_company_keeps_all_of_it_out(
    refused: Refusals, cases: Engine, tmp_path: Path
) -> None:
    for file in SAMPLE_COMPANY.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "deliveries.csv").open("a", encoding="utf-8") as deliveries:
        deliveries.write("DN-9001,D-01,LX-019,MH261101,100,46.50,CNY,2026-11-01\n")
        deliveries.write("DN-9002,D-99,LX-019,MH261101,0,46.50,CNY,2026-11-01\n")
    before = everything()
    printed, errors = refused.call(2, "import", tmp_path, "--json")
    assert [(line["sheet"], line["row"], line["field"]) for line in json.loads(printed)["rejected"]] == [
        ("deliveries", 33, "quantity")
    ]
    error_of(errors, "invalid_input")
    assert everything() == before


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("lamps.csv", "code,name\n", "sheet"),
        ("products.csv", "code,name,colour\nLX-900,Lamp,red\n", "products"),
        ("products.csv", "code\nLX-900\n", "products"),
        ("products.xlsx", "this is no workbook", "file"),
    ],
)
def test_a_file_that_is_no_master_data_is_refused(
    refused: Refusals, cases: Engine, tmp_path: Path, name: str, content: str, field: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert list(refused(2, "invalid_input", "import", tmp_path / name)["fields"]) == [field]
