"""The landing: append-only Parquet, visible batch by batch.

    landing/<table>/<source>/<usage_date>/<batch>-<content>.parquet
    landing/batches/<number>
    landing/batches/<number>.checkpoint

A writer plans on the newest batch it sees, writes its files and then creates the next list where
none may exist: whoever comes second planned on old facts, and plans again.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa

from ingestion.contracts import TABLES
from ingestion.landing.batches import Batch, LandedFile, Plan, decode_batch, encode_batch, visible
from ingestion.landing.checkpoints import (
    LISTS,
    checkpoint_number,
    delete_held,
    read_checkpoint,
    write_checkpoint,
)
from ingestion.landing.forgetting.forgotten import Forgotten, read_forgotten
from ingestion.landing.tables.parquet import as_parquet
from ingestion.records import SourceError
from ingestion.storage.objects import EPOCH, LocalStorage, Storage, open_storage
from ingestion.storage.verified_files import VerifiedFiles

BATCHES: Final = "batches"
ATTEMPTS: Final = 20
RESTORE: Final = "restore it from a backup, or empty the landing and load again"
# Which landed files were compared with the hashes of their batch lists.
VERIFIED: Final = ".verified.json"
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
        ("hash", pa.string()),
        ("foreign", pa.int64()),
        ("is_current", pa.bool_()),
    ]
)


def open_landing(location: str) -> "Landing":
    """Its files are for their owner alone: they say who used what."""
    return Landing(open_storage(location, private=True))


class Landing:
    """Batch lists never change, so those read once are kept."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._known: dict[int, Batch] = {}
        self._forgotten: Forgotten | None = None

    def batches(self) -> list[Batch]:
        """All visible batches in their order."""
        lists = self.storage.child(BATCHES)
        names = [info.name for info in lists.list(may_be_missing=True)]
        numbers = sorted(int(name) for name in names if name.isdecimal())
        newest = numbers[-1] if numbers else 0
        if newest - len(self._known) > LISTS // 2:
            held = read_checkpoint(lists, names, newest)
            self._known = {batch.batch: batch for batch in held} | self._known
        # the first ones may be in a checkpoint alone
        wanted = range(1, newest + 1)
        below = [number for number in wanted if number < numbers[0]]
        if numbers != list(wanted)[len(below) :] or not self._known.keys() >= set(below):
            raise SourceError(
                f"{lists.location}: batch lists have gaps, found {len(numbers)} up to"
                f" {newest}: restore the missing ones, or empty the landing and load again"
            )
        unread = [str(number) for number in numbers if number not in self._known]
        for name, content in lists.get_many(unread):
            try:
                self._known[int(name)] = decode_batch(content.data)
            except ValueError as error:
                raise SourceError(f"{lists.location}/{name}: {error}: {RESTORE}") from error
        return [self._known[number] for number in wanted]

    def newest(self) -> int:
        """The number of the newest batch, by the names of the lists alone."""
        names = [info.name for info in self.storage.child(BATCHES).list(may_be_missing=True)]
        return max((int(name) for name in names if name.isdecimal()), default=0)

    def checkpoint(self) -> None:
        """Makes one object of the batch lists, where many would be read one by one, and deletes
        those that nobody needs beside it.
        """
        lists = self.storage.child(BATCHES)
        held = max((checkpoint_number(info.name) for info in lists.list()), default=0)
        batches = self.batches()
        if len(batches) - held >= LISTS:
            write_checkpoint(lists, batches)
            delete_held(lists)

    def plan(self) -> Plan:
        return Plan(self.batches())

    def current_objects(self, source: str) -> dict[str, str]:
        """Object -> version that was landed last."""
        current = self.plan().current(source)
        return {name: landed.version for name, landed in current.items()}

    def visible_files(self) -> dict[str, list[str]]:
        """Table -> paths relative to the landing, every table of the contract."""
        return _by_table(visible(self.batches()))

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
                    **{name: getattr(landed, name) for name in OBJECTS.names[3:11]},
                    "is_current": newest[batch.source, landed.object] is landed,
                }
                for batch, landed in rows
            ],
            schema=OBJECTS,
        )

    def write(
        self, *, number: int, table: str, source: str, usage_date: str, rows: pa.Table
    ) -> LandedFile:
        """One Parquet file without people who are forgotten; visible once a batch lists it."""
        if self._forgotten is None:
            self._forgotten = read_forgotten(self.storage)
        rows = self._forgotten.without(rows)
        data = as_parquet(table, rows)
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
            if batch.replaces and written.get(str(batch.batch), EPOCH) >= before:
                kept.update(batch.replaces)
        swept = [
            info.name
            for info, number in files
            if info.name not in kept and info.modified < before and number <= len(batches)
        ]
        for name in swept:
            self.storage.delete(name)
        return swept

    def read(self, files: Sequence[LandedFile]) -> Iterator[bytes]:
        """The bytes of landed files, in their order, as they were written."""
        contents = self.storage.get_many(file.path for file in files)
        for file, (_, content) in zip(files, contents, strict=True):
            if hashlib.sha256(content.data).hexdigest() != file.sha256:
                raise SourceError(self._damaged([file.path]))
            yield content.data

    def local_files(self, cache: Path) -> dict[str, list[Path]]:
        """Table -> local paths of the visible files, whose bytes are those that were landed.

        Files of S3 are mirrored into `cache`, which also remembers what was compared. Raises
        SourceError naming the files that were changed or are gone.
        """
        files = visible(self.batches())
        expected = {path: files[path].sha256 for path in sorted(files)}
        local = isinstance(self.storage, LocalStorage)
        folder = Path(self.storage.location) if local else cache
        cache.mkdir(parents=True, exist_ok=True)
        verified = VerifiedFiles(folder, cache / VERIFIED)
        differing = verified.differing(expected)
        if not local:
            mirror = LocalStorage(cache, private=True)
            for path, data in zip(differing, self.read([files[p] for p in differing]), strict=True):
                mirror.put(path, data)
            for info in list(mirror.list()):
                if info.name not in expected:
                    mirror.delete(info.name)
            differing = verified.differing({path: expected[path] for path in differing})
        verified.save()
        if differing:
            raise SourceError(self._damaged(differing))
        return {
            table: [folder / path for path in paths] for table, paths in _by_table(files).items()
        }

    def _damaged(self, paths: list[str]) -> str:
        more = f" (and {len(paths) - 1} more files)" if len(paths) > 1 else ""
        return (
            f"{self.storage.location}/{paths[0]}{more}: is not what was landed, the batch lists"
            f" have another hash: {RESTORE}"
        )


def _by_table(files: Mapping[str, LandedFile]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {table: [] for table in TABLES}
    for path in sorted(files):
        paths[files[path].table].append(path)
    return paths
