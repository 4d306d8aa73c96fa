"""The project compiled once for every company of the scenarios: one compilation, no run."""

from pathlib import Path

import duckdb
import pytest

from tests.once import made_once
from tests.pipeline.compiled_project import CompiledProject, compile_project
from tests.scenarios.companies import RULE_FIELDS, ZONE


@pytest.fixture(scope="session")
def project(shared_folder: Path) -> CompiledProject:
    """The SQL of a workspace in Berlin whose rules use RULE_FIELDS; workers of xdist share it."""
    folder = shared_folder / "compiled-scenarios"
    with made_once(folder) as missing:
        if missing:
            folder.mkdir(exist_ok=True)
            write_rule_fields(folder / "warehouse.duckdb")
            compile_project(folder, timezone=ZONE)
    return CompiledProject(folder)


def write_rule_fields(warehouse: Path) -> None:
    """Models that evaluate rules are written for the fields that rules use."""
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema landing")
        connection.execute(
            "create table landing.attribution_rule_conditions as select unnest(?) as field",
            [list(RULE_FIELDS)],
        )
