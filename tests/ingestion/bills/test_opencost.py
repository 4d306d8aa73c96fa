"""OpenCost's allocations: rows worked out by hand, what is idle, what has no GPU."""

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURES = Path(__file__).parent / "fixtures/opencost"
CHARGES = """
    record_no, charge_kind, model, consumed_quantity, consumed_unit,
    billed_cost_in_billing_currency, sub_account_id,
    strftime(charge_period_start, '%Y-%m-%d %H:%M'), strftime(charge_period_end, '%Y-%m-%d %H:%M'),
    charge_description
"""
NUMBERS = ("record_no", "quantity", "cost")


def load(folder: Path) -> tuple[LoadResult, Landing]:
    landing = Landing(open_storage(str(folder / "landing")))
    bill = Bill("gpus", "opencost", "prod", str(folder / "bill"), None, "bill", {})
    return load_bill(bill, landing), landing


def expected() -> list[tuple[Any, ...]]:
    with (FIXTURES / "2026-10.expected.csv").open(newline="") as file:
        return [
            tuple(
                (Decimal(text) if column in NUMBERS else text) if text else None
                for column, text in row.items()
            )
            for row in csv.DictReader(file)
        ]


def test_every_kind_of_row(tmp_path: Path) -> None:
    (tmp_path / "bill").mkdir()
    shutil.copy(FIXTURES / "2026-10.jsonl", tmp_path / "bill")
    result, landing = load(tmp_path)
    assert (result.records, result.landed, result.quarantined) == (12, 6, 3)
    assert landed(landing, tmp_path / "cache", "charges", CHARGES) == expected()
    sums = "provider, service, row_count, billed_cost_in_billing_currency, billing_currency"
    assert landed(landing, tmp_path / "cache", "foreign_charges", sums) == [
        ("own", "__idle__", 1, Decimal("0.3"), "USD"),
        ("own", "shop", 2, Decimal(1), "USD"),
    ]
    assert landed(landing, tmp_path / "cache", "quarantine", "record_no, field, reason") == [
        (9, "totalCost", "not a number"),
        (10, "window", "ends in another month: ask for it by the hour or day"),
        (11, "name", "missing"),
    ]
    assert load(tmp_path)[0].batch is None


def test_a_file_written_anew_replaces_its_month(tmp_path: Path) -> None:
    (tmp_path / "bill").mkdir()
    lines = (FIXTURES / "2026-10.jsonl").read_text().splitlines()
    (tmp_path / "bill/october.jsonl").write_text("\n".join(lines[:3]))
    load(tmp_path)
    (tmp_path / "bill/october.jsonl").write_text(lines[1])
    result, landing = load(tmp_path)
    buckets = "batch, row_count, provider, billing_account"
    assert landed(landing, tmp_path / "cache", "bill_buckets", buckets) == [
        (1, 3, "own", "prod"),
        (2, 1, "own", "prod"),
    ]
    assert result.landed == 1
