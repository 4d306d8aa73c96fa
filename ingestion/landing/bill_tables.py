"""A bill of rows into the landing: each month's newest export, as a whole and in one batch."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ingestion.bills.tables.chunks import read_chunks
from ingestion.bills.tables.exports import check_order, standing_exports
from ingestion.bills.tables.reading import FileRows
from ingestion.bills.tables.table_format import Export, Listing, TableFormat
from ingestion.landing.batches import Batch, LandedObject, Plan
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult, fingerprint_of, land
from ingestion.landing.tables.rows import LandedRows, ReadObject
from ingestion.records import SourceError
from ingestion.secret_forms import landed_name
from ingestion.storage.objects import Storage, open_storage
from ingestion.storage.seen_files import NONE_SEEN, SeenFiles
from ingestion.storage.stored import ObjectInfo, OpenedObject
from ingestion.workspace import formats
from ingestion.workspace.sources import Bill

# Arrow bytes of rows that gather before they are written.
GATHERED: Final = 64 * 2**20


def load_tables(
    bill: Bill, landing: Landing, form: TableFormat, seen: SeenFiles = NONE_SEEN
) -> LoadResult:
    """Lands each month whose newest export is new, changed or read otherwise than before.

    Raises SourceError where a month cannot be told or read to its end.
    """
    storage = open_storage(bill.location)
    infos = seen.versioned(storage.list())
    where = f"bill {bill.name}"
    listing = Listing(infos, lambda name: storage.get(name).data, bill)
    with _told_of(where):
        exports = standing_exports(form.exports(listing), where)
    load = _Load(bill, form, storage, {info.name: info for info in infos})
    reader = formats.bill_reader(bill.format)
    fingerprint = fingerprint_of(reader, bill.format, bill.options, bill.account)

    def read(plan: Plan) -> Batch:
        rows = LandedRows(landing, bill.name, plan.number, bill.rejects_kept, GATHERED)
        known = plan.current(bill.name, fingerprint)
        with _told_of(where):
            load.read(exports, known, rows)
            check_order(exports, load.months, where)
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
    seen.keep(infos, load.versions)
    return result


@contextmanager
def _told_of(where: str) -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        text = str(error)
        raise SourceError(text if text.startswith(where) else f"{where}: {text}") from None


@dataclass(slots=True)
class _Load:
    """`months` of each export; `versions` of each file that was looked at."""

    bill: Bill
    form: TableFormat
    storage: Storage
    infos: Mapping[str, ObjectInfo]
    months: dict[str, set[date]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def read(
        self, exports: list[Export], known: Mapping[str, LandedObject], rows: LandedRows
    ) -> None:
        number = 0
        for export in exports:
            for name in export.files:
                if name not in self.infos:
                    raise SourceError(f"{export.name} lists {name}, which is not there: restore it")
            says = self._says(export)
            landed = [known.get(landed_name(name)) for name in export.files]
            if export.files and all(each and each.rows_hash == says for each in landed):
                self.months[export.name] = {
                    date.fromisoformat(month) for each in landed if each for month in each.months
                }
                continue
            number = self._read(export, says, number, rows)

    def _says(self, export: Export) -> str:
        """Hash of all that decides what its files become: they are read together or not at all."""
        for name in export.files:
            if name not in self.versions:
                self.versions[name] = self.infos[name].version or self._version(name)
        files = [(landed_name(name), self.versions[name]) for name in export.files]
        decisive = export.name, export.month, export.moment, export.records, sorted(files)
        return hashlib.blake2b(repr(decisive).encode(), digest_size=16).hexdigest()

    def _version(self, name: str) -> str:
        with self.storage.open(name) as opened:
            return opened.version

    def _read(self, export: Export, says: str, number: int, rows: LandedRows) -> int:
        records, months, days = 0, set[date](), dict[date, str]()
        for name in export.files:
            file = FileRows(self.form, self.bill, export, name)
            with self.storage.open(name) as opened:
                self._check(name, opened)
                for parsed in file.parsed(read_chunks(opened.file, name, self.form)):
                    # the months that a file says are known at its end
                    told = sorted(month.isoformat() for month in file.months)
                    rows.add_part(
                        ReadObject(name, number, opened.version, opened.hash, parsed, says, told)
                    )
            if self.form.days_in_one_file:
                _check_days(name, file.days, days)
            records += file.records
            months |= file.months
            number += 1
        if export.records is not None and export.records != records:
            raise SourceError(
                f"{export.name} promises {export.records} rows, and its files have {records}:"
                " deliver or copy it again"
            )
        self.months[export.name] = months
        return number

    def _check(self, name: str, opened: OpenedObject) -> None:
        if opened.version != self.versions[name]:
            raise SourceError(f"{name} was written while it was read: run again")


def _check_days(name: str, days: Iterable[date], told: dict[date, str]) -> None:
    """Raises SourceError for a day that another file has `told`: its money would count twice."""
    for day in sorted(days):
        other = told.setdefault(day, name)
        if other != name:
            raise SourceError(
                f"{other} and {name} both have charges of {day}: move the one that is out of date"
                " away, or export ranges of days that do not overlap"
            )
