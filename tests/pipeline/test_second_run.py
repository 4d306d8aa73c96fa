"""A second run: where nothing is new it builds nothing and says what the last one said."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from workspace_runs import Outcome, copy_workspace, run, written
from workspaces import command, contents, exported

from ingestion.workspace.settings import Workspace

# What a run would import to build.
HEAVY = ("dagster", "dbt", "polars", "sqlglot")
PROGRAM = f"""
import sys
from orchestration.command import main
try:
    main()
finally:
    loaded = [name for name in {HEAVY} if name in sys.modules]
    print("loaded:", loaded, file=sys.stderr)
"""


def all_files(folder: Path) -> dict[str, tuple[int, int]]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


def showback(folder: Path) -> Path:
    return min((folder / "exports").glob("*/showback.csv"))


def run_in_a_process(folder: Path) -> "subprocess.CompletedProcess[str]":
    """A run that had nothing to do, and loaded nothing to do it with."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--workspace", str(folder), "run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "nothing is new since the run of" in result.stderr
    assert "loaded: []" in result.stderr
    return result


def test_nothing_new_ends_before_anything_is_loaded(built: Path) -> None:
    before = all_files(built)
    result = run_in_a_process(built)
    assert (result.returncode, all_files(built)) == (0, before), result.stderr
    assert "2026-09" in result.stdout


# in short: tests/pipeline/test_crashes.py, where a killed run is run again
def test_a_build_of_nothing_new_changes_nothing(built: Path, tmp_path: Path) -> None:
    company = copy_workspace(built, tmp_path / "company")
    before = written(company)
    outcome = run(company)
    assert outcome.status == 0, outcome.output
    assert "0 new or changed" in outcome.output
    assert "0 days of requests rebuilt" in outcome.output
    assert written(company) == before
    assert exported(company) == exported(built)
    tables, expected = contents(company), contents(built)
    assert tables.keys() == expected.keys()
    for name, rows in expected.items():
        assert tables[name] == rows, name


@pytest.mark.parametrize(
    "table", ["main.fct_cost_allocations", "intermediate.int_matched_allocations"]
)
def test_rows_of_a_month_lie_together(built: Path, table: str) -> None:
    """So that another day of it leaves the rest of the table as it is written."""
    before = (
        f"select billing_month, lag(billing_month) over (order by rowid) as before from {table}"
    )
    with duckdb.connect(built / "warehouse.duckdb", read_only=True) as connection:
        [(months, apart)] = connection.execute(
            "select count(distinct billing_month), count(*) filter (billing_month < before) from"
            f" ({before})"
        ).fetchall()
    assert months > 1
    assert apart == 0


def test_nothing_new_is_told_with_what_was_in_the_way(untied: tuple[Path, Outcome]) -> None:
    folder, outcome = untied
    before = all_files(folder)
    result = run_in_a_process(folder)
    assert result.returncode == 1
    assert all_files(folder) == before
    problems = [line[7:] for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert problems
    assert all(problem in outcome.output for problem in problems)
    summary = [line for line in result.stdout.splitlines() if line]
    assert any("not_tied" in line for line in summary)
    assert [line for line in summary if line not in outcome.output] == []


def test_what_somebody_edited_is_written_again(untied: tuple[Path, Outcome]) -> None:
    folder, outcome = untied
    assert "exports" in outcome.output.partition("\n")[0]
    written_again = showback(folder)
    manifest = json.loads(written_again.with_name("manifest.json").read_bytes())
    digest = hashlib.sha256(written_again.read_bytes()).hexdigest()
    assert manifest["files"]["showback.csv"]["sha256"] == digest


def test_again_builds_all_the_same(
    untied: tuple[Path, Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(workspace: Workspace, _: bool) -> tuple[list[str], dict[str, float]]:
        built.append(workspace.company)
        return [], {}

    monkeypatch.setattr("orchestration.commands.run._run", build)
    folder, _ = untied
    assert run(folder).status == 1
    assert built == []
    assert command(folder, "run", "--again").exit_code == 0
    assert len(built) == 1
