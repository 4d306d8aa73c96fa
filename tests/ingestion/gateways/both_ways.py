"""One log read by columns, and by the rules of one record at a time: what comes out is the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from generic_logs import read

from ingestion.gateways.generic import by_columns
from ingestion.records import Parsed, Row

RECORDS = 1000
ADDED_BY_THE_LANDING = ("source", "batch", "object_no")
START = datetime(2026, 10, 5, tzinfo=UTC)
Both = Callable[..., tuple[Parsed, Parsed]]


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


def in_columns(parsed: Parsed) -> int:
    return sum(table.num_rows for table in parsed.requests)


def rows_of(parsed: Parsed) -> list[Row]:
    rows = list(parsed.rows["requests"])
    for table in parsed.requests:
        rows += table.to_pylist()
    held = [{k: v for k, v in row.items() if k not in ADDED_BY_THE_LANDING} for row in rows]
    return sorted(held, key=lambda row: row["record_no"])


def both_of(monkeypatch: pytest.MonkeyPatch) -> Both:
    """Reads a log by columns, where that can be, and one by one."""

    def read_both(data: bytes | str, **options: Any) -> tuple[Parsed, Parsed]:
        monkeypatch.setattr(by_columns, "FEWEST_A_KIND", 0)
        by_column = read(data, **options)
        with monkeypatch.context() as never:
            never.setattr(by_columns, "FEWEST", 10**9)
            return by_column, read(data, **options)

    return read_both


def assert_equal(by_column: Parsed, one_by_one: Parsed) -> None:
    assert one_by_one.requests == []
    assert rows_of(by_column) == rows_of(one_by_one)
    assert by_column.rejects == one_by_one.rejects
    assert (by_column.records, by_column.absent) == (one_by_one.records, one_by_one.absent)
