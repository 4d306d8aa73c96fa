"""A call of Codex as its OpenTelemetry events tell it.

`codex.sse_event` of the kind `response.completed` has the counts of a call, over whatever
transport; one with an error is a stream that broke. `codex.api_request` that failed is a try that
failed. An event is logged when what it tells has ended, and says of no call when it began.
"""

from datetime import timedelta
from typing import Any, Final

from ingestion.gateways.codex.said import a_call, counts, text
from ingestion.gateways.otel.json_logs import Event
from ingestion.gateways.spans import names
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_number, first_text
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import LONGEST_MS
from ingestion.reading.unreadable import Unreadable

STREAMED: Final = "codex.sse_event"
REQUEST: Final = "codex.api_request"
COMPLETED: Final = "response.completed"
# Who has no call of a model: which models there are, whose session it is.
OTHER_ENDPOINTS: Final = ("models", "token", "user", "usage", "trace_summarize")
COUNTS: Final = {
    "input": "input_token_count",
    "output": "output_token_count",
    "cache_read": "cached_token_count",
    "reasoning": "reasoning_token_count",
    # its name is older than what it holds
    "total": "tool_token_count",
}
# Nobody answered, or the answer broke off: what it used is not known.
NO_ANSWER: Final = "connection_error"
BROKEN: Final = "stream_disconnected"
USERS: Final = ("user.email", "user.account_id")
# What is read here, and texts: all else that an event says is metadata under its own name.
READ: Final = frozenset(
    (
        *COUNTS.values(),
        *("event.name", "event.kind", "event.timestamp", "conversation.id", "model", "slug"),
        *("duration_ms", "attempt", "endpoint", "success", "http.response.status_code"),
        *("error.message", "auth.request_id", "auth.cf_ray", "auth.error", "auth.error_code"),
        *("prompt", "arguments", "output"),
    )
)


def call_of_event(event: Event, literal: bytes) -> Span | None:
    """None for an event that is no call. Raises Unreadable."""
    failed = _text(event, "error.message") is not None
    if event.name == REQUEST and (failed or _code(event) >= 300):
        return None if _is_other(event) else _call(event, literal, failed=True)
    if event.name != STREAMED or not (failed or _text(event, "event.kind") == COMPLETED):
        return None
    return _call(event, literal, failed=failed)


def _call(event: Event, literal: bytes, *, failed: bool) -> Span:
    ended = event.moment
    milliseconds = first_number(event.said, ("duration_ms",)) or 0
    if not 0 <= milliseconds <= LONGEST_MS:
        raise Unreadable("duration_ms", "not the time of a call")
    # of a stream's event it is the wait for this event
    took = milliseconds if event.name == REQUEST else 0
    return Span(
        trace_id=_text(event, "conversation.id") or "no-session",
        span_id=_own_id(event, literal),
        parent_id=None,
        name=event.name,
        scope="",
        started=ended - timedelta(microseconds=int(took * 1000)),
        ended=ended if event.name == REQUEST else None,
        is_error=failed,
        error_type=_error_class(event) if failed else None,
        said=_said(event, failed),
        resource=event.resource,
    )


def _said(event: Event, failed: bool) -> dict[str, Any]:
    code, session = _code(event), _text(event, "conversation.id")
    return a_call(
        {name: value for name, value in event.said.items() if name not in READ},
        {} if failed else counts(event.said, COUNTS),
        {
            names.MODEL_REQUESTED[1]: _text(event, "model") or _text(event, "slug"),
            names.HTTP_STATUS[0]: str(code) if code else None,
            names.PROVIDER_REQUEST_ID[0]: _text(event, "auth.request_id"),
            names.ATTEMPT[0]: event.said.get("attempt") if event.name == REQUEST else None,
            names.TEXTS["user_id"][0]: first_text(event.said, USERS),
            names.TEXTS["session_id"][1]: session,
            names.RUN[0]: session,
        },
    )


def _own_id(event: Event, literal: bytes) -> str:
    """Of a record that is delivered twice the same."""
    moment = _text(event, "event.timestamp")
    kind = _text(event, "event.kind") or event.name.rpartition(".")[2]
    return f"{moment}-{kind}" if moment else bytes_hash(literal)


def _error_class(event: Event) -> str | None:
    if event.name == STREAMED:
        return BROKEN
    return None if _code(event) else NO_ANSWER


def _is_other(event: Event) -> bool:
    endpoint = (_text(event, "endpoint") or "").rstrip("/").rpartition("/")[2]
    return endpoint in OTHER_ENDPOINTS


def _code(event: Event) -> int:
    """0 where nobody answered."""
    code = text(event.said.get("http.response.status_code"))
    return int(code) if code is not None and code.isdecimal() and len(code) == 3 else 0


def _text(event: Event, name: str) -> str | None:
    return text(event.said.get(name))
