"""What failed and counts nothing is a request of the company's own log, however it is read."""

import io
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from both_ways import RECORDS, assert_equal, both_of, in_columns, log
from generic_logs import csv_of, one, read

from ingestion.vocabulary import METERS

ALL = tuple(f"{meter}_quantity" for meter in METERS)
NOTHING = {"input_token_count": "", "output_token_count": ""}


@pytest.mark.parametrize(
    ("said", "status", "used"),
    [
        ({"status": "error"}, "error", 0),
        ({"http_status": "429"}, "error", 0),
        ({"status": "500"}, "error", 0),
        # a provider may have run it, whatever the client got
        ({"status": "timeout"}, "error", None),
        ({"status": "failed", "http_status": "504"}, "error", None),
        ({"status": "cancelled"}, "cancelled", None),
        ({"http_status": "499"}, "cancelled", None),
    ],
)
def test_what_failed_without_counts_used_nothing_or_nobody_knows(
    said: dict[str, str], status: str, used: int | None
) -> None:
    columns = {"columns": {"http_status": "http_status"}} if "http_status" in said else {}
    row = one(csv_of(**NOTHING, **said), **columns)
    assert row["status"] == status
    assert {row[quantity] for quantity in ALL} == {used}
    assert row["provider_total_tokens"] == used


def test_a_line_of_json_may_lack_the_counts_altogether() -> None:
    line = '{"timestamp": "2026-05-01T10:00:00Z", "model_name": "gpt-4o", "status": "error"}'
    parsed = read(line.encode() + b"\n")
    assert [row["input_quantity"] for row in parsed.rows["requests"]] == [0]


def test_what_a_failure_counts_it_used() -> None:
    row = one(csv_of(status="error", output_token_count=""))
    assert (row["input_quantity"], row["output_quantity"]) == (412, 0)


@pytest.mark.parametrize("status", ["", "success", "shed"])
def test_a_success_without_counts_and_a_word_that_nobody_knows_are_quarantined(status: str) -> None:
    [reject] = read(csv_of(**NOTHING, status=status)).rejects
    assert (reject.field, reject.reason) == ("input_token_count", "empty")


def test_by_columns_as_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    columns: dict[str, Any] = log(Random(11))
    for place, status in enumerate(("error", "timeout", "cancelled", "success", "500")):
        columns["status"][place * 50] = status
        for count in ("input_token_count", "output_token_count"):
            columns[count][place * 50] = None
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    by_column, one_by_one = both_of(monkeypatch)(sink.getvalue())
    assert in_columns(by_column) >= RECORDS // 2
    assert_equal(by_column, one_by_one)
