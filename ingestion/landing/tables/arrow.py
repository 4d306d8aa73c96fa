"""Rows of a reader, as dicts, to Arrow tables of the contract."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import MONEY, QUANTITY, TABLES
from ingestion.records import Row

# Whatever Arrow raises for a value that a column cannot hold.
UNFIT: Final = (pa.ArrowException, TypeError, ValueError, OverflowError)
KINDS: Final[dict[pa.DataType, set[type]]] = {
    pa.string(): {str},
    pa.bool_(): {bool},
    pa.int16(): {int},
    pa.int32(): {int},
    pa.int64(): {int},
    pa.float64(): {float, int, Decimal},
    MONEY: {Decimal, int},
    QUANTITY: {Decimal, int},
}

# (row index, column) of a value that does not fit
Misfit = tuple[int, str]


def to_arrow(table: str, rows: list[Row]) -> tuple[pa.Table | None, list[Misfit]]:
    """The rows as one table, or None with every row that does not fit the contract."""
    schema = TABLES[table]
    known = frozenset(schema.names)
    misfits: list[Misfit] = []
    columns: list[pa.Array | None] = []
    for index, row in enumerate(rows):
        if not row.keys() <= known:
            extra = ", ".join(sorted(row.keys() - known))
            raise KeyError(f"a reader made a row of {table} with unknown columns {extra}: {index}")
    for field, values in zip(schema, _values(schema.names, rows), strict=True):
        column, unfit = _column(values, field.type)
        misfits.extend((index, field.name) for index in unfit)
        if column is not None and not field.nullable and column.null_count:
            nulls = pc.indices_nonzero(column.is_null()).to_pylist()
            misfits.extend((index, field.name) for index in nulls)
        columns.append(column)
    if misfits:
        return None, misfits
    return pa.Table.from_arrays(columns, schema=schema), []


def _values(names: list[str], rows: list[Row]) -> Iterable[Sequence[Any]]:
    """The values of each column; rows of a gateway's reader have all columns in their order."""
    if rows and all(map(names.__eq__, map(list, rows))):
        return zip(*map(dict.values, rows), strict=True)
    return ([row.get(name) for row in rows] for name in names)


def _column(values: Sequence[Any], of_type: pa.DataType) -> tuple[pa.Array | None, list[int]]:
    """The values as a column, or the positions of those that do not fit."""
    if _allowed(values, of_type):
        with suppress(*UNFIT):
            return pa.array(values, of_type), []
    return None, [index for index, value in enumerate(values) if not _fits(value, of_type)]


def _allowed(values: Sequence[Any], of_type: pa.DataType) -> bool:
    """By type: Arrow itself makes 1 token of 1.5, text of bytes and UTC of any local time."""
    kinds = set(map(type, values)) - {NoneType}
    if pa.types.is_timestamp(of_type):
        aware = kinds <= {datetime} and all(v is None or v.tzinfo is not None for v in values)
        return aware
    return kinds <= KINDS[of_type]


def _fits(value: Any, of_type: pa.DataType) -> bool:
    if not _allowed([value], of_type):
        return False
    try:
        pa.array([value], of_type)
    except UNFIT:
        return False
    return True
