"""Not one pico-dollar appears or goes: bill pages and invoices summed without dbt."""

import csv
from collections import defaultdict
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from bill_literals import anthropic_rows, openai_rows
from workspaces import query

DIMENSIONS = ("feature", "team", "tier", "environment", "plan")
Totals = dict[tuple[str, str], Decimal]


def on_the_pages(folder: Path) -> Totals:
    """Dollars by (provider, month) of the bills' pages."""
    totals: Totals = defaultdict(Decimal)
    for day, _, amount in openai_rows(folder / "bills" / "openai"):
        totals["openai", day[:7]] += amount
    for day, _, amount in anthropic_rows(folder / "bills" / "anthropic"):
        totals["anthropic", day[:7]] += amount
    return totals


def invoiced(folder: Path) -> Totals:
    """Payable dollars by (provider, month)."""
    totals: Totals = defaultdict(Decimal)
    with (folder / "reference" / "invoices.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            totals[row["provider"], row["billing_month"]] += Decimal(row["amount"])
    return totals


def by_provider_and_month(folder: Path, relation: str, where: str = "true") -> Totals:
    rows = query(
        folder,
        "select provider, strftime(billing_month, '%Y-%m'), sum(billed_cost)"
        f" from {relation} where {where} group by 1, 2",
    )
    return {(provider, month): amount for provider, month, amount in rows}


def test_charges_are_the_literals_of_the_pages(built: Path) -> None:
    found = by_provider_and_month(built, "fct_charges", "source <> 'invoices.csv'")
    assert found == on_the_pages(built)


@pytest.mark.parametrize("relation", ["fct_charges", "fct_cost_allocations"])
def test_charges_and_allocations_are_the_invoices(built: Path, relation: str) -> None:
    assert by_provider_and_month(built, relation) == invoiced(built)


def test_every_charge_is_allocated_exactly(built: Path) -> None:
    differing = query(
        built,
        "select c.charge_id, c.billed_cost, sum(a.billed_cost) from fct_charges c"
        " left join fct_cost_allocations a using (charge_id) group by all"
        " having c.billed_cost is distinct from sum(a.billed_cost)",
    )
    assert not differing


@pytest.mark.parametrize(
    "dimensions",
    [*((name,) for name in DIMENSIONS), *combinations(DIMENSIONS, 2), DIMENSIONS],
    ids="+".join,
)
def test_every_grouping_by_owner_has_the_invoices_total(
    built: Path, dimensions: tuple[str, ...]
) -> None:
    columns = ", ".join(dimensions)
    total = sum(invoiced(built).values())
    for relation in ("fct_cost_allocations", "fct_cost_daily"):
        rows = query(
            built, f"select {columns}, sum(billed_cost) from {relation} group by {columns}"
        )
        assert sum(row[-1] for row in rows) == total
        assert all(owner is not None for row in rows for owner in row[:-1])


@pytest.mark.parametrize("owner", ["feature", "team", "tier"])
def test_the_daily_views_have_the_invoices_total(built: Path, owner: str) -> None:
    [(found,)] = query(built, f"select sum(billed_cost) from fct_{owner}_cost_daily")
    assert found == sum(invoiced(built).values())


def test_months_of_showback_and_chargeback_are_the_invoices(built: Path) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for (_, month), amount in invoiced(built).items():
        expected[month] += amount
    for relation, month, cost in [
        ("mart_showback_monthly", "showback_month", "billed_cost"),
        ("mart_chargeback_monthly", "billing_month", "total_cost"),
    ]:
        sql = f"select strftime({month}, '%Y-%m'), sum({cost}) from {relation} group by 1"
        assert dict(query(built, sql)) == expected


def test_requests_hold_what_is_not_residual(built: Path) -> None:
    [(by_requests,)] = query(built, "select sum(billed_cost) from fct_request_costs")
    [(allocated,)] = query(
        built, "select sum(billed_cost) from fct_cost_allocations where residual_cause is null"
    )
    assert by_requests == allocated > 0
