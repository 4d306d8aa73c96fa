"""Bills are exact consequences of truth; invoices of bills."""

import csv
import json
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pytest

from tests.simulation.bill_files import pages, rows
from tests.simulation.conftest import Simulated

MILLION = 1_000_000
OPENAI_METERS = {"input": "input", "cached input": "cache_read", "output": "output"}
ANTHROPIC_METERS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}
Totals = dict[tuple[Any, ...], Decimal]


def true_costs(company: Simulated, provider: str, columns: str) -> Totals:
    """Billed dollars of the gateway's requests and of the keys beside it, by columns and meter."""
    meters = list(ANTHROPIC_METERS.values())
    sums = ", ".join(f"sum({meter}_billed_cost)" for meter in meters)
    found: Totals = defaultdict(Decimal)
    for row in duckdb.sql(
        f"select {columns}, {sums} from '{company.truth}' where provider = '{provider}' "
        "group by all"
    ).fetchall():
        for meter, cost in zip(meters, row[-len(meters) :], strict=True):
            found[*row[: -len(meters)], meter] += cost
    return found


def outside_uses(company: Simulated, provider: str) -> list[dict[str, Any]]:
    faults = json.loads((company.folder / "truth" / "faults.json").read_text())
    return [use for use in faults["outside_gateway"] if use["provider"] == provider]


def openai_tier(line_item: str) -> tuple[str, str, str]:
    """(model, meter, service tier) of a line item."""
    tier = "standard"
    if line_item.startswith("priority | "):
        tier, line_item = "priority", line_item.removeprefix("priority | ")
    model, kind = line_item.split(", ", 1)
    if kind.startswith("batch "):
        tier, kind = "batch", kind.removeprefix("batch ")
    return model, OPENAI_METERS[kind], tier


def test_openai_costs_are_the_sums_of_truth(company: Simulated) -> None:
    columns = "usage_date, sub_account, credential_id, bill_model, service_tier"
    expected = true_costs(company, "openai", columns)
    billed: Totals = defaultdict(Decimal)
    outside: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    outside_keys = {use["credential_id"] for use in outside_uses(company, "openai")}
    for day, row in rows(company.folder / "bills" / "openai", "costs"):
        if row["quantity_unit"] != "tokens":
            continue
        if row["api_key_id"] in outside_keys:
            outside[str(day), row["api_key_id"]] += row["amount"]["value"]
            continue
        model, meter, tier = openai_tier(row["line_item"])
        key = (day, row["project_id"], row["api_key_id"], model, tier, meter)
        billed[key] += row["amount"]["value"]
    assert billed == {key: cost for key, cost in expected.items() if cost}
    assert outside == {
        (use["usage_date"], use["credential_id"]): Decimal(use["billed_cost"])
        for use in outside_uses(company, "openai")
    }


def test_anthropic_costs_are_the_sums_of_truth(company: Simulated) -> None:
    expected = true_costs(company, "anthropic", "usage_date, sub_account, bill_model, service_tier")
    billed: Totals = defaultdict(Decimal)
    for day, row in rows(company.folder / "bills" / "anthropic", "cost_report"):
        meter = ANTHROPIC_METERS[row["token_type"]]
        if row["workspace_id"] is not None:
            key = (day, row["workspace_id"], row["model"], row["service_tier"], meter)
            billed[key] += Decimal(row["amount"]) / 100
    assert billed == {key: cost for key, cost in expected.items() if cost}


def test_default_workspace_is_billed_what_was_used_outside(company: Simulated) -> None:
    billed = sum(
        Decimal(row["amount"]) / 100
        for _, row in rows(company.folder / "bills" / "anthropic", "cost_report")
        if row["workspace_id"] is None
    )
    used = sum(Decimal(use["billed_cost"]) for use in outside_uses(company, "anthropic"))
    assert billed == used > 0


