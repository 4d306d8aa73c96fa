"""Spans of OTLP in protobuf, by OpenTelemetry's own definition of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
from opentelemetry.proto.trace.v1.trace_pb2 import Status, TracesData

from ingestion.gateways.spans.span import Around, Span
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import nanosecond_instant
from ingestion.reading.unreadable import Unreadable

DEEPEST: Final = 8


def spans_of(data: bytes) -> Iterator[tuple[Message, Around]]:
    """Raises Unreadable for what is no message of traces."""
    try:
        said = TracesData.FromString(data)
    except DecodeError:
        raise Unreadable(None, "no OTLP: not a message of traces") from None
    for of_resource in said.resource_spans:
        resource = _plain(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            around = Around(resource, of_scope.scope.name)
            for span in of_scope.spans:
                yield span, around


def protobuf_span(said: Message, around: Around) -> Span:
    started = _instant(said.start_time_unix_nano, "start_time_unix_nano")
    if started is None:
        raise Unreadable("start_time_unix_nano", "missing")
    if len(said.trace_id) != 16 or len(said.span_id) != 8:
        refusal = Unreadable("span_id", "not an id of a span")
        refusal.day = started.date()
        raise refusal
    attributes = _plain(said.attributes)
    thrown = next((e.attributes for e in said.events if e.name == "exception"), ())
    exception = _plain(thrown)
    return Span(
        trace_id=said.trace_id.hex(),
        span_id=said.span_id.hex(),
        parent_id=said.parent_span_id.hex() or None,
        name=said.name,
        scope=around.scope,
        started=started,
        ended=_instant(said.end_time_unix_nano, "end_time_unix_nano"),
        is_error=said.status.code == Status.STATUS_CODE_ERROR,
        error_type=_text(attributes.get("error.type")) or _text(exception.get("exception.type")),
        error_text=said.status.message or _text(exception.get("exception.message")) or "",
        said=attributes,
        resource=around.resource,
    )


def _instant(count: int, field: str) -> datetime | None:
    return nanosecond_instant(count, field) if count else None


def _plain(attributes: Iterator[KeyValue] | Any) -> Mapping[str, Any]:
    return {each.key: _value(each.value, DEEPEST) for each in attributes}


def _value(value: AnyValue, depth: int) -> Any:
    kind = value.WhichOneof("value")
    if kind is None or kind == "bytes_value":
        return None
    if kind == "double_value":
        # as JSON spells it, so that both forms of one span are one row
        return json_number(repr(value.double_value))
    if kind == "array_value":
        return [_value(each, depth - 1) for each in value.array_value.values] if depth else None
    if kind == "kvlist_value":
        pairs = value.kvlist_value.values
        return {each.key: _value(each.value, depth - 1) for each in pairs} if depth else None
    return getattr(value, kind)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
