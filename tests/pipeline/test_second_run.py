"""Nothing new: nothing is built, published or exported again."""

from pathlib import Path

import pytest
from workspace_runs import copy_workspace, run
from workspaces import contents, exported


@pytest.fixture
def company(built: Path, tmp_path: Path) -> Path:
    return copy_workspace(built, tmp_path / "company")


def written(folder: Path) -> dict[str, int]:
    """Every Parquet file and batch, and when it was written."""
    files = [*folder.rglob("*.parquet"), *(folder / "landing" / "batches").iterdir()]
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in files}


def test_a_second_run_changes_nothing(built: Path, company: Path) -> None:
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
