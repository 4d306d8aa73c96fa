"""A call of Claude Code as its OpenTelemetry events tell it: `api_request`, `api_error`.

An event is logged when its call has ended. Input is without what the cache read and wrote; writes
are not told apart by time to live. Sums of a failed call's tries are in no event: `api_error`
stands for the last one.
"""

from datetime import timedelta
from typing import Any, Final

from ingestion.gateways.claude_code.said import (
    a_call,
    counts,
    error_class,
    http_code,
    model_name,
    server_of,
)
from ingestion.gateways.otel.json_logs import Event
from ingestion.gateways.spans import names
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_number, first_text
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import LONGEST_MS
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.service_tiers import served_tier

PREFIX: Final = "claude_code."
REQUEST: Final = "api_request"
ERROR: Final = "api_error"
COUNTS: Final = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_creation_tokens",
}
# Who called, the surest first; `user.id` is a device.
USERS: Final = ("user.email", "user.account_uuid", "user.account_id")
DEVICE: Final = "user.id"
# `query_source` of a sub-agent: `agent:builtin:Explore`.
OF_AGENT: Final = "agent:"
# What is read here, and texts: all else that an event says is metadata under its own name.
READ: Final = frozenset(
    (
        *COUNTS.values(),
        *("model", "cost_usd", "cost_usd_micros", "duration_ms", "ttft_ms", "speed", "attempt"),
        *("request_id", "client_request_id", "query_source", "error", "status_code"),
        *("event.name", "event.timestamp", "event.sequence", "session.id", "agent.name", DEVICE),
        *("prompt", "response", "body", "body_ref", "tool_input", "tool_parameters"),
    )
)


def call_of_event(event: Event, literal: bytes) -> Span | None:
    """None for an event that is no call. Raises Unreadable."""
    kind = event.name.removeprefix(PREFIX)
    if kind not in (REQUEST, ERROR):
        return None
    said, ended = event.said, event.moment
    milliseconds = first_number(said, ("duration_ms",)) or 0
    if not 0 <= milliseconds <= LONGEST_MS:
        raise Unreadable("duration_ms", "not the time of a call")
    session = _text(event, "session.id") or "no-session"
    return Span(
        trace_id=session,
        span_id=_own_id(event, literal),
        parent_id=None,
        name=kind,
        scope="",
        started=ended - timedelta(microseconds=int(milliseconds * 1000)),
        ended=ended,
        is_error=kind == ERROR,
        error_type=error_class(said.get("status_code"), None) if kind == ERROR else None,
        said=_said(event, kind),
        resource=event.resource,
    )


def _said(event: Event, kind: str) -> dict[str, Any]:
    said = event.said
    request, model = _text(event, "request_id"), model_name(said.get("model"))
    own = {name: value for name, value in said.items() if name not in READ}
    source = _text(event, "query_source")
    agent = _text(event, "agent.name") or _agent(source)
    return a_call(
        own,
        counts(said, COUNTS) if kind == REQUEST else {},
        {
            names.MODEL_REQUESTED[1]: model,
            names.PROVIDER[0]: server_of(request),
            names.PROVIDER_REQUEST_ID[0]: request,
            names.CALL_ID[0]: request,
            names.COST[0]: first_number(said, ("cost_usd",)) if kind == REQUEST else None,
            names.HTTP_STATUS[0]: http_code(said.get("status_code")),
            names.ATTEMPT[0]: said.get("attempt"),
            names.FIRST_TOKEN_MS[0]: said.get("ttft_ms"),
            names.TIER_SERVED[0]: served_tier(None, _text(event, "speed")),
            names.TEXTS["user_id"][0]: first_text(said, USERS),
            names.TEXTS["session_id"][1]: _text(event, "session.id"),
            names.RUN[0]: _text(event, "session.id"),
            names.AGENT[0]: agent,
            names.WORKFLOW[0]: _text(event, "skill.name"),
            names.STEP[0]: None if agent else source,
            "device.id": said.get(DEVICE),
        },
    )


def _own_id(event: Event, literal: bytes) -> str:
    """Of a record that is delivered twice the same."""
    sequence = _text(event, "event.sequence")
    return _text(event, "request_id") or sequence or bytes_hash(literal)


def _agent(source: str | None) -> str | None:
    if source is None or not source.startswith(OF_AGENT):
        return None
    return source.rpartition(":")[2] or None


def _text(event: Event, name: str) -> str | None:
    return first_text(event.said, (name,))
