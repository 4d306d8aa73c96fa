"""Rows as columns where many records are of few kinds: what each says for itself, and its kind's.

Of each kind one record becomes a row by the rules of one record, and stands for all.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import LINEAGE, REQUESTS
from ingestion.reading.columns.packed_times import packed_times
from ingestion.reading.instants import EPOCH
from ingestion.records import CONTENT, Row, hash_of_values

MADE: Final = tuple(name for name in REQUESTS.names if name not in {f.name for f in LINEAGE})
_ENCODER: Final = msgspec.msgpack.Encoder()
# An array is its length, where each None is one byte, and then its values.
_LENGTH: Final = _ENCODER.encode([None] * len(CONTENT))[: -len(CONTENT)]

# Of Arrow, or the values themselves.
Column: TypeAlias = pa.Array | Sequence[Any]


def with_kinds(
    own: Mapping[str, Column],
    kinds: Sequence[Row],
    kind_of: pa.Array,
    known: Mapping[str, pa.Array] = MappingProxyType({}),
) -> pa.Table:
    """`own` columns or their values, and for each other column the value of a record's kind.

    `known` are columns of such values that are made already.
    """
    hashes = content_hashes(own, kinds, kind_of.to_pylist())
    made = {**known}
    made |= {name: _column(name, said) for name, said in own.items() if name not in made}
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


def _column(name: str, said: Column) -> pa.Array:
    return said if isinstance(said, pa.Array) else pa.array(said, REQUESTS.field(name).type)


def proves(rows: Sequence[Row | None], table: pa.Table, firsts: pa.Array) -> bool:
    """Whether the rows that the rules make of the first of each kind are those of the table."""
    proofs = [row if row is None else {name: row[name] for name in MADE} for row in rows]
    found = table.take(firsts).to_pylist()
    return all(row is None or row == columns for row, columns in zip(proofs, found, strict=True))


def content_hashes(
    columns: Mapping[str, Column], kinds: Sequence[Row], kind_of: Sequence[int]
) -> list[str]:
    """Those of `hash_of_values`, where what a kind says is encoded once.

    `columns`, or their values as rows have them; of what stands in none that of a row's kind.
    """
    own, rows = _without_constants(columns, kinds)
    encode, begun = _ENCODER.encode, hashlib.blake2b(_LENGTH, digest_size=16)
    hashes = []
    try:
        parts = list(_parts(own, rows, kind_of))
        start = len(encode([None] * len(parts))) - len(parts)
        for row in zip(*parts, strict=True):
            # sooner copied than made with its options
            digest = begun.copy()
            digest.update(encode(row)[start:])
            hashes.append(digest.hexdigest())
        return hashes
    except (ValueError, OverflowError):
        # what is written otherwise, see `hash_of_values`
        return _one_by_one(columns, kinds, kind_of)


def _without_constants(
    columns: Mapping[str, Column], kinds: Sequence[Row]
) -> tuple[dict[str, Sequence[Any]], list[Row]]:
    """Columns as values, but for those that say one thing: that is of each kind."""
    own: dict[str, Sequence[Any]] = {}
    constants: Row = {}
    for name in CONTENT:
        if name in columns:
            column = columns[name]
            if _is_one_value(column):
                constants[name] = column[0] if isinstance(column, Sequence) else column[0].as_py()
            else:
                own[name] = _encodable(column)
    return own, [{name: row.get(name) for name in CONTENT} | constants for row in kinds]


def _is_one_value(column: Column) -> bool:
    if not isinstance(column, pa.Array):
        return len(column) > 0 and column[0] is None and column.count(None) == len(column)
    if column.null_count or not len(column):
        return column.null_count == len(column) > 0
    if not pa.types.is_integer(column.type) and not pa.types.is_boolean(column.type):
        return False
    least, most = pc.min_max(column).values()
    return bool(least.equals(most))


def _parts(
    own: Mapping[str, Sequence[Any]], kinds: Sequence[Row], kind_of: Sequence[int]
) -> Iterator[Iterable[Any]]:
    """Columns of what is encoded, in the order of CONTENT."""
    for is_own, names in groupby(CONTENT, own.__contains__):
        if is_own:
            yield from (own[name] for name in names)
        else:
            said = list(names)
            of_each = [
                msgspec.Raw(b"".join(_ENCODER.encode(row[name]) for name in said)) for row in kinds
            ]
            yield map(of_each.__getitem__, kind_of)


def _one_by_one(
    columns: Mapping[str, Column], kinds: Sequence[Row], kind_of: Sequence[int]
) -> list[str]:
    values = [
        _values(columns[name]) if name in columns else [kinds[kind].get(name) for kind in kind_of]
        for name in CONTENT
    ]
    return [hash_of_values(row) for row in zip(*values, strict=True)]


def _encodable(column: Column) -> Sequence[Any]:
    """The values, or what is encoded as they are."""
    if isinstance(column, pa.Array) and pa.types.is_timestamp(column.type):
        packed = packed_times(column)
        if packed is not None:
            return packed
    return _values(column)


def _values(column: Column) -> Sequence[Any]:
    if not isinstance(column, pa.Array):
        return column
    if pa.types.is_decimal(column.type):
        # written as Python writes it, and so it is encoded
        return column.cast(pa.string()).to_pylist()
    if not pa.types.is_timestamp(column.type):
        return column.to_pylist()
    # Arrow looks up the time zone for each value
    return [
        None if since is None else EPOCH + timedelta(0, 0, since)
        for since in column.cast(pa.int64()).to_pylist()
    ]
