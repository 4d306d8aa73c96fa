"""Azure's cost details, as its exports deliver them: restated months, every kind of row."""

import csv
import gzip
import io
import json
import shutil
from pathlib import Path

import duckdb
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ingestion.bills.azure.actual import FORMAT
from ingestion.bills.azure.meters import METERS, read_meter
from ingestion.bills.azure.services import SERVICES
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURE = Path(__file__).parent / "fixtures" / "azure"
ENROLMENT = "52128651"
OCTOBER = "monthly/20261001-20261031/r4"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE / "exports", tmp_path / "exports")
    return tmp_path / "exports"


def load(exports: Path, bill_format: str = "azure_actual") -> tuple[LoadResult, Landing]:
    landing = Landing(open_storage(str(exports.parent / "landing")))
    bill = Bill("azure", bill_format, ENROLMENT, str(exports), None, "bill", {})
    return load_bill(bill, landing), landing


def charges(exports: Path, landing: Landing) -> list[dict[str, str]]:
    """As the expected rows are written."""
    files = [str(file) for file in landing.local_files(exports.parent / "cache")["charges"]]
    objects = landing.objects_table()
    found = duckdb.sql(
        f"""
        select
            object, record_no as record, charge_kind as kind, charge_category as category,
            charge_class as class,
            rtrim(rtrim(billed_cost_in_billing_currency::varchar, '0'), '.') as cost,
            charge_description as description, model, meter, service_tier as tier, region,
            consumed_quantity::bigint as quantity, consumed_unit as unit,
            strftime(charge_period_start at time zone 'UTC', '%Y-%m-%d') as start
        from read_parquet({files}) join objects using (batch, object_no)
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


def manifest(exports: Path, run: str, **said: object) -> None:
    file = exports / run / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **said}))


def test_every_kind_of_row(exports: Path, tmp_path: Path) -> None:
    result, landing = load(exports)
    assert charges(exports, landing) == expected()
    # of September the run submitted last; of October the monthly export, newer than the daily one
    assert (result.records, result.landed, result.quarantined) == (21, 16, 3)
    sums = "service, charge_category, row_count, billed_cost_in_billing_currency::double"
    assert landed(landing, tmp_path / "cache", "foreign_charges", sums) == [
        ("Cognitive Services: Content Safety", "Usage", 1, 1.13),
        ("Virtual Machines: Dsv5 Series", "Usage", 1, 9.22),
    ]
    place = "object, record_no, field, reason"
    file = f"{OCTOBER}/part_1_0001.csv"
    assert landed(landing, tmp_path / "cache", "quarantine", place) == [
        (file, 6, "Cost", "not a number"),
        (file, 10, "Date", "not a day as MM/DD/YYYY"),
        (
            file, 11, "BillingAccountId",
            "another account than the bill's: give it a bill of its own",
        ),
    ]  # fmt: skip
    assert load(exports)[0].batch is None


def test_money_is_in_the_billing_currency_and_evidence_is_kept(
    exports: Path, tmp_path: Path
) -> None:
    _, landing = load(exports)
    said = "distinct billing_currency, sub_account_id, raw_row like '%accounts/oai-prod%faq%'"
    rows = landed(landing, tmp_path / "cache", "charges", said)
    assert set(rows) == {("EUR", "s-1", True), ("EUR", "s-1", False)}


@pytest.mark.parametrize("kind", ["gzip", "parquet"])
def test_other_kinds_of_files_say_the_same(exports: Path, kind: str) -> None:
    """What is no number is empty in Parquet, as no column of one can hold it."""
    suffix = {"gzip": ".csv.gz", "parquet": ".snappy.parquet"}[kind]
    for file in exports.rglob("*.csv"):
        data = file.read_bytes()
        if kind == "gzip":
            file.with_suffix(suffix).write_bytes(gzip.compress(data))
        else:
            texts = pyarrow.csv.ConvertOptions(
                strings_can_be_null=True,
                column_types={"BillingAccountId": "string", "Cost": "float64"},
            )
            lines = io.BytesIO(data.replace(b"n/a", b""))
            pq.write_table(pyarrow.csv.read_csv(lines, None, None, texts), file.with_suffix(suffix))
        file.unlink()
    for file in exports.rglob("manifest.json"):
        file.write_text(file.read_text().replace(".csv", suffix))
    _, landing = load(exports)
    assert charges(exports, landing) == [
        {**row, "object": row["object"].replace(".csv", suffix)} for row in expected()
    ]


def test_earlier_spellings_are_the_same_columns(exports: Path) -> None:
    spelled = {
        "Cost": "costInBillingCurrency",
        "BillingCurrency": "billingCurrencyCode",
        "Date": "date",
        "MeterSubCategory": "meterSubcategory",
        "Product": "ProductName",
        "Quantity": "quantity",
        "SubscriptionId": "SubscriptionGuid",
    }
    for file in exports.rglob("*.csv"):
        header, rest = file.read_text(encoding="utf-8-sig").split("\n", 1)
        names = [spelled.get(name, name) for name in header.strip().split(",")]
        file.write_text(",".join(names) + "\n" + rest)
    _, landing = load(exports)
    assert charges(exports, landing) == expected()
    assert FORMAT.column("PreTaxCost") == "Cost"


def test_the_two_datasets_at_one_location_are_two_bills(exports: Path) -> None:
    """Trap 29: ActualCost and AmortizedCost are never added. ActualCost has what was bought,
    AmortizedCost what was used of it and what was not.
    """
    run = exports / "amortized/20261001-20261031/r5"
    run.mkdir(parents=True)
    [header, *lines] = (exports / OCTOBER / "part_1_0001.csv").read_text("utf-8-sig").splitlines()
    unused = lines[0].replace("Usage", "UnusedReservation")
    (run / "part_0_0001.csv").write_text("\n".join([header, lines[0], unused]) + "\n")
    copy = json.loads((exports / OCTOBER / "manifest.json").read_text())
    copy["exportConfig"]["type"] = "AmortizedCost"
    blobs = [{"blobName": "amortized/part_0_0001.csv"}]
    (run / "manifest.json").write_text(json.dumps({**copy, "blobs": blobs, "dataRowCount": 2}))
    assert load(exports)[0].landed == 16
    shutil.rmtree(exports.parent / "landing")
    _, landing = load(exports, "azure_amortized")
    assert [row["kind"] for row in charges(exports, landing)] == ["session", "capacity"]


def test_an_enrolment_has_no_invoice_and_ids_in_any_case(exports: Path) -> None:
    """Trap 35: exports of an EA name no invoice, and one id is spelt in two ways."""
    for file in exports.rglob("*.csv"):
        header, *lines = file.read_text(encoding="utf-8-sig").splitlines()
        assert "InvoiceId" not in header.split(",")
        spelled = [
            line.replace("/subscriptions/s-1/resourceGroups/", "/SUBSCRIPTIONS/S-1/resourcegroups/")
            for line in lines
        ]
        file.write_text("\n".join([header, *spelled]) + "\n")
    _, landing = load(exports)
    assert charges(exports, landing) == expected()
    invoices = landed(landing, exports.parent / "cache", "charges", "invoice_id")
    assert set(invoices) == {(None,)}


def test_a_run_without_its_manifest_is_not_read_yet(exports: Path) -> None:
    shutil.copytree(exports / OCTOBER, exports / "monthly/20261001-20261031/r9")
    (exports / "monthly/20261001-20261031/r9/manifest.json").unlink()
    assert load(exports)[0].landed == 16


def test_what_the_manifest_promises_is_counted(exports: Path) -> None:
    manifest(exports, OCTOBER, dataRowCount=21)
    with pytest.raises(SourceError, match="r4 promises 21 rows, and its files have 20"):
        load(exports)


def test_a_listed_blob_that_is_missing_is_half_a_month(exports: Path) -> None:
    (exports / OCTOBER / "part_1_0001.csv").unlink()
    with pytest.raises(SourceError, match=r"manifest.json lists part_1_0001.csv, which is not"):
        load(exports)


def test_a_week_cannot_replace_a_month(exports: Path) -> None:
    (exports / "monthly/20261001-20261031").rename(exports / "monthly/20261008-20261014")
    with pytest.raises(SourceError, match="begins on 2026-10-08, and a month is replaced as a wh"):
        load(exports)


def test_files_without_any_manifest_are_read_by_their_folders(exports: Path) -> None:
    for file in exports.rglob("manifest.json"):
        file.unlink()
    with pytest.raises(SourceError, match=r"r1 and .*r2 both are exports of 2026-09"):
        load(exports)
    shutil.rmtree(exports / "monthly/20260901-20260930/r1")
    shutil.rmtree(exports / "daily")
    assert load(exports)[0].landed == 16


def test_every_pattern_is_proven_by_its_examples() -> None:
    assert unproven(METERS) == []
    assert [unproven(patterns) for patterns in SERVICES.values()] == [[]] * len(SERVICES)


@pytest.mark.parametrize(
    ("name", "model", "meter", "tier", "route"),
    [
        ("gpt 4o 1120 Batch Outp glbl Tokens", "gpt-4o-2024-11-20", "output", "batch", "global"),
        ("gpt 4.1 Inp regnl", "gpt-4.1", "input", "standard", "regional"),
        (
            *("gpt-4o-rt-txt-1217 cchd Inp rgnl", "gpt-4o-realtime-preview-2024-12-17"),
            *("cache_read", "standard", "regional"),
        ),
        ("o4-mini 0416 Batch Inp Data Zone", "o4-mini-2025-04-16", "input", "batch", "zone"),
        ("o1 1217 Outp Data Zone Tokens", "o1-2024-12-17", "output", "standard", "zone"),
        (
            *("gpt 4o mini0718 BatchOutp DataZone", "gpt-4o-mini-2024-07-18"),
            *("output", "batch", "zone"),
        ),
        (
            *("5.1 codex mini cd inp Gl 1M Tokens", "gpt-5.1-codex-mini", "cache_read"),
            *("standard", "global"),
        ),
        ("5.4 nano Batch cd Inp Gl 1M Tokens", "gpt-5.4-nano", "cache_read", "batch", "global"),
        ("5.4 pro Batch inp Dz 1M Tokens", "gpt-5.4-pro", "input", "batch", "zone"),
        ("5.4 opt Dz 1M Tokens", "gpt-5.4", "output", "standard", "zone"),
        ("GPT 5 outpt Glbl", "gpt-5", "output", "standard", "global"),
        ("41 ft opt Dz", "ft:gpt-4.1", "output", "standard", "zone"),
        (
            *("gpt rt aud 0828 cchd Inp glbl Tokens", "gpt-realtime-2025-08-28", "cache_read"),
            *("standard", "global"),
        ),
        (
            *("gpt-4o-mini-tts-aud-out-glbl Tokens", "gpt-4o-mini-tts", "audio_output"),
            *("standard", "global"),
        ),
        ("computer-use-outp-datazone", "computer-use", "output", "standard", "zone"),
        ("text embedding 3 large DZ", "text-embedding-3-large", "input", "standard", "zone"),
        ("gpt-4o-rt-aud-1217 Outp DZone", "gpt-4o-realtime-preview-2024-12-17", "audio_output",
         "standard", "zone"),
        ("chat-latest 05052026 cd inp Gl 1M Tokens", "chat-latest-2026-05-05", "cache_read",
         "standard", "global"),
        # a snapshot whose year nobody knows stays as it is, for models.csv
        ("gpt 4o 1212 Inp glbl Tokens", "gpt-4o-1212", "input", "standard", "global"),
        ("4.1 pp cd inp Dz", "gpt-4.1", "cache_read", "priority", "zone"),
    ],
)  # fmt: skip
def test_what_a_meter_says(name: str, model: str, meter: str, tier: str, route: str) -> None:
    said = read_meter(name)
    assert (said.model, said.meter, said.service_tier, said.route) == (model, meter, tier, route)


@pytest.mark.parametrize("name", ["", "S0 Text Records", "D2s v5", "gpt quantum 9 entangled glbl"])
def test_what_no_meter_says_is_never_guessed(name: str) -> None:
    assert read_meter(name).kind == "unparsed"
