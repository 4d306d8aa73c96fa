"""Bills of clouds are exact consequences of truth, each by its own grain."""

import csv
import json
from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from simulation.simulate import simulate
from tests.simulation.cloud_files import Row, aws_rows, azure_rows, google_rows
from tests.simulation.conftest import CLOUDS_DAYS, CLOUDS_REQUESTS, CLOUDS_START, Simulated

Totals = dict[tuple[Any, ...], Decimal]
USED = "case service_tier when 'batch' then ended_at else started_at end"
AZURE_METERS = {"Inp": "input", "cchd Inp": "cache_read", "Outp": "output"}


def true_costs(clouds: Simulated, provider: str, columns: str) -> Totals:
    """Of the gateway's requests; what is used past it is left out of the bills below."""
    rows = duckdb.sql(
        f"select {columns}, sum(billed_cost) from (select *, {USED} as used_at "
        f"from '{clouds.truth}') where provider = '{provider}' and billed_cost > 0 group by all"
    ).fetchall()
    return {row[:-1]: row[-1] for row in rows}


def sandbox(clouds: Simulated, provider: str) -> tuple[str, Decimal]:
    """The account that was used past the gateway, and its dollars."""
    faults = json.loads((clouds.folder / "truth" / "faults.json").read_text())
    uses = [use for use in faults["outside_gateway"] if use["provider"] == provider]
    assert uses
    return uses[0]["sub_account"], sum(Decimal(use["billed_cost"]) for use in uses)


def american(day: str) -> date:
    month, number, year = day.split("/")
    return date(int(year), int(month), int(number))


def is_bedrock(row: Row) -> bool:
    named = dict(row["product"])["product_name"]
    return "Bedrock" in named


def test_cur_has_the_true_money_by_hour_and_account(clouds: Simulated) -> None:
    account, used = sandbox(clouds, "aws")
    billed: Totals = defaultdict(Decimal)
    listed = net = used_outside = Decimal()
    for row in aws_rows(clouds.folder / "bills" / "aws"):
        if not is_bedrock(row) or row["line_item_line_item_type"] not in ("Usage", "EdpDiscount"):
            continue
        if "Quantum" in row["line_item_usage_type"]:
            continue
        if row["line_item_usage_account_id"] == account:
            used_outside += row["line_item_unblended_cost"]
            continue
        at = row["line_item_usage_start_date"], row["line_item_usage_account_id"]
        billed[at] += row["line_item_unblended_cost"]
        listed += row["pricing_public_on_demand_cost"]
        net += row["line_item_net_unblended_cost"]
    assert billed == true_costs(clouds, "aws", "date_trunc('hour', used_at), sub_account")
    # the discount is in the net column, and in rows of its own in the other
    assert net == sum(billed.values()) < listed
    assert used_outside == used > 0


def test_claude_of_the_marketplace_has_its_model_in_the_product_alone(clouds: Simulated) -> None:
    """Trap 17: `MP:` rows name no model."""
    types: dict[str, set[str]] = defaultdict(set)
    invoices: dict[str, set[str]] = defaultdict(set)
    for row in aws_rows(clouds.folder / "bills" / "aws"):
        if row["line_item_line_item_type"] == "Usage" and is_bedrock(row):
            types[dict(row["product"])["product_name"]].add(row["line_item_usage_type"])
        invoices[row["bill_billing_entity"]].add(row["bill_invoice_id"])
    sold = types["Claude Opus 4.5 (Amazon Bedrock Edition)"]
    assert "USE1-MP:USE1_InputTokenCount-Units" in sold
    assert "USE1-MP:USE1_OutputTokenCount_Batch-Units" in sold
    assert {
        "USE1-Claude4.5Haiku-input-tokens-cross-region-global",
        "USE1-NovaPro-output-tokens",
    } < (types["Amazon Bedrock"])
    assert not invoices["AWS"] & invoices["AWS Marketplace"]


def test_azure_has_the_true_money_by_day_subscription_and_meter(clouds: Simulated) -> None:
    account, _ = sandbox(clouds, "azure")
    billed: Totals = defaultdict(Decimal)
    for row in azure_rows(clouds.folder / "bills" / "azure"):
        if not row["MeterName"].endswith("glbl Tokens"):
            continue
        if row["SubscriptionId"] == account:
            continue
        day = american(row["Date"])
        model, _, meter = row["MeterName"].removesuffix(" glbl Tokens").rpartition(" ")
        if meter == "Inp" and model.endswith("cchd"):
            model, meter = model.removesuffix(" cchd"), "cchd Inp"
        model = model.removesuffix(" Batch")
        assert row["UnitOfMeasure"] == "1K"
        billed[day, row["SubscriptionId"], model, AZURE_METERS[meter]] += Decimal(row["Cost"])
    expected: Totals = {}
    for meter in AZURE_METERS.values():
        rows = duckdb.sql(
            f"select usage_date, sub_account, bill_model, sum({meter}_billed_cost) from "
            f"'{clouds.truth}' where provider = 'azure' group by all"
        ).fetchall()
        expected |= {(*row[:3], meter): row[3] for row in rows if row[3]}
    assert billed == expected


