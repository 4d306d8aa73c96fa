"""Rows are cut into days, in one order whatever order they come in."""

from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa
import pytest

from ingestion.contracts import REQUESTS
from ingestion.landing.tables.date_folders import by_date

START = datetime(2026, 10, 5, 23, tzinfo=UTC)


def table(minutes: list[int], batches: frozenset[int] = frozenset()) -> pa.Table:
    rows = [
        {
            "request_key": f"k-{minute}-{place}",
            "started_at": START + timedelta(minutes=minute),
            "ended_at": START + timedelta(minutes=minute, days=2),
            "service_tier": "batch" if minute in batches else None,
            "batch": 1,
            "object_no": 0,
            "record_no": place,
        }
        for place, minute in enumerate(minutes)
    ]
    schema = pa.schema([field.with_nullable(True) for field in REQUESTS])
    return pa.Table.from_pylist(rows, schema=schema)


def keys(minutes: list[int], batches: frozenset[int] = frozenset()) -> dict[str, list[int]]:
    parts = by_date("requests", table(minutes, batches))
    return {
        day: [(t - START) // timedelta(minutes=1) for t in part["started_at"].to_pylist()]
        for day, part in parts.items()
    }


@pytest.mark.parametrize("batches", [frozenset(), frozenset({7, 80})])
def test_days_do_not_depend_on_the_order(batches: frozenset[int]) -> None:
    minutes = list(range(120))
    shuffled = Random(1).sample(minutes, len(minutes))
    in_order = keys(minutes, batches)
    assert keys(shuffled, batches) == in_order
    assert sorted(n for part in in_order.values() for n in part) == minutes
    assert ("2026-10-07" in in_order) == bool(batches)


def test_of_equal_times_the_key_decides() -> None:
    # places 0 to 2 of one minute: the keys are `k-5-0`, `k-5-1`, `k-5-2`
    rows = table([5, 5, 5])
    [first] = by_date("requests", rows).values()
    [again] = by_date("requests", rows.take([2, 0, 1])).values()
    assert first.equals(again)
    assert first["record_no"].to_pylist() == [0, 1, 2]
