"""What makes a run build: each thing that it reads or leaves, changed in turn."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.running.last_run import last_run, news, note_last_run
from orchestration.running.listings import fingerprint
from orchestration.running.source_states import (
    REFERENCE_STATE,
    SourceState,
    sources_of,
    write_state,
)

SETTINGS = """
company: Acme
gateways:
  - {name: prod, format: litellm, location: logs}
bills:
  - {name: openai, format: openai, account: org-a, location: bills}
"""
LONG_AGO = 1_700_000_000
YEAR = timedelta(days=365)
FILES = {
    "logs/a/1.jsonl": "{}\n",
    "logs/2.jsonl": "{}\n",
    "bills/costs.json": "{}\n",
    "reference/teams.csv": "team_id\na\n",
    "landing/batches/1": "{}",
    "landing/requests/prod/2026-09-01/1-0.parquet": "rows",
    "exports/2026-09/chargeback.csv": "period\n",
    "marts.requests/fct_requests/2026-09-01/1.parquet": "rows",
    "warehouse.duckdb": "tables",
    "marts.duckdb": "marts",
}


def write(file: Path, text: str) -> None:
    """As a program long ago would have, and not within the last two seconds."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (LONG_AGO, LONG_AGO))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    write(tmp_path / "tollbook.yaml", SETTINGS)
    for name, text in FILES.items():
        write(tmp_path / name, text)
    return load_workspace(tmp_path)


@pytest.fixture(autouse=True)
def _seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a moment ago count as settled, but where a test says otherwise."""
    monkeypatch.setattr("orchestration.running.listings.YOUNG", -YEAR)


def come_to_an_end(workspace: Workspace) -> None:
    """What the steps of a run note."""
    for source in sources_of(workspace):
        write_state(
            workspace, SourceState(source.name, "ok", seen=fingerprint(workspace, source.location))
        )
    seen = fingerprint(workspace, workspace.reference)
    write_state(workspace, SourceState(REFERENCE_STATE, "ok", seen=seen))
    note_last_run(workspace)


def edit(name: str) -> Callable[[Path], None]:
    """The same size and the same time: a file is another one by what no program can set."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        write(folder / name, "".join(reversed(text)))

    return change


def touch(name: str) -> Callable[[Path], None]:
    return lambda folder: os.utime(folder / name)


def add(name: str) -> Callable[[Path], None]:
    return lambda folder: write(folder / name, "more")


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def copy(name: str) -> Callable[[Path], None]:
    """The same bytes and times as another file."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        (folder / name).unlink()
        write(folder / name, text)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edit("logs/a/1.jsonl"), ["prod"]),
        (touch("logs/2.jsonl"), ["prod"]),
        (add("logs/b/3.jsonl"), ["prod"]),
        (remove("logs/2.jsonl"), ["prod"]),
        (copy("logs/2.jsonl"), ["prod"]),
        (edit("bills/costs.json"), ["openai"]),
        (edit("reference/teams.csv"), ["reference"]),
        (add("reference/invoices.csv"), ["reference"]),
        (remove("landing/batches/1"), ["landing"]),
        (edit("landing/requests/prod/2026-09-01/1-0.parquet"), ["landing"]),
        (edit("exports/2026-09/chargeback.csv"), ["exports"]),
        (remove("exports/2026-09/chargeback.csv"), ["exports"]),
        (remove("warehouse.duckdb"), ["warehouse.duckdb"]),
        (copy("marts.duckdb"), ["marts.duckdb"]),
        (add("marts.duckdb.wal"), ["marts.duckdb"]),
        (remove("marts.requests/fct_requests/2026-09-01/1.parquet"), ["marts.requests"]),
    ],
)
def test_each_thing_that_is_read_or_left_makes_a_run_build(
    workspace: Workspace, change: Callable[[Path], None], expected: list[str]
) -> None:
    come_to_an_end(workspace)
    assert news(workspace) == []
    change(workspace.file.parent)
    assert news(workspace) == expected


def test_settings_that_say_something_else_make_it_build(workspace: Workspace) -> None:
    come_to_an_end(workspace)
    write(workspace.file, f"# a comment\n{SETTINGS}")
    assert news(load_workspace(workspace.file)) == []
    write(workspace.file, f"{SETTINGS}\ntimezone: Europe/Berlin\n")
    assert news(load_workspace(workspace.file)) == ["tollbook.yaml"]


def test_another_tollbook_builds(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    come_to_an_end(workspace)
    monkeypatch.setattr(
        "orchestration.running.release.metadata.version", lambda name: f"{name} of tomorrow"
    )
    assert news(workspace) == ["Tollbook"]


def test_the_first_run_and_one_after_a_failed_read_build(workspace: Workspace) -> None:
    assert news(workspace) == ["no run here has read all there is"]
    come_to_an_end(workspace)
    assert news(workspace) == []
    write_state(workspace, SourceState("prod", "failed", "the bucket is away"))
    note_last_run(workspace)
    assert last_run(workspace) is None
    assert news(workspace) == ["no run here has read all there is"]


def test_an_object_that_could_not_be_opened_is_tried_again(workspace: Workspace) -> None:
    """A mount that comes back, or a group of ours, changes nothing of the file."""
    come_to_an_end(workspace)
    seen = fingerprint(workspace, workspace.gateways[0].location)
    write_state(workspace, SourceState("prod", "ok", seen=seen, unopened=1))
    note_last_run(workspace)
    assert news(workspace) == ["no run here has read all there is"]


def test_what_is_no_record_is_no_last_run(workspace: Workspace) -> None:
    come_to_an_end(workspace)
    record = workspace.file.parent / ".tollbook" / "last_run.json"
    for damaged in (b"", b"{}", b"\xff", record.read_bytes()[:-20]):
        record.write_bytes(damaged)
        assert news(workspace) == ["no run here has read all there is"]


def test_a_file_of_a_moment_ago_is_looked_at_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who writes it again within one tick of the clock leaves the same time and size."""
    monkeypatch.setattr("orchestration.running.listings.YOUNG", YEAR)
    come_to_an_end(workspace)
    monkeypatch.setattr("orchestration.running.listings.YOUNG", -YEAR)
    assert news(workspace) == ["openai", "prod", "reference"]


def test_a_source_that_cannot_be_listed_is_news(workspace: Workspace) -> None:
    come_to_an_end(workspace)
    logs = workspace.file.parent / "logs"
    logs.rename(logs.with_name("elsewhere"))
    logs.write_text("a file")
    [sentence] = news(workspace)
    assert "is not a folder" in sentence


def test_by_content_only_other_bytes_are_news(workspace: Workspace) -> None:
    """On a file system whose times and inodes say nothing."""
    write(workspace.file, f"{SETTINGS}\nfingerprints: content\n")
    workspace = load_workspace(workspace.file)
    come_to_an_end(workspace)
    touch("logs/2.jsonl")(workspace.file.parent)
    assert news(workspace) == []
    edit("logs/2.jsonl")(workspace.file.parent)
    assert news(workspace) == ["prod"]
