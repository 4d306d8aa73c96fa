"""Matching and allocation of many random accounts at once: what must hold whatever they hold."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from compiled_project import CompiledProject
from random_cases import METERS, MODELS, Case, land, make_case

from ingestion.reference import read_reference
from ingestion.workspace import load_workspace

ALLOCATIONS = (
    "select billing_account, charge_id, cell_id, cell_meter, meter, quantity, billed_cost,"
    " match_level from main.fct_cost_allocations order by all"
)
Tables = dict[str, list[tuple[Any, ...]]]


@dataclass
class Built:
    """What was landed, and the tables that came of it."""

    cases: dict[str, Case]
    tables: Tables
    failing: list[str]
    charges: dict[str, dict[str, Any]]  # landed row by charge_id
    cells: dict[str, list[dict[str, Any]]]  # landed requests by cell_id


@pytest.fixture(scope="module", params=[300, pytest.param(10_000, marks=pytest.mark.slow)], ids=str)
def count(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def result(count: int, built: Path) -> Built:
    return build(built, count, Random("order"))


def build(workspace: Path, count: int, order: Random) -> Built:
    cases = [make_case(number) for number in range(count)]
    tables = read_reference(load_workspace(workspace)).tables
    project = CompiledProject(workspace)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        land(connection, cases, {name: table.slice(0, 0) for name, table in tables.items()}, order)
        project.build(connection)
        landed = {f"{case.account}/{row['raw_row']}": row for case in cases for row in case.charges}
        requests = {row["request_key"]: row for case in cases for row in case.requests}
        charges = connection.execute(
            "select charge_id, billing_account || '/' || raw_row from intermediate.int_charges"
        ).fetchall()
        cells: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for cell, key in connection.execute(
            "select cell_id, request_key from main.fct_requests"
        ).fetchall():
            cells[cell].append(requests[key])
        return Built(
            {case.account: case for case in cases},
            {
                name: connection.execute(f"select * from main.{name} order by all").fetchall()
                for name in ("fct_charges", "fct_request_costs", "mart_reconciliation_monthly")
            }
            | {"allocations": connection.execute(ALLOCATIONS).fetchall()},
            project.failing(connection),
            {charge: landed[key] for charge, key in charges},
            dict(cells),
        )


def test_every_data_test_holds(result: Built) -> None:
    assert result.failing == []


def test_every_charge_is_allocated_exactly_in_shares_of_it(result: Built) -> None:
    allocated: dict[str, Decimal] = defaultdict(Decimal)
    for _, charge, _, _, _, _, billed, _ in result.tables["allocations"]:
        if charge not in result.charges:
            assert billed == 0
            continue
        whole = result.charges[charge]["billed_cost_in_billing_currency"]
        assert min(whole, 0) <= billed <= max(whole, 0), charge
        allocated[charge] += billed
    rows = {
        charge: row["billed_cost_in_billing_currency"] for charge, row in result.charges.items()
    }
    assert allocated == rows
    assert len(rows) == sum(len(case.charges) for case in result.cases.values())


def test_known_keys_that_differ_never_match(result: Built) -> None:
    matched = 0
    for account, charge_id, cell, cell_meter, _, _, _, level in result.tables["allocations"]:
        if cell is None or charge_id not in result.charges:
            continue
        matched += 1
        charge = result.charges[charge_id]
        assert charge["billing_account"] == account
        assert level == "meter_shift" or charge["meter"] == cell_meter
        assert charge["meter"] == cell_meter or "output" not in (charge["meter"], cell_meter)
        for request in result.cells[cell]:
            assert request["account_hint"] == account
            assert request["model_requested"] == charge["model"]
            assert request["service_tier"] == charge["service_tier"]
            for known, also in (
                ("credential_hint", "credential_id"),
                ("sub_account_hint", "sub_account_id"),
            ):
                assert None in (request[known], charge[also]) or request[known] == charge[also]
            assert_in_reach(request, charge)
    assert matched > len(result.cases) / 2


def assert_in_reach(request: dict[str, Any], charge: dict[str, Any]) -> None:
    """A request is used within the charge's day, or an hour beside it (batch: a day)."""
    batch = charge["service_tier"] == "batch"
    used, beside = (
        (request["ended_at"], timedelta(days=1)) if batch else
        (request["started_at"], timedelta(hours=1))
    )  # fmt: skip
    assert charge["bucket_start"] - beside <= used < charge["bucket_end"] + beside


def test_no_quantity_is_explained_twice(result: Built) -> None:
    of_cells: dict[tuple[str, str], int] = defaultdict(int)
    of_charges: dict[str, int] = defaultdict(int)
    for _, charge, cell, cell_meter, _, quantity, _, _ in result.tables["allocations"]:
        if cell is not None:
            of_cells[cell, cell_meter] += quantity
        if charge in result.charges and quantity is not None:
            of_charges[charge] += quantity
    for (cell, meter), quantity in of_cells.items():
        logged = sum(request[f"{meter}_quantity"] or 0 for request in result.cells[cell])
        assert quantity == logged, (cell, meter)
    for charge, row in result.charges.items():
        assert of_charges[charge] == (row["consumed_quantity"] or 0), charge


def test_explained_is_at_most_what_was_logged_and_billed(result: Built) -> None:
    explained: dict[tuple[str, str, str], int] = defaultdict(int)
    for account, charge, cell, _, meter, quantity, _, _ in result.tables["allocations"]:
        if cell is not None and charge in result.charges:
            explained[account, result.charges[charge]["model"], side(meter)] += quantity
    for account, case in result.cases.items():
        for model, meters in product(MODELS, ("input", "output")):
            logged = sum(
                request[f"{meter}_quantity"] or 0
                for request in case.requests
                for meter in METERS
                if request["model_requested"] == model and side(meter) == meters
            )
            billed = sum(
                charge["consumed_quantity"]
                for charge in case.charges
                if charge["model"] == model and side(charge["meter"]) == meters
            )
            assert explained[account, model, meters] <= min(logged, billed), (account, model)


def side(meter: str) -> str:
    return "output" if meter == "output" else "input"


def test_the_order_of_rows_decides_nothing(result: Built, count: int, built: Path) -> None:
    again = build(built, count, Random("another order"))
    assert again.tables == result.tables
