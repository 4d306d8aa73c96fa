"""Snowflake's Cortex views with the price of a credit: every kind of row, zones, restated days."""

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.snowflake.functions import AI, FUNCTIONS
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURE = Path(__file__).parent / "fixtures/snowflake"
CHARGES = """
    record_no, charge_kind, charge_category, model, meter, consumed_quantity, consumed_unit,
    billed_cost_in_billing_currency, billing_currency, credential_id,
    strftime(charge_period_start, '%Y-%m-%d %H:%M'), strftime(charge_period_end, '%Y-%m-%d %H:%M'),
    charge_description
"""
NUMBERS = ("record_no", "quantity", "cost")


class Snowflake:
    """A bill of the format and what is landed of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files = folder / "bill"
        self._landing = Landing(open_storage(str(folder / "landing")))

    def load(self) -> LoadResult:
        bill = Bill("cortex", "snowflake", "xy12345", str(self.files), None, "bill", {})
        return load_bill(bill, self._landing)

    def save(self, name: str, text: str) -> LoadResult:
        (self.files / name).parent.mkdir(parents=True, exist_ok=True)
        (self.files / name).write_text(text)
        return self.load()

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        return landed(self._landing, self._folder / "cache", table, columns)


@pytest.fixture
def snowflake(tmp_path: Path) -> Snowflake:
    return Snowflake(tmp_path)


def expected() -> list[tuple[Any, ...]]:
    with (FIXTURE / "2026-10.expected.csv").open(newline="") as file:
        return [
            tuple(
                (Decimal(text) if column in NUMBERS else text) if text else None
                for column, text in row.items()
            )
            for row in csv.DictReader(file)
        ]


def test_every_kind_of_row(snowflake: Snowflake) -> None:
    shutil.copytree(FIXTURE / "2026-10", snowflake.files / "2026-10")
    result = snowflake.load()
    assert (result.records, result.landed, result.quarantined) == (17, 11, 4)
    assert snowflake.rows("charges", CHARGES) == expected()
    sums = "service, charge_category, row_count, billed_cost_in_billing_currency"
    assert snowflake.rows("foreign_charges", sums) == [
        ("WAREHOUSE_METERING", "Usage", 2, Decimal(4)),
    ]
    assert snowflake.rows("quarantine", "record_no, field, reason") == [
        (0, "START_TIME", "says no zone: export it with its offset from UTC"),
        (1, "CREDITS", "not a number"),
        (2, "CREDIT_PRICE", "missing"),
        (3, "METRICS", "not JSON"),
    ]


HEADER = "USAGE_TIME,MODEL_NAME,FUNCTION_NAME,TOKEN_CREDITS,CREDIT_PRICE,CURRENCY"


def test_the_month_is_utcs_not_the_accounts(snowflake: Snowflake) -> None:
    """Trap 1: times are of the account's zone, months of UTC. An evening of October in Los Angeles
    is in November.
    """
    line = "2026-10-31 18:00:00.000 -0700,m,AI_COMPLETE,1,2,USD"
    snowflake.save("october.csv", f"{HEADER}\n{line}\n")
    months = "bucket_start::date::varchar, row_count"
    assert snowflake.rows("bill_buckets", months) == [("2026-11-01", 1)]


def test_a_file_replaces_its_month_and_two_of_one_month_are_an_error(snowflake: Snowflake) -> None:
    line = "2026-10-05T10:00:00Z,m,AI_COMPLETE,%s,2,USD"
    snowflake.save("october.csv", f"{HEADER}\n{line % 1}\n")
    again = snowflake.save("october.csv", f"{HEADER}\n{line % 3}\n")
    assert (again.landed, again.batch) == (1, 2)
    with pytest.raises(
        SourceError, match=r"again\.csv and october\.csv both are exports of 2026-10"
    ):
        snowflake.save("again.csv", f"{HEADER}\n{line % 1}\n")


def test_views_without_credits_are_no_bill(snowflake: Snowflake) -> None:
    """CORTEX_REST_API_USAGE_HISTORY has tokens, which are sold by a table of prices."""
    with pytest.raises(SourceError, match="lacks CREDITS, CREDIT_PRICE, CURRENCY"):
        snowflake.save("rest.csv", "START_TIME,MODEL_NAME,TOKENS\n")


def test_every_pattern_is_proven_by_its_examples() -> None:
    assert unproven(AI) == []
    assert unproven(FUNCTIONS) == []
