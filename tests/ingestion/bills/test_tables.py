"""Bills of rows: chunks, months, what is ours and what is not, bad rows one by one."""

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ingestion.bills.lines.charge_row import charge
from ingestion.bills.tables import chunks, text_blocks
from ingestion.bills.tables.exports import each_file, table_files
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Export, Foreign, Listing, Rows, TableFormat
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.reading.records import decompression
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace import formats
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

HEADER = "month,hour,service,model,usd"
HOUR = "2026-10-07T10:00:00Z"


def by_month(listing: Listing) -> list[Export]:
    """`2026-10@3/a.csv`: October's third export."""
    folders: dict[str, list[str]] = {}
    for name in table_files(listing.names):
        folders.setdefault(PurePosixPath(name).parent.name, []).append(name)
    found = []
    for folder, files in folders.items():
        month, _, number = folder.partition("@")
        moment = datetime(2026, 11, int(number), tzinfo=UTC) if number else None
        first = date.fromisoformat(f"{month}-01")
        found.append(Export(folder, tuple(files), first, moment))
    return found


def foreign(record: Record) -> Foreign | None:
    if record.value("service") == "ai":
        return None
    return Foreign(record.needed("service"), "Usage", "USD", _month(record))


def read(record: Record, bill: Bill) -> Rows:
    start = record.instant("hour")
    return [
        (
            "charges",
            charge(
                "tokens",
                record.money("usd"),
                month=_month(record),
                charge_period_start=start,
                charge_period_end=start.replace(hour=start.hour + 1),
                charge_description=record.needed("model"),
                model=record.text("model"),
                billing_currency="USD",
            ),
        )
    ]


def _month(record: Record) -> date | None:
    return date.fromisoformat(f"{record.needed('month')}-01") if record.value("month") else None


FORMAT = TableFormat(
    provider="aws",
    exports=by_month,
    needs=("hour", "service", "usd"),
    whose=("month", "service"),
    foreign=foreign,
    amount=lambda record: record.money("usd"),
    read=read,
)


class Bills:
    """A bill's location, and what is landed of it."""

    def __init__(self, folder: Path, form: TableFormat, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.landing = Landing(open_storage(str(folder / "landing")))
        reader: Any = type("Reader", (), {"READER_VERSION": "1", "FORMAT": form})
        monkeypatch.setattr(formats, "bill_reader", lambda _: reader)

    rejects_kept = 1000

    def save(self, files: Mapping[str, str | bytes]) -> LoadResult:
        for name, data in files.items():
            path = self.folder / "bill" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return self.load()

    def load(self) -> LoadResult:
        bill = Bill("cloud", "aws", "payer", str(self.folder / "bill"), None, "bill", {})
        return load_bill(replace(bill, rejects_kept=self.rejects_kept), self.landing)

    def rows(self, table: str, columns: str) -> list[tuple[object, ...]]:
        return landed(self.landing, self.folder / "cache", table, columns)


@pytest.fixture
def bills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bills:
    return Bills(tmp_path, FORMAT, monkeypatch)


def csv(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines, ""])


def line(model: str, usd: str, service: str = "ai", hour: str = HOUR) -> str:
    return f"2026-10,{hour},{service},{model},{usd}"


def parquet(text: str) -> bytes:
    names, *lines = [each.split(",") for each in text.split()]
    columns = {name: [each[n] for each in lines] for n, name in enumerate(names)}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def jsonl(text: str) -> str:
    names, *lines = [each.split(",") for each in text.split()]
    return "".join(json.dumps(dict(zip(names, each, strict=True))) + "\n" for each in lines)


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK", size)
    monkeypatch.setattr(decompression, "MOST", size)


MIXED = csv(line("m1", "1.25"), line("", "80.5", "ec2"), line("m2", "-0.5"), line("", "2", "ec2"))
FORMS: dict[str, str | bytes] = {
    "a.csv": MIXED,
    "a.csv.gz": gzip.compress(MIXED.encode()),
    "a.csv.zst": zstandard.compress(MIXED.encode()),
    "a.tsv": MIXED.replace(",", "\t"),
    "bom.csv": b"\xef\xbb\xbf" + MIXED.replace("\n", "\r\n").encode(),
    "a.jsonl": jsonl(MIXED),
    "a.parquet": parquet(MIXED),
}


@pytest.mark.parametrize("name", FORMS)
def test_one_bill_in_any_form(bills: Bills, name: str) -> None:
    result = bills.save({f"2026-10/{name}": FORMS[name]})
    assert (result.records, result.landed, result.quarantined) == (4, 2, 0)
    cost = "model, cast(billed_cost_in_billing_currency as double)"
    assert bills.rows("charges", cost) == [("m1", 1.25), ("m2", -0.5)]
    sums = "service, charge_category, row_count, cast(billed_cost_in_billing_currency as double)"
    assert bills.rows("foreign_charges", sums) == [("ec2", "Usage", 2, 82.5)]
    [(evidence,)] = set(bills.rows("charges", "raw_row::json->>'hour'"))
    assert evidence == HOUR
    assert bills.load().batch is None


def test_a_restated_export_replaces_its_month(bills: Bills) -> None:
    """Trap 30: exports are written anew as a whole. The newer export has dropped a day; what it
    replaces is not even read.
    """
    bills.save({"2026-10@3/a.csv": csv(line("m1", "1"), line("m2", "2"))})
    bills.save({"2026-10@5/a.csv": csv(line("m1", "3")), "2026-10@4/a.csv": "no such export"})
    pulls = "pull_id, pulled_at::date::varchar, row_count, bucket_start::date::varchar"
    assert bills.rows("bill_buckets", pulls) == [
        ("2026-10@3", "2026-11-03", 2, "2026-10-01"),
        ("2026-10@5", "2026-11-05", 1, "2026-10-01"),
    ]


