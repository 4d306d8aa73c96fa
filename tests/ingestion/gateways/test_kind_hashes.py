"""Hashes that are made of a kind's bytes and a record's own are those of the whole row."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from ingestion.contracts import REQUESTS
from ingestion.reading.columns.kind_columns import content_hashes
from ingestion.records import CONTENT, Row, content_hash

START = datetime(2026, 10, 5, tzinfo=UTC)
RECORDS = 300


def a_row(random: Random) -> Row:
    """A kind's: a text, a number or nothing in each column."""
    said: dict[pa.DataType, Any] = {
        pa.string(): random.choice(("", "chat", "ü" * 40, None)),
        pa.bool_(): random.random() < 0.5,
        pa.timestamp("us", "UTC"): START,
        pa.decimal128(38, 12): Decimal("0.000000000012"),
        pa.decimal128(38, 6): Decimal(3),
    }
    return {f.name: said.get(f.type, random.choice((0, 1, 70_000, None))) for f in REQUESTS}


def own_of(random: Random) -> dict[str, list[Any]]:
    times = [START + timedelta(microseconds=random.randrange(10**9)) for _ in range(RECORDS)]
    return {
        "started_at": times,
        "ended_at": [random.choice((None, START, time)) for time in times],
        "user_id": [random.choice((None, "ann", "b" * 300)) for _ in times],
        "call_id": [None for _ in times],
        "latency_ms": [random.choice((None, 0.0, random.random() * 1e4)) for _ in times],
        "input_quantity": [random.randrange(2 ** random.randrange(1, 50)) for _ in times],
        "image_input_quantity": [0 for _ in times],
        "cache_ttl_assumed": [False for _ in times],
        "gateway_cost": [
            random.choice((None, Decimal(random.randrange(10**15)).scaleb(-12))) for _ in times
        ],
    }


@pytest.mark.parametrize("as_arrow", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_hashes_are_those_of_rows(seed: int, as_arrow: bool) -> None:
    random = Random(seed)
    kinds = [a_row(random) for _ in range(5)]
    kind_of = [random.randrange(5) for _ in range(RECORDS)]
    own = own_of(random)
    assert set(own) <= set(CONTENT)
    arrays = {name: pa.array(said, REQUESTS.field(name).type) for name, said in own.items()}
    # money lands with all of its places
    own["gateway_cost"] = arrays["gateway_cost"].to_pylist()
    made = content_hashes(arrays if as_arrow else own, kinds, kind_of)
    rows = [
        kinds[kind] | {name: said[place] for name, said in own.items()}
        for place, kind in enumerate(kind_of)
    ]
    assert made == [content_hash(row) for row in rows]
    assert len(set(made)) == RECORDS


def test_half_a_character_is_hashed_as_rows_are() -> None:
    kind = a_row(Random(1)) | {"user_id": "\ud800"}
    assert content_hashes({"call_id": ["a", None]}, [kind], [0, 0]) == [
        content_hash(kind | {"call_id": call}) for call in ("a", None)
    ]
