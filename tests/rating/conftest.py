"""The project compiled once, without a run: rating needs no bill, and no table that stands."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.compiled_project import CompiledProject

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> CompiledProject:
    """The compiled SQL of every model; workers of pytest-xdist share one compilation."""
    temporary = tmp_path_factory.getbasetemp()
    folder = (temporary if worker_id == "master" else temporary.parent) / "compiled"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            compile_project(folder)
            (folder / "done").touch()
    return CompiledProject(folder)


def compile_project(folder: Path) -> None:
    """`dbt compile` into the place where a run leaves its manifest."""
    target = folder / ".tollbook" / "dbt" / "build"
    outcome = subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "--quiet", "compile"),
            *("--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT),
            *("--target-path", target, "--log-path", folder),
            *("--exclude", "resource_type:unit_test"),
        ],
        env=os.environ | {"TOLLBOOK_WAREHOUSE": str(folder / "warehouse.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