def test_an_export_that_changes_in_one_file_lands_again_whole(bills: Bills) -> None:
    parts = {"2026-10/1.csv": csv(line("m1", "1")), "2026-10/2.csv": csv(line("m2", "2"))}
    assert bills.save(parts).objects_new == 2
    assert bills.save({"2026-10/2.csv": csv(line("m2", "9"))}).objects_new == 2


def test_a_month_without_a_row_of_ours_is_told(bills: Bills) -> None:
    bills.save({"2026-10/a.csv": csv(line("", "5", "ec2"))})
    told = "provider, billing_account, row_count"
    assert bills.rows("bill_buckets", told) == [("aws", "payer", 0)]


def test_two_exports_of_a_month_without_an_order_are_an_error(bills: Bills) -> None:
    both = {"a/2026-10/a.csv": csv(line("m1", "1")), "b/2026-10@3/a.csv": csv(line("m1", "2"))}
    with pytest.raises(
        SourceError, match="bill cloud: 2026-10 and 2026-10@3 both are exports of 2026-10"
    ):
        bills.save(both)


def test_files_whose_rows_tell_the_month_are_compared_after_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills = Bills(tmp_path, replace(FORMAT, exports=each_file), monkeypatch)
    bills.save({"october.csv": csv(line("m1", "1"))})
    with pytest.raises(SourceError, match=r"october \(1\).csv and october.csv both are exports of"):
        bills.save({"october (1).csv": csv(line("m1", "2"))})
    assert len(bills.rows("charges", "model")) == 1


BAD = {
    "three fields": ("2026-10,x,ai", "3 fields, not 5", "record"),
    "no number": (line("m", "1.2.3"), "not a number", "usd"),
    "no money": (line("m", ""), "missing", "usd"),
    "no time": (line("m", "1", hour="never"), "not a time", "hour"),
    "another month": (f"2026-09,{HOUR},ai,m,1", "not the export's, 2026-10", "billing period"),
    "foreign without money": (line("", "", "ec2"), "missing", "usd"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_quarantined_alone(bills: Bills, name: str) -> None:
    bad, reason, field = BAD[name]
    text = csv(line("m1", "1"), bad, line("m2", "2"))
    result = bills.save({"2026-10/a.csv": text})
    assert (result.records, result.landed, result.quarantined) == (3, 2, 1)
    place = 'object, record_no, "offset", length, field, reason'
    assert bills.rows("quarantine", place) == [
        ("2026-10/a.csv", 1, text.index(bad), len(bad), field, reason)
    ]


def test_rejects_are_kept_up_to_a_bound_of_the_file(
    bills: Bills, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch, 200)
    bills.rejects_kept = 3
    bad = [line(f"m{n}", "x") for n in range(40)]
    result = bills.save({"2026-10/a.csv": csv(*bad)})
    assert (result.records, result.quarantined) == (40, 40)
    told = [n for (n,) in bills.rows("quarantine", "records")]
    assert sum(told) == 40
    assert told.count(1) < 10


def test_lines_in_quotes_are_one_record(bills: Bills, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the blocks: a quoted line end never cuts, and a stray quote costs its own rows."""
    small_blocks(monkeypatch, 64)
    quoted = [f'2026-10,{HOUR},ai,"m\n{n}, ""new""",{n}.5' for n in range(30)]
    result = bills.save({"2026-10/a.csv": csv(*quoted, f'2026-10,{HOUR},ai,5" disk,1')})
    assert (result.records, result.landed) == (31, 31)
    [(total,)] = bills.rows("charges", "sum(billed_cost_in_billing_currency)::double")
    assert total == sum(range(30)) + 15 + 1


UNREADABLE = {
    "no column": (csv("1", header="month,hour,service"), "lacks usd"),
    "empty": ("", "empty"),
    "twice": (csv(header=HEADER + ",usd"), "has the column usd twice"),
    "cut": (gzip.compress(MIXED.encode())[:-12], "its gzip is cut off"),
    "cut zstd": (zstandard.compress(MIXED.encode() * 9)[:-4], "its zstd is cut off"),
    "cut parquet": (parquet(MIXED)[:-30], "damaged or cut off Parquet"),
    "a PDF": (b"%PDF-1.7 \n1 0 obj", "a PDF"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_to_its_end_is_half_a_month(bills: Bills, name: str) -> None:
    data, why = UNREADABLE[name]
    with pytest.raises(SourceError, match=rf"bill cloud: 2026-10/a\.csv: .*{why}"):
        bills.save({"2026-10/a.csv": data})
    assert bills.landing.batches() == []


def test_an_export_larger_than_memory_lands_in_chunks(
    bills: Bills, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch, 1000)
    monkeypatch.setattr("ingestion.landing.bill_tables.GATHERED", 0)
    read_chunks = chunks.read_chunks
    sizes = []

    def watched(*given: Any) -> Any:
        for chunk in read_chunks(*given):
            sizes.append(len(chunk.records))
            yield chunk

    monkeypatch.setattr("ingestion.landing.bill_tables.read_chunks", watched)
    result = bills.save({"2026-10/a.csv": csv(*(line(f"m{n}", "1") for n in range(500)))})
    assert (result.batch, result.landed) == (1, 500)
    assert max(sizes) < 50
    assert len(bills.landing.visible_files()["charges"]) > 1
    [(count, total)] = bills.rows(
        "charges", "count(distinct record_no), sum(billed_cost_in_billing_currency)"
    )
    assert (count, total) == (500, Decimal(500))
