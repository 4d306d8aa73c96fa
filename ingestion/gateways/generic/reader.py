"""A company's own request log: CSV, JSON lines or Parquet, told apart by content.

Options: `columns` (contract field: source column, or a path in one as `usage_details.input`),
`timestamp_format` (iso, epoch_s, epoch_ms, epoch_us or a strptime format), `timezone` of times
without an offset (UTC), `latency_unit` (s or ms; ms, because a guess from the values could differ
from file to file),
`provider` (else by column, else by the model's name), `delimiter`; and what the counts contain,
each true unless said: `tokens_inclusive_of_cache` (input: cache reads and writes),
`tokens_inclusive_of_reasoning` (output), `tokens_inclusive_of_audio_and_images` (both),
`total_inclusive_of_cache` and `total_inclusive_of_reasoning` (the column `total_tokens`, if any).
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.generic.columns import Columns, columns_of
from ingestion.gateways.generic.paths import ABSENT, heads, value_at
from ingestion.gateways.generic.row import day_of, generic_row
from ingestion.reading.collecting import (
    Collected,
    ToRow,
    bytes_hash,
    logged_text,
    read_json_records,
    whole_lines,
)
from ingestion.reading.decompression import Decompressed
from ingestion.reading.exact_numbers import NOT_A_NUMBER, json_number
from ingestion.reading.json_records import BOM, LINE_END
from ingestion.reading.token_counts import UsageSemantics
from ingestion.reading.unreadable import Unreadable
from ingestion.records import Parsed, Row
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.object_limits import ObjectLimits, TooLarge
from ingestion.workspace.settings import Gateway

READER_VERSION: Final = "5"

PARQUET: Final = b"PAR1"
# A value of a Parquet column that Python has no value for.
UNHELD: Final = object()
_SHAPE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VALUE: Final = msgspec.json.Decoder(Any, float_hook=json_number)
_JSON: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return columns_of(gateway).semantics


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one per record. Raises SourceError for options that cannot be used."""
    columns = columns_of(gateway)
    rows = _Rows(name, gateway.name, columns, gateway.named, gateway.limits, dict(columns.mapped))
    parsed = _read(data, rows)
    if parsed.rows["requests"]:
        # a record that lacks a required column is a reject, which names it
        parsed.absent = sorted(f"`{column}` ({field})" for column, field in rows.unseen.items())
    return parsed


def _read(data: bytes, rows: "_Rows") -> Parsed:
    if data.startswith(PARQUET):
        return _parquet(data, rows)
    content = logged_text(data, rows.limits)
    if content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return read_json_records(data, rows.of_json, rows.named, rows.limits)
    return _csv(content, rows)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Makes the rows of one object. `unseen` are the mapped columns that no record had so far."""

    object_name: str
    source: str
    columns: Columns
    named: NamedPlaces
    limits: ObjectLimits
    unseen: dict[str, str] = field(default_factory=dict)

    def of_json(self, literal: bytes, record_no: int) -> Row:
        try:
            record = _JSON.decode(literal)
        except msgspec.ValidationError:
            record = _field_by_field(literal)
        except msgspec.DecodeError:
            raise Unreadable(None, "not JSON") from None
        except UnicodeDecodeError:
            raise Unreadable(None, "not UTF-8") from None
        except RecursionError:
            raise Unreadable(None, "nested too deeply") from None
        return self.of_record(record, literal, record_no)

    def of_fields(self, header: list[str], fields: list[str]) -> ToRow:
        def to_row(literal: bytes, record_no: int) -> Row:
            if len(fields) != len(header):
                reason = f"{len(fields)} fields where the header has {len(header)}"
                raise Unreadable(None, reason, option="delimiter, or quotes around the fields")
            if not literal.isascii() and _is_broken(literal):
                raise Unreadable(None, "not UTF-8", option="save the log as UTF-8")
            return self.of_record(dict(zip(header, fields, strict=True)), literal, record_no)

        return to_row

    def of_record(self, record: Mapping[str, Any], literal: bytes, record_no: int) -> Row:
        for column in [name for name in self.unseen if value_at(record, name) is not ABSENT]:
            del self.unseen[column]

        def identity() -> str:
            # equal lines are legal, so the place is part of what tells them apart
            return f"{self.object_name}\n{record_no}\n{bytes_hash(literal)}"

        try:
            return generic_row(record, self.columns, self.source, identity)
        except Unreadable as refusal:
            refusal.day = day_of(record, self.columns)
            raise


def _field_by_field(literal: bytes) -> dict[str, Any]:
    """A record with a number that no decoder takes: it costs nothing where nobody reads it."""
    try:
        shape = _SHAPE.decode(literal)
    except msgspec.ValidationError:
        raise Unreadable(None, "not a JSON object") from None
    record: dict[str, Any] = {}
    for name, value in shape.items():
        try:
            record[name] = _VALUE.decode(value)
        except msgspec.ValidationError:
            record[name] = NOT_A_NUMBER
    return record


def _parquet(data: bytes, rows: _Rows) -> Parsed:
    collected = Collected(rows.named, rows.limits)
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        wanted = {head for column in rows.columns.read for head in heads(column)}
        places = [name for name in file.schema_arrow.names if name in wanted]
        _check_size(file.metadata, rows.limits)
        table = file.read(columns=places)
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error) if isinstance(error, TooLarge) else "damaged Parquet"
        collected.reject(what, "object", data)
        return collected.parsed
    for record in _records(table):

        def to_row(literal: bytes, record_no: int, record: Row = record) -> Row:
            for column, value in record.items():
                if value is UNHELD:
                    raise Unreadable(column, "a value that no time or text can hold")
            return rows.of_record(record, literal, record_no)

        collected.add(repr(sorted(record.items())).encode(), None, to_row)
    return collected.parsed


def _check_size(metadata: pq.FileMetaData, limits: ObjectLimits) -> None:
    """Before any of it is read: a few bytes of Parquet can stand for a billion equal rows."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    problem = limits.many() if metadata.num_rows > limits.object_max_records else None
    if problem := problem or limits.problem(size):
        raise TooLarge(problem)


