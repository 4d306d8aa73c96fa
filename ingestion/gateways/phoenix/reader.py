"""Spans that Arize Phoenix exports: pages or lines of its API, and its data frames.

`GET /v1/projects/<name>/spans` and `…/spans/otlpv1` as saved pages, lines of one span each, and
`get_spans_dataframe()` as Parquet or CSV. What a span is and says is that of OpenTelemetry
(../spans). Phoenix exports no price.
"""

import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.phoenix.spans import ATTRIBUTES, EXPECTED, phoenix_span
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.reading.collecting import logged_text, whole_lines
from ingestion.reading.csv_records import csv_records, is_cut_off
from ingestion.reading.decompression import Decompressed
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.json_records import BOM, json_records
from ingestion.reading.parquet_records import check_size, records_of
from ingestion.reading.token_counts import UsageSemantics
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.records import Parsed
from ingestion.workspace.object_limits import TooLarge
from ingestion.workspace.settings import Gateway

READER_VERSION: Final = "1"
PARQUET: Final = b"PAR1"
# Columns that hold texts of callers and models alone.
TEXTS: Final = frozenset(
    f"{ATTRIBUTES}{name}"
    for name in (
        *("input.value", "llm.input_messages", "llm.output_messages", "llm.tools", "llm.prompts"),
        *("embedding.embeddings", "retrieval.documents", "tool.parameters"),
    )
)
ROWS: Final = 1000  # of a data frame, at once
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of every span."""
    collected = SpanRecords(gateway.named, gateway.limits)
    if data.startswith(PARQUET):
        return _parquet(collected, data)
    content = logged_text(data, gateway.limits)
    if content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return _json(collected, content)
    return _csv(collected, content)


def _json(collected: SpanRecords, content: Decompressed) -> Parsed:
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_span(record, offset, _span_of_json)
    return collected.finish(content, end)


def _span_of_json(literal: bytes) -> Span:
    try:
        return phoenix_span(_RECORD.decode(literal))
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None


def _csv(collected: SpanRecords, content: Decompressed) -> Parsed:
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in csv_records(whole, ","):
        if header is None:
            header = [column.strip() for column in fields]
            if "start_time" not in header:
                collected.add_span(literal, offset, _refused(EXPECTED))
                break
        elif offset + len(literal) == len(whole) and is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            collected.add_span(literal, offset, _of_fields(header, fields))
    return collected.finish(content, end)


def _of_fields(header: list[str], fields: list[str]) -> Callable[[bytes], Span]:
    if len(fields) != len(header):
        return _refused(f"{len(fields)} fields where the header has {len(header)}")
    # the index stands twice
    record = dict(zip(header, fields, strict=True))
    return partial(_span_of_record, record)


def _parquet(collected: SpanRecords, data: bytes) -> Parsed:
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        check_size(file.metadata, collected.limits)
        columns = [name for name in file.schema_arrow.names if name not in TEXTS]
        for batch in file.iter_batches(batch_size=ROWS, columns=columns):
            for record in records_of(pa.Table.from_batches([batch])):
                literal = repr(sorted(record.items())).encode("utf-8", "surrogatepass")
                collected.add_span(literal, None, partial(_span_of_record, record))
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error) if isinstance(error, TooLarge) else "damaged Parquet"
        collected.reject(what, "rest" if collected.parsed.records else "object", data)
    return collected.parsed


def _span_of_record(record: Mapping[str, Any], literal: bytes) -> Span:
    return phoenix_span(record)


def _refused(reason: str) -> Callable[[bytes], Span]:
    def refuse(literal: bytes) -> Span:
        raise Unreadable(None, reason)

    return refuse
