"""Random accounts, and the same with every second one billed in euros at a random rate."""

from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from compiled_project import CompiledProject
from random_cases import make_case
from random_landing import land

from ingestion.reference.files import read_reference
from ingestion.workspace.settings import load_workspace

RATE_PICO = Random("rate").randrange(10**11, 10**12)
EUROS = "regexp_matches(billing_account, '[02468]$')"
CHARGES = (
    "select billing_account_id, charge_id, billing_currency, fx_rate_id,"
    " billed_cost_in_billing_currency, billed_cost, charge_kind from main.fct_charges"
    " where provider = 'openai'"
)
MONTHS = (
    "select billing_account, billing_month, billing_currency, invoice_status,"
    " invoice_amount_in_billing_currency, unexplained_in_billing_currency"
    " from main.mart_reconciliation_monthly where provider = 'openai' order by all"
)
ALLOCATED = (
    "select charge_id, sum(billed_cost_in_billing_currency), sum(billed_cost)"
    " from main.fct_cost_allocations group by charge_id"
)
Tables = dict[str, list[tuple[Any, ...]]]


def build(workspace: Path, count: int, *, euros: bool) -> Tables:
    tables = read_reference(load_workspace(workspace)).tables
    project = CompiledProject(workspace)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        empty = {name: table.slice(0, 0) for name, table in tables.items()}
        cases = [make_case(number) for number in range(count)]
        land(connection, cases, empty, Random("order"))
        if euros:
            for table, column in (("charges", "billing_currency"), ("invoices", "currency")):
                connection.execute(f"update landing.{table} set {column} = 'EUR' where {EUROS}")
            connection.execute(
                "insert into landing.fx_rates by name select date '2000-01-01' as date,"
                " 'EUR' as from_currency, 'USD' as to_currency, 2 as line,"
                f" 0.{RATE_PICO}::decimal(38, 12) as rate"
            )
        project.build(connection)
        assert project.failing(connection) == []
        return {
            name: connection.execute(sql).fetchall()
            for name, sql in (("charges", CHARGES), ("months", MONTHS), ("allocated", ALLOCATED))
        }


def pico(amount: Decimal) -> int:
    return int(amount.scaleb(12))


def converted(amount: int) -> int:
    """Half up on the absolute value."""
    worth = (abs(amount) * RATE_PICO + 5 * 10**11) // 10**12
    return worth if amount > 0 else -worth


@pytest.fixture(scope="module", params=[60, pytest.param(3000, marks=pytest.mark.slow)], ids=str)
def in_euros(request: pytest.FixtureRequest, built: Path) -> tuple[Tables, Tables]:
    """All in dollars, and every second account in euros."""
    return build(built, request.param, euros=False), build(built, request.param, euros=True)


def test_charges_are_their_rate_to_the_pico_and_conserved_in_both(
    in_euros: tuple[Tables, Tables],
) -> None:
    dollars, euros = in_euros
    said = {charge: amount for _, charge, _, _, amount, *_ in dollars["charges"]}
    allocated = {charge: sums for charge, *sums in euros["allocated"]}
    foreign = 0
    for _, charge, currency, rate_id, amount, reported, kind in euros["charges"]:
        # converting line by line may leave a rounding where the dollars have none
        assert amount == said.get(charge, 0), charge
        assert allocated[charge] == [amount, reported]
        if currency == "USD":
            assert (rate_id, reported) == ("identity", amount)
        elif amount or reported:
            foreign += 1
            assert rate_id == "EUR/USD/2000-01-01"
            assert kind == "rounding" or pico(reported) == converted(pico(amount)), charge
    assert 0 < foreign < len(euros["charges"])
    assert said.keys() <= {charge for _, charge, *_ in euros["charges"]}


def test_a_month_ties_in_euros_as_it_did_in_dollars(in_euros: tuple[Tables, Tables]) -> None:
    dollars, euros = in_euros
    assert [row[:2] + row[3:] for row in euros["months"]] == [
        row[:2] + row[3:] for row in dollars["months"]
    ]
    assert {row[3] for row in euros["months"] if row[2] == "EUR"} >= {"tied", "missing"}
