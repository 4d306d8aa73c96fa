"""Rows of a reader, as dicts, to Arrow tables of the contract, and these to Parquet."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.contracts import MONEY, QUANTITY, REQUESTS, TABLES
from ingestion.reading.landed_text import VOCABULARY
from ingestion.records import Row
from ingestion.vocabulary import METERS
from ingestion.workspace.sections.memory import without

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
# Ids, times and sums of a record's own: a dictionary of them is the column once more.
DISTINCT: Final = frozenset(
    (
        *("record_no", "content_hash", "request_key", "request_id", "call_id", "trace_id"),
        *("session_id", "provider_request_id", "started_at", "ended_at", "latency_ms", "ttft_ms"),
        *("input_quantity", "cache_read_quantity", "output_quantity", "provider_total_tokens"),
        *("gateway_cost", "raw_usage"),
    )
)
# Pages of a few words are small as they are: to set up a compressor for each costs more than all
# else of a small file.
FEW: Final = (
    VOCABULARY
    | frozenset(("source", "batch", "object_no", "account_hint", "sub_account_hint"))
    | frozenset(("credential_hint", "region", "attempt_no", "http_status", "evidence_rank"))
    | frozenset(("model_requested", "model_routed", "model_served", "model_mapped", "max_tokens"))
    | frozenset(column.name for column in REQUESTS if pa.types.is_boolean(column.type))
    | frozenset((*(f"{meter}_quantity" for meter in METERS), "reasoning_tokens"))
) - DISTINCT
COMPRESSION: Final = "zstd"
NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC)

# (row index, column) of a value that does not fit
Misfit = tuple[int, str]


def without_pandas() -> None:
    """Arrow imports it, half a CPU second, at the first list, to see whether that is a series.

    Whoever asks Arrow for a frame of pandas afterwards still gets one.
    """
    if "pandas" in sys.modules:
        return
    with without("pandas"):
        pa.array([])


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


def as_parquet(table: str, rows: pa.Table) -> bytes:
    """`table` of the contract; rows may lack columns of it or have more, of another release."""
    sink = pa.BufferOutputStream()
    names = rows.schema.names
    written: dict[str, Any] = {"compression": COMPRESSION}
    if table == "requests":
        written = {
            "use_dictionary": [name for name in names if name not in DISTINCT],
            "compression": {name: "none" if name in FEW else COMPRESSION for name in names},
        }
    pq.write_table(rows, sink, **written)
    return sink.getvalue().to_pybytes()


def by_date(table: str, rows: pa.Table) -> dict[str, pa.Table]:
    """Rows of each date folder, in a fixed order."""
    if not rows.num_rows:
        return {}
    rows = rows.combine_chunks()
    days = pc.floor_temporal(DATES[table](rows), unit=FOLDER_SPANS.get(table, "day"))
    keys = pa.table({FOLDER: days.cast(pa.date32())} | {name: rows[name] for name in ORDER[table]})
    found = keys[FOLDER]
    if not _is_sorted(keys):
        # sorted once and cut: a filter for each day would look at all rows for each
        order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
        rows, found = rows.take(order), found.take(order)
    parts: dict[str, pa.Table] = {}
    start = 0
    for each in pc.value_counts(found).to_pylist():
        parts[each["values"].isoformat()] = rows.slice(start, each["counts"])
        start += each["counts"]
    return parts


def _is_sorted(keys: pa.Table) -> bool:
    """As a log mostly is: by folder and the first name of its order, of which no two are equal."""
    folder, first = (column.combine_chunks() for column in keys.columns[:2])
    if first.null_count or folder.null_count:
        return False
    ascends = pc.all(pc.greater_equal(folder[1:], folder[:-1])).as_py() is not False
    return ascends and pc.all(pc.greater(first[1:], first[:-1])).as_py() is not False


def _request_moment(rows: pa.Table) -> pa.ChunkedArray:
    """A batch request is billed when it completes, any other when it starts."""
    false = pa.scalar(False)
    is_batch = pc.or_(
        pc.fill_null(pc.equal(rows["service_tier"], "batch"), false),
        pc.fill_null(pc.equal(rows["operation"], "batch"), false),
    )
    completed = pc.coalesce(rows["ended_at"], rows["started_at"])
    return pc.if_else(is_batch, completed, rows["started_at"])


def _context_moment(rows: pa.Table) -> pa.ChunkedArray:
    return pc.fill_null(rows["occurred_at"], pa.scalar(NO_DATE, rows["occurred_at"].type))


def _bucket(rows: pa.Table) -> pa.ChunkedArray:
    return rows["bucket_start"]


DATES: Final[dict[str, Callable[[pa.Table], pa.ChunkedArray]]] = {
    "requests": _request_moment,
    "request_context": _context_moment,
    "charges": _bucket,
    "foreign_charges": _bucket,
    "provider_usage": _bucket,
    "seat_reports": _bucket,
    "bill_buckets": _bucket,
    "counters": lambda rows: rows["sampled_at"],
}
# Bills are small: a folder a month, or a daily pull of a month would make a hundred tiny files.
FOLDER_SPANS: Final = dict.fromkeys(
    ("charges", "foreign_charges", "provider_usage", "seat_reports", "bill_buckets"), "month"
)
FOLDER: Final = "folder"

LINEAGE_ORDER: Final = ("batch", "object_no", "record_no")
ORDER: Final = {
    "requests": ("started_at", "request_key", *LINEAGE_ORDER),
    "request_context": ("occurred_at", *LINEAGE_ORDER),
    "charges": ("bucket_start", *LINEAGE_ORDER),
    "foreign_charges": ("bucket_start", *LINEAGE_ORDER, "service", "charge_category"),
    "provider_usage": ("bucket_start", *LINEAGE_ORDER),
    "seat_reports": ("bucket_start", *LINEAGE_ORDER),
    "bill_buckets": ("bucket_start", *LINEAGE_ORDER),
    "counters": ("series", "sampled_at", *LINEAGE_ORDER),
    "quarantine": LINEAGE_ORDER,
}