@pytest.mark.parametrize(
    ("provider", "report", "columns"),
    [
        (
            "openai",
            "usage-completions",
            {"input": "input_uncached_tokens", "cache_read": "input_cached_tokens"},
        ),
        (
            "anthropic",
            "usage_report-messages",
            {"input": "uncached_input_tokens", "cache_read": "cache_read_input_tokens"},
        ),
    ],
)
def test_usage_reports_count_the_true_tokens(
    company: Simulated, provider: str, report: str, columns: dict[str, str]
) -> None:
    columns = columns | {"output": "output_tokens"}
    sums = ", ".join(f"sum({meter}_quantity)" for meter in columns)
    expected = {
        row[:3]: row[3:]
        for row in duckdb.sql(
            f"select usage_date, credential_id, bill_model, {sums} from '{company.truth}' "
            f"where provider = '{provider}' and outcome = 'success' group by all"
        ).fetchall()
    }
    outside_keys = {use["credential_id"] for use in outside_uses(company, provider)}
    reported: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for day, row in rows(company.folder / "bills" / provider, report):
        if row["api_key_id"] not in outside_keys:
            key = (day, row["api_key_id"], row["model"])
            before = reported.get(key, (0,) * len(columns))
            added = [row[column] for column in columns.values()]
            reported[key] = tuple(a + b for a, b in zip(before, added, strict=True))
    assert reported == expected


@pytest.mark.parametrize(
    ("model", "tier", "sub_account", "day", "dollars_per_million"),
    [
        ("gpt-4o", "standard", "product", date(2026, 9, 25), "2.5"),
        ("gpt-4o", "priority", "product", date(2026, 9, 25), "4.25"),
        ("gpt-4o-mini", "standard", "product", date(2026, 9, 25), "0.15"),
        # The analytics project pays 7 % less, which nobody declared.
        ("gpt-4o-mini", "standard", "analytics", date(2026, 9, 25), "0.1395"),
        ("gpt-4o-mini", "batch", "analytics", date(2026, 9, 25), "0.06975"),
        ("claude-opus-4-5", "batch", "prod", date(2026, 9, 25), "2.5"),
        ("claude-haiku-4-5", "standard", "prod", date(2026, 9, 30), "1"),
        # The declared discount of 10 %.
        ("claude-haiku-4-5", "standard", "prod", date(2026, 10, 1), "0.9"),
    ],
)
def test_input_costs_what_the_provider_charges(
    company: Simulated, model: str, tier: str, sub_account: str, day: date, dollars_per_million: str
) -> None:
    place = f"%{sub_account}%" if sub_account != "prod" else "%opus-product%"
    if model == "claude-haiku-4-5":
        place = "%haiku-product%"
    [row] = duckdb.sql(
        f"select sum(input_quantity), sum(input_billed_cost) from '{company.truth}' where "
        f"model = '{model}' and service_tier = '{tier}' and deployment_id like '{place}' "
        f"and usage_date = '{day}'"
    ).fetchall()
    assert row[0] > 0
    assert row[1] == row[0] * Decimal(dollars_per_million) / MILLION


def test_invoices_are_bill_rows_plus_tax_and_credits(company: Simulated) -> None:
    billed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    bills = company.folder / "bills"
    for day, row in rows(bills / "openai", "costs"):
        billed["openai", f"{day:%Y-%m}"] += row["amount"]["value"]
    for day, row in rows(bills / "anthropic", "cost_report"):
        billed["anthropic", f"{day:%Y-%m}"] += Decimal(row["amount"]) / 100
    with (company.folder / "reference" / "invoices.csv").open() as lines:
        invoices = list(csv.DictReader(lines))
    assert len(invoices) == 4
    for invoice in invoices:
        tax, credits = Decimal(invoice["tax"]), Decimal(invoice["credits"])
        total = billed[invoice["provider"], invoice["billing_month"]] + tax + credits
        assert Decimal(invoice["amount"]) == total.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert any(Decimal(invoice["tax"]) > 0 for invoice in invoices)
    assert any(Decimal(invoice["credits"]) < 0 for invoice in invoices)


def test_pages_continue_until_the_last_day(sample: Simulated) -> None:
    for provider, report in (
        ("openai", "costs"),
        ("openai", "usage-completions"),
        ("anthropic", "cost_report"),
        ("anthropic", "usage_report-messages"),
    ):
        found = pages(sample.folder / "bills" / provider, report)
        assert len(found) > 1
        assert [page["has_more"] for page in found] == [True] * (len(found) - 1) + [False]
        assert all((page["next_page"] is not None) == page["has_more"] for page in found)
        assert sum(len(page["data"]) for page in found) == 61
