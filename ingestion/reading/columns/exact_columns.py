"""Columns of numbers as exact decimals, as `exact_numbers.py` reads the literal of each one.

A float's literal is the shortest text that it is read back from, in Arrow as in Python.
"""

from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.exact_numbers import MOST

# Fifteen digits stand before the point. Of all no more than DECIMAL, which arithmetic of decimals
# rounds to.
PLACES: Final = 22
DIGITS: Final = 38
DECIMAL: Final = 28
EXACT: Final = pa.decimal128(DIGITS, PLACES)
# `-0` is none of them: as a float it is another number than 0.
PLAIN: Final = (
    r"^(?:(?:0|-?[1-9][0-9]{0,5})(?:\.[0-9]{1,22})?|-?[1-9][0-9]{6,14}(?:\.[0-9]{1,13})?)$"
)
INT64: Final = pa.int64()


def exact_column(column: pa.Array) -> pa.Array:
    """NULL where a value is no number, or one that this column has no room for."""
    kind = column.type
    if pa.types.is_floating(kind):
        column = column.cast(pa.float64()).cast(pa.string())
    if pa.types.is_string(column.type):
        plain = pc.match_substring_regex(column, PLAIN)
        return pc.if_else(plain, column, pa.scalar(None, column.type)).cast(EXACT)
    if pa.types.is_integer(kind):
        column = column.cast(pa.decimal128(20, 0))
    if not pa.types.is_decimal128(column.type) or column.type.scale > PLACES:
        return pa.nulls(len(column), EXACT)
    column = column.cast(pa.decimal128(DIGITS, column.type.scale))
    below = min(MOST, 10 ** (DECIMAL - column.type.scale))
    bounded = pc.less(pc.abs(column), pa.scalar(Decimal(below), column.type))
    return pc.if_else(bounded, column, pa.scalar(None, column.type)).cast(EXACT)


def times_ten(column: pa.Array, power: int) -> pa.Array:
    """The same digits with the point elsewhere."""
    return column.view(pa.decimal128(DIGITS, column.type.scale - power))


def rounded_to(column: pa.Array, places: int) -> pa.Array:
    """As `Decimal.quantize` rounds."""
    rounded = pc.round(column, ndigits=places, round_mode="half_to_even")
    return rounded.cast(pa.decimal128(DIGITS, places))


def whole_part(column: pa.Array, most: int) -> pa.Array:
    """As `int` cuts it off; NULL above `most`, which fits 64 bits."""
    bounded = pc.less_equal(pc.abs(column), pa.scalar(Decimal(most), column.type))
    return pc.trunc(pc.if_else(bounded, column, pa.scalar(None, column.type))).cast(INT64)


def whole_counts(column: pa.Array, most: int) -> pa.Array:
    """NULL where a number is negative, or has a fraction."""
    counts = pc.and_(pc.equal(pc.trunc(column), column), is_positive(column))
    return whole_part(pc.if_else(counts, column, pa.scalar(None, column.type)), most)


def is_positive(column: pa.Array) -> pa.Array:
    """Or 0."""
    return pc.greater_equal(column, pa.scalar(Decimal(0), column.type))


def as_floats(column: pa.Array) -> pa.Array:
    """The nearest float of each: Arrow's own cast of a decimal may miss it."""
    return column.cast(pa.string()).cast(pa.float64())
