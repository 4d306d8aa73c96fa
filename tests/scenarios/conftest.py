"""The project compiled once for every company of the scenarios: one compilation, no run."""

import fcntl
from pathlib import Path

import duckdb
import pytest
from companies import RULE_FIELDS, ZONE

from tests.pipeline.compiled_project import CompiledProject, compile_project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> CompiledProject:
    """The SQL of a workspace in Berlin whose rules use RULE_FIELDS; workers of xdist share it."""
    temporary = tmp_path_factory.getbasetemp()
    folder = (temporary if worker_id == "master" else temporary.parent) / "compiled-scenarios"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _write_rule_fields(folder / "warehouse.duckdb")
            compile_project(folder, timezone=ZONE)
            (folder / "done").touch()
    return CompiledProject(folder)


def _write_rule_fields(warehouse: Path) -> None:
    """Models that evaluate rules are written for the fields that rules use."""
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema landing")
        connection.execute(
            "create table landing.attribution_rule_conditions as select unnest(?) as field",
            [list(RULE_FIELDS)],
        )
