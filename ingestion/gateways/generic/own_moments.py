"""Columns of times: as Arrow has them, as ISO 8601 texts, or as counts since 1970."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import INSTANT
from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.own_columns import OwnColumns, each_other
from ingestion.gateways.generic.values import EPOCHS, read_moment
from ingestion.reading.columns.exact_columns import exact_column, rounded_to, times_ten, whole_part
from ingestion.reading.instants import EARLIEST, LATEST

# A day that each year has, and a time with no more places than microseconds.
_DAY: Final = (
    r"2[01][0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
LOCAL: Final = rf"{_DAY}[T ]{_CLOCK}:[0-5][0-9](?:\.[0-9]{{1,6}})?"
ZONED: Final = rf"{LOCAL}(?:Z|[+-]{_CLOCK})"
# Microseconds in a unit, as a power of ten.
POWER: Final = {"epoch_s": 6, "epoch_ms": 3, "epoch_us": 0}
MOST: Final = 10**17


def moment_column(
    own: OwnColumns, name: str, column: pa.Array, source: str, columns: Columns
) -> None:
    own.columns[name] = each_other(
        own, column, _moments(column, columns), lambda value: read_moment(value, source, columns)
    )


def _moments(column: pa.Array, columns: Columns) -> pa.Array:
    """NULL for what is no plain moment."""
    if pa.types.is_timestamp(column.type):
        moments = _of_times(column, columns)
    elif columns.timestamp_format in EPOCHS:
        counted = times_ten(exact_column(column), POWER[columns.timestamp_format])
        moments = whole_part(rounded_to(counted, 0), MOST).cast(INSTANT)
    elif columns.timestamp_format == "iso" and pa.types.is_string(column.type):
        moments = _of_texts(column, columns)
    else:
        moments = pa.nulls(len(column), INSTANT)
    early = pc.less(moments, pa.scalar(EARLIEST, INSTANT))
    implausible = pc.or_(early, pc.greater_equal(moments, pa.scalar(LATEST, INSTANT)))
    return pc.if_else(implausible, pa.scalar(None, INSTANT), moments)


def _of_times(column: pa.Array, columns: Columns) -> pa.Array:
    if column.type.tz:
        return column.cast(INSTANT)
    if columns.is_utc:
        return pc.assume_timezone(column, "UTC").cast(INSTANT)
    return pa.nulls(len(column), INSTANT)


def _of_texts(column: pa.Array, columns: Columns) -> pa.Array:
    moments = _matching(column, ZONED).cast(INSTANT)
    if columns.is_utc and moments.null_count > column.null_count:
        local = _matching(column, LOCAL).cast(pa.timestamp("us"))
        return pc.coalesce(moments, pc.assume_timezone(local, "UTC"))
    return moments


def _matching(column: pa.Array, form: str) -> pa.Array:
    matches = pc.match_substring_regex(column, f"^{form}$")
    return pc.if_else(matches, column, pa.scalar(None, column.type))
