"""dbt's own unit tests: one for each rule that moves money."""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from dbt import compilation
from dbt.adapters.duckdb.impl import DuckDBAdapter

from ingestion.workspace.settings import load_workspace
from orchestration.dbt.invocation import dbt_manifest, invoke_dbt

# A model's first words, after what is said of it.
WITH: Final = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\b(?:\s+recursive\b)?", re.I | re.S)


def with_fixtures(sql: str, fixtures: Sequence[Any]) -> str:
    """As dbt puts them before a model's CTEs, but that it takes all of the SQL apart to find its
    first word: more than half of what a unit test takes.
    """
    if not fixtures:
        return sql
    written = ", ".join(each.sql for each in fixtures)
    first = WITH.match(sql)
    return f"{first[0]} {written}, {sql[first.end() :]}" if first else f"with {written} {sql}"


def columns_once(adapter: type[DuckDBAdapter]) -> Callable[[DuckDBAdapter, Any], list[Any]]:
    """Columns of what stands, which no unit test changes: each is asked for by six of them. Not of
    the temporary tables that hold what a model gives.
    """
    ask, known = adapter.get_columns_in_relation, dict[str, list[Any]]()

    def once(self: DuckDBAdapter, relation: Any) -> list[Any]:
        name = str(relation)
        if "__dbt_tmp" in name:
            return ask(self, relation)
        if name not in known:
            known[name] = ask(self, relation)
        return known[name]

    return once


def test_every_unit_test_of_dbt_passes(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilation, "inject_ctes_into_sql", with_fixtures)
    once = columns_once(DuckDBAdapter)
    monkeypatch.setattr(DuckDBAdapter, "get_columns_in_relation", once)
    folder = tmp_path / "company"
    shutil.copytree(built, folder)
    workspace = load_workspace(folder)
    command = ["--no-write-json", "test", "--select", "test_type:unit"]
    result = invoke_dbt(workspace, tmp_path, command, lambda _: None, dbt_manifest(workspace))
    nodes = result.result.results
    failed = {node.node.name: node.message for node in nodes if str(node.status) != "pass"}
    assert not failed
    assert Counter(str(node.status) for node in nodes)["pass"] > 90
