"""OpenTelemetry traces: OTLP as collectors write it to files and buckets.

JSON lines (`{"resourceSpans": [...]}`) and protobuf, plain, gzip or zstd, also the file exporter's
frames. Calls of models become requests, whatever instrumentation tells them (../spans). Option:
`tokens_inclusive_of_cache` (true: the conventions' input has cache reads and writes in it).
"""

from functools import partial
from typing import Final

from ingestion.gateways.otel import json_spans, protobuf_spans
from ingestion.gateways.otel.messages import Message, framed, is_framed, is_protobuf
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Around, Span
from ingestion.reading.collecting import logged_text
from ingestion.reading.records.decompression import Decompressed, decompress
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row, SourceError
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "3"
CHOICES: Final = {"true": True, "false": False}


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    said = str(gateway.options.get("tokens_inclusive_of_cache", "true")).lower()
    if said not in CHOICES:
        raise SourceError(
            f"gateway {gateway.name}: wrong `tokens_inclusive_of_cache` in tollbook.yaml: use true"
            " or false"
        )
    return UsageSemantics(input_includes_cache=CHOICES[said], total_includes_cache=CHOICES[said])


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of every span."""
    collected = SpanRecords(gateway.named, gateway.limits, semantics=usage_semantics(gateway))
    content = logged_text(data, gateway.limits)
    if is_framed(content.data):
        return _framed(collected, content)
    if is_protobuf(content.data):
        _add_protobuf(collected, Message(0, content.data))
        return collected.finish(content, None)
    lines, end = json_records(content.data, damaged=content.damage is not None)
    for offset, line in lines:
        if not _add_line(collected, Message(offset, line)):
            return collected.parsed
    return collected.finish(content, end)


def _framed(collected: SpanRecords, content: Decompressed) -> Parsed:
    end = 0
    for message in framed(content.data):
        end = message.offset + len(message.data)
        held = decompress(message.data, collected.limits)
        if held.damage is not None:
            collected.reject(held.damage, "record", message.data, message.offset)
            continue
        inner = Message(message.offset, held.data)
        is_json = held.data.lstrip().startswith(b"{") and not is_protobuf(held.data)
        if not (_add_line if is_json else _add_protobuf)(collected, inner):
            return collected.parsed
    return collected.finish(content, end if end < len(content.data) else None)


def _add_line(collected: SpanRecords, message: Message) -> bool:
    """False where the object has as many records as it may."""
    try:
        spans = json_spans.spans_of(message.data)
    except Unreadable as refusal:
        return _refuse(collected, message, refusal)
    if spans is None:
        collected.add_foreign()
        return True
    position = 0
    for literal, around in spans:
        record = bytes(literal)
        position = message.data.index(record, position)
        offset = message.offset + position
        if collected.is_full(record, offset):
            return False
        collected.add_span(record, offset, partial(json_spans.json_span, around=around))
        position += len(record)
    return True


def _add_protobuf(collected: SpanRecords, message: Message) -> bool:
    try:
        for span, around in protobuf_spans.spans_of(message.data):
            record = span.SerializeToString()
            if collected.is_full(record, None):
                return False
            collected.add_span(record, None, partial(_protobuf, span, around))
    except Unreadable as refusal:
        return _refuse(collected, message, refusal)
    return True


def _protobuf(span: protobuf_spans.Message, around: Around, literal: bytes) -> Span:
    return protobuf_spans.protobuf_span(span, around)


def _refuse(collected: SpanRecords, message: Message, refusal: Unreadable) -> bool:
    collected.add(message.data, message.offset, partial(_refused, refusal))
    return True


def _refused(refusal: Unreadable, literal: bytes, record_no: int) -> Row:
    raise refusal
