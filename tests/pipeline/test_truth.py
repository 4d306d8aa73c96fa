"""What was simulated comes out again: every owner's cost, exactly."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from workspace_runs import copy_workspace, run
from workspaces import Simulated, query

Sums = dict[tuple[str, ...], Decimal]


@pytest.fixture(
    scope="module", params=["short", pytest.param("200,000 requests", marks=pytest.mark.slow)]
)
def company(
    request: pytest.FixtureRequest,
    built: Path,
    simulated: Simulated,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A company with clean tags that was run."""
    if request.param == "short":
        return built
    long = simulated(200_000, 30, 5, clean_tags=True)
    folder = copy_workspace(long, tmp_path_factory.mktemp("long") / "company")
    outcome = run(folder)
    assert outcome.status == 0, outcome.output
    return folder


def sums(rows: Iterable[tuple[Any, ...]]) -> Sums:
    """Sum of the last column by the others, without zeros."""
    by_key: Sums = defaultdict(Decimal)
    for *key, amount in rows:
        by_key[tuple(str(part) for part in key)] += Decimal(amount)
    return {key: amount for key, amount in by_key.items() if amount}


def truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth" / "daily.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def faults(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "truth" / "faults.json").read_text())
    return document


@pytest.mark.parametrize("owner", ["feature", "team", "tier"])
@pytest.mark.parametrize("measure", ["billed_cost", "requests", "failed_requests"])
def test_every_owners_day_and_model_is_the_truth(company: Path, owner: str, measure: str) -> None:
    measured = "billed_cost - residual_cost" if measure == "billed_cost" else measure
    found = query(
        company,
        f"select usage_date, {owner}, provider, model, {measured} from fct_{owner}_cost_daily",
    )
    expected = [
        (row["usage_date"], row[owner], row["provider"], row["model"], row[measure])
        for row in truth(company)
    ]
    assert sums(found) == sums(expected)


def test_use_past_the_gateway_has_its_cause_and_owner(company: Path) -> None:
    """Trap 18: what no gateway saw is billed too."""
    found = query(
        company,
        "select usage_date, provider, credential_id, model, team, billed_cost"
        " from fct_cost_allocations where residual_cause = 'outside_gateway'",
    )
    expected = [
        (
            *(use["usage_date"], use["provider"], use["credential_id"], use["model"]),
            *(use["owner_team"] or "__unallocated__", use["billed_cost"]),
        )
        for use in faults(company)["outside_gateway"]
    ]
    assert sums(found) == sums(expected)


def test_lines_without_tokens_have_their_cause(company: Path) -> None:
    found = query(
        company,
        "select a.usage_date, c.charge_description, a.billed_cost from fct_cost_allocations a"
        " join fct_charges c using (charge_id) where a.residual_cause = 'non_token'",
    )
    expected = [
        (line["usage_date"], line["line_item"], line["billed_cost"])
        for line in faults(company)["non_token"]
    ]
    assert sums(found) == sums(expected)


def test_nothing_is_unlogged_estimated_or_unexplained(company: Path) -> None:
    causes = {"outside_gateway", "non_token", "tax", "credit", "rounding"}
    found = query(company, "select distinct residual_cause from fct_cost_allocations")
    assert {cause for [cause] in found if cause} <= causes
    rows = query(
        company,
        "select provider, strftime(billing_month, '%Y-%m'), invoice_amount, tax, credit,"
        " unexplained, estimated_cost from mart_reconciliation_monthly order by all",
    )
    expected = [
        (
            *(invoice["provider"], invoice["billing_month"]),
            *(Decimal(invoice[name]) for name in ("amount", "tax", "credits")),
            *(0, 0),
        )
        for invoice in faults(company)["invoices"]
    ]
    assert rows == sorted(expected)


def test_chargeback_files_sum_to_the_invoices(company: Path) -> None:
    invoiced: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in faults(company)["invoices"]:
        invoiced[invoice["billing_month"]] += Decimal(invoice["amount"])
    assert len(invoiced) == len(list((company / "exports").glob("????-??")))
    for month, amount in invoiced.items():
        assert sum(Decimal(row["total"]) for row in chargeback(company, month)) == amount


def chargeback(folder: Path, month: str) -> list[dict[str, str]]:
    with (folder / "exports" / month / "chargeback.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))
