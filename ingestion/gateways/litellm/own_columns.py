"""Times and counts of LiteLLM records as columns, in whole numbers.

Times as LiteLLM writes them, seconds since 1970, and counts of which the parts fit and make the
total; what any other record says is the business of its rules (`values.py`, `usage/counts.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import INSTANT
from ingestion.gateways.litellm.own_values import COUNTS, TIMES
from ingestion.gateways.litellm.usage.counts import SEMANTICS
from ingestion.reading.columns.number_columns import Numbers, as_column
from ingestion.reading.instants import EARLIEST, EPOCH, LATEST, LONGEST
from ingestion.reading.usage.token_counts import (
    TokenCounts,
    logged_total,
    meters_of,
    unsplit,
    wholes,
)

SECONDS: Final = r"^[1-7][0-9]{9}(?:\.[0-9]{1,9})?$"
# Nine places are what 64 bits hold of such a number.
NUMBER: Final = pa.decimal128(19, 9)
A_SECOND: Final = pa.scalar(Decimal(10**6), pa.decimal128(7, 0))  # in microseconds
A_MILLISECOND: Final = 1000.0
NO_TIME: Final = ("null", '""')
MICROSECOND: Final = timedelta(microseconds=1)


def own_columns(values: Mapping[str, Sequence[Any]]) -> tuple[dict[str, pa.Array], pa.Array]:
    """Columns of the contract, and which records they are right for."""
    times, told = _times(values)
    meters, proved = _meters(values)
    return {**times, **meters}, pc.and_(told, proved)


def _times(values: Mapping[str, Sequence[Any]]) -> tuple[dict[str, pa.Array], pa.Array]:
    read = [_microseconds(values[name]) for name in TIMES]
    (started, ended, first_token), plain = zip(*read, strict=True)
    taken = pc.subtract(ended, started)
    right = [
        *plain,
        started.is_valid(),
        pc.fill_null(pc.less_equal(taken, _whole(LONGEST)), True),
    ]
    # without a stream LiteLLM repeats the end here
    streamed = pc.and_(pc.less_equal(started, first_token), pc.less(first_token, ended))
    waited = pc.subtract(first_token, started)
    return {
        "started_at": started.cast(INSTANT),
        "ended_at": ended.cast(INSTANT),
        "latency_ms": _milliseconds(taken, pc.greater_equal(taken, 0)),
        "ttft_ms": _milliseconds(waited, streamed),
    }, _all(right)


def _microseconds(literals: Sequence[bytes]) -> tuple[pa.Array, pa.Array]:
    """Since 1970, and where that is what a time says: by `epoch_instant`, rounded as there."""
    texts = pa.array(literals, pa.string())
    plain = pc.match_substring_regex(texts, SECONDS)
    seconds = pc.if_else(plain, texts, pa.scalar(None, pa.string())).cast(NUMBER)
    exact = pc.multiply(seconds, A_SECOND)
    since = pc.round(exact, ndigits=0, round_mode="half_to_even").cast(pa.int64())
    plausible = pc.and_(
        pc.greater_equal(since, _whole(EARLIEST - EPOCH)), pc.less(since, _whole(LATEST - EPOCH))
    )
    absent = pc.is_in(texts, value_set=pa.array(NO_TIME, pa.string()))
    return since, pc.or_(absent, pc.fill_null(plausible, False))


def _milliseconds(microseconds: pa.Array, known: pa.Array) -> pa.Array:
    exact = pc.divide(microseconds.cast(pa.float64()), A_MILLISECOND)
    return pc.if_else(known, exact, pa.scalar(None, pa.float64()))


def _meters(values: Mapping[str, Sequence[Any]]) -> tuple[dict[str, pa.Array], pa.Array]:
    said = {name: pa.array(values[name], pa.int64()) for name in COUNTS}
    counts = TokenCounts(**{name: Numbers(pc.fill_null(said[name], 0)) for name in COUNTS})  # type: ignore[arg-type]
    length = len(said["total"])
    meters = meters_of(counts, SEMANTICS)
    total = logged_total(counts, SEMANTICS)
    wrong = [parts > whole for _, whole, parts in wholes(counts, SEMANTICS)]
    wrong.append(pc.not_equal(as_column(sum(meters.values()), length), as_column(total, length)))
    known = pc.or_(said["input"].is_valid(), said["output"].is_valid())
    columns = {name: as_column(number, length) for name, number in meters.items()} | {
        "provider_total_tokens": as_column(total, length),
        "reasoning_tokens": pc.fill_null(said["reasoning"], 0),
        "cache_ttl_assumed": as_column(unsplit(counts) > 0, length),
    }
    return columns, _all([known, *(pc.invert(as_column(each, length)) for each in wrong)])


def _all(conditions: Sequence[pa.Array]) -> pa.Array:
    return reduce(pc.and_, conditions)


def _whole(span: timedelta) -> pa.Scalar:
    return pa.scalar(span // MICROSECOND, pa.int64())
