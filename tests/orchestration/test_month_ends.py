"""Which month the schedules close, and what they say where there is none."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from orchestration.assets.ledger import accrued_month_asset, closed_month_asset
from orchestration.jobs import ACCRUE, CLOSE, jobs
from orchestration.ledger.books import open_accruals, open_ledger
from orchestration.month_ends import closing_schedules
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import (
    MODELS,
    ORIGIN,
    write_chargeback,
    write_warehouse,
    write_workspace,
)

STATUSES = {"2026-08": "billed", "2026-09": "estimated", "2026-10": "estimated"}
OCTOBER_10 = datetime(2026, 10, 10, 7, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return write_workspace(tmp_path / "acme")


def published(workspace: Workspace) -> None:
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(
            connection,
            [
                (f"{month}-01", "hr", "CC1", "7", "0", "0", "0", status)
                for month, status in STATUSES.items()
            ],
        )
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)


def ticked(workspace: Workspace, name: str, at: datetime) -> str | None:
    """The month that is asked for, else the reason why none is."""
    definitions = dg.Definitions(
        assets=[accrued_month_asset(workspace), closed_month_asset(workspace)],
        jobs=[job for job in jobs(workspace) if job.name in (ACCRUE, CLOSE)],
        schedules=closing_schedules(workspace),
        resources={"run_lock": dg.ResourceDefinition.hardcoded_resource(None)},
    )
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance,
            scheduled_execution_time=at,
            repository_def=definitions.get_repository_def(),
        )
        data = definitions.resolve_schedule_def(name).evaluate_tick(context)
    return data.run_requests[0].partition_key if data.run_requests else data.skip_message


def test_they_are_off_and_on_days_that_are_said(workspace: Workspace) -> None:
    def days() -> list[str]:
        return [str(each.cron_schedule) for each in closing_schedules(load_workspace(file))]

    file = workspace.file
    assert days() == ["0 7 3 * *", "0 7 10 * *"]
    with file.open("a") as settings:
        settings.write("closing: {close_on: 28}\n")
    assert days() == ["0 7 3 * *", "0 7 28 * *"]
    assert {each.default_status.value for each in closing_schedules(workspace)} == {"STOPPED"}
    file.write_text(file.read_text().replace("close_on: 28", "accrue_on: 29"))
    with pytest.raises(WorkspaceError, match="`accrue_on: 29`: say a day that every month has"):
        load_workspace(file)


def test_an_estimate_is_accrued_once(workspace: Workspace) -> None:
    assert ticked(workspace, "soft_close", OCTOBER_10) == "the marts have no 2026-09"
    published(workspace)
    assert ticked(workspace, "soft_close", OCTOBER_10) == "2026-09"
    september_10 = datetime(2026, 9, 10, 7, tzinfo=UTC)
    assert ticked(workspace, "soft_close", september_10) == "2026-08 is billed"
    open_accruals(workspace).write(date(2026, 9, 1), {}, {})
    told = ticked(workspace, "soft_close", OCTOBER_10)
    assert told == "2026-09 is closed or accrued already"


def test_the_month_that_waits_first_is_closed(workspace: Workspace) -> None:
    nothing = "2026-09 is closed, or the marts have no such month"
    assert ticked(workspace, "close", OCTOBER_10) == nothing
    published(workspace)
    assert ticked(workspace, "close", OCTOBER_10) == "2026-09"
    # one that was accrued goes before it, and so does the one after the last that is closed
    open_accruals(workspace).write(date(2026, 8, 1), {}, {})
    assert ticked(workspace, "close", OCTOBER_10) == "2026-08"
    open_ledger(workspace).write(date(2026, 8, 1), {}, {})
    assert ticked(workspace, "close", OCTOBER_10) == "2026-09"
    open_ledger(workspace).write(date(2026, 9, 1), {}, {})
    assert ticked(workspace, "close", OCTOBER_10) == nothing
