"""One path: what sensors and schedules run, and what `tollbook run` runs, gives the same marts."""

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.assets.warehouse import newest_days
from orchestration.command import tollbook
from orchestration.definitions import workspace_definitions
from orchestration.publishing.marts import open_marts
from orchestration.warehouse.landing_schema import open_warehouse
from simulation.simulate import simulate

pytestmark = pytest.mark.whole

REQUESTS, DAYS = 400, 33
# from here on the price book prices every tier that the company uses: nothing is to be told
START = date(2026, 10, 14)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated") / "company"
    simulate(folder, REQUESTS, DAYS, 7, start=START)
    return folder


@pytest.fixture(scope="module")
def by_command(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy that `tollbook run` built."""
    workspace = copy(simulated, tmp_path_factory.mktemp("by_command") / "company")
    result = command(workspace, "run")
    assert result.exit_code == 0, result.output
    return workspace


def copy(folder: Path, target: Path) -> Workspace:
    shutil.copytree(folder, target)
    return load_workspace(target)


def command(workspace: Workspace, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TOLLBOOK_WORKSPACE", "")
        return CliRunner().invoke(tollbook, ["--workspace", str(workspace.file), *arguments])


def contents(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Every table and view of the marts with its rows, in one order."""
    with open_marts(workspace.marts) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        return {
            name: connection.execute(f'select * from main."{name}" order by all').fetchall()
            for [name] in sorted(names)
        }


def exported(workspace: Workspace) -> dict[str, bytes]:
    folder = Path(workspace.exports)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def assert_same(one: Workspace, other: Workspace) -> None:
    found, expected = contents(one), contents(other)
    assert found.keys() == expected.keys()
    for table in expected:
        assert found[table] == expected[table], table
    assert exported(one) == exported(other)


def ticks(
    definitions: dg.Definitions, instance: dg.DagsterInstance, at: datetime
) -> Iterator[tuple[str, dg.RunRequest]]:
    """(job, run request) of every sensor and schedule, ticked once."""
    repository = definitions.get_repository_def()
    for sensor in repository.sensor_defs:
        context = dg.build_sensor_context(instance, repository_def=repository)
        for request in sensor.evaluate_tick(context).run_requests or []:
            yield sensor.job_name, request
    for schedule in repository.schedule_defs:
        schedule_context = dg.build_schedule_context(instance, at, repository_def=repository)
        for request in schedule.evaluate_tick(schedule_context).run_requests or []:
            yield schedule.job_name, request


def run_request(
    definitions: dg.Definitions, instance: dg.DagsterInstance, job: str, request: dg.RunRequest
) -> dg.ExecuteInProcessResult:
    result = definitions.resolve_job_def(job).execute_in_process(
        instance=instance,
        partition_key=request.partition_key,
        run_config=request.run_config,
        tags=request.tags,
    )
    assert result.success
    return result


def test_what_automation_runs_equals_what_the_command_runs(
    simulated: Path, by_command: Workspace, tmp_path: Path
) -> None:
    workspace = copy(simulated, tmp_path / "company")
    definitions = workspace_definitions(workspace)
    with dg.DagsterInstance.ephemeral() as instance:
        on_the_3rd = datetime(2026, 11, 3, 6, tzinfo=UTC)
        found = list(ticks(definitions, instance, on_the_3rd))
        assert [job for job, _ in found] == ["run", "export", "run"]
        by_sensor, monthly, nightly = found
        first = run_request(definitions, instance, *by_sensor)
        assert_same(workspace, by_command)
        assert_everything_is_recorded(first)
        parquet = written(workspace)
        run_request(definitions, instance, *nightly)
        run_request(definitions, instance, *monthly)
        assert monthly[1].partition_key == "2026-10"
        # whoever turns the schedules on has the billed month closed, and a first look between runs
        told = [job for job, _ in ticks(definitions, instance, on_the_3rd)]
        assert told == ["close", "export", "watch"]
    # nothing was new: the same marts and exports, and no Parquet written again
    assert_same(workspace, by_command)
    assert written(workspace) == parquet


def written(workspace: Workspace) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in workspace.file.parent.rglob("*.parquet")}


def assert_everything_is_recorded(result: dg.ExecuteInProcessResult) -> None:
    """Materializations of all layers, and every dbt test as an asset check."""
    events = result.get_asset_materialization_events()
    materialized = {event.asset_key.to_user_string() for event in events if event.asset_key}
    assert {"landing/openai", "main/fct_requests", "marts", "verdict"} <= materialized
    checks = result.get_asset_check_evaluations()
    told = {"readable", "recent", "models_priced", "assert_every_grouping_has_one_total"}
    assert told <= {check.check_name for check in checks}
    assert [check.check_name for check in checks if not check.passed] == []
    # a test without a home would only be an observation
    assert not result.filter_events(lambda event: event.is_asset_observation)


# in short: tests/pipeline/test_bad_input.py and test_tie_out.py
@pytest.mark.whole
def test_a_source_and_an_invoice_in_trouble_fail_the_run_and_stop_nothing_else(
    simulated: Path, tmp_path: Path
) -> None:
    workspace = copy(simulated, tmp_path / "company")
    shutil.rmtree(workspace.bills[0].location)
    month = raise_first_invoice(workspace, workspace.bills[1].format)
    result = command(workspace, "run")
    assert f"source {workspace.bills[0].name} could not be read" in str(result.exception)
    assert f"{month} is not tied to its invoices" in str(result.exception)
    rows = contents(workspace)
    assert rows["fct_requests"]
    assert rows["fct_charges"]
    files = exported(workspace)
    assert f"{month}/chargeback.csv" not in files
    manifest = json.loads(files[f"{month}/manifest.json"])
    assert list(manifest["failed_sources"]) == [workspace.bills[0].name]
    again = command(workspace, "export", month)
    assert "chargeback.csv refused" in str(again.exception)


def raise_first_invoice(workspace: Workspace, provider: str) -> str:
    """Makes an invoice say more than was billed; its month."""
    path = Path(workspace.reference) / "invoices.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    invoice = next(row for row in rows if row["provider"] == provider)
    invoice["amount"] = "123456.78"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return invoice["billing_month"][:7]


def test_check_and_scan_name_what_no_csv_knows(simulated: Path, tmp_path: Path) -> None:
    workspace = copy(simulated, tmp_path / "company")
    shutil.rmtree(workspace.reference)
    output = command(workspace, "check").output
    for table in ("credentials", "customers", "teams"):
        assert f"not in {table}.csv" in output
    assert not list(tmp_path.rglob("*.duckdb"))
    assert command(workspace, "init", str(workspace.file.parent), "--scan").exit_code == 0
    output = command(workspace, "check").output
    assert "not in" not in output
    assert "the workspace can run" in output


def test_the_newest_day_of_every_source_is_known(by_command: Workspace) -> None:
    with open_warehouse(by_command.warehouse) as connection:
        days = newest_days(connection)
    assert set(days) == {source.name for source in (*by_command.gateways, *by_command.bills)}
    assert max(days.values()) - min(days.values()) <= timedelta(days=1)