def _records(table: pa.Table) -> Iterator[Row]:
    try:
        yield from _microseconds(table).to_pylist()
    except (pa.ArrowException, OverflowError, ValueError):
        # a time past year 9999, or text that is not UTF-8: of these records alone
        for number in range(table.num_rows):
            row = table.slice(number, 1)
            yield {name: _cell(row.select([name])) for name in table.column_names}


def _cell(cell: pa.Table) -> Any:
    try:
        [record] = _microseconds(cell).to_pylist()
    except (pa.ArrowException, OverflowError, ValueError):
        return UNHELD
    return next(iter(record.values()))


def _microseconds(table: pa.Table) -> pa.Table:
    """Python's datetimes hold no nanoseconds. Seconds that microseconds cannot hold raise."""
    columns = [
        column.cast(_in_microseconds(column.type), safe="[ns" not in str(column.type))
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _in_microseconds(kind: pa.DataType) -> pa.DataType:
    """The type with its timestamps, or those inside of it, in microseconds."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_in_microseconds(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, _in_microseconds(kind.item_type))
    return pa.list_(_in_microseconds(kind.value_type)) if pa.types.is_list(kind) else kind


def _csv(content: Decompressed, rows: _Rows) -> Parsed:
    collected = Collected(rows.named, rows.limits)
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in _csv_records(whole, rows.columns.delimiter):
        if header is None:
            header = [column.strip() for column in fields]
        elif offset + len(literal) == len(whole) and _is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            collected.add(literal, offset, rows.of_fields(header, fields))
    return collected.finish(content, end)


def _is_cut_off(literal: bytes, fields: list[str], header: list[str]) -> bool:
    """A last line without an end that lacks fields, or the end of a quoted one."""
    return len(fields) < len(header) or literal.count(b'"') % 2 == 1


def _csv_records(data: bytes, delimiter: str) -> Iterator[tuple[int, bytes, list[str]]]:
    """(offset, bytes, fields) of each record; no fields where it is not CSV."""
    lines = _Lines(data, len(BOM) if data.startswith(BOM) else 0)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        start = lines.taken
        try:
            fields = next(reader, None)
        except csv.Error:
            fields = []
        if fields is None:
            return
        literal = data[start : lines.taken]
        if literal.strip():
            yield start, literal.rstrip(b"\r\n"), fields


@dataclass(slots=True)
class _Lines:
    """Feeds a CSV parser and knows which bytes it has taken."""

    data: bytes
    taken: int

    def __iter__(self) -> Iterator[str]:
        while self.taken < len(self.data):
            found = LINE_END.search(self.data, self.taken)
            end = found.end() if found else len(self.data)
            line = self.data[self.taken : end]
            self.taken = end
            # bytes that are not UTF-8 must cost their own record only
            yield line.decode(errors="replace")


def _is_broken(literal: bytes) -> bool:
    try:
        literal.decode()
    except UnicodeDecodeError:
        return True
    return False
