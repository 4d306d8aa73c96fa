"""Takes a person out of what has landed: files that hold the id are written again without it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from operator import ne
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.batches import (
    COMPACTION,
    Batch,
    LandedFile,
    Plan,
    file_shapes,
    visible,
)
from ingestion.landing.forgetting.forgotten import Forgotten
from ingestion.landing.landing import SWEEP_AGE, Landing

# Long enough for every file that no list has any more to count as old.
AT_ONCE: Final = SWEEP_AGE + timedelta(minutes=1)


@dataclass(slots=True)
class Found:
    """Where a person stands: records and days, by table and source, and the files."""

    records: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    days: set[str] = field(default_factory=set)
    files: list[LandedFile] = field(default_factory=list)


def find(landing: Landing, person: Forgotten) -> Found:
    """Of the files that stand."""
    found = Found()
    for file, _, changed in _changed(landing, person):
        found.records[file.table, file.source] += changed
        found.days.add(file.usage_date)
        found.files.append(file)
    return found


def take_out(landing: Landing, forgotten: Forgotten) -> None:
    """Of all files; those that were written before them go at once."""
    for source in sorted({file.source for file in visible(landing.batches()).values()}):
        landing.change(partial(_batch, landing, source, forgotten))
    landing.sweep(datetime.now(UTC) + AT_ONCE)


def _batch(landing: Landing, source: str, forgotten: Forgotten, plan: Plan) -> Batch | None:
    shapes = file_shapes(plan.batches)
    written: dict[str, LandedFile] = {}
    for file, rows, _ in _changed(landing, forgotten, source):
        written[file.path] = landing.write(
            number=plan.number,
            table=file.table,
            source=source,
            usage_date=file.usage_date,
            rows=rows,
        )
    if not written:
        return None
    return Batch(
        batch=plan.number,
        source=source,
        kind=COMPACTION,
        reader_version="",
        objects=[],
        files=list(written.values()),
        replaces=sorted(written),
        attributes=min(shapes[path] for path in written),
    )


def _changed(
    landing: Landing, forgotten: Forgotten, source: str | None = None
) -> Iterator[tuple[LandedFile, pa.Table, int]]:
    """Each file that holds an id, its rows without it, and how many records of them did."""
    files = [file for file in visible(landing.batches()).values() if source in (None, file.source)]
    for file, data in zip(files, landing.read(files), strict=True):
        rows = pq.read_table(BytesIO(data))
        after = forgotten.without(rows)
        if after is not rows:
            yield file, after, _records(rows, after)


def _records(rows: pa.Table, after: pa.Table) -> int:
    differing = [
        name for name in rows.schema.names if not rows.column(name).equals(after.column(name))
    ]
    before, now = rows.select(differing).to_pylist(), after.select(differing).to_pylist()
    return sum(map(ne, before, now))
