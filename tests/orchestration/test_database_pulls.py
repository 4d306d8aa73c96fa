"""A gateway whose rows stand in a database: its entry, and what it says when it cannot be asked."""

from pathlib import Path

import dagster as dg
import pytest

from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from ingestion.workspace.sources import GatewayDatabase
from orchestration.assets.database_pulls import silent_databases
from orchestration.assets.sources import source_assets
from orchestration.running import last_run
from orchestration.running.source_states import read_states

REQUEST = '{"id": "r1", "startTime": 1790000000.0, "status": "success", "model": "gpt-4o"}\n'
NOWHERE = "postgresql://tollbook:hunter2-hunter2@127.0.0.1:1/litellm"


def workspace_of(folder: Path, entry: str) -> Workspace:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / "a.jsonl").write_text(REQUEST)
    (folder / "tollbook.yaml").write_text(
        f"""company: acme
gateways:
  - {{name: db, {entry}}}
  - {{name: bucket, format: litellm, location: logs}}
"""
    )
    return load_workspace(folder)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, "format: litellm_db, url: env:LITELLM_DATABASE_URL")


def read_sources(workspace: Workspace) -> None:
    lock = dg.ResourceDefinition.hardcoded_resource(None)
    assert dg.materialize(source_assets(workspace), resources={"run_lock": lock}).success


def test_an_entry_names_where_the_address_stands(tmp_path: Path, workspace: Workspace) -> None:
    [database, bucket] = workspace.gateways
    assert database.database == GatewayDatabase("LITELLM_DATABASE_URL", 24)
    assert database.location == str(tmp_path.resolve() / "pulled" / "db")
    assert bucket.database is None
    longer = "format: litellm_db, url: env:X, overlap_hours: 48, location: s3://rows/litellm"
    [database, _] = workspace_of(tmp_path, longer).gateways
    assert database.database == GatewayDatabase("X", 48)
    assert database.location == "s3://rows/litellm"


@pytest.mark.parametrize(
    "entry, problem",
    [
        ("format: litellm_db", "a gateway needs `url`"),
        (f"format: litellm_db, url: '{NOWHERE}'", "`url` must be `env:NAME`"),
        ("format: litellm_db, url: env:X, overlap_hours: 0", "is not a number of hours"),
        ("format: litellm, location: logs, url: env:X", "unknown key `url`"),
    ],
)
def test_an_entry_that_cannot_be(tmp_path: Path, entry: str, problem: str) -> None:
    with pytest.raises(WorkspaceError) as refusal:
        workspace_of(tmp_path, entry)
    assert problem in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_database_that_is_down_costs_no_other_source(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITELLM_DATABASE_URL", NOWHERE)
    read_sources(workspace)
    states = read_states(workspace)
    assert (states["db"].status, states["bucket"].status) == ("failed", "ok")
    assert "LiteLLM's database could not be read" in states["db"].message
    assert "hunter2" not in states["db"].message
    [silent] = silent_databases(workspace)
    assert silent.startswith("source db: LiteLLM's database could not be read")


def test_without_its_address_the_variable_is_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LITELLM_DATABASE_URL", raising=False)
    read_sources(workspace)
    message = read_states(workspace)["db"].message
    assert "environment variable LITELLM_DATABASE_URL is not set" in message
    assert silent_databases(workspace) == []


def test_a_run_asks_the_database_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_run, "last_run", lambda _: last_run.LastRun("", {}, {}))
    assert last_run.news(workspace)[0] == "db, which is asked for"
