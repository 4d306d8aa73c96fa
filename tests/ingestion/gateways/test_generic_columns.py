"""Large Parquet logs are read by columns: what lands is what their records would be one by one."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from generic_logs import read

from ingestion.gateways.generic import by_columns
from ingestion.records import Parsed, Row

RECORDS = 1000
ADDED_BY_THE_LANDING = ("source", "batch", "object_no")
START = datetime(2026, 10, 5, tzinfo=UTC)


def log(random: Random) -> dict[str, list[Any]]:
    """A log as companies keep it: few kinds of records, each with its own time, counts and ids."""
    inputs = [random.randrange(10, 5000) for _ in range(RECORDS)]
    return {
        "timestamp": [START + timedelta(seconds=random.random() * 86_400) for _ in inputs],
        "request_id": [f"r-{number}" for number in range(RECORDS)],
        "user_id": [random.choice(("ann", "Bo Li", "carl@acme.org", None)) for _ in inputs],
        "session_id": [f"s-{random.randrange(90)}" for _ in inputs],
        "model_name": [random.choice(("gpt-4o", "claude-sonnet-4-5")) for _ in inputs],
        "feature_tag": [random.choice(("search", "chat", None)) for _ in inputs],
        "status": [random.choice(("ok", "error", "499")) for _ in inputs],
        "input_token_count": inputs,
        "output_token_count": [random.randrange(900) for _ in inputs],
        "cached_tokens": [random.choice((None, 0, each // 2)) for each in inputs],
        "latency": [round(random.random() * 9000, random.choice((0, 1, 3, 9))) for _ in inputs],
        "cost": [random.choice((None, 0.1, 0.123456789)) for _ in inputs],
    }


def parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def rows_of(parsed: Parsed) -> list[Row]:
    rows = list(parsed.rows["requests"])
    for table in parsed.requests:
        rows += table.to_pylist()
    held = [{k: v for k, v in row.items() if k not in ADDED_BY_THE_LANDING} for row in rows]
    return sorted(held, key=lambda row: row["record_no"])


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Parsed, Parsed]]:
    """The log by columns, where that can be, and one by one."""

    def read_both(data: bytes, **options: Any) -> tuple[Parsed, Parsed]:
        monkeypatch.setattr(by_columns, "FEWEST_A_KIND", 0)
        by_column = read(data, **options)
        monkeypatch.setattr(by_columns, "FEWEST", RECORDS + 1)
        return by_column, read(data, **options)

    return read_both


def assert_equal(by_column: Parsed, one_by_one: Parsed) -> None:
    assert one_by_one.requests == []
    assert rows_of(by_column) == rows_of(one_by_one)
    assert by_column.rejects == one_by_one.rejects
    assert (by_column.records, by_column.absent) == (one_by_one.records, one_by_one.absent)


@pytest.mark.parametrize("seed", range(4))
def test_columns_are_the_rows(both: Callable[..., Any], seed: int) -> None:
    by_column, one_by_one = both(parquet(log(Random(seed))))
    assert by_column.rows["requests"] == []
    assert sum(table.num_rows for table in by_column.requests) == RECORDS
    assert_equal(by_column, one_by_one)


# what a count, a time, an amount or an id of a log may be, wrong ones and keys among them
ODD: dict[str, tuple[Any, ...]] = {
    "timestamp": (None, datetime(1999, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)),
    "request_id": (None, "", " r ", "sk-abcdefgh12345", "x" * 300, "two words", "a1@b", "é"),
    "user_id": ("", " ann ", "Bearer abcdefghijkl", "y" * 65, "z" * 300, "ünïcode ñame"),
    "input_token_count": (None, -1, 0, 3, 10**15, 10**15 + 1),
    "output_token_count": (None, -1, 0, 10**15),
    "cached_tokens": (-1, 0, 10**9),
    "latency": (-1.0, -0.0, float("nan"), float("inf"), 1e-7, 5.184e9, 5.185e9, 1e300),
    "cost": (float("nan"), float("inf"), -0.5, 1e15, 1e16, 1e-13),
    "model_name": (None, "", "models/gemini-2.5-pro", "m" * 300),
    "status": (None, "", "500", "no such word here", "w" * 70),
}


@pytest.mark.parametrize("column", ODD)
def test_odd_values_cost_and_keep_their_own_record(both: Callable[..., Any], column: str) -> None:
    columns = log(Random(7))
    for place, value in enumerate(ODD[column]):
        columns[column][place * 100 + 3] = value
    by_column, one_by_one = both(parquet(columns))
    assert sum(table.num_rows for table in by_column.requests) >= RECORDS // 2
    assert_equal(by_column, one_by_one)


TYPES: dict[str, dict[str, Callable[[list[Any]], pa.Array]]] = {
    "naive times": {"timestamp": lambda v: pa.array([t.replace(tzinfo=None) for t in v])},
    "times in nanoseconds of Berlin": {
        "timestamp": lambda v: pa.array(v).cast(pa.timestamp("ns", "Europe/Berlin"))
    },
    "times as texts": {
        "timestamp": lambda v: pa.array(
            [t.astimezone(ZoneInfo("Asia/Tokyo")).isoformat() for t in v]
        )
    },
    "counts as floats": {"cached_tokens": lambda v: pa.array(v).cast(pa.float64())},
    "counts as texts": {"input_token_count": lambda v: pa.array([f"{n:,}" for n in v])},
    "unsigned counts": {"output_token_count": lambda v: pa.array(v, pa.uint64())},
    "money as decimals": {
        "cost": lambda v: pa.array([None if n is None else Decimal(str(n)) for n in v])
    },
    "whole latencies": {"latency": lambda v: pa.array([int(n) for n in v])},
    "short floats": {"latency": lambda v: pa.array(v, pa.float32())},
    "dictionaries": {
        name: lambda v: pa.array(v).dictionary_encode()
        for name in ("model_name", "status", "user_id")
    },
    "large texts": {
        name: lambda v: pa.array(v, pa.large_string()) for name in ("request_id", "user_id")
    },
    "numbers as ids": {"request_id": lambda v: pa.array(range(len(v)))},
    "tags and metadata": {
        "tags": lambda v: pa.array([["team:a", "b"] if n % 2 else None for n in range(RECORDS)]),
        "metadata": lambda v: pa.array([{"tier": "pro", "n": n % 3} for n in range(RECORDS)]),
    },
    "a total that proves": {
        "total_tokens": lambda v: pa.array([100 + n if n % 50 else 0 for n in range(RECORDS)])
    },
}


@pytest.mark.parametrize("types", TYPES)
def test_columns_of_other_types(both: Callable[..., Any], types: str) -> None:
    columns: dict[str, Any] = log(Random(3))
    for name, made in TYPES[types].items():
        columns[name] = made(columns.get(name, []))
    assert_equal(*both(parquet(columns)))


@pytest.mark.parametrize(
    "options",
    [
        {"latency_unit": "s", "timezone": "Europe/Berlin", "provider": "azure"},
        {"tokens_inclusive_of_cache": False, "columns": {"reasoning_tokens": "cached_tokens"}},
        {"columns": {"total_tokens": "input_token_count", "tag:zone": "user_id"}},
        {"columns": {"user_id": "session_id", "customer_id": "user_id", "attempt_no": "status"}},
        {"columns": {"latency_ms": "output_token_count", "ended_at": "timestamp"}},
        {"columns": {"call_id": "request_id", "images": "cached_tokens"}},
    ],
)
def test_columns_under_options(both: Callable[..., Any], options: dict[str, Any]) -> None:
    assert_equal(*both(parquet(log(Random(5))), **options))


def test_what_columns_make_otherwise_than_the_rules_is_read_by_the_rules(
    both: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_columns, "key_before", lambda source: "wrong:")
    by_column, one_by_one = both(parquet(log(Random(1))))
    assert by_column.requests == []
    assert_equal(by_column, one_by_one)
