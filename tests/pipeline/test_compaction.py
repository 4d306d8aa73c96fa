"""Many small batches become one file a day, and the marts do not notice."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from compiled_project import CompiledProject
from workspace_runs import run
from workspaces import Simulated, assert_same_tables, contents

from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace, load_workspace
from tests.scenarios.companies import OwnCompany


# in short: compaction in tests/ingestion/test_landing.py and test_records_by_day.py
@pytest.mark.whole
def test_fourteen_arrivals_of_one_day_become_one_file(
    simulated: Simulated, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    source = simulated(300, 2, 5)
    whole, piecemeal = tmp_path / "whole", tmp_path / "piecemeal"
    shutil.copytree(source, whole)

    shutil.copytree(source, piecemeal, ignore=shutil.ignore_patterns("logs"))
    workspace = load_workspace(piecemeal)
    landing = Landing(open_storage(workspace.landing))
    logs = sorted(path for path in (source / "logs").rglob("*") if path.is_file())
    for turn in range(14):
        for path in logs[turn::14]:
            target = piecemeal / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        if turn < 13:
            load_gateway(workspace.gateways[0], landing)
    many = len(landing.visible_files()["requests"])
    assert run(piecemeal).status == 0
    assert len(landing.visible_files()["requests"]) < many
    assert_same_tables(contents(piecemeal), OwnCompany(compiled, whole).tables())
