"""Rows as columns where many records are of few kinds: what each says for itself, and its kind's.

Of each kind one record becomes a row by the rules of one record, and stands for all.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import repeat
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import LINEAGE, REQUESTS
from ingestion.reading.instants import EPOCH
from ingestion.records import CONTENT, Row, hash_of_values

MADE: Final = tuple(name for name in REQUESTS.names if name not in {f.name for f in LINEAGE})


def with_kinds(
    own: Mapping[str, pa.Array | Sequence[Any]], kinds: Sequence[Row], kind_of: pa.Array
) -> pa.Table:
    """`own` columns or their values, and for each other column the value of a record's kind."""
    hashes = _content_hashes(own, kinds, kind_of.to_pylist())
    made = {name: _column(name, said) for name, said in own.items()}
    made["content_hash"] = pa.array(hashes, pa.string())
    arrays = [
        made[name]
        if name in made
        else pa.array([row[name] for row in kinds], REQUESTS.field(name).type).take(kind_of)
        for name in MADE
    ]
    return pa.table(
        arrays, schema=pa.schema([REQUESTS.field(name).with_nullable(True) for name in MADE])
    )


def _column(name: str, said: pa.Array | Sequence[Any]) -> pa.Array:
    return said if isinstance(said, pa.Array) else pa.array(said, REQUESTS.field(name).type)


def proves(rows: Sequence[Row | None], table: pa.Table, firsts: pa.Array) -> bool:
    """Whether the rows that the rules make of the first of each kind are those of the table."""
    proofs = [row if row is None else {name: row[name] for name in MADE} for row in rows]
    found = table.take(firsts).to_pylist()
    return all(row is None or row == columns for row, columns in zip(proofs, found, strict=True))


def _content_hashes(
    columns: Mapping[str, pa.Array | Sequence[Any]], kinds: Sequence[Row], kind_of: Sequence[int]
) -> list[str]:
    """`columns`, or their values as rows have them; of what stands in none that of a row's kind."""
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


def _values(column: pa.Array | Sequence[Any]) -> Sequence[Any]:
    if not isinstance(column, pa.Array):
        return column
    if not pa.types.is_timestamp(column.type):
        return column.to_pylist()
    # Arrow looks up the time zone for each value
    return [
        None if since is None else EPOCH + timedelta(0, 0, since)
        for since in column.cast(pa.int64()).to_pylist()
    ]
