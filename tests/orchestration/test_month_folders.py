"""What else is in a month's folder: its reconciliation, a folder of each team, a workbook."""

import csv
import hashlib
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from ingestion.workspace.settings import Workspace
from orchestration.exports.months import export_open_months, remove_vanished_months
from orchestration.exports.tables import Cell, ExportTable
from orchestration.exports.team_folders import folder_name, folder_names, tables_by_team
from orchestration.exports.workbook import workbook_bytes
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.source_states import SourceState, write_state
from tests.orchestration.small_warehouse import (
    CHARGEBACK,
    MODELS,
    write_chargeback,
    write_warehouse,
    write_workspace,
)

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    write_state(workspace, SourceState("prod", "ok"))
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    export_open_months(workspace)
    return workspace


def month_of(workspace: Workspace) -> Path:
    return Path(workspace.exports) / "2026-09"


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text())))


def test_reconciliation_says_where_each_invoice_went(workspace: Workspace) -> None:
    [row] = rows_of(month_of(workspace) / "reconciliation.csv")
    assert row == {
        "period": "2026-09",
        "vendor": "openai",
        "billing_account": "org-a",
        "invoice_id": "INV-9",
        "invoice": "33.35",
        "billed": "33.35",
        "requests": "30.01",
        "tax": "3.34",
        "allocated": "33.35",
        "other_services": "0.00",
        "difference": "0.00",
        "currency": "USD",
        "basis": "billed",
    }


def test_an_invoice_that_does_not_tie_has_a_difference(workspace: Workspace) -> None:
    [row] = rows_of(Path(workspace.exports) / "2026-10" / "reconciliation.csv")
    assert (row["invoice"], row["allocated"], row["difference"]) == ("9.50", "7.50", "2.00")


def test_a_team_has_a_folder_with_its_lines_alone(workspace: Workspace) -> None:
    month = month_of(workspace)
    whole = rows_of(month / "chargeback.csv")
    folders = json.loads((month / "manifest.json").read_text())["teams"]
    assert folders == {
        "@hr": "teams/%40hr",
        "__unallocated__": "teams/__unallocated__",
        "hr": "teams/hr",
        "search": "teams/search",
    }
    own = [month / folder / "chargeback.csv" for _, folder in sorted(folders.items())]
    assert [row for file in own if file.exists() for row in rows_of(file)] == whole
    [shown] = rows_of(month / "teams/search/showback.csv")
    assert shown["team"] == "search"


def test_the_manifest_has_every_file_by_its_hash(workspace: Workspace) -> None:
    month = month_of(workspace)
    said = json.loads((month / "manifest.json").read_text())["files"]
    there = {
        file.relative_to(month).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in month.rglob("*.*")
        if file.is_file() and file.name != "manifest.json"
    }
    assert {name: entry["sha256"] for name, entry in said.items()} == there
    assert len([name for name in there if not name.startswith("site/")]) == 15
    assert {"site/company.html", "site/trust.html"} < there.keys()


def test_the_workbook_has_numbers_as_numbers_and_text_as_text(workspace: Workspace) -> None:
    book = zipfile.ZipFile(month_of(workspace) / "tables.xlsx")
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
    names = [sheet.get("name") for sheet in sheets]
    assert names == ["chargeback", "reconciliation", "showback"]
    texts = [
        "".join(item.itertext())
        for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SHEET}si")
    ]
    cells = list(ElementTree.fromstring(book.read("xl/worksheets/sheet3.xml")).iter(f"{SHEET}c"))
    words = [cell for cell in cells if cell.get("t") == "s"]
    shown = [texts[int(value.text or "")] for cell in words for value in cell.iter(f"{SHEET}v")]
    assert "=cmd()" in shown
    assert not [cell for cell in cells if list(cell.iter(f"{SHEET}f"))]
    numbers = {
        value.text for cell in cells if cell.get("t") is None for value in cell.iter(f"{SHEET}v")
    }
    assert {"10.01", "3.334666666666", "2"} <= numbers


def test_a_team_that_has_no_line_any_more_loses_its_folder(workspace: Workspace) -> None:
    assert (month_of(workspace) / "teams/hr/chargeback.csv").exists()
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(connection, [row for row in CHARGEBACK if row[1] != "hr"])
        connection.execute("delete from main.mart_showback_monthly where team = 'hr'")
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    export_open_months(workspace)
    left = {file.parent.name for file in month_of(workspace).glob("teams/*/*.csv")}
    assert left == {"%40hr", "__unallocated__", "search"}


