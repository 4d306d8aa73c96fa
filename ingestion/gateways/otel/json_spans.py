"""Spans of OTLP/JSON: `{"resourceSpans": [...]}`, as collectors and exporters write it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from ingestion.gateways.otel.attributes import Attribute, plain
from ingestion.gateways.otel.json_lines import SPANS, Lines, Resource
from ingestion.gateways.spans.span import Around, Span, trace_word
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import nanosecond_instant
from ingestion.reading.unreadable import Unreadable, misfit

NOTHING: Final = Raw(b"null")
ERROR_CODES: Final = (2, "2", "STATUS_CODE_ERROR")


class _Scope(Struct):
    name: Any = None


class _ScopeSpans(Struct, rename="camel"):
    scope: _Scope | None = None
    instrumentation_library: _Scope | None = None
    spans: list[Raw] | None = None


class _ResourceSpans(Struct, rename="camel"):
    resource: Raw = NOTHING
    scope_spans: list[_ScopeSpans] | None = None
    # as it was called before 2022
    instrumentation_library_spans: list[_ScopeSpans] | None = None


class _Status(Struct):
    code: Any = None
    message: Any = None


class _Event(Struct):
    name: Any = None
    attributes: list[Attribute] | None = None


class _Span(Struct, rename="camel"):
    trace_id: Any = None
    span_id: Any = None
    parent_span_id: Any = None
    name: Any = None
    start_time_unix_nano: Any = None
    end_time_unix_nano: Any = None
    attributes: list[Attribute] | None = None
    events: list[_Event] | None = None
    status: _Status | None = None


_LINES: Final = Lines(SPANS, _ResourceSpans)
_RESOURCE: Final = msgspec.json.Decoder(Resource, float_hook=json_number)
_SPAN: Final = msgspec.json.Decoder(_Span, float_hook=json_number)
_TIMES: Final = msgspec.json.Decoder(dict[str, Raw])


def spans_of(line: bytes) -> Iterator[tuple[Raw, Around]] | None:
    """The spans of a line, each as its bytes; None for a line of another signal.

    Raises Unreadable for a line that is no OTLP.
    """
    of_resources = _LINES.items(line)
    return None if of_resources is None else _spans(of_resources)


def _spans(of_resources: list[_ResourceSpans]) -> Iterator[tuple[Raw, Around]]:
    for each in of_resources:
        resource = _resource(each.resource)
        of_scopes = (*(each.scope_spans or ()), *(each.instrumentation_library_spans or ()))
        for of_scope in of_scopes:
            scope = of_scope.scope or of_scope.instrumentation_library
            name = scope.name if scope and isinstance(scope.name, str) else ""
            around = Around(resource, name)
            for span in of_scope.spans or ():
                yield span, around


def _resource(literal: Raw) -> Mapping[str, Any]:
    """No money hangs on it: one of an unknown shape says nothing."""
    try:
        said = _RESOURCE.decode(literal) if bytes(literal) != b"null" else Resource()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return plain(said.attributes)


def json_span(literal: bytes, around: Around) -> Span:
    try:
        return _span(_SPAN.decode(literal), around)
    except msgspec.ValidationError as error:
        refusal = misfit(error)
    except Unreadable as error:
        refusal = error
    refusal.day = _day(literal)
    raise refusal


def _span(said: _Span, around: Around) -> Span:
    ended = said.end_time_unix_nano
    status, thrown = said.status or _Status(), _exception(said.events or [])
    attributes = plain(said.attributes)
    return Span(
        trace_id=trace_word(said.trace_id, "traceId", 16),
        span_id=trace_word(said.span_id, "spanId", 8),
        parent_id=trace_word(said.parent_span_id, "parentSpanId", 8)
        if said.parent_span_id
        else None,
        name=said.name if isinstance(said.name, str) else "",
        scope=around.scope,
        started=nanosecond_instant(said.start_time_unix_nano, "startTimeUnixNano"),
        ended=nanosecond_instant(ended, "endTimeUnixNano") if ended not in (None, 0, "0") else None,
        is_error=status.code in ERROR_CODES,
        error_type=_text(attributes.get("error.type")) or thrown[0],
        error_text=_text(status.message) or thrown[1] or "",
        said=attributes,
        resource=around.resource,
    )


def _exception(events: list[_Event]) -> tuple[str | None, str | None]:
    """Type and message of what was thrown, if anything was."""
    for event in events:
        if event.name == "exception":
            said = plain(event.attributes)
            return _text(said.get("exception.type")), _text(said.get("exception.message"))
    return None, None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _day(literal: bytes) -> date | None:
    """The UTC day of a span that cannot be read, where its start can."""
    try:
        started = msgspec.json.decode(_TIMES.decode(literal)["startTimeUnixNano"])
        return nanosecond_instant(started, "startTimeUnixNano").date()
    except (msgspec.DecodeError, KeyError, RecursionError, UnicodeDecodeError, Unreadable):
        return None
