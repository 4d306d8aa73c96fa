"""AWS's FOCUS table as a data export: rows worked out by hand, and the same month as CUR."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import load_workspace
from ingestion.workspace.sources import Bill
from simulation.simulate import simulate
from tests.ingestion.readers import landed

FIXTURES = Path(__file__).parent / "fixtures/aws_focus"
PAYER = "111122223333"
# Of the landed charges under the names of october.expected.csv.
CHARGES = """
    record_no, strftime(charge_period_start, '%Y-%m-%d %H:%M'), charge_kind, charge_category,
    charge_class, model, meter, service_tier, consumed_quantity, consumed_unit,
    billed_cost_in_billing_currency, charge_description
"""
NUMBERS = ("record_no", "quantity", "cost")


def deliver(folder: Path, execution: str, text: str) -> None:
    """As AWS keeps deliveries: the manifest, which comes last, names the files."""
    file = f"data/BILLING_PERIOD=2026-10/{execution}/focus-00001.csv"
    manifest = f"metadata/BILLING_PERIOD=2026-10/{execution}/focus-Manifest.json"
    said = {file: text, manifest: json.dumps({"dataFiles": [f"s3://bills/focus/{file}"]})}
    for name, content in said.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def load(folder: Path) -> tuple[LoadResult, Landing]:
    landing = Landing(open_storage(str(folder.parent / "landing")))
    bill = Bill("aws", "aws_focus", PAYER, str(folder), None, "bill", {})
    return load_bill(bill, landing), landing


def test_every_kind_of_row(tmp_path: Path) -> None:
    deliver(tmp_path / "focus", "20261103T031500Z-1", (FIXTURES / "october.csv").read_text())
    result, landing = load(tmp_path / "focus")
    assert (result.records, result.landed, result.quarantined) == (12, 8, 2)
    with (FIXTURES / "october.expected.csv").open(newline="") as file:
        expected = [
            tuple(
                (Decimal(text) if column in NUMBERS else text) if text else None
                for column, text in row.items()
            )
            for row in csv.DictReader(file)
        ]
    cache = tmp_path / "cache"
    assert landed(landing, cache, "charges", CHARGES) == expected
    whose = "provider, billing_account, sub_account_id, sub_account_name, region"
    of_prod = ("aws", PAYER, "444455556666", "prod", "us-east-1")
    assert set(landed(landing, cache, "charges", whose)) == {of_prod}
    assert landed(landing, cache, "quarantine", "record_no, field, reason") == [
        (10, "BilledCost", "not a number"),
        (
            11,
            "BillingAccountId",
            "another payer than the bill's account: give it a bill of its own",
        ),
    ]
    foreign = "service, charge_category, billed_cost_in_billing_currency"
    assert landed(landing, cache, "foreign_charges", foreign) == [
        ("AWS Support (Business)", "Purchase", 100),
        ("Amazon Elastic Compute Cloud", "Usage", Decimal("812.4")),
    ]


def test_a_restated_delivery_replaces_its_month(tmp_path: Path) -> None:
    head, first, *others = (FIXTURES / "october.csv").read_text().splitlines()
    deliver(tmp_path / "focus", "20261103T031500Z-1", "\n".join([head, first, *others, ""]))
    load(tmp_path / "focus")
    deliver(tmp_path / "focus", "20261105T031500Z-2", "\n".join([head, first, ""]))
    _, landing = load(tmp_path / "focus")
    pulls = "pulled_at::date::varchar, row_count"
    assert landed(landing, tmp_path / "cache", "bill_buckets", pulls) == [
        *(("2026-11-03", 8), ("2026-11-05", 1)),
    ]


# What both say of a line, words apart.
SHARED = """
    coalesce(sub_account_id, ''), charge_period_start::varchar, charge_kind, coalesce(model, ''),
    coalesce(meter, ''), coalesce(service_tier, ''), coalesce(consumed_quantity, 0),
    billed_cost_in_billing_currency
"""


def told(folder: Path, form: str) -> dict[tuple[Any, ...], tuple[Decimal, Decimal]]:
    """Tokens and dollars of a simulated month by all that SHARED says."""
    simulate(folder, 600, 30, 5, start=date(2026, 9, 5), clouds=(form,))
    [bill] = [each for each in load_workspace(folder).bills if each.name == "aws"]
    landing = Landing(open_storage(str(folder / "landing")))
    assert load_bill(bill, landing).quarantined == 0
    found: dict[tuple[Any, ...], tuple[Decimal, Decimal]] = {}
    for line in landed(landing, folder / "cache", "charges", SHARED):
        *key, tokens, dollars = line
        before = found.get(tuple(key), (Decimal(0), Decimal(0)))
        found[tuple(key)] = (before[0] + tokens, before[1] + dollars)
    return found


def test_a_month_as_cur_and_as_focus_is_one_bill(tmp_path: Path) -> None:
    """CUR has the discount as rows of its own, FOCUS in the cost of each line."""
    cur, focus = told(tmp_path / "cur", "aws"), told(tmp_path / "focus", "aws_focus")
    assert cur == focus
    assert len(cur) > 100
