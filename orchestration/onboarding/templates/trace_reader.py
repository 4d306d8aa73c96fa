"""Traces of `made_up`: a line of JSON for each span.

FILL IN: who writes it, how it is exported, which releases this was read from.
"""

from typing import Any, Final

import msgspec

from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span, trace_word
from ingestion.reading.collecting import logged_text
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import text_instant
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
# FILL IN: what its counts contain; a part that is not in one stands beside it.
SEMANTICS: Final = UsageSemantics(input_includes_cache=True, output_includes_reasoning=True)


class Line(msgspec.Struct):
    """FILL IN: the fields of a line; one that a line may leave out has a default."""

    trace: str
    span: str
    start: str
    parent: str | None = None
    name: str = ""
    end: str | None = None
    error: str | None = None
    # under names of ingestion/gateways/spans/names.py, where a new dialect gets its own
    attributes: dict[str, Any] = {}


_LINE: Final = msgspec.json.Decoder(Line, float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    collected = SpanRecords(gateway.named, gateway.limits, semantics=SEMANTICS)
    content = logged_text(data, gateway.limits)
    records, end = json_records(content.data, damaged=content.damage is not None)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_span(record, offset, _span)
    return collected.finish(content, end)


def _span(literal: bytes) -> Span:
    try:
        line = _LINE.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    return Span(
        trace_id=trace_word(line.trace, "trace", 16),
        span_id=trace_word(line.span, "span", 8),
        parent_id=trace_word(line.parent, "parent", 8) if line.parent else None,
        name=line.name,
        scope="made_up",
        started=text_instant(line.start, "start"),
        ended=text_instant(line.end, "end") if line.end else None,
        is_error=line.error is not None,
        error_type=line.error,
        said=line.attributes,
    )
