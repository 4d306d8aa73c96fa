"""Upkeep of the landing that fails is told, and costs neither a run nor a source."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingestion.landing.landing import Landing
from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace
from orchestration.assets import sources as source_assets
from orchestration.assets.warehouse import warehouse_assets
from orchestration.running.source_states import read_states
from tests.orchestration.small_warehouse import write_workspace

REQUEST = '{"id": "r1", "startTime": 1790000000.0, "status": "success", "model": "gpt-4o"}\n'


def refuse(*arguments: Any) -> None:
    raise SourceError("s3://logs/x: AccessDenied: allow DeleteObject")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return write_workspace(tmp_path)


def materialize(asset: dg.AssetsDefinition) -> None:
    lock = dg.ResourceDefinition.hardcoded_resource(None)
    assert dg.materialize([asset], resources={"run_lock": lock}).success


def test_a_sweep_that_may_not_delete_is_a_warning(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Landing, "sweep", refuse)
    materialize(warehouse_assets(workspace))
    assert "stay in the landing: s3://logs/x: AccessDenied" in capfd.readouterr().err


def test_a_source_whose_small_files_cannot_be_merged_was_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path(workspace.gateways[0].location, "a.jsonl").write_text(REQUEST)
    monkeypatch.setattr(source_assets, "compact", refuse)
    materialize(source_assets.source_assets(workspace)[0])
    assert read_states(workspace)["prod"].status == "ok"
    assert "prod: its small files were not merged" in capfd.readouterr().err


def test_a_gateway_without_objects_is_asked_about(
    workspace: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    materialize(source_assets.source_assets(workspace)[0])
    location = workspace.gateways[0].location
    expected = f"prod: no objects below {location}: is the location right?"
    assert expected in capfd.readouterr().err
