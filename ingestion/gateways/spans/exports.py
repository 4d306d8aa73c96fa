"""What a trace store exports, a record for each span: JSON lines, arrays and pages, CSV, Parquet.

However large an object is, a few of its records are rows of Python at once.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.reading.collecting import logged_text, whole_lines
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.csv_records import csv_records, is_cut_off
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM, json_records
from ingestion.reading.records.parquet_records import check_size, records_of
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.records import Parsed
from ingestion.workspace.sections.object_limits import TooLarge

PARQUET: Final = b"PAR1"
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


@dataclass(frozen=True, slots=True)
class Export:
    """`span_of`: the span of a record, None where it is none. `needed`: columns of which a CSV has
    one, and what is said where it has not; without them no export is a CSV. `texts`: columns that
    nobody reads, as callers' and models' texts are. `rows`: of Parquet, at once.
    """

    span_of: Callable[[Mapping[str, Any]], Span | None]
    texts: frozenset[str]
    needed: frozenset[str] = frozenset()
    expected: str = ""
    rows: int = 1000


def read_export(collected: SpanRecords, data: bytes, export: Export) -> Parsed:
    if data.startswith(PARQUET):
        return _parquet(collected, data, export)
    content = logged_text(data, collected.limits)
    if not export.needed or content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return _json(collected, content, export)
    return _csv(collected, content, export)


def _json(collected: SpanRecords, content: Decompressed, export: Export) -> Parsed:
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_span(record, offset, partial(_of_json, export))
    return collected.finish(content, end)


def _of_json(export: Export, literal: bytes) -> Span | None:
    try:
        return export.span_of(_RECORD.decode(literal))
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None


def _csv(collected: SpanRecords, content: Decompressed, export: Export) -> Parsed:
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in csv_records(whole, ","):
        if header is None:
            header = [column.strip() for column in fields]
            if not _has_needed(header, export):
                collected.add_span(literal, offset, partial(_refused, export.expected))
                break
        elif offset + len(literal) == len(whole) and is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            collected.add_span(literal, offset, partial(_of_fields, export, header, fields))
    return collected.finish(content, end)


def _has_needed(columns: Iterable[str], export: Export) -> bool:
    return not export.needed.isdisjoint(columns)


def _of_fields(export: Export, header: list[str], fields: list[str], literal: bytes) -> Span | None:
    if len(fields) != len(header):
        _refused(f"{len(fields)} fields where the header has {len(header)}", literal)
    # the index of a data frame stands twice
    return export.span_of(dict(zip(header, fields, strict=True)))


def _parquet(collected: SpanRecords, data: bytes, export: Export) -> Parsed:
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        check_size(file.metadata, collected.limits)
        columns = [name for name in file.schema_arrow.names if name not in export.texts]
        for batch in file.iter_batches(batch_size=export.rows, columns=columns):
            for record in records_of(pa.Table.from_batches([batch])):
                literal = repr(sorted(record.items())).encode("utf-8", "surrogatepass")
                collected.add_span(literal, None, partial(_of_record, export, record))
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error) if isinstance(error, TooLarge) else "damaged Parquet"
        collected.reject(what, "rest" if collected.parsed.records else "object", data)
    return collected.parsed


def _of_record(export: Export, record: Mapping[str, Any], literal: bytes) -> Span | None:
    return export.span_of(record)


def _refused(reason: str, literal: bytes) -> Span | None:
    raise Unreadable(None, reason)
