"""A publish keeps the months of the last one that the warehouse has, too, whatever befell it."""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.settings import load_workspace
from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.as_published import is_as_published, note_published
from orchestration.publishing.publish import publish
from orchestration.warehouse.built_months import BUILT_MONTHS
from tests.orchestration.small_warehouse import (
    MODELS,
    ORIGIN,
    write_warehouse,
    write_workspace,
)

TABLE = "main.fct_cost_allocations"
COLUMNS = "(billing_month, feature, team, tier, billed_cost, estimated_cost)"
SEPTEMBER, OCTOBER = "2026-09-01", "2026-10-01"
ROWS = [
    f"insert into {TABLE} {COLUMNS} values ('2026-11-01', 'chat', 'search', 'pro', 1, 0)",
    f"insert into {TABLE} {COLUMNS} values ('2026-11-01', 'chat', 'search', 'pro', 1, 0)",
]


@pytest.fixture(params=["of which nothing is noted", "as built of what is noted"])
def warehouse(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Of September, October and two equal rows of November, published once."""
    return published(tmp_path, with_note=request.param == "as built of what is noted")


def published(folder: Path, *, with_note: bool = True) -> Path:
    path = write_workspace(folder).warehouse
    write_warehouse(path, {"2026-09-01": ("a1", 3)})
    if with_note:
        change(path, "create table built.built_months (billing_month date, month_hash varchar)")
    build(path, *ROWS, f"comment on column {TABLE}.tier is 'As sold.'")
    publish_again(path)
    return path


def publish_again(warehouse: Path) -> None:
    """As a run does it."""
    workspace = load_workspace(warehouse.parent)
    left = partial(is_as_published, workspace)
    publish(warehouse, workspace.marts, MODELS, ORIGIN, is_as_left=left)
    note_published(workspace)


NOTE_BUILT = f"""
    delete from built.built_months;
    insert into built.built_months
    select billing_month, md5(string_agg(rows::varchar, '|' order by rows::varchar))
    from {TABLE} as rows
    group by billing_month
"""


def build(warehouse: Path, *statements: str) -> None:
    """A build with these changes that ended well: what its months are built of is noted."""
    change(warehouse, *statements)
    with duckdb.connect(warehouse) as connection:
        there = f"from duckdb_tables() where table_name = '{BUILT_MONTHS}'"
        if connection.execute(there).fetchall():
            connection.execute(NOTE_BUILT)


def marts_of(warehouse: Path) -> Path:
    return warehouse.with_name("marts.duckdb")


def change(database: Path, *statements: str) -> None:
    database.chmod(0o644)
    with duckdb.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)


def months(warehouse: Path) -> list[str]:
    """Of the published rows, in the order in which they were written."""
    with duckdb.connect(marts_of(warehouse), read_only=True) as connection:
        found = connection.execute(f"select billing_month from {TABLE} order by rowid").fetchall()
    return list(dict.fromkeys(f"{month}" for (month,) in found))


def assert_as_from_nothing(warehouse: Path, folder: Path) -> None:
    """Relations, comments and rows are those of marts that are published for the first time."""
    fresh = folder / "fresh"
    write_workspace(fresh)
    shutil.copy(warehouse, fresh)
    shutil.copytree(warehouse.with_name("marts.requests"), fresh / "marts.requests")
    publish_again(fresh / warehouse.name)
    with duckdb.connect(config={"storage_compatibility_version": "v1.4.0"}) as connection:
        connection.execute(f"attach '{marts_of(warehouse)}' as found (read_only)")
        connection.execute(f"attach '{fresh / 'marts.duckdb'}' as wanted (read_only)")
        for told in (
            "select schema_name, table_name, sql, comment from duckdb_tables()",
            "select schema_name, view_name, sql, comment from duckdb_views()",
            "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()",
            "select function_name from duckdb_functions()",
            "select schema_name from duckdb_schemas()",
        ):
            found, wanted = (
                connection.execute(f"{told} where database_name = '{name}' order by all").fetchall()
                for name in ("found", "wanted")
            )
            assert found == wanted
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'wanted'"
        ).fetchall()
        for schema, table in tables:
            name = f"{schema}.{table}"
            more, less = (
                connection.execute(f"from {one}.{name} except all from {other}.{name}").fetchall()
                for one, other in (("found", "wanted"), ("wanted", "found"))
            )
            assert (table, more, less) == (table, [], [])


def test_a_month_that_was_rebuilt_is_written_and_no_other(warehouse: Path, tmp_path: Path) -> None:
    build(warehouse, f"update {TABLE} set billed_cost = 33.36 where billing_month = '{SEPTEMBER}'")
    publish_again(warehouse)
    assert months(warehouse) == [OCTOBER, "2026-11-01", SEPTEMBER]
    assert_as_from_nothing(warehouse, tmp_path)


def test_a_month_that_vanished_goes_and_a_new_one_comes(warehouse: Path, tmp_path: Path) -> None:
    build(
        warehouse,
        f"delete from {TABLE} where billing_month = '{OCTOBER}'",
        f"insert into {TABLE} {COLUMNS} values ('2026-12-01', 'chat', 'search', 'pro', 1, 0)",
    )
    publish_again(warehouse)
    assert months(warehouse) == [SEPTEMBER, "2026-11-01", "2026-12-01"]
    assert_as_from_nothing(warehouse, tmp_path)


def test_one_of_two_equal_rows_is_another_month(warehouse: Path, tmp_path: Path) -> None:
    build(warehouse, f"delete from {TABLE} where billing_month = '2026-11-01'", ROWS[0])
    publish_again(warehouse)
    assert_as_from_nothing(warehouse, tmp_path)


def test_columns_of_another_release_and_comments_that_went(warehouse: Path, tmp_path: Path) -> None:
    build(warehouse, f"comment on column {TABLE}.tier is null")
    publish_again(warehouse)
    assert_as_from_nothing(warehouse, tmp_path)
    shutil.rmtree(tmp_path / "fresh")
    build(warehouse, f"alter table {TABLE} add column region varchar")
    publish_again(warehouse)
    assert_as_from_nothing(warehouse, tmp_path)


def edited(*statements: str) -> Callable[[Path], None]:
    return lambda marts: change(marts, *statements)


def without_months(marts: Path) -> None:
    """As an earlier release left them, and as they are left."""
    change(marts, "drop table published.months", f"update {TABLE} set team = 'hr'")
    note_published(load_workspace(marts.parent))


def moved_and_back(marts: Path) -> None:
    """Edited while its times are those of the publish."""
    before = marts.stat()
    change(marts, f"update {TABLE} set team = 'hr' where billing_month = '{SEPTEMBER}'")
    os.utime(marts, ns=(before.st_atime_ns, before.st_mtime_ns))


def of_an_older_storage(marts: Path) -> None:
    marts.unlink()
    with duckdb.connect(marts, config={"storage_compatibility_version": "v1.0.0"}) as connection:
        connection.execute(f"create table {TABLE} (billing_month date)")


def torn(marts: Path) -> None:
    """Its first blocks are whole, and nothing behind them."""
    marts.chmod(0o644)
    with marts.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * (marts.stat().st_size - 3 * 4096))


@pytest.mark.parametrize(
    "befalls",
    [
        Path.unlink,
        torn,
        without_months,
        moved_and_back,
        of_an_older_storage,
        lambda marts: [marts.unlink(), marts.write_text("no database")],
        edited(f"update {TABLE} set team = 'hr' where billing_month = '{SEPTEMBER}'"),
        edited(f"insert into {TABLE} (team, billed_cost) values ('hr', 5)"),
        edited(f"drop table {TABLE}", f"create view {TABLE} as select 1 as one"),
        edited(f"create index of_mine on {TABLE} (team)"),
        edited(f"alter table {TABLE} alter column billed_cost set default 7"),
        edited("create schema mine", "create table mine.own as select 1 as one"),
        edited("create macro main.half(x) as x / 2", "create sequence main.numbers"),
        edited("create table main.mart_unheard_of as select 1 as one"),
    ],
)
def test_whatever_befell_the_marts_the_next_publish_is_as_from_nothing(
    befalls: Callable[[Path], object], warehouse: Path, tmp_path: Path
) -> None:
    befalls(marts_of(warehouse))
    publish_again(warehouse)
    assert_as_from_nothing(warehouse, tmp_path)
    assert not list(tmp_path.glob(".marts*"))


def test_rows_that_exchange_what_stands_in_their_last_column_are_others(tmp_path: Path) -> None:
    """Of these two DuckDB's own hashes sum to the same."""
    warehouse = tmp_path / "warehouse.duckdb"
    rows = "create or replace table main.pairs as from (values"
    rows += f" (date '{OCTOBER}', 15337265::bigint, {{}}), ('{OCTOBER}', 1015337265, {{}}))"
    rows += " as rows (billing_month, id, is_used)"
    pairs = [PublishedModel("pairs", PublishedAs.TABLE_BY_MONTH)]
    for used in (("true", "false"), ("false", "true")):
        with duckdb.connect(warehouse) as connection:
            connection.execute(rows.format(*used))
        publish(warehouse, marts_of(warehouse), pairs, ORIGIN)
        with duckdb.connect(marts_of(warehouse), read_only=True) as connection:
            found = connection.execute("select is_used from main.pairs order by id").fetchall()
        assert [str(each).lower() for (each,) in found] == list(used)
