"""Exports: cents that sum up, nothing a spreadsheet runs, the same bytes every time."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.checks.month_status import parse_month
from orchestration.checks.verdict import problems
from orchestration.exports.months import export_month, export_open_months, remove_vanished_months
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.source_states import SourceState, read_states, write_state
from orchestration.terminal.csv_text import csv_bytes
from tests.orchestration.small_warehouse import (
    CHARGEBACK,
    MODELS,
    Chargeback,
    write_chargeback,
    write_warehouse,
    write_workspace,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    write_state(workspace, SourceState("prod", "ok"))
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    return workspace


def republish(workspace: Workspace, rows: list[Chargeback]) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(connection, rows)
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))


def exported(workspace: Workspace, month: str, name: str) -> Path:
    return Path(workspace.exports) / month / name


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_chargeback_is_in_cents_that_sum_to_the_months_total(workspace: Workspace) -> None:
    export_open_months(workspace)
    rows = read_csv(exported(workspace, "2026-09", "chargeback.csv"))
    money = ("team", "team_name", "cost_center", "direct", "residual", "shared", "total")
    assert [[row[column] for column in money] for row in rows] == [
        ["__unallocated__", "__Unallocated__", "", "0.00", "3.34", "0.00", "3.34"],
        ["hr", "Hr", "CC2", "20.00", "0.00", "0.00", "20.00"],
        ["search", "Search", "CC1", "10.01", "0.00", "0.00", "10.01"],
    ]
    manifest = json.loads(exported(workspace, "2026-09", "manifest.json").read_text())
    totals = manifest["files"]["chargeback.csv"]["totals"]
    assert totals == {
        "direct": "30.01",
        "residual": "3.34",
        "shared": "0.00",
        "correction": "0.00",
        "timing": "0.00",
        "total": "33.35",
    }


def test_the_header_of_chargeback_is_always_whole(workspace: Workspace) -> None:
    """Columns of money that a month does not need are 0.00, others are empty."""
    export_open_months(workspace)
    lines = exported(workspace, "2026-09", "chargeback.csv").read_text().splitlines()
    assert lines[0] == (
        "period,vendor,billing_account,invoice_id,team,team_name,cost_center,gl_account,"
        "direct,residual,shared,correction,timing,total,currency,status,phase,basis"
    )
    assert lines[-1] == (
        "2026-09,openai,org-a,INV-9,search,Search,CC1,,"
        "10.01,0.00,0.00,0.00,0.00,10.01,USD,billed,showback,billed"
    )


def test_a_correction_stands_in_its_column(workspace: Workspace) -> None:
    rows = [*CHARGEBACK[:2], ("2026-09-01", "z", "C", "1.00", "0", "0", "-0.25", "billed")]
    republish(workspace, rows)
    export_open_months(workspace)
    last = read_csv(exported(workspace, "2026-09", "chargeback.csv"))[-1]
    assert (last["correction"], last["total"]) == ("-0.25", "0.75")


def test_an_estimated_month_is_written_and_says_so(workspace: Workspace) -> None:
    """Finance may look at what waits for its invoice, and sees that it does."""
    republish(workspace, [("2026-09-01", "z", "C", "1.00", "0", "0", "0", "estimated")])
    [month] = export_open_months(workspace)
    assert (month.status, month.refused, month.withdrawn) == ("estimated", "", False)
    [row] = read_csv(exported(workspace, "2026-09", "chargeback.csv"))
    assert (row["status"], row["total"]) == ("estimated", "1.00")


def test_the_manifest_has_hash_rows_and_failed_sources(workspace: Workspace) -> None:
    logs = workspace.gateways[0].location
    write_state(workspace, SourceState("prod", "failed", f"{logs}: no such folder"))
    republish(workspace, CHARGEBACK)
    export_open_months(workspace)
    manifest = json.loads(exported(workspace, "2026-09", "manifest.json").read_text())
    for name, rows in (("chargeback.csv", 3), ("showback.csv", 3)):
        data = exported(workspace, "2026-09", name).read_bytes()
        assert manifest["files"][name]["sha256"] == hashlib.sha256(data).hexdigest()
        assert manifest["files"][name]["rows"] == rows
    assert manifest["status"] == "billed"
    assert manifest["failed_sources"] == {"prod": "logs: no such folder"}


def test_showback_cells_that_look_like_formulas_are_text(workspace: Workspace) -> None:
    export_open_months(workspace)
    rows = read_csv(exported(workspace, "2026-09", "showback.csv"))
    assert [(row["team"], row["feature"]) for row in rows] == [
        ("'@hr", "x"),
        ("hr", "'-2"),
        ("search", "'=cmd()"),
    ]
    assert [row["billed_cost"] for row in rows] == ["10.01", "10.00", "10.00"]
    assert rows[2]["list_cost"] == ""
    assert rows[2]["cost_per_request"] == "3.334666666666"


def test_every_formula_start_is_neutralised_and_numbers_are_not() -> None:
    cells = ["=1", "+1", "-1", "@x", "\tx", "\rx", "x=1", "", -1]
    data = csv_bytes(["c"], [[cell] for cell in cells])
    assert list(csv.reader(data.decode().splitlines(keepends=True)))[1:] == [
        ["'=1"],
        ["'+1"],
        ["'-1"],
        ["'@x"],
        ["'\tx"],
        ["'\rx"],
        ["x=1"],
        [""],
        ["-1"],
    ]


def test_a_month_that_does_not_tie_is_refused_by_name_and_others_go_on(
    workspace: Workspace,
) -> None:
    done = {month.month: month for month in export_open_months(workspace)}
    assert not done["2026-09"].refused
    assert "openai org-a: invoice 9.5" in done["2026-10"].refused
    assert not exported(workspace, "2026-10", "chargeback.csv").exists()
    assert exported(workspace, "2026-10", "showback.csv").exists()
    manifest = json.loads(exported(workspace, "2026-10", "manifest.json").read_text())
    assert "2026-10 is not tied" in manifest["refused"]["chargeback.csv"]
    assert "chargeback.csv" not in manifest["files"]


def test_a_chargeback_of_an_earlier_run_goes_when_its_month_stops_to_tie(
    workspace: Workspace,
) -> None:
    export_open_months(workspace)
    republish(workspace, [(*row[:-1], "not_tied") for row in CHARGEBACK])
    export_open_months(workspace)
    assert not exported(workspace, "2026-09", "chargeback.csv").exists()


def test_exports_are_the_same_bytes_on_every_run(workspace: Workspace) -> None:
    def state() -> dict[Path, bytes]:
        files = Path(workspace.exports).rglob("*.*")
        return {file: file.read_bytes() for file in files}

    export_open_months(workspace)
    first = state()
    republish(workspace, list(reversed(CHARGEBACK)))
    export_open_months(workspace)
    assert state() == first
    # neither today's settings nor a read that failed after the publish say what the marts are
    write_state(workspace, SourceState("prod", "failed", "logs: no such folder"))
    other = replace(workspace, currency="EUR", chargeback_basis="effective", company="Other")
    export_month(other, parse_month("2026-09"))
    assert state() == first


def test_an_open_month_that_vanished_from_the_marts_goes_and_a_closed_one_stays(
    workspace: Workspace,
) -> None:
    export_open_months(workspace)
    for month, status in (("2026-07", "billed"), ("2026-08", "closed")):
        for name in ("chargeback.csv", "showback.csv", "manifest.json"):
            path = exported(workspace, month, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'{{"status": "{status}"}}')
    stays = exported(workspace, "2026-06", "mine.csv")
    stays.parent.mkdir()
    stays.touch()
    [removed] = remove_vanished_months(workspace)
    assert removed.endswith("2026-07")
    exports = Path(workspace.exports)
    left = {path.relative_to(exports).parts[0] for path in exports.rglob("*.*") if path.is_file()}
    assert left == {"2026-06", "2026-08", "2026-09", "2026-10"}
    assert remove_vanished_months(workspace) == []


def test_a_month_that_marts_lack_and_a_word_that_is_no_month_are_told(
    workspace: Workspace,
) -> None:
    with pytest.raises(WorkspaceError, match="they have 2026-09, 2026-10"):
        export_month(workspace, parse_month("2025-01"))
    for text in ("2026-13", "2026-1", "October"):
        with pytest.raises(ValueError, match="write it as 2026-10"):
            parse_month(text)


def test_the_verdict_names_failed_sources_and_months(workspace: Workspace) -> None:
    write_state(workspace, SourceState("prod", "failed", "logs: no such folder"))
    source, month = problems(workspace)
    assert source == "source prod could not be read: logs: no such folder"
    assert month.startswith("2026-10 is not tied to its invoices: openai org-a: invoice 9.5")


def test_publishing_tells_what_does_not_count_and_leaves_what_reading_wrote(
    workspace: Workspace,
) -> None:
    """A bill in a currency without a rate was read all the same."""
    read = SourceState("prod", "ok", seen="listing")
    write_state(workspace, read)
    origin = origin_of(workspace, {"prod": "bills in EUR"}, ["invoices.csv:2: currency: `EUR`"])
    publish(workspace.warehouse, workspace.marts, MODELS, origin)
    assert problems(workspace)[:2] == [
        "source prod: bills in EUR",
        "invoices.csv:2: currency: `EUR`",
    ]
    export_open_months(workspace)
    manifest = json.loads(exported(workspace, "2026-09", "manifest.json").read_text())
    assert manifest["failed_sources"] == {"prod": "bills in EUR"}
    assert read_states(workspace)["prod"] == read
    # one that could not be read says that
    write_state(workspace, SourceState("prod", "failed", "logs: gone"))
    assert origin_of(workspace, {"prod": "bills in EUR"}).left_out == []
