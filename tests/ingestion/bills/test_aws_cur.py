"""CUR 2.0, as delivered by AWS: two months, one of them restated; every kind of row."""

import csv
import io
import json
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ingestion.bills.aws_cur.reader import FORMAT
from ingestion.bills.aws_cur.services import SERVICES, is_ai
from ingestion.bills.aws_cur.usage_types import USAGE_TYPES
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURE = Path(__file__).parent / "fixtures" / "aws_cur"
PAYER = "111122223333"


@pytest.fixture
def cur(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE / "cur", tmp_path / "cur")
    return tmp_path / "cur"


def load(cur: Path, account: str = PAYER) -> tuple[LoadResult, Landing]:
    landing = Landing(open_storage(str(cur.parent / "landing")))
    return load_bill(Bill("aws", "aws_cur", account, str(cur), None, "bill", {}), landing), landing


def charges(landing: Landing, cache: Path) -> list[dict[str, str]]:
    """As the expected rows are written."""
    files = landing.local_files(cache)
    objects = landing.objects_table()
    found = duckdb.sql(
        f"""
        select
            right(object, length(object) - length('data/')) as object, record_no as record,
            charge_kind as kind, charge_category as category, charge_class as class,
            rtrim(rtrim(billed_cost_in_billing_currency::varchar, '0'), '.') as cost,
            charge_description as description, model, meter, service_tier as tier, region,
            consumed_quantity::bigint as quantity, consumed_unit as unit,
            principal_id as principal, invoice_id as invoice,
            strftime(charge_period_start at time zone 'UTC', '%Y-%m-%dT%H') as start,
            strftime(charge_period_end at time zone 'UTC', '%Y-%m-%dT%H') as end
        from read_parquet({[str(file) for file in files["charges"]]})
        join objects using (batch, object_no)
        order by object, record
        """
    )
    assert objects.num_rows
    names = found.columns
    return [
        {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
        for row in found.fetchall()
    ]


def expected() -> list[dict[str, str]]:
    with (FIXTURE / "expected.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_kind_of_row(cur: Path, tmp_path: Path) -> None:
    """Traps 5 (blank invoice ids), 9 (units), 17 and 28 (what the marketplace sells)."""
    result, landing = load(cur)
    assert charges(landing, tmp_path / "cache") == expected()
    # of two deliveries of September the newer one, which has dropped the 30th
    assert (result.records, result.landed, result.quarantined) == (16, 12, 1)
    sums = "service, charge_category, row_count, billed_cost_in_billing_currency::double"
    assert landed(landing, tmp_path / "cache", "foreign_charges", sums) == [
        ("AmazonEC2", "Tax", 1, 0.0155),
        ("AmazonEC2", "Usage", 2, 0.2448),
    ]
    place = "object, record_no, field, reason"
    assert landed(landing, tmp_path / "cache", "quarantine", place) == [
        (
            "data/BILLING_PERIOD=2026-10/cur-00002.csv", 4, "line_item_unblended_cost",
            "not a number",
        )
    ]  # fmt: skip
    assert load(cur)[0].batch is None


def test_parquet_says_the_same_as_csv(cur: Path, tmp_path: Path) -> None:
    """With doubles, times and maps, as AWS writes them; what is no number is empty there."""
    for file in cur.rglob("*.csv"):
        texts = pa.csv.ConvertOptions(strings_can_be_null=True)
        table = pa.csv.read_csv(
            io.BytesIO(file.read_bytes().replace(b"n/a", b"")), None, None, texts
        )
        for name in ("product", "resource_tags"):
            maps = [list(json.loads(text or "{}").items()) for text in table[name].to_pylist()]
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, pa.array(maps, pa.map_(pa.string(), pa.string())))
        place = table.schema.get_field_index("line_item_unblended_cost")
        assert table.schema.field(place).type == pa.float64()
        pq.write_table(table, file.with_suffix(".snappy.parquet"), compression="snappy")
        file.unlink()
    for manifest in cur.rglob("*-Manifest.json"):
        manifest.write_text(manifest.read_text().replace(".csv", ".snappy.parquet"))
    _, landing = load(cur)
    found = charges(landing, tmp_path / "cache")
    assert found == [
        {**row, "object": row["object"].replace(".csv", ".snappy.parquet")} for row in expected()
    ]


def test_a_closed_month_changes_until_it_has_its_invoice(cur: Path, tmp_path: Path) -> None:
    """Trap 5: September comes again in October, with its invoice's number and a day less."""
    final = "BILLING_PERIOD=2026-09/20261012T031500Z-e2"
    later = {cur / part / final: tmp_path / part for part in ("data", "metadata")}
    told = "batch, bucket_start::date::varchar, coalesce(invoice_id, ''), charge_description"
    for delivered, away in later.items():
        delivered.rename(away)
    _, landing = load(cur)
    september = ("2026-09-01", "", "USE1-NovaPro-input-tokens")
    assert landed(landing, tmp_path / "1", "charges", told)[:2] == [(1, *september)] * 2
    for delivered, away in later.items():
        away.rename(delivered)
    _, landing = load(cur)
    assert [row for row in landed(landing, tmp_path / "2", "charges", told) if row[0] == 2] == [
        (2, "2026-09-01", "INV-9", "USE1-NovaPro-input-tokens")
    ]


def test_costs_beside_the_unblended_one_are_not_added(cur: Path, tmp_path: Path) -> None:
    """Trap 29: blended and net costs are other tellings of the same money."""
    for file in cur.rglob("*.csv"):
        header, *lines = file.read_text().splitlines()
        more = "line_item_blended_cost,line_item_net_unblended_cost"
        file.write_text("\n".join([f"{header},{more}", *(f"{line},7,8" for line in lines)]) + "\n")
    _, landing = load(cur)
    assert charges(landing, tmp_path / "cache") == expected()


def test_the_legacy_reports_columns_are_the_same() -> None:
    assert [FORMAT.column(name) for name in ("lineItem/UsageType", "bill/PayerAccountId")] == [
        "line_item_usage_type",
        "bill_payer_account_id",
    ]


def test_a_delivery_without_its_manifest_is_not_read_yet(cur: Path) -> None:
    delivery = cur / "data/BILLING_PERIOD=2026-09/20261015T031500Z-e4"
    shutil.copytree(cur / "data/BILLING_PERIOD=2026-09/20261002T031500Z-e1", delivery)
    assert load(cur)[0].objects_new == 3


def test_data_without_any_manifest_is_read_by_its_folders(cur: Path) -> None:
    shutil.rmtree(cur / "metadata")
    assert load(cur / "data")[0].landed == 12


def test_a_listed_file_that_is_missing_is_half_a_month(cur: Path) -> None:
    (cur / "data/BILLING_PERIOD=2026-10/cur-00002.csv").unlink()
    with pytest.raises(SourceError, match=r"cur-Manifest.json lists s3://.*cur-00002.csv, which"):
        load(cur)


def test_a_file_of_no_month_is_an_error(cur: Path) -> None:
    (cur / "more.csv").write_text("a,b\n")
    with pytest.raises(SourceError, match=r"more\.csv: no folder says its month"):
        load(cur)


def test_rows_of_another_payer_are_no_part_of_the_bill(cur: Path) -> None:
    result, landing = load(cur, "999900001111")
    assert result.landed == 0
    [reason] = {row for (row,) in landed(landing, cur.parent / "cache", "quarantine", "field")}
    assert reason == "bill_payer_account_id"


def test_every_pattern_is_proven_by_its_examples() -> None:
    assert unproven(USAGE_TYPES) == []
    assert unproven(SERVICES) == []


@pytest.mark.parametrize("code", ["AmazonEC2", "AmazonS3", "AWSSupportBusiness", "AmazonKendra"])
def test_other_services_are_not_ai(code: str) -> None:
    assert not is_ai(code, code, code)
