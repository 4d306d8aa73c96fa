"""dbt's own unit tests: one for each rule that moves money."""

import shutil
from collections import Counter
from pathlib import Path

from ingestion.workspace.settings import load_workspace
from orchestration.dbt.invocation import dbt_manifest, invoke_dbt


def test_every_unit_test_of_dbt_passes(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "company"
    shutil.copytree(built, folder)
    workspace = load_workspace(folder)
    command = ["--no-write-json", "test", "--select", "test_type:unit"]
    result = invoke_dbt(workspace, tmp_path, command, lambda _: None, dbt_manifest(workspace))
    nodes = result.result.results
    failed = {node.node.name: node.message for node in nodes if str(node.status) != "pass"}
    assert not failed
    assert Counter(str(node.status) for node in nodes)["pass"] > 90