def test_google_has_the_true_money_by_hour_project_and_team(clouds: Simulated) -> None:
    account, _ = sandbox(clouds, "google")
    billed: Totals = defaultdict(Decimal)
    thinking = set()
    for row in google_rows(clouds.folder / "bills" / "google"):
        if row["service"]["description"] != "Vertex AI" or not row["labels"]:
            continue
        assert row["project"]["id"] != account
        labels = {label["key"]: label["value"] for label in row["labels"]}
        hour = datetime.fromisoformat(row["usage_start_time"])
        billed[hour, row["project"]["id"], labels["team"]] += Decimal(row["cost"])
        thinking.add("Thinking" in row["sku"]["description"])
    assert billed == true_costs(clouds, "google", "date_trunc('hour', used_at), sub_account, team")
    assert thinking == {True, False}


def test_googles_months_are_pacific(clouds: Simulated) -> None:
    seen = set()
    for row in google_rows(clouds.folder / "bills" / "google"):
        at = datetime.fromisoformat(row["usage_start_time"])
        month = at.astimezone(ZoneInfo("America/Los_Angeles"))
        assert row["invoice"]["month"] == f"{month:%Y%m}"
        seen.add((at.month, month.month))
    assert (10, 9) in seen


def test_invoices_are_what_the_bills_say_of_ai(clouds: Simulated) -> None:
    folder = clouds.folder / "bills"
    billed: Totals = defaultdict(Decimal)
    foreign = set()
    for row in aws_rows(folder / "aws"):
        if is_bedrock(row):
            month = f"{row['bill_billing_period_start_date']:%Y-%m}"
            billed["aws", month, row["bill_invoice_id"]] += row["line_item_net_unblended_cost"]
        else:
            foreign.add(row["line_item_product_code"])
    for row in azure_rows(folder / "azure"):
        if row["MeterSubCategory"] == "Azure OpenAI":
            month = f"{american(row['Date']):%Y-%m}"
            billed["azure", month, ""] += Decimal(row["Cost"])
        else:
            foreign.add(row["MeterCategory"])
    for row in google_rows(folder / "google"):
        if row["service"]["description"] == "Vertex AI":
            month = f"{row['invoice']['month'][:4]}-{row['invoice']['month'][4:]}"
            credits = sum((Decimal(each["amount"]) for each in row["credits"]), Decimal())
            billed["google", month, ""] += Decimal(row["cost"]) + credits
        else:
            foreign.add(row["service"]["description"])
    with (clouds.folder / "reference" / "invoices.csv").open() as lines:
        invoices = list(csv.DictReader(lines))
    paper: Totals = {}
    for row in invoices:
        number = row["invoice_id"] if row["provider"] == "aws" else ""
        paper[row["provider"], row["billing_month"], number] = Decimal(row["amount"])
    assert paper == {
        name: amount.quantize(Decimal("0.01"), ROUND_HALF_UP) for name, amount in billed.items()
    }
    assert len(paper) == 4 + 2 + 2
    assert {
        "AmazonEC2",
        "AmazonS3",
        "Virtual Machines",
        "Compute Engine",
        "Cognitive Services",
    } <= (foreign)


def test_focus_says_the_same_money(clouds: Simulated, tmp_path: Path) -> None:
    folder = tmp_path / "focus"
    named = ("aws_focus", "azure_focus", "google")
    simulate(folder, CLOUDS_REQUESTS, CLOUDS_DAYS, 5, start=CLOUDS_START, clouds=named)
    ours, theirs = clouds.folder / "bills", folder / "bills"
    assert sum(row["BilledCost"] for row in aws_rows(theirs / "aws")) == sum(
        row["line_item_net_unblended_cost"] for row in aws_rows(ours / "aws")
    )
    assert [Decimal(row["BilledCost"]) for row in azure_rows(theirs / "azure")] == [
        Decimal(row["Cost"]) for row in azure_rows(ours / "azure")
    ]


def test_opaque_deployments_are_resolved_by_the_reference_data(clouds: Simulated) -> None:
    reference = clouds.folder / "reference"
    with (reference / "models.csv").open() as lines:
        named = {row["raw_model"]: row["model"] for row in csv.DictReader(lines)}
    assert named and set(named.values()) == {"gpt-4o-mini"}
    with (reference / "deployments.csv").open() as lines:
        places = {row["deployment_id"]: row for row in csv.DictReader(lines)}
    truth = duckdb.sql(
        f"select distinct deployment_id, provider, billing_account, sub_account from "
        f"'{clouds.truth}' where outcome = 'success'"
    ).fetchall()
    for deployment, *place in truth:
        row = places[deployment]
        assert [row["provider"], row["billing_account"], row["sub_account"]] == place


def test_unknown_and_repeated_clouds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no cloud `oracle`: choose of aws,"):
        simulate(tmp_path / "one", requests=10, days=1, seed=1, clouds=["oracle"])
    with pytest.raises(ValueError, match="`aws_focus` is aws again: one bill a cloud"):
        simulate(tmp_path / "two", requests=10, days=1, seed=1, clouds=["aws", "aws_focus"])
