"""Spans of Datadog's LLM Observability: what it exports, and what is posted to it.

Pages of its export API (`data[].attributes`) or lines of one span each; what ddtrace posts to
`/api/v2/llmobs` (a list of `{"spans": […]}`); what others post, LiteLLM's callback among them
(`{"data": {"attributes": {"spans": […]}}}`). Only spans of kind `llm` and `embedding` are requests.
"""

from functools import partial
from typing import Final

from ingestion.gateways.datadog.posts import spans_of
from ingestion.gateways.datadog.spans import datadog_span
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.reading.collecting import logged_text
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    """Cache reads and writes within the input, reasoning within the output, whoever serves."""
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of every span."""
    collected = SpanRecords(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if not _add(collected, record, offset):
            return collected.parsed
    return collected.finish(content, end)


def _add(collected: SpanRecords, record: bytes, offset: int) -> bool:
    """False where the object has as many records as it may."""
    try:
        spans = list(spans_of(record))
    except Unreadable as refusal:
        if collected.is_full(record, offset):
            return False
        collected.add_span(record, offset, partial(_refused, refusal))
        return True
    if not spans:
        collected.add_foreign()
    position = 0
    for literal, around in spans:
        position = record.index(literal, position)
        if collected.is_full(literal, offset + position):
            return False
        collected.add_span(literal, offset + position, partial(datadog_span, around=around))
        position += len(literal)
    return True


def _refused(refusal: Unreadable, literal: bytes) -> Span:
    raise refusal
