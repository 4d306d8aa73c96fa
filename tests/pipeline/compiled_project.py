"""The dbt project as a run compiled it, executed without dbt: a build costs a second, not ten."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.dbt.invocation import build_folder, dbt_manifest, invoke_dbt, read_manifest
from orchestration.warehouse.built_days import BY_DAY
from orchestration.warehouse.landing_schema import CONTEXT_IN_HAND, REQUESTS_OF_SOME_FILES


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    relation: str
    sql: str
    materialized: str
    parents: tuple[str, ...]
    by_month: bool = False


class CompiledProject:
    """Models (parents before children) and data tests of a workspace that was run once."""

    def __init__(self, folder: Path, workspace: Workspace | None = None) -> None:
        nodes: dict[str, dict[str, Any]] = read_manifest(workspace or load_workspace(folder))[
            "nodes"
        ]
        compiled = folder / ".tollbook" / "dbt" / "build" / "compiled" / "tollbook"
        self.sql_of_models = compiled / "models"
        for node in nodes.values():
            sql = _compiled(compiled, node).read_text()
            node["compiled_code"] = _in_one_database(sql)
        tests = [node for node in nodes.values() if node["resource_type"] == "test"]
        self.tests = {node["name"]: node["compiled_code"] for node in tests}
        self._read_by = {
            node["name"]: [name.split(".")[-1] for name in node["depends_on"]["nodes"]]
            for node in tests
        }
        self.models: list[Model] = []
        left = {key: _model(node) for key, node in nodes.items() if key.startswith("model.")}
        while left:
            ready = [key for key, model in left.items() if not left.keys() & set(model.parents)]
            assert ready, f"a circle in {sorted(left)}"
            self.models += [left.pop(key) for key in sorted(ready)]

    def downstream(self, name: str) -> set[str]:
        """Names of the models that read this one, at any distance."""
        found = {name}
        for model in self.models:
            if any(parent.split(".")[-1] in found for parent in model.parents):
                found.add(model.name)
        return found - {name}

    def upstream(self, test: str) -> set[str]:
        """Names of the models that a data test reads, at any distance."""
        return self.with_what_they_read(self._read_by[test])

    def with_what_they_read(self, models: Iterable[str]) -> set[str]:
        """These models and those that they read, at any distance."""
        found = set(models)
        for model in reversed(self.models):
            if model.name in found:
                found |= {parent.split(".")[-1] for parent in model.parents}
        return found

    def caught(self, connection: duckdb.DuckDBPyConnection, changed: str) -> str | None:
        """The first data test that fails once all that reads the changed model is built again.

        Only as far as a test reads it, and those that read least are asked first: what they say
        does not depend on the rest.
        """
        stale = self.downstream(changed)
        needed = {test: stale & self.upstream(test) for test in self.tests}
        for test in sorted(needed, key=lambda test: (len(needed[test]), test)):
            self.build(connection, needed[test] & stale)
            stale -= needed[test]
            if self.failing(connection, {test}):
                return test
        return None

    def build(
        self, connection: duckdb.DuckDBPyConnection, only: Collection[str] | None = None
    ) -> None:
        """All models, or some; the database's name must be `warehouse`, as when compiled."""
        for schema in ("staging", "intermediate", "main"):
            connection.execute(f"create schema if not exists warehouse.{schema}")
        for view in REQUESTS_OF_SOME_FILES:
            # what hooks of dbt do before a model that reads it; here all is built
            connection.execute(
                f"create or replace view warehouse.landing.{view} as"
                " select * from warehouse.landing.requests"
            )
        connection.execute(
            f"create or replace view warehouse.landing.{CONTEXT_IN_HAND} as"
            " select * from warehouse.landing.request_context"
        )
        connection.execute("delete from warehouse.seen.decided_days")
        for model in self.models:
            if only is None or model.name in only:
                connection.execute(
                    f"create or replace {model.materialized} {model.relation} as"
                    f" {_with_other_months(connection, model) if model.by_month else model.sql}"
                )

    def build_again(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Every model, in a run's warehouse: every day is in hand again, and files are tables."""
        connection.execute("delete from warehouse.built.built_days")
        connection.execute("delete from warehouse.built.built_months")
        for table in BY_DAY:
            connection.execute(f"drop view if exists warehouse.main.{table}")
        self.build(connection)

    def failing(
        self, connection: duckdb.DuckDBPyConnection, only: Collection[str] | None = None
    ) -> list[str]:
        """Names of the data tests, all or some, that return rows."""
        return [
            name
            for name, sql in sorted(self.tests.items())
            if (only is None or name in only)
            and connection.execute(f"select 1 from ({sql}\n) limit 1").fetchone()
        ]


def _compiled(folder: Path, node: dict[str, Any]) -> Path:
    """Where dbt writes the SQL: of a generic test into a folder called as its YAML file."""
    place: str = node["original_file_path"]
    return folder / (place if place.endswith(".sql") else f"{place}/{node['path']}")


def _model(node: dict[str, Any]) -> Model:
    materialized = "view" if node["config"]["materialized"] == "view" else "table"
    parents = tuple(node["depends_on"]["nodes"])
    relation = _in_one_database(node["relation_name"])
    by_month = node["config"]["materialized"] == "by_month"
    return Model(node["name"], relation, node["compiled_code"], materialized, parents, by_month)


def _with_other_months(connection: duckdb.DuckDBPyConnection, model: Model) -> str:
    """What is built, and what stands of the months that are not in hand."""
    there = connection.execute(
        "select 1 from duckdb_tables() where table_name = ?", [model.name]
    ).fetchone()
    if not there:
        return model.sql
    return (
        f"select * from ({model.sql}) union all select * from {model.relation}"
        " where billing_month not in (select billing_month from intermediate.int_months_in_hand)"
        " and billing_month in (select billing_month from intermediate.int_month_inputs)"
    )


def _in_one_database(sql: str) -> str:
    """Requests of a build beside its other tables: here no day stays built, and all are in hand."""
    for table in BY_DAY:
        sql = sql.replace(f'"intermediate"."{table}_in_hand"', f'"main"."{table}"')
    return sql.replace('"stage".', '"warehouse".')


def compile_project(folder: Path, **settings: str) -> None:
    """Compiles as a run of a workspace with these settings would, into the places it does."""
    lines = {"company": "Acme", **settings}
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    (folder / "tollbook.yaml").write_text(
        f"{text}gateways:\n  - {{name: log, format: generic, location: logs}}\n"
    )
    compile_workspace(load_workspace(folder))


def compile_workspace(workspace: Workspace) -> None:
    command = ["--no-write-json", "compile", "--exclude", "resource_type:unit_test"]
    told: list[str] = []
    result = invoke_dbt(
        workspace,
        build_folder(workspace),
        command,
        lambda event: told.append(event["info"]["msg"]),
        dbt_manifest(workspace),
    )
    assert result.success, "\n".join([str(result.exception), *told])
