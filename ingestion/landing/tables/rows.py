"""Rows on their way into one batch: lineage, contract, counts, files."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import msgspec
import pyarrow as pa

from ingestion.contracts import QUARANTINE, TABLES
from ingestion.landing.batches import LandedFile, LandedObject
from ingestion.landing.landing import Landing
from ingestion.landing.quarantine import DATE_IN_NAME, quarantine_rows
from ingestion.landing.tables.arrow import to_arrow
from ingestion.landing.tables.date_folders import by_date
from ingestion.records import Parsed, Reject, Row, SourceError
from ingestion.secret_forms import landed_name, text_digest, without_secrets
from ingestion.workspace.sections.object_limits import REJECTS_KEPT

# Rows as dicts take ten times the room of Arrow: convert before many have gathered.
ROWS_AS_DICTS: Final = 20_000
# Their rows say which periods a bill covers, empty ones too, and what it has of other services:
# they are no records.
SUMS: Final = ("bill_buckets", "foreign_charges")
REQUESTS: Final = "requests"
CONTEXT: Final = "request_context"
RAW: Final = "raw_row"
LONGEST: Final = 256
LONG_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.){257,}"')
# A record that could not be read has no date of its own.
UNDATED: Final = "1970-01-01"


def date_hint(object_name: str) -> str:
    """The last date in an object's name, which is where gateways put the day."""
    dates = DATE_IN_NAME.findall(object_name)
    return dates[-1] if dates else UNDATED


