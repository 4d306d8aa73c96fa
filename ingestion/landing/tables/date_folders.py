"""In which folder of the landing a row lies, and in which order."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
