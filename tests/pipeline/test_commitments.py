"""Commitments measured end to end, and random ones beside a plain reading of the rules."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import duckdb
import pytest
from commitment_company import company_files
from compiled_project import CompiledProject
from random_commitments import amortised, expected_months, land_commitments, random_lines
from workspace_runs import run
from workspaces import exported, query, write_files

from ingestion.reference.files import read_reference
from ingestion.workspace.settings import load_workspace
from orchestration.explaining.owner import explain
from orchestration.publishing.marts import open_marts

pytestmark = pytest.mark.whole

NOBODY: Final = "__unallocated__"
SAID: Final = "USD,estimated,showback,effective"
MODELS: Final = (
    *("int_commitment_charges", "int_charges", "int_month_inputs", "int_months_in_hand"),
    *("int_commitment_months", "int_commitments"),
    *("int_commitment_usage", "int_commitment_scopes", "int_commitment_uses"),
    *("int_commitment_shares", "int_commitment_allocations", "int_allocations"),
    *("mart_commitments_monthly", "fct_charges", "fct_cost_allocations"),
)
KEPT: Final = {
    "assert_commitments_cover_usage_once",
    "assert_payments_for_commitments_are_amortised_whole",
    "assert_every_charge_is_allocated_to_the_pico_unit",
    "facts_rows_are_whole",
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commitments")
    write_files(folder, company_files())
    outcome = run(folder)
    assert outcome.status == 0, outcome.output
    return folder


def rows(folder: Path, columns: str) -> dict[str, tuple[Any, ...]]:
    found = query(
        folder,
        f"select commitment_id, {columns} from mart_commitments_monthly"
        " where billing_month = '2026-10-01'",
    )
    return {name: tuple(values) for name, *values in found}


def test_scenario_commitment_savings_by_utilisation(company: Path) -> None:
    """$100k list-equivalent at 30 % off: 100 % used saves 30.0 %, 90 % 22.2, 70 % 0, 50 % -40."""
    found = rows(company, "utilisation, esr_over_list, esr_over_contracted, unused_cost, owner")
    of = {model: found[model] for model in ("used-100", "used-90", "used-70", "used-50")}
    assert of == {
        "used-100": (1, Decimal("0.3"), Decimal("0.222222"), 0, "hr"),
        "used-90": (Decimal("0.9"), Decimal("0.222222"), Decimal("0.135802"), 7_000, "hr"),
        "used-70": (Decimal("0.7"), 0, Decimal("-0.111111"), 21_000, "hr"),
        "used-50": (Decimal("0.5"), Decimal("-0.4"), Decimal("-0.555555"), 35_000, "hr"),
    }


def test_scenario_overage(company: Path) -> None:
    """110k used on a commitment of 100k: 10k at the overage rate, which is above list."""
    found = rows(
        company,
        "used_amount, unused_amount, commitment_cost, overage_amount, overage_cost, coverage",
    )
    assert found["over"] == (100_000, 0, 70_000, 10_000, 12_500, Decimal("0.909090"))


def test_commitments_of_one_scope_stand_in_line(company: Path) -> None:
    """The twelfth of a year, 20k, by id first; then 100k; 30k are over, under the last in line."""
    found = rows(company, "committed_amount, used_amount, overage_amount, usage_in_scope, coverage")
    assert found["twin-a"] == (20_000, 20_000, 0, 150_000, Decimal("0.133333"))
    assert found["twin-b"] == (100_000, 100_000, 30_000, 150_000, Decimal("0.666666"))


def test_a_commitment_that_has_ended_has_no_month(company: Path) -> None:
    assert not query(company, "select * from mart_commitments_monthly where commitment_id = 'old'")


def test_a_prepaid_year_is_billed_once_and_effective_month_by_month(company: Path) -> None:
    """84,000 at once for 120,000 less 30 %: 7,000 a month, 6,300 of it used at 90 %."""
    found = query(
        company,
        "select month(billing_month), team, feature, residual_cause, sum(billed_cost)::int,"
        " sum(effective_cost)::int from fct_cost_allocations where billing_account = 'main'"
        " group by all order by all",
    )
    assert found == [
        (10, "hr", "chat", None, 4_200, 4_200),
        (10, "platform", NOBODY, "timing", 77_000, 0),
        (10, "platform", NOBODY, "unused_commitment", 700, 700),
        (10, "web", "search", None, 2_100, 2_100),
        (11, "hr", "chat", None, 0, 7_000),
    ]
    amounts = "billed_cost, effective_cost from mart_commitments_monthly"
    assert query(
        company, f"select {amounts} where commitment_id = 'beta-year' order by billing_month"
    ) == [(84_000, 7_000), (0, 7_000)]


def test_an_invoice_with_a_shortfall_ties_and_none_of_it_was_used(company: Path) -> None:
    """81 payable: 64 for the 80 that were used of 100, 16 for what was not, and tax of 1."""
    [found] = query(
        company,
        "select invoice_status, invoice_amount, requests_cost, unused_commitment, tax, unexplained,"
        " rate_variance from mart_reconciliation_monthly where provider = 'openai'",
    )
    assert found == ("tied", 81, 64, 16, 1, 0, -16)
    [paid] = query(
        company,
        "select charge_category, charge_description, invoice_id, commitment_id, billed_cost,"
        " effective_cost from fct_charges where charge_kind = 'shortfall'",
    )
    assert paid == (
        *("Purchase", "shortfall of commitment openai-month", "I-1", "openai-month"),
        *(16, 16),
    )


def test_chargeback_by_effective_cost_is_the_months_invoices(company: Path) -> None:
    """One line of timing leads from what teams are charged to what is payable."""
    found = query(
        company,
        "select month(billing_month), team, sum(direct_cost), sum(residual_cost), sum(shared_cost),"
        " sum(timing_cost), sum(total_cost) from mart_chargeback_monthly group by 1, 2"
        " order by 1, 2",
    )
    assert found == [
        (10, NOBODY, 0, 1, 0, 77_000, 77_001),
        (10, "hr", 4_264, 0, 16, 0, 4_280),
        (10, "platform", 0, 716, -16, 0, 700),
        (10, "web", 2_100, 0, 0, 0, 2_100),
        (11, NOBODY, 0, 0, 0, -7_000, -7_000),
        (11, "hr", 7_000, 0, 0, 0, 7_000),
    ]
    assert exported(company)["2026-11/chargeback.csv"].decode().splitlines() == [
        "period,vendor,billing_account,invoice_id,team,team_name,cost_center,gl_account,direct,"
        "residual,shared,correction,timing,total,currency,status,phase,basis",
        f"2026-11,beta,__unknown__,,hr,,{NOBODY},,0.00,0.00,0.00,0.00,0.00,0.00,{SAID}",
        f"2026-11,beta,main,,{NOBODY},,{NOBODY},,0.00,0.00,0.00,0.00,-7000.00,-7000.00,{SAID}",
        f"2026-11,beta,main,,hr,,{NOBODY},,7000.00,0.00,0.00,0.00,0.00,7000.00,{SAID}",
    ]


def test_amortised_money_reaches_the_requests_and_explain_sums_to_it(company: Path) -> None:
    assert query(
        company,
        "select sum(effective_cost), sum(billed_cost) from fct_request_costs"
        " where billing_month = '2026-11-01' and charge_id like 'invoice:beta:%'",
    ) == [(7_000, 0)]
    with open_marts(load_workspace(company).marts) as marts:
        node = explain(marts, date(2026, 11, 1), {"team": "hr"}, None, "effective")
    # besides, the month's usage is estimated: nobody said yet that nothing else is payable
    assert node.amount == 7_000 + 12_000
    while node.children:
        assert sum(child.amount or 0 for child in node.children) == node.amount
        node = next(child for child in node.children if "estimated" not in child.name)
    assert (node.level, node.amount) == ("request", 7_000)


@pytest.fixture
def warehouse(company: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes((company / "warehouse.duckdb").read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@pytest.mark.parametrize("times", [10, pytest.param(30, marks=pytest.mark.whole)])
def test_random_commitments_are_what_the_rules_say(
    company: Path, warehouse: duckdb.DuckDBPyConnection, times: int
) -> None:
    """used + unused = committed, used + overage <= usage, nothing is covered twice; what is paid is
    billed once, spread over its months, and goes to owners by what was used.
    """
    project = CompiledProject(company)
    tables = read_reference(load_workspace(company)).tables
    random = Random("commitments")
    assert project.tests.keys() >= KEPT
    project.build_again(warehouse)
    for _ in range(times):
        lines, payments = random_lines(random)
        land_commitments(warehouse, lines, payments, tables)
        project.build(warehouse, MODELS)
        assert not project.failing(warehouse, KEPT)
        found = warehouse.execute(
            "select commitment_id, committed_amount, commitment_cost, usage_in_scope, used_amount,"
            " overage_amount, utilisation from main.mart_commitments_monthly"
            " where billing_month = '2026-10-01' order by 1"
        ).fetchall()
        assert found == expected_months(warehouse, lines)
        if payments:
            amortised(warehouse, payments, found)
