"""A rule that loses, doubles or shifts one row does not pass: the data tests stop the run.

Each mutation changes one row of an intermediate model in the warehouse of a good run; what reads it
is built again, so that all that a test compares agrees with the wrong row.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from compiled_project import CompiledProject

# model: (its key, a condition for rows that matter, columns to shift by one)
MODELS = {
    "int_record_days": ("source, start_day, usage_date", "true", ("requests", "records")),
    "int_record_exceptions": ("source, batch, object_no, record_no", "true", ()),
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

# What must hold: a change of one row that breaks it, and the data test that says so.
ONE = "rowid = (select min(rowid) from {table} where {rows})"
BROKEN = {
    "every charge is allocated": (
        "update main.fct_cost_allocations set billed_cost = billed_cost + 0.000000000001",
        "charge_id not like 'estimate:%' and cell_id is not null",
        "assert_every_charge_is_allocated_to_the_pico_unit",
    ),
    "in the bill's currency, too": (
        "update main.fct_cost_allocations set billed_cost_in_billing_currency = 7",
        "charge_id not like 'estimate:%' and cell_id is not null",
        "assert_every_charge_is_allocated_to_the_pico_unit",
    ),
    "allocated and unexplained are the invoice": (
        "update main.mart_reconciliation_monthly set unexplained = unexplained + 0.01",
        "invoice_amount is not null",
        "assert_allocated_and_unexplained_are_the_invoice",
    ),
    "rounding is small": (
        "update main.fct_charges set charge_kind = 'rounding', source = 'invoices.csv',"
        " billed_cost_in_billing_currency = 2",
        "true",
        "assert_allocated_and_unexplained_are_the_invoice",
    ),
    "causes explain what was allocated": (
        "update main.mart_reconciliation_daily set rate_variance = rate_variance + 0.01",
        "true",
        "finance_rows_are_whole",
    ),
    "one total": (
        "update main.mart_showback_monthly set billed_cost = billed_cost + 0.01",
        "line_kind <> 'calendar'",
        "assert_every_grouping_has_one_total",
    ),
    # of a charge that is there twice every share is
    "FOCUS has it, too": (
        "insert into main.fct_charges select * from main.fct_charges",
        "charge_id in (select charge_id from main.fct_cost_allocations where billed_cost <> 0)",
        "assert_every_grouping_has_one_total",
    ),
    "of every day's requests": (
        "update main.fct_cost_daily set requests = requests + 1",
        "requests > 0",
        "assert_every_grouping_has_one_total",
    ),
    "months lead to billing months": (
        "update main.mart_chargeback_monthly set billing_month = date '2020-01-01'",
        "total_cost <> 0",
        "assert_months_of_chargeback_and_showback_are_the_billing_months",
    ),
    "no record is lost": (
        "update landing.objects set records = records + 1",
        "is_current",
        "assert_no_record_is_lost_in_landing",
    ),
    "nor one of a request": (
        "delete from intermediate.int_record_days",
        "true",
        "assert_every_attempt_is_kept_and_rated_once",
    ),
    "nor a line of a bill": (
        "delete from main.fct_charges",
        "source not in ('invoices.csv', 'capacity.csv')",
        "assert_bills_become_charges_once",
    ),
    "a month has one bill": (
        "update main.fct_charges set source = 'again'",
        "source not in ('invoices.csv', 'capacity.csv')",
        "assert_bills_become_charges_once",
    ),
    "unknown is not free": (
        "update main.fct_requests set contracted_cost = null",
        "price_status = 'priced' and list_cost > 0",
        "assert_unknown_is_not_free",
    ),
    "meters are disjoint": (
        "update intermediate.int_requests set output_quantity = output_quantity + 1",
        "provider_total_tokens > 0 and output_quantity > 0",
        "assert_token_meters_are_disjoint",
    ),
    "the price is that of the event": (
        "update intermediate.int_request_meters set list_cost_pico = list_cost_pico + 1",
        "list_cost_pico > 0",
        "assert_costs_follow_the_price_in_force",
    ),
    "keys that differ never match": (
        "update intermediate.int_parts_in_hand set billing_account = 'another'",
        "part_id in (select part_id from intermediate.int_matches)",
        "assert_known_keys_decide_what_matches",
    ),
    "nothing is explained twice": (
        "update intermediate.int_matches set quantity = quantity * 1000",
        "quantity > 0",
        "assert_matches_explain_once_and_are_shared_whole",
    ),
    "a share lies within its part": (
        "update intermediate.int_part_shares set billed_pico = -1",
        "billed_pico > 0",
        "assert_shares_of_a_part_sum_to_it",
    ),
    "an allocation is of requests": (
        "update main.fct_cost_allocations set cell_meter = 'pages'",
        "cell_id is not null",
        "assert_request_costs_sum_to_allocations",
    ),
    "and its requests have all of it": (
        "update main.fct_cost_allocations set effective_cost = effective_cost + 0.000000000001",
        "cell_id is not null and billed_cost > 0",
        "assert_request_costs_sum_to_allocations",
    ),
    "a request has a meter once": (
        "insert into main.fct_request_meters select * from main.fct_request_meters",
        "true",
        "facts_rows_are_whole",
    ),
    "billed and estimated never mix": (
        "update main.fct_cost_allocations set estimated_cost = 1",
        "cost_basis = 'billed'",
        "facts_rows_are_whole",
    ),
    "claims differ by their causes": (
        "update main.mart_gateway_drift_daily set drift = drift + 1",
        "true",
        "quality_rows_are_whole",
    ),
    "amounts divide exactly": (
        "update intermediate.int_cell_meters set quantity = 1000000000000001",
        "true",
        "cells_rows_are_whole",
    ),
}


@pytest.fixture(scope="module")
def project(built: Path) -> CompiledProject:
    return CompiledProject(built)


@pytest.fixture(scope="module")
def warehouse(
    project: CompiledProject, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    file = tmp_path_factory.mktemp("mutations") / "warehouse.duckdb"
    shutil.copyfile(built / "warehouse.duckdb", file)
    with duckdb.connect(file) as connection:
        connection.execute("set TimeZone = 'UTC'")
        project.build_again(connection)
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
    project.build(changeable, project.downstream("int_record_days"))
    assert project.failing(changeable) == []


@pytest.mark.parametrize(("model", "change"), MUTATIONS, ids=lambda name: name.replace(" ", ""))
def test_a_mutation_is_caught_by_a_data_test(
    project: CompiledProject, changeable: duckdb.DuckDBPyConnection, model: str, change: str
) -> None:
    mutate(changeable, model, change)
    caught = project.caught(changeable, model)
    # `pytest -rP` names what catches which
    print(f"{model} {change}: {caught}")
    assert caught


@pytest.mark.parametrize("rule", BROKEN)
def test_what_must_hold_is_broken_and_told_by_its_test(
    project: CompiledProject, changeable: duckdb.DuckDBPyConnection, rule: str
) -> None:
    change, rows, test = BROKEN[rule]
    table = next(word for word in change.split() if "." in word)
    one = ONE.format(table=table, rows=rows)
    [count] = changeable.execute(f"{change} where {one}").fetchone() or (0,)
    assert count == 1
    assert project.failing(changeable, {test}) == [test]


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
    found = changeable.execute(project.tests["facts_rows_are_whole"]).fetchall()
    # what reads the table may break with it
    [(rule, rows, first)] = [row[1:] for row in found if row[0] == "fct_cost_allocations"]
    assert (rule[: len(told[0])], rows) == told
    assert changeable.execute(
        f"select count(*) > 0 from {table} where allocation_id = ?", [first]
    ).fetchone() == (True,)


@pytest.mark.parametrize(
    "change", ["set cell_id = null", "set cell_id = (select max(cell_id) from {})"]
)
def test_a_key_is_filled_and_of_one_row(
    project: CompiledProject, changeable: duckdb.DuckDBPyConnection, change: str
) -> None:
    table = "intermediate.int_cells"
    first = f"cell_id = (select min(cell_id) from {table})"
    changeable.execute(f"update {table} {change.format(table)} where {first}")
    broken = changeable.execute(project.tests["cells_rows_are_whole"]).fetchall()
    assert [(relation, rows) for relation, _, rows, _ in broken] == [("int_cells", 1)]
