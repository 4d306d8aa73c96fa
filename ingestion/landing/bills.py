"""A bill into the landing: what is new of it, or reads differently beside what is new."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import msgspec

from ingestion.bills.tables.table_format import TableFormat
from ingestion.landing.batches import Batch, LandedObject, Plan
from ingestion.landing.bill_tables import load_tables
from ingestion.landing.chunks import hash_of
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult, fingerprint_of, land
from ingestion.landing.tables.rows import LandedRows, ReadObject
from ingestion.records import Parsed, SourceError
from ingestion.secret_forms import landed_name
from ingestion.storage.objects import Storage, open_storage
from ingestion.storage.seen_files import NONE_SEEN, SeenFiles
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace import formats
from ingestion.workspace.formats import PageReader
from ingestion.workspace.sources import Bill

# Objects of a bill that are asked for more than once stay in memory up to these many bytes.
KEPT: Final = 64 * 2**20
_ROWS: Final = msgspec.json.Encoder(order="sorted")


def load_bill(bill: Bill, landing: Landing, seen: SeenFiles = NONE_SEEN) -> LoadResult:
    """Lands what is new of a bill; raises SourceError when it cannot be used as a whole."""
    reader = formats.bill_reader(bill.format)
    form = getattr(reader, "FORMAT", None)
    if isinstance(form, TableFormat):
        return load_tables(bill, landing, form, seen)
    return _load_pages(bill, landing, cast(PageReader, reader), seen)


def _load_pages(bill: Bill, landing: Landing, reader: PageReader, seen: SeenFiles) -> LoadResult:
    """Lands pages that are new, or that read differently beside new ones or now.

    Pages are always read together: equal, conflicting and continued buckets stand across them.
    """
    storage = open_storage(bill.location)
    infos = seen.versioned(storage.list())
    fingerprint = fingerprint_of(reader, bill.format, bill.options, bill.account)
    known = {n: o.version for n, o in landing.plan().current(bill.name, fingerprint).items()}
    if all(info.version and info.version == known.get(landed_name(info.name)) for info in infos):
        return LoadResult(len(infos), 0, 0, 0, 0, None)
    objects = _Objects(storage).read(infos)
    if all(version == known.get(landed_name(n)) for n, version in objects.versions.items()):
        seen.keep(infos, objects.versions)
        return LoadResult(len(infos), 0, 0, 0, 0, None)

    def read(plan: Plan) -> Batch:
        rows = LandedRows(landing, bill.name, plan.number, bill.rejects_kept, KEPT)
        parsed = reader.read_bill(objects, bill)
        for page in _changed(bill, objects, parsed, plan.current(bill.name, fingerprint)):
            rows.add(page)
        files = rows.write()
        return Batch(
            batch=plan.number,
            source=bill.name,
            kind="bill",
            reader_version=f"{bill.format} {reader.READER_VERSION}",
            objects=rows.objects,
            files=files,
            replaces=[],
            fingerprint=fingerprint,
        )

    result = land(bill.name, landing, read, len(infos))
    seen.keep(infos, objects.versions)
    return result


@dataclass(slots=True)
class _Objects(Mapping[str, bytes]):
    """A bill's objects by name; those beyond KEPT are fetched whenever they are asked for."""

    storage: Storage
    versions: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, bytes] = field(default_factory=dict)

    def read(self, infos: Iterable[ObjectInfo]) -> "_Objects":
        room = KEPT
        for name, content in self.storage.get_many(info.name for info in infos):
            self.versions[name], self.hashes[name] = content.version, hash_of(content)
            if len(content.data) <= room:
                self._kept[name] = content.data
                room -= len(content.data)
        return self

    def __getitem__(self, name: str) -> bytes:
        if name in self._kept or name not in self.versions:
            return self._kept[name]
        content = self.storage.get(name)
        if content.version != self.versions[name]:
            raise SourceError(
                f"{self.storage.location}/{name} was written while it was read: run again"
            )
        return content.data

    def __iter__(self) -> Iterator[str]:
        return iter(self.versions)

    def __len__(self) -> int:
        return len(self.versions)


def _changed(
    bill: Bill,
    objects: _Objects,
    parsed: Iterable[tuple[str, Parsed]],
    known: Mapping[str, LandedObject],
) -> Iterator[ReadObject]:
    changed, unread = 0, set(objects)
    for name, said in parsed:
        if name not in unread:
            raise SourceError(f"{bill.name}: the {bill.format} reader doubled or made up {name}")
        unread.remove(name)
        version, rows_hash = objects.versions[name], _rows_hash(said)
        landed = known.get(landed_name(name))
        if landed and (landed.version, landed.rows_hash) == (version, rows_hash):
            continue
        yield ReadObject(name, changed, version, objects.hashes[name], said, rows_hash)
        changed += 1
    if unread:
        lost = ", ".join(sorted(unread))
        raise SourceError(f"{bill.name}: the {bill.format} reader lost pages: {lost}")


def _rows_hash(parsed: Parsed) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for table, rows in sorted(parsed.rows.items()):
        digest.update(_ROWS.encode([table, rows]))
    for reject in parsed.rejects:
        digest.update(repr(reject).encode())
    return digest.hexdigest()
