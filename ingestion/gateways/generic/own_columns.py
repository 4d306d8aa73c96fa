"""Columns of what each record says for itself: times, token counts, money and ids.

A plain column, of the type that its field is, is taken as it is once all of it is in bounds; the
values of any other are read one by one, by the rule of its field. A value that has none, or that
the rule refuses, is odd: its record is read by itself, and there it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import INSTANT, MONEY
from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.values import (
    is_empty,
    read_count,
    read_moment,
    read_number,
    read_text,
)
from ingestion.reading.exact_numbers import MOST, PICO
from ingestion.reading.instants import EARLIEST, LATEST
from ingestion.reading.landed_text import landed_name_of
from ingestion.reading.unreadable import Unreadable
from ingestion.secret_forms import LONGEST_NAME, MARKS
from ingestion.vocabulary import TOKEN_METERS

IDS: Final = (
    *("request_id", "call_id", "trace_id", "session_id", "provider_request_id"),
    *("customer_id", "user_id"),
)
COUNTS: Final = (
    *(f"{meter}_quantity" for meter in TOKEN_METERS),
    *("reasoning_tokens", "total_tokens"),
)
LATENCIES: Final = ("latency", "latency_ms", "ttft_ms")
OWN: Final = frozenset((*IDS, *COUNTS, *LATENCIES, "started_at", "ended_at", "gateway_cost"))
# A name that lands as it stands, if it holds no secret.
PLAIN: Final = rf"^[!-~]{{1,{LONGEST_NAME}}}$"
# At most MOST.
DIGITS: Final = r"^(?:0|[1-9][0-9]{0,14})$"
# Whole thousandths up to this have one spelling as a float.
EXACT: Final = 10**14


@dataclass(slots=True)
class OwnColumns:
    """`columns`: by field, NULL where a record has none; `odd`: True where it is read by itself."""

    length: int
    columns: dict[str, pa.Array] = field(default_factory=dict)
    odd: pa.Array = None

    def __post_init__(self) -> None:
        self.odd = pa.repeat(pa.scalar(False), self.length)

    def refuse(self, odd: pa.Array) -> None:
        self.odd = pc.or_(self.odd, pc.fill_null(odd, False))


def in_digits(column: pa.Array) -> pa.Array:
    """Texts as whole numbers, where all that say anything are plain digits; else the column."""
    if not pa.types.is_string(column.type):
        return column
    said = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    is_plain = pc.all(pc.match_substring_regex(said, DIGITS)).as_py() is not False
    return said.cast(pa.int64()) if is_plain else column


def count_column(own: OwnColumns, name: str, column: pa.Array, source: str) -> None:
    column = in_digits(column)
    if pa.types.is_integer(column.type):
        bounded = pc.and_(pc.greater_equal(column, 0), pc.less_equal(column, MOST))
        own.refuse(pc.invert(bounded))
        own.columns[name] = column.cast(pa.int64(), safe=False)
        return
    own.columns[name] = _each(own, column, pa.int64(), lambda value: read_count(value, source))


def moment_column(
    own: OwnColumns, name: str, column: pa.Array, source: str, columns: Columns
) -> None:
    if pa.types.is_timestamp(column.type) and (column.type.tz or columns.is_utc):
        moments = column.cast(INSTANT) if column.type.tz else pc.assume_timezone(column, "UTC")
        early = pc.less(moments, pa.scalar(EARLIEST, INSTANT))
        own.refuse(pc.or_(early, pc.greater_equal(moments, pa.scalar(LATEST, INSTANT))))
        own.columns[name] = moments.cast(INSTANT)
        return
    own.columns[name] = _each(
        own, column, INSTANT, lambda value: read_moment(value, source, columns)
    )


def money_column(own: OwnColumns, name: str, column: pa.Array, source: str) -> None:
    own.columns[name] = _each(
        own, column, MONEY, lambda value: read_number(value, source).quantize(PICO)
    )


def id_column(own: OwnColumns, name: str, column: pa.Array, source: str) -> None:
    """As it lands: names within their length, and without secrets."""

    def landed(value: Any) -> str:
        text = read_text(value, source)
        lands = landed_name_of(name, text)
        if name == "request_id" and lands != text:
            raise Unreadable(source, "its key is made of the id as it is logged")
        return lands

    if pa.types.is_string(column.type) and _is_plain(column):
        own.columns[name] = column
        return
    if pa.types.is_string(column.type):
        codes = column.dictionary_encode()
        names = OwnColumns(len(codes.dictionary))
        values = _each(names, codes.dictionary, pa.string(), landed)
        own.refuse(names.odd.take(codes.indices))
        own.columns[name] = values.take(codes.indices)
        return
    own.columns[name] = _each(own, column, pa.string(), landed)


def refuse_odd_keys(own: OwnColumns, before: str) -> None:
    """A key that does not land as it is made of its id."""
    ids = own.columns["request_id"]
    keys = pc.binary_join_element_wise(before, ids, "")
    own.refuse(pc.invert(pc.match_substring_regex(ids, PLAIN)))
    own.refuse(pc.match_substring_regex(keys, MARKS))


def _is_plain(column: pa.Array) -> bool:
    plain = pc.match_substring_regex(column, PLAIN)
    return pc.all(plain).as_py() is not False and not has_marks(column)


def has_marks(column: pa.Array) -> bool:
    return pc.any(pc.match_substring_regex(column, MARKS)).as_py() is True


def latency_column(own: OwnColumns, name: str, column: pa.Array, source: str, unit: int) -> None:
    """Two columns: `<name>` in milliseconds, and `<name>_us` as whole microseconds."""
    if pa.types.is_floating(column.type) and unit == 1:
        taken = _plain_latency(own, name, column.cast(pa.float64()))
        if taken:
            return
    numbers: list[Decimal | None] = []
    odd = []
    for value in column.to_pylist():
        number = None
        is_odd = False
        if not is_empty(value):
            try:
                number = read_number(value, source) * unit
                is_odd = number < 0
            except (Unreadable, ArithmeticError):
                is_odd = True
        numbers.append(None if is_odd else number)
        odd.append(is_odd)
    own.refuse(pa.array(odd, pa.bool_()))
    own.columns[name] = pa.array([None if n is None else float(n) for n in numbers], pa.float64())
    own.columns[f"{name}_us"] = pa.array(
        [None if n is None or n > EXACT else int(n * 1000) for n in numbers], pa.int64()
    )


def _plain_latency(own: OwnColumns, name: str, column: pa.Array) -> bool:
    """Milliseconds with at most three places, whose microseconds are exact."""
    is_number = pc.invert(pc.is_nan(column))
    said = pc.if_else(is_number, column, pa.scalar(None, pa.float64()))
    in_bounds = pc.and_(pc.greater_equal(said, 0.0), pc.less(said, float(EXACT) / 1000))
    if pc.all(in_bounds).as_py() is False:
        return False
    micros = pc.round(pc.multiply(said, 1000.0)).cast(pa.int64())
    exact = pc.equal(pc.divide(micros.cast(pa.float64()), 1000.0), said)
    if pc.all(exact).as_py() is False:
        return False
    own.columns[name], own.columns[f"{name}_us"] = said, micros
    return True


def _each(
    own: OwnColumns, column: pa.Array, kind: pa.DataType, read: Callable[[Any], Any]
) -> pa.Array:
    values, odd = [], []
    for value in column.to_pylist():
        made, is_odd = None, False
        if not is_empty(value):
            try:
                made = read(value)
            except (Unreadable, ArithmeticError, TypeError, ValueError):
                is_odd = True
        values.append(made)
        odd.append(is_odd)
    own.refuse(pa.array(odd, pa.bool_()))
    return pa.array(values, kind)