def test_a_month_that_vanished_goes_with_all_that_was_written(workspace: Workspace) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        for table, column in (
            ("mart_chargeback_monthly", "billing_month"),
            ("mart_reconciliation_monthly", "billing_month"),
        ):
            connection.execute(f"delete from main.{table} where {column} = '2026-10-01'")
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    [removed] = remove_vanished_months(workspace)
    assert removed.endswith("2026-10")
    assert [file for file in Path(removed).rglob("*") if file.is_file()] == []


def test_what_a_person_laid_into_a_teams_folder_stays(workspace: Workspace) -> None:
    note = month_of(workspace) / "teams/hr/note.txt"
    note.write_text("asked on Friday")
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(connection, [row for row in CHARGEBACK if row[1] != "hr"])
        connection.execute("delete from main.mart_showback_monthly where team = 'hr'")
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    export_open_months(workspace)
    assert [file.name for file in note.parent.iterdir()] == ["note.txt"]


def test_a_month_that_is_refused_has_no_chargeback_of_a_team_either(workspace: Workspace) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(connection, [(*row[:-1], "not_tied") for row in CHARGEBACK])
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    export_open_months(workspace)
    month = month_of(workspace)
    assert list(month.rglob("chargeback.csv")) == []
    assert len(list(month.rglob("showback.csv"))) == 4
    sheets = zipfile.ZipFile(month / "tables.xlsx").read("xl/workbook.xml").decode()
    assert 'name="showback"' in sheets and 'name="chargeback"' not in sheets


def test_the_line_between_two_calendars_is_in_no_teams_folder() -> None:
    columns = ("line_kind", "team", "billed_cost")
    rows: list[list[Cell]] = [["owner", "hr", 1], ["calendar", "__unallocated__", 2]]
    own = tables_by_team({"showback.csv": ExportTable(columns, rows)})
    assert {team: files["showback.csv"].rows for team, files in own.items()} == {"hr": [rows[0]]}


def test_the_vendors_payable_is_in_no_teams_folder() -> None:
    rows: list[list[Cell]] = [["hr", 3], [None, -3]]
    own = tables_by_team({"chargeback.csv": ExportTable(("team", "total"), rows)})
    assert {team: files["chargeback.csv"].rows for team, files in own.items()} == {"hr": [rows[0]]}


def test_a_workbook_is_the_same_at_any_time_and_goes_on_in_another_sheet() -> None:
    rows: list[list[Cell]] = [[f"={number}", Decimal(number)] for number in range(5)]
    tables = {"showback": ExportTable(("team", "cost"), rows)}
    first = workbook_bytes(tables, rows=2)
    assert workbook_bytes(tables, rows=2) == first
    book = zipfile.ZipFile(io.BytesIO(first))
    names = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
    assert [name.get("name") for name in names] == ["showback", "showback 2", "showback 3"]
    assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = ElementTree.fromstring(book.read("docProps/core.xml"))
    times = [each.text for each in properties if each.tag.endswith(("}created", "}modified"))]
    assert times == ["2000-01-01T00:00:00Z"] * 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@x", "https://a.example", "{=1}", "007"])
def test_what_looks_like_something_else_is_text_in_a_workbook(text: str) -> None:
    made = workbook_bytes({"showback": ExportTable(("team",), [[text]])})
    book = zipfile.ZipFile(io.BytesIO(made))
    sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert [cell.get("t") for cell in sheet.iter(f"{SHEET}c")] == ["s", "s"]
    assert text in "".join(ElementTree.fromstring(book.read("xl/sharedStrings.xml")).itertext())


@pytest.mark.parametrize(
    ("team", "folder"),
    [
        ("search", "search"),
        ("R&D / EU", "R%26D%20%2F%20EU"),
        ("..", "%2E%2E"),
        ("con", "%63on"),
        ("検索", "検索"),
    ],
)
def test_a_teams_folder_is_a_name_everywhere(team: str, folder: str) -> None:
    assert folder_name(team) == folder


def test_long_names_stay_apart() -> None:
    names = {folder_name("x" * 200 + end) for end in ("a", "b")}
    assert len(names) == 2
    assert all(len(name) <= 100 for name in names)


def test_names_that_differ_in_case_alone_have_two_folders() -> None:
    names = folder_names(["HR", "hr", "search"])
    assert names["search"] == "search"
    assert len({name.casefold() for name in names.values()}) == 3
