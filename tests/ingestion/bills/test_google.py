"""Google's billing export: rows worked out by hand, its Pacific months, rows only ever added."""

import csv
import io
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.bills.google.services import NAMES
from ingestion.bills.google.skus import SKUS, read_sku
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURE = Path(__file__).parent / "fixtures" / "google"
ACCOUNT = "01A2B3-C4D5E6-F7A8B9"
FIRST, LATE = "export-000000000000.jsonl", "export-000000000001.jsonl"
# what no query writes flat into CSV
LISTS = ("credits", "labels", "system_labels")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE / "table", tmp_path / "table")
    return tmp_path / "table"


def load(table: Path) -> tuple[LoadResult, Landing]:
    landing = Landing(open_storage(str(table.parent / "landing")))
    bill = Bill("google", "google", ACCOUNT, str(table), None, "bill", {})
    return load_bill(bill, landing), landing


def charges(table: Path, landing: Landing) -> list[dict[str, str]]:
    """As the expected rows are written."""
    files = [str(file) for file in landing.local_files(table.parent / "cache")["charges"]]
    number = "rtrim(rtrim({}::decimal(38, 12)::varchar, '0'), '.')"
    hour = "strftime({} at time zone 'UTC', '%Y-%m-%d %H:%M')"
    connection = duckdb.connect()
    connection.register("objects", landing.objects_table())
    found = connection.execute(
        f"""
        select
            object, record_no as record,
            strftime(bucket_start at time zone 'UTC', '%Y-%m') as month,
            charge_kind as kind, charge_category as category, charge_class as class,
            {number.format("billed_cost_in_billing_currency")} as cost,
            charge_description as description, model, meter, service_tier as tier,
            context_band as band, region, {number.format("consumed_quantity")} as quantity,
            consumed_unit as unit, {hour.format("charge_period_start")} as start,
            {hour.format("charge_period_end")} as end
        from read_parquet({files}) join objects using (batch, object_no)
        order by object, record, kind, description
        """
    )
    names = [each[0] for each in found.description or ()]
    return [
        {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
        for row in found.fetchall()
    ]


def expected() -> list[dict[str, str]]:
    with (FIXTURE / "expected.csv").open() as file:
        return list(csv.DictReader(file))


def records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def write(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_every_kind_of_row(table: Path, tmp_path: Path) -> None:
    """Traps 1 and 4 (months), 10 (units), 13 (thinking), 26 and 27 (credits, free tiers),
    28 (partners), 30 (equal rows).
    """
    result, landing = load(table)
    assert charges(table, landing) == expected()
    assert (result.records, result.landed, result.quarantined) == (26, 19, 4)
    sums = "service, charge_category, row_count, billed_cost_in_billing_currency::double"
    assert landed(landing, tmp_path / "cache", "foreign_charges", sums) == [
        ("Compute Engine", "Usage", 1, 800.0),
        ("Invoice", "Adjustment", 1, 0.004),
        ("Invoice", "Tax", 1, 154.36),
    ]
    assert landed(landing, tmp_path / "cache", "quarantine", "record_no, field, reason") == [
        (18, "cost", "not a number"),
        (
            *(19, "billing_account_id"),
            "another account than the bill's: give it a bill of its own",
        ),
        (20, "invoice.month", "not a month as YYYYMM"),
        (21, "credits.amount", "not a number"),
    ]
    assert load(table)[0].batch is None


def test_what_is_paid_is_cost_and_credits(table: Path) -> None:
    """Trap 26: what is invoiced of AI is the sum of both, whichever are discounts."""
    _, landing = load(table)
    paid = sum(Decimal(row["cost"]) for row in charges(table, landing))
    said = Decimal()
    for row in records(table / FIRST)[:15] + records(table / LATE):
        credits = [Decimal(str(each["amount"])) for each in row["credits"]]
        said += sum(credits, Decimal(str(row["cost"])))
    assert paid == said


def test_rows_that_are_added_leave_the_others(table: Path, tmp_path: Path) -> None:
    """Trap 30: a later file adds to months of earlier ones, and equal rows are two charges."""
    (tmp_path / LATE).write_bytes((table / LATE).read_bytes())
    (table / LATE).unlink()
    _, landing = load(table)
    assert charges(table, landing) == [row for row in expected() if row["object"] == FIRST]
    shutil.move(tmp_path / LATE, table / LATE)
    _, landing = load(table)
    files = [str(file) for file in landing.local_files(tmp_path / "cache")["charges"]]
    newest = duckdb.connect().execute(
        f"select count(*) from read_parquet({files}) group by batch order by batch desc limit 1"
    )
    assert newest.fetchall() == [(len(expected()),)]


def test_money_is_in_the_currency_that_is_billed(table: Path, tmp_path: Path) -> None:
    """Trap 11: Taiwan's dollars are none of America's."""
    for file in table.iterdir():
        file.write_text(file.read_text().replace('"USD"', '"TWD"'))
    _, landing = load(table)
    for name in ("charges", "foreign_charges"):
        said = landed(landing, tmp_path / "cache", name, "distinct billing_currency")
        assert said == [("TWD",)]


def test_evidence_is_kept(table: Path, tmp_path: Path) -> None:
    _, landing = load(table)
    said = "distinct coalesce(sub_account_id, ''), sub_account_name = 'ML production'"
    rows = landed(landing, tmp_path / "cache", "charges", f"{said}, raw_row like '%search%'")
    assert rows == [("", None, False), ("ml-prod", True, False), ("ml-prod", True, True)]


def test_parquet_says_the_same(table: Path) -> None:
    """Doubles are what their shortest spelling says; no column of them can hold `n/a`."""
    for file in list(table.iterdir()):
        rows = records(file)
        for row in rows:
            del row["cost_at_list"]
            row["cost"] = None if row["cost"] == "n/a" else float(row["cost"])
            for credit in row["credits"]:
                credit["amount"] = None if credit["amount"] == "n/a" else credit["amount"]
        pq.write_table(pa.Table.from_pylist(rows), file.with_suffix(".parquet"))
        file.unlink()
    _, landing = load(table)
    parquet = [{**row, "object": row["object"].replace("jsonl", "parquet")} for row in expected()]
    assert charges(table, landing) == parquet


@pytest.mark.parametrize("joint", ["_", "."])
def test_a_flat_query_says_the_same(table: Path, joint: str) -> None:
    """CSV has no records: `invoice_month`, and credits as JSON."""
    for file in list(table.iterdir()):
        text = io.StringIO()
        flat = [flattened(row, joint) for row in records(file)]
        lines = csv.DictWriter(text, sorted({name for row in flat for name in row}))
        lines.writeheader()
        lines.writerows(flat)
        file.with_suffix(".csv").write_text(text.getvalue())
        file.unlink()
    _, landing = load(table)
    as_csv = [{**row, "object": row["object"].replace("jsonl", "csv")} for row in expected()]
    assert charges(table, landing) == as_csv


def flattened(row: dict[str, Any], joint: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}{joint}{part}": said for part, said in value.items()}
        else:
            flat[name] = json.dumps(value) if name in LISTS else value
    return {name: said for name, said in flat.items() if said is not None and said != []}


def test_without_credits_a_bill_would_be_gross(table: Path) -> None:
    [row, *_] = records(table / FIRST)
    flat = {name: said for name, said in flattened(row, "_").items() if name != "credits"}
    (table / "october.csv").write_text(",".join(flat) + "\n")
    with pytest.raises(SourceError, match=r"october.csv: lacks credits"):
        load(table)


def test_credits_that_are_summed_up_say_nothing_of_their_kind(table: Path, tmp_path: Path) -> None:
    [row, *_] = records(table / FIRST)
    write(table / FIRST, [{**row, "credits": "-0.25"}])
    _, landing = load(table)
    reasons = landed(landing, tmp_path / "cache", "quarantine", "field, reason")
    assert reasons == [("credits", "not a list")]


def test_every_pattern_is_proven_by_its_examples() -> None:
    assert unproven(SKUS) == []
    assert unproven(NAMES) == []


@pytest.mark.parametrize(
    ("text", "model", "meter", "tier", "band"),
    [
        ("Gemini 2.5 Flash Lite Text Output - Predictions", "gemini-2.5-flash-lite", "output",
         "standard", None),
        (" Gemini 2.5 Flash GA Input Text Caching (Long)", "gemini-2.5-flash", "cache_read",
         "standard", "long"),
        ("Gemini 2.5 Flash GA Text Output (Thinking On) - Predictions", "gemini-2.5-flash",
         "output", "standard", None),
        ("Gemini 2.5 Flash GA Audio Input (Long) - Predictions", "gemini-2.5-flash",
         "audio_input", "standard", "long"),
        ("Gemini 2.5 Flash GA Video Input Priority - Predictions", "gemini-2.5-flash", "input",
         "priority", None),
        ("Gemini 2.5 Flash GA Text Input - Batch Predictions", "gemini-2.5-flash", "input",
         "batch", None),
        ("Gemini 3.1 Flash Image Text Input - Predictions", "gemini-3.1-flash-image", "input",
         "standard", None),
        ("Gemini 2.5 Flash Live Audio (AV2A) Output - Predictions", "gemini-2.5-flash-live",
         "audio_output", "standard", None),
        ("Generate content output token count gemini 2.5 flash short output text non-thinking",
         "gemini-2.5-flash", "output", "standard", "base"),
        ("Generate content input token count gemini 3.1 flash lite preview text",
         "gemini-3.1-flash-lite-preview", "input", "standard", None),
        ("Generate content input token count gemini 3.7 flash image flex caching",
         "gemini-3.7-flash", "cache_read", "flex", None),
        ("Generate content input token count gemini 2.5 flash input image", "gemini-2.5-flash",
         "image_input", "standard", None),
        ("Generate_content_cached_input_token_count_gemini_3_pro_short_image", "gemini-3-pro",
         "cache_read", "standard", "base"),
        ("Generate_content image output token count for Gemini 3 Pro Image",
         "gemini-3-pro-image", "image_output", "standard", None),
        ("Generate_content text output token count for gemini 3 flash text flex",
         "gemini-3-flash", "output", "flex", None),
        ("EmbedContent input token count for gemini-embedding-001", "gemini-embedding-001",
         "input", "standard", None),
        ("Bidi_generate_content text input token count for gemini-3.8-live", "gemini-3.8-live",
         "input", "standard", None),
        ("Claude Sonnet 4.5 - Input Tokens", "claude-sonnet-4-5", "input", "standard", None),
    ],
)  # fmt: skip
def test_what_a_sku_says(text: str, model: str, meter: str, tier: str, band: str | None) -> None:
    """Trap 17: names of SKUs become the API's names of models."""
    sku = read_sku(text)
    said = (sku.kind, sku.model, sku.meter, sku.service_tier, sku.context_band)
    assert said == ("tokens", model, meter, tier, band)


@pytest.mark.parametrize("text", [None, "", "Imagen 4 Generation", "Quantum Embeddings tier 7"])
def test_what_no_sku_says_is_never_guessed(text: str | None) -> None:
    assert read_sku(text).kind == "unparsed"
