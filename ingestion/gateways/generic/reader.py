"""A company's own request log: CSV, JSON lines or Parquet, told apart by content.

Options: `columns` (contract field: source column, a path in one as `usage_details.input` or
`choices[0].finish_reason`, or a list of these, of which the first with a value is the record's),
`timestamp_format` (iso, epoch_s, epoch_ms, epoch_us or a strptime format), `timezone` of times
without an offset (UTC), `latency_unit` (s or ms; ms, because a guess from the values could differ
from file to file),
`provider` (else by column, else by the model's name), `delimiter`; and what the counts contain,
each true unless said: `tokens_inclusive_of_cache` (input: cache reads and writes),
`tokens_inclusive_of_reasoning` (output), `tokens_inclusive_of_audio_and_images` (both),
`total_inclusive_of_cache` and `total_inclusive_of_reasoning` (the column `total_tokens`, if any).
"""

from typing import Final

from ingestion.gateways.generic.collecting import GenericRecords
from ingestion.gateways.generic.columns import columns_of
from ingestion.gateways.generic.object_rows import ObjectRows
from ingestion.gateways.generic.parquet import read_parquet
from ingestion.reading.collecting import (
    logged_text,
    read_json_records,
    whole_lines,
)
from ingestion.reading.records.csv_records import csv_records, is_cut_off
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM
from ingestion.reading.unreadable import TYPED
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "8"

PARQUET: Final = b"PAR1"


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return columns_of(gateway).semantics


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one per record. Raises SourceError for options that cannot be used."""
    columns = columns_of(gateway)
    rows = ObjectRows(
        name, gateway.name, columns, gateway.named, gateway.limits, dict(columns.mapped)
    )
    parsed = _read(data, rows)
    if parsed.rows["requests"] or parsed.requests:
        # a record that lacks a required column is a reject, which names it
        parsed.absent = sorted(
            f"{' or '.join(f'`{path}`' for path in paths)} ({field})"
            for field, paths in rows.unseen.items()
        )
    return parsed


def _read(data: bytes, rows: ObjectRows) -> Parsed:
    if data.startswith(PARQUET):
        return read_parquet(data, rows)
    content = logged_text(data, rows.limits)
    if content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return read_json_records(content, rows.of_json, _collected(rows))
    return _csv(content, rows)


def _collected(rows: ObjectRows) -> GenericRecords:
    return GenericRecords(rows.named, rows.limits, rows=rows)


def _csv(content: Decompressed, rows: ObjectRows) -> Parsed:
    collected = _collected(rows)
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in csv_records(whole, rows.columns.delimiter):
        if header is None:
            header = [column.strip() for column in fields]
            nameless = rows.columns.known.isdisjoint(header)
            if nameless and (_has_values(header) or not whole[offset + len(literal) :].strip()):
                # no header, or one that no record follows: told like a record
                collected.add(literal, offset, rows.of_fields(header, header), {})
        elif offset + len(literal) == len(whole) and is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            said = rows.of_line(literal, header, fields)
            collected.add(literal, offset, rows.of_fields(header, fields), said)
    return collected.finish(content, end)


def _has_values(header: list[str]) -> bool:
    """Names have a letter; numbers and times have none but those of an ISO time."""
    return any(TYPED.fullmatch(cell) and any(map(str.isdigit, cell)) for cell in header)
