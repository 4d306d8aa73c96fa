"""Columns of what each record says for itself: times, token counts, money and ids.

A plain column, of the type that its field is, is taken as it is once all of it is in bounds; the
values of any other are read one by one, by the rule of its field. A value that has none, or that
the rule refuses, is odd: its record is read by itself, and there it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.gateways.generic.values import (
    is_empty,
    read_count,
    read_text,
)
from ingestion.reading.columns.exact_columns import exact_column, whole_counts
from ingestion.reading.exact_numbers import MOST
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
    counts = whole_counts(exact_column(column), MOST)
    own.columns[name] = each_other(own, column, counts, lambda value: read_count(value, source))


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
        values = each(names, codes.dictionary, pa.string(), landed)
        own.refuse(names.odd.take(codes.indices))
        own.columns[name] = values.take(codes.indices)
        return
    own.columns[name] = each(own, column, pa.string(), landed)


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


def each(
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


def each_other(
    own: OwnColumns, column: pa.Array, made: pa.Array, read: Callable[[Any], Any]
) -> pa.Array:
    """`made`, and by their rule the values that say something where it has none."""
    left = pc.and_(made.is_null(), column.is_valid())
    if not left.true_count:
        return made
    places = pc.indices_nonzero(left)
    some = OwnColumns(len(places))
    values = each(some, column.take(places), made.type, read)
    own.refuse(pc.replace_with_mask(pa.repeat(pa.scalar(False), own.length), left, some.odd))
    return pc.replace_with_mask(made, left, values)
