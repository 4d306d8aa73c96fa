"""A rule that loses, doubles or shifts one row does not pass: the data tests stop the run.

Each mutation changes one row of an intermediate model in the warehouse of a good run; every model
that reads it is built again, so that all the rest agrees with the wrong row.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from compiled_project import CompiledProject

# model: (its key, a condition for rows that matter, columns to shift by one)
MODELS = {
    "int_requests_kept": ("request_key", "true", ()),
    "int_requests": ("request_key", "status = 'success'", ("output_quantity",)),
    "int_request_meters": ("request_key", "list_cost_pico > 0", ("quantity", "list_cost_pico")),
    "int_cells": ("cell_id", "requests > 1", ("requests",)),
    "int_cell_meters": ("cell_id, meter", "list_cost_pico > 0", ("quantity", "list_cost_pico")),
    "int_charges": ("charge_id", "charge_kind = 'tokens'", ("billed_pico",)),
    "int_charge_parts": (
        "part_id",
        "source = 'anthropic' and quantity > 1",
        ("part_pico", "quantity"),
    ),
    "int_matches": ("part_id, cell_id", "quantity > 1", ("quantity",)),
    "int_part_shares": ("part_id, cell_id", "quantity > 1", ("billed_pico", "quantity")),
    "int_cell_uses": ("cell_id, charge_id", "billed_pico > 0", ("quantity", "billed_pico")),
    "int_residuals": ("part_id", "residual_cause = 'outside_gateway'", ("billed_pico", "quantity")),
    "int_matched_allocations": (
        "allocation_id",
        "cell_id is not null",
        ("billed_pico", "quantity"),
    ),
}
CHANGES = [
    (model, change, change.endswith("- 1") and model != "int_matches")
    for model, (_, _, columns) in MODELS.items()
    for change in (
        *("deleted", "doubled"),
        *(f"{column} {by}" for column in columns for by in ("+ 1", "- 1")),
    )
]
# the other direction is mostly the same test: the long form has it
MUTATIONS = [
    pytest.param(model, change, marks=[pytest.mark.slow] if long else [])
    for model, change, long in CHANGES
]


@pytest.fixture(scope="module")
def project(built: Path) -> CompiledProject:
    return CompiledProject(built)


@pytest.fixture(scope="module")
def warehouse(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    file = tmp_path_factory.mktemp("mutations") / "warehouse.duckdb"
    shutil.copyfile(built / "warehouse.duckdb", file)
    with duckdb.connect(file) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@pytest.fixture
def changeable(warehouse: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a good run; what a test changes is undone."""
    warehouse.execute("begin")
    yield warehouse
    warehouse.execute("rollback")


def mutate(connection: duckdb.DuckDBPyConnection, model: str, change: str) -> None:
    key, condition, _ = MODELS[model]
    table = f"intermediate.{model}"
    one = f"select rowid from {table} where {condition} order by {key} limit 1"
    if change == "deleted":
        sql = f"delete from {table} where rowid = ({one})"
    elif change == "doubled":
        sql = f"insert into {table} select * from {table} where rowid = ({one})"
    else:
        column = change.split()[0]
        sql = f"update {table} set {column} = {change} where rowid = ({one})"
    [count] = connection.execute(sql).fetchone() or (0,)
    assert count == 1


def test_without_a_mutation_no_data_test_fails(
    project: CompiledProject, changeable: duckdb.DuckDBPyConnection
) -> None:
    project.build(changeable, project.downstream("int_requests_kept"))
    assert project.failing(changeable) == []


@pytest.mark.parametrize(("model", "change"), MUTATIONS, ids=lambda name: name.replace(" ", ""))
def test_a_mutation_is_caught_by_a_data_test(
    project: CompiledProject, changeable: duckdb.DuckDBPyConnection, model: str, change: str
) -> None:
    mutate(changeable, model, change)
    project.build(changeable, project.downstream(model))
    failing = project.failing(changeable)
    # `pytest -rP` names what catches which
    print(f"{model} {change}: {', '.join(failing)}")
    assert failing


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update {table} set feature = null where {one}", ("feature is NULL", 1)),
        ("update {table} set cost_basis = 'guess' where {one}", ("cost_basis is none of", 1)),
        ("insert into {table} select * from {table} where {one}", ("several rows of one", 1)),
    ],
)
def test_the_check_of_a_table_names_the_rule_that_is_broken(
    project: CompiledProject,
    changeable: duckdb.DuckDBPyConnection,
    change: str,
    told: tuple[str, int],
) -> None:
    table = "main.fct_cost_allocations"
    changeable.execute(change.format(table=table, one=f"rowid = (select min(rowid) from {table})"))
    [(rule, rows)] = changeable.execute(
        project.tests["fct_cost_allocations_rows_are_whole"]
    ).fetchall()
    assert (rule[: len(told[0])], rows) == told


@pytest.mark.parametrize(
    "change", ["set cell_id = null", "set cell_id = (select max(cell_id) from {})"]
)
def test_a_key_is_filled_and_of_one_row(
    project: CompiledProject, changeable: duckdb.DuckDBPyConnection, change: str
) -> None:
    table = "intermediate.int_cells"
    first = f"cell_id = (select min(cell_id) from {table})"
    changeable.execute(f"update {table} {change.format(table)} where {first}")
    assert len(changeable.execute(project.tests["key_int_cells_cell_id"]).fetchall()) == 1
