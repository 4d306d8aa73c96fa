"""Large Parquet logs are read by columns: what lands is what their records would be one by one."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from both_ways import RECORDS, Both, assert_equal, both_of, in_columns, log

from ingestion.gateways.generic import by_columns, own_columns, own_moments, own_numbers


def parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    return both_of(monkeypatch)


@pytest.mark.parametrize("seed", range(4))
def test_columns_are_the_rows(both: Both, seed: int) -> None:
    by_column, one_by_one = both(parquet(log(Random(seed))))
    assert by_column.rows["requests"] == []
    assert in_columns(by_column) == RECORDS
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
def test_odd_values_cost_and_keep_their_own_record(both: Both, column: str) -> None:
    columns = log(Random(7))
    for place, value in enumerate(ODD[column]):
        columns[column][place * 100 + 3] = value
    by_column, one_by_one = both(parquet(columns))
    assert in_columns(by_column) >= RECORDS // 2
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
    "latencies as decimals": {
        "latency": lambda v: pa.array([Decimal(repr(n)).quantize(Decimal("1e-9")) for n in v])
    },
    "latencies as texts": {"latency": lambda v: pa.array([f"{n:.4f}" for n in v])},
    "money to the last place of a float": {
        "cost": lambda v: pa.array([Random(n).random() ** 9 for n in range(len(v))])
    },
    "local times as texts": {
        "timestamp": lambda v: pa.array([t.replace(tzinfo=None).isoformat(" ") for t in v])
    },
    "times of each kind of text": {
        "timestamp": lambda v: pa.array(
            ["2028-02-29T10:00:00Z", "2026-10-05T10:00:00.5+05:30", "2026-10-05 10:00:00.1234567"]
            + [f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in v[3:]]
        )
    },
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
def test_columns_of_other_types(both: Both, types: str) -> None:
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
def test_columns_under_options(both: Both, options: dict[str, Any]) -> None:
    assert_equal(*both(parquet(log(Random(5))), **options))


@pytest.mark.parametrize("form", ["epoch_s", "epoch_ms", "epoch_us"])
@pytest.mark.parametrize("kind", [int, float, str, Decimal])
def test_counts_of_time(both: Both, form: str, kind: type) -> None:
    columns: dict[str, Any] = log(Random(6))
    second = {"epoch_s": 1, "epoch_ms": 1000, "epoch_us": 1_000_000}[form]
    counts = [t.timestamp() * second for t in columns["timestamp"]]
    said = [Decimal(repr(round(n, 4))) if kind is Decimal else kind(n) for n in counts]
    said[10] = kind(5)
    columns["timestamp"] = said
    by_column, one_by_one = both(parquet(columns), timestamp_format=form)
    assert in_columns(by_column) == RECORDS - 1
    assert_equal(by_column, one_by_one)


def test_plain_numbers_and_times_are_asked_of_no_rule(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns: dict[str, Any] = log(Random(8))
    columns["timestamp"] = [t.isoformat() for t in columns["timestamp"]]
    data = parquet(columns)

    def never(*_: Any) -> None:
        raise AssertionError("one by one")

    with monkeypatch.context() as asked:
        for module, rule in (
            (own_numbers, "read_number"),
            (own_moments, "read_moment"),
            (own_columns, "read_count"),
        ):
            asked.setattr(module, rule, never)
        by_column, _ = both(data)
    assert in_columns(by_column) == RECORDS
    assert_equal(by_column, both(data)[1])


def test_what_columns_make_otherwise_than_the_rules_is_read_by_the_rules(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_columns, "key_before", lambda source: "wrong:")
    by_column, one_by_one = both(parquet(log(Random(1))))
    assert by_column.requests == []
    assert_equal(by_column, one_by_one)
