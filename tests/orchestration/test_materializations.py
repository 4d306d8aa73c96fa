"""What dbt promises of a model holds under the project's own materializations, too."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.dbt.invocation import PROJECT

MODELS: dict[str, dict[str, Any]] = {
    "kept": {
        "config": {"contract": {"enforced": True}},
        "columns": [
            {"name": "b", "data_type": "decimal(38, 12)"},
            {"name": "a", "data_type": "integer"},
        ],
    },
    "broken": {
        "config": {"contract": {"enforced": True}},
        "columns": [
            {"name": "a", "data_type": "bigint"},
            {"name": "c", "data_type": "date"},
        ],
    },
    "granted": {"config": {"grants": {"select": ["finance"]}}},
    "hooked": {
        "config": {
            "pre_hook": "create table if not exists traces (of_model varchar)",
            "post_hook": "insert into traces select 'hooked' from {{ this }}",
        },
    },
    "told": {
        "description": "One row; it's\n  all.",
        "config": {"persist_docs": {"relation": True, "columns": True}},
        "columns": [{"name": "a", "description": "What it is."}, {"name": "z", "description": "-"}],
    },
    "told_view": {
        "description": "A view.",
        "config": {
            "materialized": "view",
            "persist_docs": {"relation": True, "columns": True},
        },
        "columns": [{"name": "b", "description": "Money."}],
    },
}
SQL = "select 1 as a, cast(2 as decimal(38, 12)) as b"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """The warehouse, and what dbt said of each model that failed; `broken` stood there before."""
    folder = tmp_path_factory.mktemp("materializations")
    shutil.copytree(PROJECT / "macros", folder / "macros")
    (folder / "models").mkdir()
    for name in MODELS:
        (folder / "models" / f"{name}.sql").write_text(SQL)
    models = [{"name": name, **said} for name, said in MODELS.items()]
    (folder / "models" / "models.yml").write_text(yaml.safe_dump({"models": models}))
    project = {"name": "small", "profile": "small", "config-version": 2}
    table = {"models": {"small": {"+materialized": "table", "+schema": "main"}}}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project | table))
    warehouse = folder / "warehouse.duckdb"
    output = {"type": "duckdb", "path": str(warehouse), "schema": "main"}
    profile = {"small": {"target": "it", "outputs": {"it": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    with duckdb.connect(warehouse) as connection:
        connection.execute("create table broken as select 'stood' as before")
    yield warehouse, _build(folder)


def _build(folder: Path) -> dict[str, str]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    places = ["--project-dir", folder, "--profiles-dir", folder, "--target-path", folder / "target"]
    quiet = ["--log-level", "none", "--log-path", str(folder)]
    try:
        result = dbtRunner().invoke([*quiet, "build", *map(str, places)])
    finally:
        DuckDBConnectionManager.close_all_connections()
    assert result.exception is None, result.exception
    return {
        item.node.name: str(item.message)
        for item in result.result.results
        if str(item.status) == "error"
    }


def test_a_broken_contract_fails_the_build_in_a_sentence(
    built: tuple[Path, dict[str, str]],
) -> None:
    warehouse, failed = built
    assert (
        "breaks its contract: `a` is integer, not bigint; `c` is missing; `b` is not in it"
        in failed["broken"]
    )
    with duckdb.connect(warehouse, read_only=True) as connection:
        assert connection.execute("from broken").fetchall() == [("stood",)]


def test_a_contract_that_is_kept_says_nothing(built: tuple[Path, dict[str, str]]) -> None:
    assert sorted(built[1]) == ["broken", "granted"]


def test_grants_are_refused(built: tuple[Path, dict[str, str]]) -> None:
    assert "asks for grants: DuckDB has no users to grant to" in built[1]["granted"]


def test_hooks_leave_their_trace(built: tuple[Path, dict[str, str]]) -> None:
    with duckdb.connect(built[0], read_only=True) as connection:
        assert connection.execute("from traces").fetchall() == [("hooked",)]


def test_comments_are_in_the_warehouse(built: tuple[Path, dict[str, str]]) -> None:
    with duckdb.connect(built[0], read_only=True) as connection:
        relations = connection.execute(
            "select table_name, comment from duckdb_tables() union all"
            " select view_name, comment from duckdb_views() where not internal"
        ).fetchall()
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns()"
            " where comment is not null and not internal order by all"
        ).fetchall()
    assert dict(relations)["told"] == "One row; it's all."
    assert dict(relations)["told_view"] == "A view."
    assert dict(relations)["kept"] is None
    assert columns == [("told", "a", "What it is."), ("told_view", "b", "Money.")]
