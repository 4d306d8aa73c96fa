"""One span as Phoenix exports it: a record of its API, a row of its data frames, or OTLP's names.

Phoenix leaves out which library made a span. Data frames have a column for each attribute, with
objects of what the convention's names have dots between (`attributes.gen_ai`), and NaN for what is
not there; as CSV they write objects as Python prints them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from ingestion.gateways.spans.held import PYTHON, held
from ingestion.gateways.spans.span import Span, trace_word
from ingestion.reading.instants import nanosecond_instant, text_instant, utc_instant
from ingestion.reading.records.parquet_records import UNHELD
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.records import Row

ATTRIBUTES: Final = "attributes."
DEEPEST: Final = 8
EXPECTED: Final = "no span of Phoenix: expected `context`, or `context.trace_id`, and `start_time`"
# Of the spans that a client traces itself, who can be told without its library's name.
CLIENTS: Final = {"anthropic.request.id": "com.anthropic.sdk.python"}
ERRORS: Final = ("ERROR", "2", "STATUS_CODE_ERROR")


def phoenix_span(record: Mapping[str, Any]) -> Span:
    """Raises Unreadable; where its start can be read, with the day."""
    started, ended = _moment(record, "start_time"), _moment(record, "end_time")
    if started is None:
        raise Unreadable(None, EXPECTED)
    try:
        return _span(record, started, ended)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _span(record: Row | Mapping[str, Any], started: datetime, ended: datetime | None) -> Span:
    said = _attributes(record)
    kind = record.get("span_kind")
    if isinstance(kind, str) and kind and kind != "UNKNOWN":
        said.setdefault("openinference.span.kind", kind)
    context = record.get("context")
    ids: Mapping[str, Any] = context if isinstance(context, dict) else record
    parent = record.get("parent_id") or record.get("parent_span_id")
    error_type, error_text = _exception(record.get("events"))
    status = record.get("status")
    code, text = (
        (status.get("code"), status.get("message"))
        if isinstance(status, dict)
        else (record.get("status_code"), record.get("status_message"))
    )
    return Span(
        trace_id=trace_word(_first(ids, "trace_id"), "context.trace_id", 16),
        span_id=trace_word(_first(ids, "span_id"), "context.span_id", 8),
        parent_id=trace_word(parent, "parent_id", 8) if isinstance(parent, str) else None,
        name=_text(record.get("name")) or "",
        scope=next((scope for name, scope in CLIENTS.items() if name in said), ""),
        started=started,
        ended=ended,
        is_error=str(code) in ERRORS,
        error_type=_text(said.get("error.type")) or error_type,
        error_text=_text(text) or error_text or "",
        said=said,
    )


def _first(record: Mapping[str, Any], name: str) -> Any:
    return record.get(name) or record.get(f"context.{name}")


def _attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    """By the conventions' names, whatever of them is nested."""
    said = record.get("attributes")
    if isinstance(said, list):
        return {
            str(each.get("key")): _otlp(each.get("value"))
            for each in said
            if isinstance(each, dict)
        }
    if isinstance(said, dict):
        return dict(_flat(said, "", DEEPEST))
    columns = {
        name.removeprefix(ATTRIBUTES): _printed(value)
        for name, value in record.items()
        if name.startswith(ATTRIBUTES) and value not in (None, "") and value is not UNHELD
    }
    return dict(_flat(columns, "", DEEPEST))


def _printed(value: Any) -> Any:
    """What Python printed; JSON in an attribute is a text as its caller wrote it."""
    return held(value) if isinstance(value, str) and value.startswith(PYTHON) else value


def _flat(said: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in said.items():
        if isinstance(value, dict) and depth:
            yield from _flat(value, f"{prefix}{key}.", depth - 1)
        elif value is not None and value == value:
            yield f"{prefix}{key}", value


def _otlp(wrapped: Any) -> Any:
    """`{"int_value": 12, "string_value": null, …}` is 12."""
    if not isinstance(wrapped, dict):
        return None
    kind, value = next(
        ((kind, value) for kind, value in wrapped.items() if value is not None), ("", None)
    )
    if kind == "array_value":
        values = value.get("values") if isinstance(value, dict) else None
        return [_otlp(each) for each in values] if isinstance(values, list) else []
    return value


def _moment(record: Mapping[str, Any], name: str) -> datetime | None:
    value = record.get(name)
    if value is UNHELD:
        raise Unreadable(name, "a time that no time can hold")
    if isinstance(value, datetime):
        return utc_instant(value, name)
    if isinstance(value, str) and value.strip():
        return text_instant(value, name)
    if value is None or value == "":
        nanoseconds = record.get(f"{name}_unix_nano")
        return nanosecond_instant(nanoseconds, f"{name}_unix_nano") if nanoseconds else None
    raise Unreadable(name, "not a time", value=shown(value))


def _exception(events: Any) -> tuple[str | None, str | None]:
    """Type and message of what was thrown, if anything was."""
    listed = held(events)
    for event in listed if isinstance(listed, list) else ():
        if isinstance(event, dict) and event.get("name") == "exception":
            said = _attributes(event)
            return _text(said.get("exception.type")), _text(said.get("exception.message"))
    return None, None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
