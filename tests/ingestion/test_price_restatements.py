"""Restatements are kept once each, on a local folder and on S3."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from ingestion.landing.landing import Landing
from ingestion.landing.restatements import (
    PRICE_RESTATEMENTS,
    read_restatements,
    store_restatements,
    stored_ids,
)


def rows(*lines: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(lines), schema=PRICE_RESTATEMENTS)


def line(restatement_id: str, sequence: int, **more: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(PRICE_RESTATEMENTS.names),
        "restatement_id": restatement_id,
        "sequence": sequence,
        "restated_at": datetime(2026, 10, 1, 12, tzinfo=UTC),
        "usage_date": date(2026, 9, 30),
        "list_cost_after": Decimal("0.000000000001"),
        **more,
    }


def test_every_restatement_is_stored_once_and_read_whole(landing: Landing) -> None:
    storage = landing.storage
    assert read_restatements(storage).num_rows == 0
    first = [line("a", 1, meter="input"), line("a", 1, meter="output")]
    assert store_restatements(storage, rows(*first)) == ["a"]
    second = line("b", 2, list_cost_after=None)
    assert store_restatements(storage, rows(*first, second)) == ["b"]
    assert store_restatements(storage, rows(*first, second)) == []
    assert stored_ids(storage) == {"a", "b"}
    assert read_restatements(storage).to_pylist() == rows(*first, second).to_pylist()


def test_a_sweep_of_the_landing_leaves_restatements(landing: Landing) -> None:
    store_restatements(landing.storage, rows(line("a", 1)))
    assert landing.sweep(datetime(2100, 1, 1, tzinfo=UTC)) == []
    assert stored_ids(landing.storage) == {"a"}
