"""Compaction: a batch without objects whose files replace many small ones, row by row.

10,000 Parquet files of 70 rows take 260 times as long to read as one file of the same rows.
"""

from collections import defaultdict
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import TABLES
from ingestion.landing.batches import COMPACTION, Batch, LandedFile, Plan, file_shapes, visible
from ingestion.landing.landing import Landing
from ingestion.landing.tables.date_folders import ORDER

FILES: Final = 12  # of one table, source and date, before they are worth merging
ROWS: Final = 1_000_000  # a file this large stays as it is; so many rows are in memory at once
AT_ONCE: Final = 2_000_000  # rows that one run writes again; what is left over, the next ones


def compact(
    landing: Landing, source: str, *, files: int = FILES, rows: int = ROWS, at_once: int = AT_ONCE
) -> int | None:
    """Merges the small files of each date that has more than `files` of them; the batch or None.

    No more than `at_once` rows, but one date always: first where most files are.
    """

    def attempt(plan: Plan) -> Batch | None:
        merged: list[LandedFile] = []
        replaced: list[str] = []
        shapes = file_shapes(plan.batches)
        for group in _first(_groups(plan, source, files=files, rows=rows), at_once):
            merged.append(_merge(landing, plan.number, group))
            replaced += [file.path for file in group]
        if not replaced:
            return None
        return Batch(
            batch=plan.number,
            source=source,
            kind=COMPACTION,
            reader_version="",
            objects=[],
            files=merged,
            replaces=sorted(replaced),
            attributes=min(shapes[path] for path in replaced),
        )

    batch = landing.change(attempt)
    return batch.batch if batch else None


def _groups(plan: Plan, source: str, *, files: int, rows: int) -> list[list[LandedFile]]:
    by_day: dict[tuple[str, str], list[LandedFile]] = defaultdict(list)
    for file in visible(plan.batches).values():
        if file.source == source and file.rows < rows:
            by_day[file.table, file.usage_date].append(file)
    groups = []
    for _, small in sorted(by_day.items()):
        taken: list[LandedFile] = []
        for file in sorted(small, key=lambda file: (file.rows, file.path)):
            if sum(other.rows for other in taken) + file.rows <= rows:
                taken.append(file)
        if len(taken) > files:
            groups.append(taken)
    return groups


def _first(groups: list[list[LandedFile]], at_once: int) -> list[list[LandedFile]]:
    chosen: list[list[LandedFile]] = []
    left = at_once
    for group in sorted(groups, key=len, reverse=True):
        left -= sum(file.rows for file in group)
        if left < 0 and chosen:
            break
        chosen.append(group)
    return chosen


def _merge(landing: Landing, number: int, group: list[LandedFile]) -> LandedFile:
    parts = [pq.read_table(BytesIO(data)) for data in landing.read(group)]
    first = group[0]
    # files of an earlier or later release may lack columns or have more: none is lost
    today = TABLES[first.table].empty_table()
    together = pa.concat_tables([today, *parts], promote_options="permissive")
    order = [(name, "ascending") for name in ORDER[first.table]]
    return landing.write(
        number=number,
        table=first.table,
        source=first.source,
        usage_date=first.usage_date,
        rows=together.sort_by(order),
    )
