"""What a summary says of what landed is asked once a run, and again after another one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingestion.contracts import REQUESTS
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.running.last_run import LastRun
from orchestration.running.working_folder import lock_file
from orchestration.summary.landing_notes import landing_notes
from orchestration.warehouse.request_files import take_in

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
SCHEMA = pa.schema([field.with_nullable(True) for field in REQUESTS])
Say = Callable[[str], None]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "tollbook.yaml").write_text(
        "company: Acme\ngateways:\n  - {name: prod, format: generic, location: logs}\n"
    )
    return load_workspace(tmp_path)


@pytest.fixture
def landed(workspace: Workspace) -> Say:
    """Lands one request, under this place, in place of the one before."""

    lock_file(workspace.warehouse).touch()

    def land(place: str) -> None:
        with duckdb.connect(workspace.warehouse) as connection:
            connection.execute("create schema if not exists landing")
            said = json.dumps({"metadata": {place: "x"}})
            request = {"request_key": "k", "gateway_cost": Decimal("1.5"), "started_at": OCTOBER}
            of_log = {"source": "prod", "batch": 1, "object_no": 0, "attributes": said}
            rows = pa.Table.from_pylist([{**request, **of_log}], schema=SCHEMA)
            connection.register("rows", rows)
            connection.execute("create or replace table landing.requests as from rows")
            take_in(connection, "landing.requests", REQUESTS)
            connection.execute(
                "create or replace table landing.objects as"
                " select 'prod' as source, 1 as batch, 0 as object_no, true as is_current"
            )
            connection.execute("create schema if not exists staging")
            connection.execute(
                "create or replace table staging.stg_landing__bill_buckets (source varchar,"
                " report varchar, grouping varchar, bucket_start timestamp, stands_as varchar,"
                " row_count bigint)"
            )
            connection.execute(
                "create or replace table staging.stg_landing__charges (source varchar,"
                " report varchar, grouping varchar, bucket_start timestamp,"
                " billing_currency varchar, billed_cost_in_billing_currency decimal(38, 12))"
            )
            connection.execute(
                "create or replace table staging.stg_landing__foreign_charges (source varchar,"
                " billing_month date, service varchar, billing_currency varchar,"
                " row_count bigint, billed_cost_in_billing_currency decimal(38, 12))"
            )

    return land


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Say:
    """A whole run came to its end at this time."""

    def end(ended: str) -> None:
        last = LastRun(ended, {}, {}) if ended else None
        monkeypatch.setattr("orchestration.summary.landing_notes.last_run", lambda _: last)

    return end


def test_notes_are_kept_until_the_next_run(workspace: Workspace, landed: Say, ran: Say) -> None:
    ran("2026-10-02")
    landed("old_team")
    first = landing_notes(workspace, of_last_run=True)
    assert "metadata:old_team" in first.unread
    landed("new_team")
    assert landing_notes(workspace, of_last_run=True) == first
    ran("2026-10-03")
    assert "metadata:new_team" in landing_notes(workspace, of_last_run=True).unread


def test_nothing_is_kept_after_a_run_that_did_not_end(
    workspace: Workspace, landed: Say, ran: Say
) -> None:
    ran("")
    landed("old_team")
    assert "metadata:old_team" in landing_notes(workspace, of_last_run=True).unread
    landed("new_team")
    assert "metadata:new_team" in landing_notes(workspace, of_last_run=True).unread


def test_a_run_that_built_asks_though_it_came_to_no_verdict(
    workspace: Workspace, landed: Say, ran: Say
) -> None:
    """What is known as the last whole run is then the one before."""
    ran("2026-10-02")
    landed("old_team")
    landing_notes(workspace, of_last_run=True)
    landed("new_team")
    assert "metadata:new_team" in landing_notes(workspace, of_last_run=False).unread
