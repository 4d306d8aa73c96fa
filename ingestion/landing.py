"""The landing: append-only Parquet, visible batch by batch.

    landing/<table>/<source>/<usage_date>/<batch>-<content>.parquet
    landing/batches/<number>

A writer plans on the newest batch it sees, writes its files and then creates the next list where
none may exist: whoever comes second planned on old facts, and plans again.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.batches import Batch, LandedFile, Plan, decode_batch, encode_batch, visible
from ingestion.contracts import TABLES
from ingestion.records import SourceError
from ingestion.storage import LocalStorage, Storage

BATCHES: Final = "batches"
ATTEMPTS: Final = 20
# Long enough for whoever listed the files before they were replaced to have read them.
SWEEP_AGE: Final = timedelta(hours=1)
# A file of the layout above; whatever else lies in the folder is not the landing's.
FILE: Final = re.compile(rf"(?:{'|'.join(TABLES)})/[^/]+/[^/]+/(\d+)-[0-9a-f]{{16}}\.parquet")

OBJECTS: Final = pa.schema(
    [
        ("source", pa.string()),
        ("kind", pa.string()),
        ("batch", pa.int64()),
        ("object_no", pa.int32()),
        ("object", pa.string()),
        ("version", pa.string()),
        ("records", pa.int64()),
        ("landed", pa.int64()),
        ("quarantined", pa.int64()),
        ("is_current", pa.bool_()),
    ]
)


class Landing:
    """Batch lists never change, so those read once are kept."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._known: dict[int, Batch] = {}

    def batches(self) -> list[Batch]:
        """All visible batches in their order."""
        lists = self.storage.child(BATCHES)
        infos = lists.list(may_be_missing=True)
        numbers = sorted(int(info.name) for info in infos if info.name.isdigit())
        if numbers != list(range(1, len(numbers) + 1)):
            raise SourceError(
                f"{lists.location}: batch lists have gaps, found {len(numbers)} up to"
                f" {numbers[-1]}: restore the missing ones, or empty the landing and load again"
            )
        unread = [str(number) for number in numbers if number not in self._known]
        for name, content in lists.get_many(unread):
            self._known[int(name)] = decode_batch(content.data)
        return [self._known[number] for number in numbers]

    def plan(self) -> Plan:
        return Plan(self.batches())

    def current_objects(self, source: str) -> dict[str, str]:
        """Object -> version that was landed last."""
        current = self.plan().current(source)
        return {name: landed.version for name, landed in current.items()}

    def visible_files(self) -> dict[str, list[str]]:
        """Table -> paths relative to the landing, every table of the contract."""
        paths: dict[str, list[str]] = {table: [] for table in TABLES}
        for path, file in visible(self.batches()).items():
            paths[file.table].append(path)
        return {table: sorted(found) for table, found in paths.items()}

    def objects_table(self) -> pa.Table:
        """One row per object version; `is_current` on the newest one of each object."""
        rows = [(batch, landed) for batch in self.batches() for landed in batch.objects]
        newest = {(batch.source, landed.object): landed for batch, landed in rows}
        return pa.Table.from_pylist(
            [
                {
                    "source": batch.source,
                    "kind": batch.kind,
                    "batch": batch.batch,
                    **{name: getattr(landed, name) for name in OBJECTS.names[3:9]},
                    "is_current": newest[batch.source, landed.object] is landed,
                }
                for batch, landed in rows
            ],
            schema=OBJECTS,
        )

    def write(
        self, *, number: int, table: str, source: str, usage_date: str, rows: pa.Table
    ) -> LandedFile:
        """One Parquet file, not visible before a batch lists it."""
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        data = sink.getvalue().to_pybytes()
        digest = hashlib.sha256(data).hexdigest()
        # the content in the name keeps two writers of the same number apart
        path = f"{table}/{source}/{usage_date}/{number}-{digest[:16]}.parquet"
        self.storage.put(path, data)
        return LandedFile(table, usage_date, path, rows.num_rows, digest)

    def commit(self, batch: Batch) -> bool:
        """Makes a batch visible; False when another one took its number."""
        created = self.storage.create(f"{BATCHES}/{batch.batch}", encode_batch(batch))
        if created:
            self._known[batch.batch] = batch
        return created

    def change(self, attempt: Callable[[Plan], Batch | None]) -> Batch | None:
        """Plans, attempts and commits until no other writer came between; None: nothing to do."""
        for _ in range(ATTEMPTS):
            batch = attempt(self.plan())
            if batch is None or self.commit(batch):
                return batch
        raise SourceError(
            f"{self.storage.location}: other writers came first {ATTEMPTS} times: run again later"
        )

    def sweep(self, now: datetime | None = None) -> list[str]:
        """Deletes files that no batch lists any more or ever will; their paths.

        A file of a number beyond the newest batch may belong to a batch being written; one of a
        number that is taken cannot. Files that a compaction replaced go when it is an hour old.
        """
        before = (now or datetime.now(UTC)) - SWEEP_AGE
        # files before lists: a batch committed in between is seen with all its files
        files = [
            (info, int(match[1]))
            for info in self.storage.list(may_be_missing=True)
            if (match := FILE.fullmatch(info.name))
        ]
        lists = self.storage.child(BATCHES).list(may_be_missing=True)
        written = {info.name: info.modified for info in lists}
        batches = self.batches()
        kept = set(visible(batches))
        for batch in batches:
            if batch.replaces and written.get(str(batch.batch), before) >= before:
                kept.update(batch.replaces)
        swept = [
            info.name
            for info, number in files
            if info.name not in kept and info.modified < before and number <= len(batches)
        ]
        for name in swept:
            self.storage.delete(name)
        return swept

    def local_files(self, cache: Path) -> dict[str, list[Path]]:
        """Table -> local paths of the visible files; those of S3 are mirrored into `cache`."""
        if isinstance(self.storage, LocalStorage):
            return _below(self.storage.folder, self.visible_files())
        paths = self.visible_files()
        mirror = LocalStorage(cache)
        wanted = {path for found in paths.values() for path in found}
        there = {info.name for info in mirror.list(may_be_missing=True)}
        for name, content in self.storage.get_many(sorted(wanted - there)):
            mirror.put(name, content.data)
        for name in there - wanted:
            mirror.delete(name)
        return _below(cache, paths)


def _below(folder: Path, paths: dict[str, list[str]]) -> dict[str, list[Path]]:
    return {table: [folder / path for path in found] for table, found in paths.items()}
