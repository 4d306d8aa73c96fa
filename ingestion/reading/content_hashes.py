"""Content hashes of rows that stand in columns: each is that of its row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import repeat
from typing import Any

import pyarrow as pa

from ingestion.reading.instants import EPOCH
from ingestion.records import CONTENT, Row, hash_of_values


def content_hashes(
    columns: Mapping[str, pa.Array], kinds: Sequence[Row], kind_of: Sequence[int]
) -> list[str]:
    """`columns` and, of what stands in none, the value of a row's kind."""
    values = [
        _values(columns[name]) if name in columns else _of_kinds(name, kinds, kind_of)
        for name in CONTENT
    ]
    # a kind may say the same in all rows: its column has no end
    return [hash_of_values(row) for row, _ in zip(zip(*values, strict=False), kind_of, strict=True)]


def _of_kinds(name: str, kinds: Sequence[Row], kind_of: Sequence[int]) -> Iterable[Any]:
    of_each = [row.get(name) for row in kinds]
    if len(set(of_each)) == 1:
        return repeat(of_each[0])
    return map(of_each.__getitem__, kind_of)


def _values(column: pa.Array) -> list[Any]:
    if not pa.types.is_timestamp(column.type):
        return column.to_pylist()
    # Arrow looks up the time zone for each value
    return [
        None if since is None else EPOCH + timedelta(microseconds=since)
        for since in column.cast(pa.int64()).to_pylist()
    ]
