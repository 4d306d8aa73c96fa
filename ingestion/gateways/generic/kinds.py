"""Records that say the same but for what each says for itself are of one kind."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc


def kinds_of(columns: Iterable[pa.Array], length: int) -> pa.Array:
    """The number of each record's kind, from 0, in the order in which they first stand."""
    kinds = pa.repeat(pa.scalar(0, pa.int64()), length)
    for column in columns:
        codes = _codes(column)
        many = pc.max(codes).as_py() + 1
        both = pc.add(pc.multiply(kinds, many), codes)
        kinds = both.dictionary_encode().indices.cast(pa.int64())
    return kinds


def first_of_each(kinds: pa.Array) -> pa.Array:
    """The place where each kind first stands."""
    places = pa.table({"kind": kinds, "place": pa.array(range(len(kinds)), pa.int64())})
    firsts = places.group_by("kind").aggregate([("place", "min")]).sort_by("kind")
    return firsts["place_min"].combine_chunks()


def _codes(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type) or pa.types.is_decimal(column.type):
        known: dict[str, int] = {}
        codes = [known.setdefault(repr(value), len(known)) for value in column.to_pylist()]
        return pa.array(codes, pa.int64())
    if pa.types.is_floating(column.type):
        # -0.0 is written otherwise than 0.0
        column = column.cast(pa.string())
    return column.dictionary_encode(null_encoding="encode").indices.cast(pa.int64())
