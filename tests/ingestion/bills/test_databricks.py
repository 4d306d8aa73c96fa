"""Databricks' own table of usage, with prices: corrections, other files."""

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.bills.databricks.products import AI, KINDS
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURE = Path(__file__).parent / "fixtures/databricks"
ACCOUNT = "23e22ba4-87b9-4cc2-9770-d10b894b7118"
CHARGES = """
    record_no, charge_kind, charge_category, charge_class, model, service_tier, consumed_quantity,
    consumed_unit, billed_cost_in_billing_currency, billing_currency, sub_account_id, principal_id,
    strftime(charge_period_start, '%Y-%m-%d %H:%M'), charge_description
"""
STRUCTS = ("custom_tags", "usage_metadata", "identity_metadata", "product_features", "pricing")


class Databricks:
    """A bill of the format and what is landed of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files = folder / "bill"
        self._landing = Landing(open_storage(str(folder / "landing")))
        shutil.copytree(FIXTURE / "2026-10", self.files / "2026-10")

    def load(self) -> LoadResult:
        bill = Bill("lakehouse", "databricks", ACCOUNT, str(self.files), None, "bill", {})
        return load_bill(bill, self._landing)

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        return landed(self._landing, self._folder / "cache", table, columns)


@pytest.fixture
def databricks(tmp_path: Path) -> Databricks:
    return Databricks(tmp_path)


def expected() -> list[tuple[Any, ...]]:
    numbers = ("record_no", "quantity", "cost")
    with (FIXTURE / "2026-10.expected.csv").open(newline="") as file:
        return [
            tuple(
                (Decimal(text) if column in numbers else text) if text else None
                for column, text in row.items()
            )
            for row in csv.DictReader(file)
        ]


def test_every_kind_of_row(databricks: Databricks) -> None:
    result = databricks.load()
    assert (result.records, result.landed, result.quarantined) == (19, 13, 3)
    assert databricks.rows("charges", CHARGES) == expected()
    sums = "service, charge_category, row_count, billed_cost_in_billing_currency"
    assert sorted(databricks.rows("foreign_charges", sums)) == [
        ("JOBS", "Usage", 2, Decimal("40.5")),
        ("SQL", "Usage", 1, Decimal(0)),
    ]
    assert sorted(databricks.rows("quarantine", "record_no, field")) == [
        (3, "usage_quantity"),
        (4, "unit_price"),
        (5, "account_id"),
    ]
    tags = "record_no, raw_row::json->>'custom_tags'"
    assert databricks.rows("charges", tags)[0] == (0, '{"team": "search"}')
    assert databricks.load().batch is None


def test_parquet_and_json_say_the_same_as_csv(databricks: Databricks) -> None:
    """With structs and decimals, as a query of Databricks writes them."""
    for name, write in (("part-00000", _parquet), ("part-00001", _json_lines)):
        with (databricks.files / f"2026-10/{name}.csv").open(newline="") as file:
            write(databricks.files / f"2026-10/{name}", list(csv.DictReader(file)))
        (databricks.files / f"2026-10/{name}.csv").unlink()
    result = databricks.load()
    assert (result.records, result.landed, result.quarantined) == (19, 13, 3)
    assert databricks.rows("charges", CHARGES) == expected()


def _typed(row: dict[str, str]) -> dict[str, Any]:
    structs = {name: json.loads(row[name]) if row[name] else None for name in STRUCTS}
    return {**row, **structs}


def _parquet(path: Path, rows: list[dict[str, str]]) -> None:
    typed = [_typed(row) for row in rows]
    for row in typed:
        row["usage_quantity"] = Decimal(row["usage_quantity"])
        row["custom_tags"] = list(row["custom_tags"].items())
    tags = pa.field("custom_tags", pa.map_(pa.string(), pa.string()))
    fields = [tags if f.name == "custom_tags" else f for f in pa.Table.from_pylist(typed).schema]
    pq.write_table(pa.Table.from_pylist(typed, pa.schema(fields)), path.with_suffix(".parquet"))


def _json_lines(path: Path, rows: list[dict[str, str]]) -> None:
    path.with_suffix(".json").write_text("\n".join(json.dumps(_typed(row)) for row in rows))


def test_a_price_of_the_account_is_a_column(databricks: Databricks) -> None:
    """`unit_price` goes before what a list says."""
    file = databricks.files / "2026-10/part-00000.csv"
    lines = file.read_text().splitlines()
    file.write_text(f"{lines[0]},unit_price\n{lines[1]},0.05\n")
    databricks.load()
    cost = "record_no, billed_cost_in_billing_currency"
    assert databricks.rows("charges", cost) == [(0, Decimal("2.14285714285"))]


def test_an_export_replaces_its_months_and_two_of_one_month_are_an_error(
    databricks: Databricks,
) -> None:
    databricks.load()
    (databricks.files / "2026-10/part-00001.csv").unlink()
    assert databricks.load().landed == 13
    shutil.copy(databricks.files / "2026-10/part-00000.csv", databricks.files / "again.csv")
    with pytest.raises(SourceError, match=r"2026-10 and again\.csv both are exports of 2026-10"):
        databricks.load()


def test_a_table_without_prices_is_no_bill(databricks: Databricks) -> None:
    (databricks.files / "2026-10/part-00001.csv").write_text("sku_name,usage_date\n")
    with pytest.raises(SourceError, match=r"lacks usage_start_time, .*, currency_code"):
        databricks.load()


def test_every_pattern_is_proven_by_its_examples() -> None:
    assert unproven(AI) == []
    assert unproven(KINDS) == []