@dataclass(slots=True)
class ReadObject:
    """One object that was read, before its records are counted."""

    object: str
    object_no: int
    version: str
    hash: str
    parsed: Parsed
    rows_hash: str = ""
    months: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LandedRows:
    """Collects the objects of one batch, or of one chunk of it, and writes their files."""

    landing: Landing
    source: str
    number: int
    rejects_kept: int = REJECTS_KEPT
    # Arrow bytes that gather before they are written: fewer, larger files, or bounded memory
    gathered: int | None = None
    objects: list[LandedObject] = field(default_factory=list)
    _pending: list[ReadObject] = field(default_factory=list)
    _pending_rows: int = 0
    _tables: dict[str, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    _size: int = 0  # bytes of these
    _quarantine: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _files: list[LandedFile] = field(default_factory=list)

    def add(self, read: ReadObject) -> None:
        lineage = {"source": self.source, "batch": self.number, "object_no": read.object_no}
        read.object = landed_name(read.object)
        for table, rows in read.parsed.rows.items():
            for row in rows:
                row.update(lineage)
                if table != REQUESTS:  # those leave their reader so
                    _clean(row)
        for columns in read.parsed.requests:
            self._gather(REQUESTS, self._with_lineage(REQUESTS, columns, read.object_no))
        for columns in read.parsed.context:
            self._gather(CONTEXT, self._with_lineage(CONTEXT, columns, read.object_no))
        self._pending.append(read)
        self._pending_rows += sum(len(rows) for rows in read.parsed.rows.values())
        if self._pending_rows >= ROWS_AS_DICTS or self._is_much():
            self._flush()

    def add_part(self, read: ReadObject) -> None:
        """A part of an object that is too large to be read at once; parts come one by one."""
        self.add(read)
        self._flush()

    def _flush(self) -> None:
        self._convert()
        if self._is_much():
            self._write()

    def _with_lineage(self, table: str, columns: pa.Table, object_no: int) -> pa.Table:
        length = columns.num_rows
        lineage = {
            "source": pa.repeat(pa.scalar(self.source), length),
            "batch": pa.repeat(pa.scalar(self.number, pa.int64()), length),
            "object_no": pa.repeat(pa.scalar(object_no, pa.int32()), length),
        }
        schema = TABLES[table]
        made = dict(zip(columns.column_names, columns.columns, strict=True)) | lineage
        return pa.table([made.get(name) for name in schema.names], schema=schema)

    def write(self) -> list[LandedFile]:
        """The files of everything added; they are visible only once a batch lists them."""
        self._convert()
        self._write()
        return self._files

    def _gather(self, table: str, rows: pa.Table) -> None:
        self._tables[table].append(rows)
        self._size += rows.nbytes

    def _is_much(self) -> bool:
        return self.gathered is not None and self._size >= self.gathered

    def _write(self) -> None:
        for table, parts in sorted(self._tables.items()):
            for day, rows in sorted(by_date(table, pa.concat_tables(parts)).items()):
                self._files.append(self._file(table, day, rows))
        for day, rejected in sorted(self._quarantine.items()):
            rows = pa.Table.from_pylist(rejected, schema=QUARANTINE)
            self._files.append(self._file("quarantine", day, rows))
        self._tables.clear()
        self._size = 0
        self._quarantine.clear()

    def _file(self, table: str, day: str, rows: pa.Table) -> LandedFile:
        return self.landing.write(
            number=self.number, table=table, source=self.source, usage_date=day, rows=rows
        )

    def _convert(self) -> None:
        """Pending dicts to Arrow; a record with a value that does not fit is quarantined whole."""
        pending = {read.object_no: read for read in self._pending}
        converted: dict[str, pa.Table] = {}
        misfit_found = True
        while misfit_found:
            misfit_found = False
            for table in sorted({name for read in self._pending for name in read.parsed.rows}):
                rows = [row for read in self._pending for row in read.parsed.rows.get(table, ())]
                arrow, misfits = to_arrow(table, rows)
                if arrow is None:
                    misfit_found = True
                    _reject(pending, [(rows[index], column) for index, column in misfits])
                    break
                converted[table] = arrow
        for table, arrow in converted.items():
            self._gather(table, arrow)
        for read in self._pending:
            self._quarantine_rejects(read)
            self._count(self._counted(read))
        self._pending, self._pending_rows = [], 0

    def _counted(self, read: ReadObject) -> LandedObject:
        """Raises when a record of the object neither landed nor was quarantined."""
        landed = {
            row["record_no"]
            for table, rows in read.parsed.rows.items()
            if table not in SUMS
            for row in rows
        }
        for columns in read.parsed.requests:
            landed.update(columns["record_no"].to_pylist())
        quarantined = {reject.record_no for reject in read.parsed.rejects}
        distinct = len(quarantined) == len(read.parsed.rejects) and not landed & quarantined
        foreign = read.parsed.foreign
        if not distinct or read.parsed.records != len(landed) + len(quarantined) + foreign:
            raise SourceError(
                f"{self.source}: {read.object}: {read.parsed.records} records, but {len(landed)}"
                f" landed and {len(read.parsed.rejects)} are quarantined: the reader lost or"
                " doubled some, report it with this object"
            )
        return LandedObject(
            object=read.object,
            object_no=read.object_no,
            version=read.version,
            records=read.parsed.records,
            landed=len(landed),
            quarantined=len(quarantined),
            hash=read.hash,
            rows_hash=read.rows_hash,
            absent=read.parsed.absent,
            foreign=foreign,
            months=read.months,
        )

    def _count(self, landed: LandedObject) -> None:
        """Adds an object, or another part of the last one."""
        last = self.objects[-1] if self.objects else None
        if last is None or last.object_no != landed.object_no:
            self.objects.append(landed)
            return
        self.objects[-1] = msgspec.structs.replace(
            landed,
            records=last.records + landed.records,
            landed=last.landed + landed.landed,
            quarantined=last.quarantined + landed.quarantined,
            foreign=last.foreign + landed.foreign,
        )

    def _quarantine_rejects(self, read: ReadObject) -> None:
        lineage = {"source": self.source, "batch": self.number, "object_no": read.object_no}
        last = self.objects[-1] if self.objects else None
        told = last.quarantined if last and last.object_no == read.object_no else 0
        kept = max(0, self.rejects_kept - told)
        for row in quarantine_rows(read.object, read.parsed, kept):
            self._quarantine[date_hint(read.object)].append({**lineage, **row})


def _clean(row: Row) -> None:
    """A bill's texts: without secrets, and none longer than a name or description is."""
    for column, value in row.items():
        if column == RAW and isinstance(value, str):
            row[column] = LONG_TEXT.sub('""', without_secrets(value))
        elif isinstance(value, str):
            row[column] = _clean_name(value) if len(value) <= LONGEST else text_digest(value)


@lru_cache(maxsize=65_536)
def _clean_name(text: str) -> str:
    """A bill says the same few in all of its rows."""
    return without_secrets(text)


def _reject(pending: dict[int, ReadObject], misfits: list[tuple[dict[str, Any], str]]) -> None:
    """Moves the records of misfit rows, in every table, to the rejects; each once."""
    fields: dict[tuple[int, int], str] = {}
    for row, column in misfits:
        fields.setdefault((row["object_no"], row["record_no"]), column)
    for (object_no, record_no), column in fields.items():
        parsed = pending[object_no].parsed
        for table, rows in parsed.rows.items():
            if table not in SUMS:
                parsed.rows[table] = [row for row in rows if row["record_no"] != record_no]
        parsed.rejects.append(Reject(record_no, "value does not fit the contract", field=column))
