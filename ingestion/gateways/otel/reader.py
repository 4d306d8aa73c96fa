"""OpenTelemetry traces: OTLP as collectors write it to files and buckets.

JSON lines (`{"resourceSpans": [...]}`), plain, gzip or zstd. Calls of models become requests,
whatever instrumentation tells them (../spans). Option: `tokens_inclusive_of_cache` (true: the
conventions' input has cache reads and writes in it).
"""

from functools import partial
from typing import Final

from ingestion.gateways.otel.json_spans import json_span, spans_of
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.reading.collecting import logged_text
from ingestion.reading.json_records import json_records
from ingestion.reading.token_counts import UsageSemantics
from ingestion.reading.unreadable import Unreadable
from ingestion.records import Parsed, Row, SourceError
from ingestion.workspace.settings import Gateway

READER_VERSION: Final = "1"
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
    lines, end = json_records(content.data, damaged=content.damage is not None)
    for offset, line in lines:
        if not _add_line(collected, line, offset):
            return collected.parsed
    return collected.finish(content, end)


def _add_line(collected: SpanRecords, line: bytes, offset: int) -> bool:
    """False where the object has as many records as it may."""
    try:
        spans = spans_of(line)
    except Unreadable as refusal:
        collected.add(line, offset, partial(_refused, refusal))
        return True
    if spans is None:
        collected.add_foreign()
        return True
    position = 0
    for literal, around in spans:
        record = bytes(literal)
        position = line.index(record, position)
        if collected.is_full(record, offset + position):
            return False
        collected.add_span(record, offset + position, partial(json_span, around=around))
        position += len(record)
    return True


def _refused(refusal: Unreadable, literal: bytes, record_no: int) -> Row:
    raise refusal
