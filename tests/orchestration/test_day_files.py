"""A model of day files, as dbt builds it: small days are written by one statement, others each by
its own.
"""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
import yaml

from orchestration.dbt.invocation import PROJECT

DAYS: Final = [date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 4)]
DAYS_IN_HAND: Final = " union all ".join(
    f"select date '{day}' as usage_date, 'hash-{day:%d}' as day_hash" for day in DAYS
)
# of the second day all requests are there, and no row of the model
MODEL: Final = "select * from {{ ref('int_requests') }} where usage_date <> date '2026-10-02'"
HOOK: Final = "{{ config(materialized='day_files', pre_hook='{{ asked_for_day_files() }}') }}\n"


def requests(a_day: int) -> str:
    return (
        f"select days.usage_date, days.day_hash, numbers.i from ({DAYS_IN_HAND}) as days"
        f" cross join range({a_day}) as numbers (i)"
    )


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Of so many requests a day: the statements that wrote files."""
    monkeypatch.setenv("TOLLBOOK_REQUESTS", str(tmp_path / "requests"))
    (tmp_path / "requests").mkdir()
    shutil.copytree(PROJECT / "macros", tmp_path / "macros")
    (tmp_path / "models").mkdir()
    project = {"name": "small", "profile": "small", "config-version": 2}
    models = {"models": {"small": {"+materialized": "table", "+schema": "intermediate"}}}
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(project | models))
    output = {
        "type": "duckdb",
        "path": str(tmp_path / "warehouse.duckdb"),
        "schema": "main",
        "plugins": [{"module": "orchestration.dbt.day_files"}],
        "attach": [{"path": ":memory:", "alias": "stage"}],
    }
    profile = {"small": {"target": "it", "outputs": {"it": output}}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile))
    sources = {"sources": [{"name": "built", "tables": [{"name": "built_days"}]}]}
    (tmp_path / "models/sources.yml").write_text(yaml.safe_dump(sources))
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("create schema built; create schema intermediate")
        connection.execute("create table built.built_days (usage_date date, day_hash varchar)")

    def built(a_day: int) -> list[str]:
        for name, sql in {
            "int_days_in_hand": DAYS_IN_HAND,
            "int_day_inputs": DAYS_IN_HAND,
            "int_requests": requests(a_day),
            "of_requests": HOOK + MODEL,
        }.items():
            (tmp_path / f"models/{name}.sql").write_text(sql)
        return _build(tmp_path)

    return built


def _build(folder: Path) -> list[str]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    said: list[Any] = []
    places = ["--project-dir", folder, "--profiles-dir", folder, "--target-path", folder / "target"]
    quiet = ["--log-level", "none", "--log-path", str(folder)]
    try:
        result = dbtRunner(callbacks=[said.append]).invoke([*quiet, "build", *map(str, places)])
    finally:
        DuckDBConnectionManager.close_all_connections()
    assert result.success, result.exception or [item.message for item in result.result.results]
    statements = (event.data.sql for event in said if event.info.name == "SQLQuery")
    return [sql for sql in statements if "copy (" in sql]


@pytest.mark.parametrize(("a_day", "statements"), [(3, 2), (2000, 2), (2001, 3)])
def test_every_day_in_hand_has_one_file_with_its_rows(
    build: Callable[[int], list[str]], tmp_path: Path, a_day: int, statements: int
) -> None:
    # a killed run may have left some
    left = tmp_path / "requests/.of_requests.1.tmp/usage_date=2026-10-01"
    left.mkdir(parents=True)
    (left / "data_0.parquet").write_bytes(b"half of it")
    assert len(build(a_day)) == statements
    of_days = {day: tmp_path / f"requests/of_requests/{day}/hash-{day:%d}.parquet" for day in DAYS}
    for day, file in of_days.items():
        [found] = duckdb.sql(
            "select count(*), count(distinct i), min(usage_date), max(usage_date)"
            f" from read_parquet('{file}')"
        ).fetchall()
        rows = 0 if day == DAYS[1] else a_day
        assert found == (rows, rows, *([day if rows else None] * 2))
    there = set((tmp_path / "requests").rglob("*.parquet"))
    assert there - {left / "data_0.parquet"} == set(of_days.values())
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        for view in ("of_requests", "of_requests_in_hand"):
            [(rows,)] = connection.execute(f"select count(*) from intermediate.{view}").fetchall()
            assert rows == 2 * a_day
