"""A file of rows as chunks of records, told apart by content: CSV, JSON lines, a page or Parquet.

Never more than a chunk is in memory. CSV and JSON lines may be gzip or zstd.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.json_values import json_object
from ingestion.bills.pages.foreign_files import foreign_file
from ingestion.bills.tables.csv_lines import csv_places, csv_records, line_places
from ingestion.bills.tables.record import DictRecord, ListRecord, Record
from ingestion.bills.tables.saved_page import Item, page_items
from ingestion.bills.tables.table_format import TableFormat
from ingestion.bills.tables.text_blocks import Block, blocks
from ingestion.reading.records.decompression import Damaged, decompressed
from ingestion.reading.records.json_records import BOM
from ingestion.records import SourceError

PARQUET: Final = b"PAR1"
PARQUET_ROWS: Final = 4096
DELIMITERS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands; Parquet has no bytes of one."""

    offset: int | None = None
    literal: bytes | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records in their order, or why one of them cannot be read."""

    records: Sequence[Record | RowError]
    place: Callable[[int], Place]  # of the n-th


def read_chunks(file: BinaryIO, name: str, form: TableFormat) -> Iterator[Chunk]:
    """`file` can seek. Raises SourceError for what is no such export, or is cut or damaged."""
    start = file.read(len(PARQUET))
    file.seek(0)
    if start == PARQUET:
        yield from _parquet(file, name, form)
        return
    try:
        parts = decompressed(file)
        first = next((part for part in parts if part), b"")
        is_json = first.removeprefix(BOM).lstrip()[:1] in (b"{", b"[")
        read = _page if is_json and form.page is not None else _text
        yield from read(chain((first,), parts), name, form)
    except Damaged as damage:
        raise SourceError(f"{name}: {damage}: deliver or copy it again") from None


def _page(parts: Iterable[bytes], name: str, form: TableFormat) -> Iterator[Chunk]:
    assert form.page is not None
    for items in page_items(parts, name, form.page):
        yield _json_chunk(items) if form.page.inside is None else _unfolded(items, form.page.inside)


def _text(parts: Iterable[bytes], name: str, form: TableFormat) -> Iterator[Chunk]:
    header: Header | None = None
    is_json = False
    for number, block in enumerate(blocks(parts)):
        if number == 0:
            first = block.data.removeprefix(BOM)
            is_json = first.lstrip()[:1] == b"{"
            if not is_json:
                header = _header(first, name, form)
                block = block.after(header.length + len(block.data) - len(first))
        if is_json:
            yield _json_chunk(_json_lines(block))
        elif header is not None:
            yield _csv_chunk(block, header, form)
    if header is None and not is_json:
        raise SourceError(f"{name}: empty: deliver or copy it again")


def _json_lines(block: Block) -> list[Item]:
    return [(offset, line) for offset, line in line_places(block) if line.removeprefix(BOM).strip()]


def _json_chunk(items: Sequence[Item]) -> Chunk:
    records: list[Record | RowError] = []
    for _, literal in items:
        fields = json_object(literal.removeprefix(BOM))
        records.append(fields if isinstance(fields, RowError) else DictRecord(fields))
    return Chunk(records, lambda n: Place(*items[n]))


def _unfolded(items: Iterable[Item], inside: str) -> Chunk:
    """Each record with what its item says of all of them."""
    records: list[Record | RowError] = []
    places: list[Item] = []
    for item in items:
        found = list(_inner(json_object(item[1]), inside))
        records += found
        places += [item] * len(found)
    return Chunk(records, lambda n: Place(*places[n]))


def _inner(outer: Mapping[str, Any] | RowError, inside: str) -> Iterator[Record | RowError]:
    inner = outer if isinstance(outer, RowError) else outer.get(inside)
    if isinstance(outer, RowError) or not isinstance(inner, list):
        yield outer if isinstance(outer, RowError) else RowError(inside, "not a list")
        return
    shared = {key: value for key, value in outer.items() if key != inside}
    for each in inner:
        is_object = isinstance(each, dict)
        yield DictRecord({**shared, **each}) if is_object else RowError(inside, "not an object")


@dataclass(frozen=True, slots=True)
class Header:
    columns: Mapping[str, int]
    width: int
    delimiter: str
    length: int  # bytes


def _header(data: bytes, name: str, form: TableFormat) -> Header:
    missing: list[str] = []
    for delimiter in DELIMITERS:
        fields, _, length = next(csv_places(data, delimiter), ([], 0, 0))
        names = [form.column(field.strip()) for field in fields or ()]
        lacking = _lacking(form, names)
        if not lacking:
            return Header(_places(names, name), len(names), delimiter, length)
        missing = missing if missing and len(missing) <= len(lacking) else lacking
    raise _not_such(name, missing, foreign_file(data))


def _lacking(form: TableFormat, names: Sequence[str]) -> list[str]:
    """A record is there where columns of it are: `invoice` as `invoice.month`."""
    there = {*names, *(name.partition(".")[0] for name in names)}
    return [column for column in form.needs if column not in there]


def _places(names: Sequence[str], file: str) -> dict[str, int]:
    for column in names:
        if names.count(column) > 1:
            raise SourceError(f"{file}: has the column {column} twice: export it again")
    return {column: place for place, column in enumerate(names)}


def _not_such(name: str, missing: Sequence[str], what: str | None) -> SourceError:
    of = f" ({what})" if what else ""
    columns = ", ".join(missing)
    return SourceError(
        f"{name}: lacks {columns}{of}: export it with these columns, or move it away if it is not"
        " part of the bill"
    )


def _csv_chunk(block: Block, header: Header, form: TableFormat) -> Chunk:
    records: list[Record | RowError] = []
    for fields in csv_records(block.data, header.delimiter):
        if fields is None or len(fields) != header.width:
            count = "no CSV" if fields is None else f"{len(fields)} fields, not {header.width}"
            records.append(RowError("record", count))
        else:
            records.append(ListRecord(header.columns, fields, form.nulls))

    def place(number: int) -> Place:
        # only of records that cannot be read: the block is read once more for them
        placed = islice(csv_places(block.data, header.delimiter), number, None)
        _, start, end = next(placed, (None, 0, 0))
        return Place(block.start + start, block.data[start:end].rstrip(b"\r\n"))

    return Chunk(records, place)


class _ColumnRecord(Record):
    """A row of Parquet; columns become Python's values when they are first asked for."""

    __slots__ = ("_batch", "_number")

    def __init__(self, batch: "_Batch", number: int) -> None:
        self._batch, self._number = batch, number

    def value(self, column: str) -> Any:
        values = self._batch.values(column)
        value = values[self._number] if values is not None else None
        return None if value == "" else value

    def whole(self) -> dict[str, Any]:
        said = self._batch.row(self._number)
        return {name: value for name, value in said.items() if value not in (None, "")}


@dataclass(slots=True)
class _Batch:
    rows: pa.RecordBatch
    columns: Mapping[str, int]
    _read: dict[str, list[Any]]

    def values(self, column: str) -> list[Any] | None:
        if column not in self._read and column in self.columns:
            self._read[column] = self.rows.column(self.columns[column]).to_pylist()
        return self._read.get(column)

    def row(self, number: int) -> dict[str, Any]:
        one = self.rows.slice(number, 1)
        return {name: one.column(n)[0].as_py() for name, n in self.columns.items()}


def _parquet(file: BinaryIO, name: str, form: TableFormat) -> Iterator[Chunk]:
    try:
        opened = pq.ParquetFile(file)
        names = [form.column(column) for column in opened.schema_arrow.names]
        if missing := _lacking(form, names):
            raise _not_such(name, missing, None)
        columns = _places(names, name)
        for rows in opened.iter_batches(batch_size=PARQUET_ROWS):
            batch = _Batch(rows, columns, {})
            yield Chunk([_ColumnRecord(batch, n) for n in range(rows.num_rows)], lambda _: Place())
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, pa.ArrowInvalid | OSError):
            raise SourceError(
                f"{name}: damaged or cut off Parquet: deliver or copy it again"
            ) from error
        raise
