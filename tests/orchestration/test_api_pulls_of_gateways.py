"""A gateway whose records stand behind an API: its entry, its runs, and what `check` says of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from ingestion.workspace.sources import GatewayApi
from orchestration.assets.api_pulls import next_pulls, silent_gateways
from orchestration.assets.sources import source_assets
from orchestration.command import tollbook
from orchestration.running import last_run
from orchestration.running.source_states import read_states
from tests.ingestion.bills.cost_api import Api, error

pytestmark = pytest.mark.whole

REQUEST = '{"id": "r1", "startTime": 1790000000.0, "status": "success", "model": "gpt-4o"}\n'
KEYS = "public_key: env:LF_PUBLIC, secret_key: env:LF_SECRET"
SECRET = "sk-lf-0123456789"
OBSERVATION = {
    "id": "obs-1",
    "traceId": "t-1",
    "type": "GENERATION",
    "startTime": "2026-05-01T10:00:00.000Z",
    "endTime": "2026-05-01T10:00:01.000Z",
    "providedModelName": "gpt-4o",
    "usageDetails": {"input": 394, "output": 188, "total": 582},
}


def workspace_of(folder: Path, entry: str) -> Workspace:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / "a.jsonl").write_text(REQUEST)
    (folder / "tollbook.yaml").write_text(
        f"""company: acme
since: 2026-05-01
gateways:
  - {{name: traces, {entry}}}
  - {{name: bucket, format: litellm, location: logs}}
"""
    )
    return load_workspace(folder)


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    page = {"data": [OBSERVATION], "meta": {}}
    api.respond = lambda path, query: (200, json.dumps(page).encode())
    yield api
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture
def workspace(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("LF_PUBLIC", "pk-lf-0123456789")
    monkeypatch.setenv("LF_SECRET", SECRET)
    return workspace_of(tmp_path, f'format: langfuse, api: {{base_url: "{api.url}", {KEYS}}}')


def read_sources(workspace: Workspace) -> None:
    lock = dg.ResourceDefinition.hardcoded_resource(None)
    assert dg.materialize(source_assets(workspace), resources={"run_lock": lock}).success


def test_an_entry_names_where_the_keys_stand(tmp_path: Path, workspace: Workspace) -> None:
    [traces, bucket] = workspace.gateways
    assert isinstance(traces.api, GatewayApi)
    assert traces.api.keys == {"public_key": "LF_PUBLIC", "secret_key": "LF_SECRET"}
    assert (traces.api.overlap_hours, traces.api.options["max_pages"]) == (24, 10_000)
    assert traces.location == str(tmp_path.resolve() / "pulled" / "traces")
    assert bucket.api is None
    entry = (
        'format: langsmith, location: s3://rows/ls, api: {base_url: "https://x.y", key: env:K,'
        " overlap_hours: 48, projects: [a, b], max_pages: 3}"
    )
    [traces, _] = workspace_of(tmp_path, entry).gateways
    assert traces.api and (traces.api.overlap_hours, traces.location) == (48, "s3://rows/ls")
    assert traces.api.options["projects"] == ["a", "b"]
    assert traces.api.options["max_pages"] == 3


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("format: langfuse", "a gateway needs `location`"),
        ("format: langfuse, api: {base_url: 'https://x.y'}", "`api` needs `public_key`"),
        (f"format: langfuse, api: {{base_url: 'https://x.y?a=b', {KEYS}}}", "has a query"),
        (
            "format: langsmith, api: {base_url: 'https://x.y', key: sk-lf-0123456789}",
            "`key` must be `env:NAME`",
        ),
        (f"format: langfuse, api: {{base_url: 'https://x.y', {KEYS}, projects: [a]}}", "unknown"),
        ("format: phoenix, api: {base_url: 'https://x.y', key: env:K}", "`phoenix` has no `api`"),
        (
            f"format: langfuse, api: {{base_url: 'https://x.y', {KEYS}, overlap_hours: 0}}",
            "is not a number of hours",
        ),
    ],
)
def test_an_entry_that_cannot_be(tmp_path: Path, entry: str, problem: str) -> None:
    with pytest.raises(WorkspaceError) as refusal:
        workspace_of(tmp_path, entry)
    assert problem in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_a_run_pulls_and_the_next_one_asks_once(
    workspace: Workspace, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_sources(workspace)
    states = read_states(workspace)
    assert (states["traces"].status, states["bucket"].status) == ("ok", "ok")
    api.asked.clear()
    read_sources(workspace)
    assert len(api.asked) == 1
    # the sensor sees no news in what the pull itself saved
    assert read_states(workspace)["traces"].seen
    monkeypatch.setattr(last_run, "last_run", lambda _: last_run.LastRun("", {}, {}))
    assert last_run.news(workspace)[0] == "traces, which is asked for"


def test_an_api_that_refuses_costs_no_other_source(workspace: Workspace, api: Api) -> None:
    api.respond = lambda path, query: (401, error(f"expired key {SECRET}"))
    read_sources(workspace)
    states = read_states(workspace)
    assert (states["traces"].status, states["bucket"].status) == ("failed", "ok")
    assert "the keys must be those of one project" in states["traces"].message
    [silent] = silent_gateways(workspace)
    assert silent.startswith("source traces: gateway traces: http")
    assert SECRET not in states["traces"].message + silent


def test_without_a_key_the_variable_is_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LF_SECRET", " ")
    read_sources(workspace)
    message = read_states(workspace)["traces"].message
    assert "environment variable LF_SECRET is not set" in message
    assert silent_gateways(workspace) == []


def test_check_says_what_it_would_pull(workspace: Workspace, api: Api) -> None:
    [sentence] = next_pulls(workspace)
    assert sentence == (
        f"source traces: a run asks {api.url} for what began since 2026-05-01 00:00 UTC"
    )
    read_sources(workspace)
    [sentence] = next_pulls(workspace)
    assert sentence.endswith("for what began since 2026-05-01 00:00 UTC")
    told = CliRunner().invoke(tollbook, ["check", "--workspace", str(workspace.file)])
    assert sentence in told.output
