"""Requests that an earlier release landed, written again as this one would land them.

Earlier releases kept metadata by a list of names to leave out, and with it prompts and keys. What
of it is named stays in clear, of the rest a path and an HMAC; the rows stay rows of their objects.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import TABLES
from ingestion.landing.batches import (
    COMPACTION,
    SHAPE,
    Batch,
    LandedFile,
    Plan,
    file_shapes,
    visible,
)
from ingestion.landing.landing import Landing
from ingestion.landing.tables.date_folders import ORDER
from ingestion.reading.attributes import attributes
from ingestion.reading.landed_text import bounded, clean_secrets
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.records import Row, content_hash
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

ROWS: Final = 20_000  # as dicts at once
TABLE: Final = "requests"


def reshape(landing: Landing, gateway: Gateway) -> int | None:
    """Replaces the gateway's files of earlier shapes; the batch, None where there is none."""

    def attempt(plan: Plan) -> Batch | None:
        older = _older(plan, gateway.name)
        if not older:
            return None
        return Batch(
            batch=plan.number,
            source=gateway.name,
            kind=COMPACTION,
            reader_version="",
            objects=[],
            files=[_rewritten(landing, plan.number, file, gateway.named) for file in older],
            replaces=sorted(file.path for file in older),
            attributes=SHAPE,
        )

    batch = landing.change(attempt)
    return batch.batch if batch else None


def _older(plan: Plan, source: str) -> list[LandedFile]:
    shapes = file_shapes(plan.batches)
    return [
        file
        for path, file in visible(plan.batches).items()
        if file.table == TABLE and file.source == source and shapes[path] < SHAPE
    ]


def _rewritten(landing: Landing, number: int, file: LandedFile, named: NamedPlaces) -> LandedFile:
    held = pq.read_table(BytesIO(landing.storage.get(file.path).data))
    # files of an earlier or later release may lack columns or have more: none is lost
    whole = pa.concat_tables([TABLES[TABLE].empty_table(), held], promote_options="permissive")
    parts = list(_parts(whole, named))
    order = [(name, "ascending") for name in ORDER[TABLE]]
    return landing.write(
        number=number,
        table=TABLE,
        source=file.source,
        usage_date=file.usage_date,
        rows=pa.concat_tables(parts).sort_by(order),
    )


def _parts(whole: pa.Table, named: NamedPlaces) -> Iterator[pa.Table]:
    for start in range(0, whole.num_rows, ROWS):
        rows = whole.slice(start, ROWS).to_pylist()
        for row in rows:
            _reshape(row, named)
        clean_secrets(rows)
        for row in rows:
            row["content_hash"] = content_hash(row)
        yield pa.Table.from_pylist(rows, schema=whole.schema)


def _reshape(row: Row, named: NamedPlaces) -> None:
    groups = msgspec.json.decode(row["attributes"] or "{}")
    evidence = attributes(
        groups.get("tags", {}),
        groups.get("labels", []),
        groups.get("metadata", {}),
        groups.get("headers", {}),
    )
    row["attributes"], row["unnamed_attributes"] = evidence.landed(named)
    row["raw_usage"] = known_usage((row["raw_usage"] or "").encode())
    bounded(row)
