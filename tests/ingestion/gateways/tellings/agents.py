"""Coding agents: the events that they send by OpenTelemetry, and the sessions that they write down.

Each process is one team's and one feature's, which stands in its resource.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from tests.ingestion.gateways.otel_spans import attributes
from tests.ingestion.gateways.tellings.answers import anthropic_usage
from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, UNTOLD, Call
from tests.ingestion.gateways.tellings.proxies import moment


def claude_events(calls: Sequence[Call]) -> bytes:
    return _jsonl(_event(call, "claude_code", _claude_said(call)) for call in calls)


def _claude_said(call: Call) -> dict[str, Any]:
    """Of a stream that broke off nothing is counted."""
    failed = call.ending == REFUSED
    said: dict[str, Any] = {
        "event.name": "api_error" if failed else "api_request",
        "event.timestamp": moment(call.ended),
        "event.sequence": call.number,
        "user.id": "4b1f0e6c9d",
        "user.email": call.user,
        "session.id": call.session,
        "model": call.model.name,
        "duration_ms": call.latency_ms,
        "request_id": f"req_{call.number:06}",
        "speed": "normal",
        "query_source": "repl_main_thread",
        "attempt": call.attempt,
    }
    if failed:
        return said | {"status_code": "429", "error": "too many requests"}
    if call.ending == UNTOLD:
        return said
    return said | {
        "input_tokens": call.of("input"),
        "output_tokens": call.of("output"),
        "cache_read_tokens": call.of("cache_read"),
        "cache_creation_tokens": call.writes,
    }


def claude_transcript(calls: Sequence[Call]) -> bytes:
    """An answer is written down when it has come; what comes before it is its prompt."""
    return _jsonl(line for call in calls for line in (_prompt(call), _line(call)))


def _prompt(call: Call) -> dict[str, Any]:
    said = {"type": "user", "uuid": f"u-{call.number}", "timestamp": moment(call.started)}
    return said | {"sessionId": call.session, "message": {"role": "user"}}


def _line(call: Call) -> dict[str, Any]:
    said = {
        "uuid": f"a-{call.number}",
        "timestamp": moment(call.ended),
        "sessionId": call.session,
        "version": "2.1.241",
    }
    if call.ending == REFUSED:
        error = {"status": 429, "requestID": f"req_{call.number:06}"}
        return said | {
            "type": "system",
            "subtype": "api_error",
            "error": error,
            "retryAttempt": call.attempt,
        }
    message = {"id": call.response_id, "model": call.model.name, "role": "assistant"}
    if call.ending == ANSWERED:
        message |= {"stop_reason": "end_turn", "usage": anthropic_usage(call)}
    return said | {
        "type": "assistant",
        "requestId": f"req_{call.number:06}",
        "message": message,
    }


def codex_events(calls: Sequence[Call]) -> bytes:
    return _jsonl(_event(call, "codex_cli_rs", _codex_said(call)) for call in calls)


def _codex_said(call: Call) -> dict[str, Any]:
    """A stream's event has the counts, of one that broke off none; a request that was refused has
    an event of its own.
    """
    said: dict[str, Any] = {
        "event.timestamp": moment(call.ended),
        "conversation.id": call.session,
        "user.email": call.user,
        "model": call.model.name,
        "slug": call.model.name,
    }
    if call.ending == REFUSED:
        return said | {
            "event.name": "codex.api_request",
            "duration_ms": str(call.latency_ms),
            "http.response.status_code": 429,
            "attempt": call.attempt,
            "endpoint": "/responses",
            "error.message": "too many requests",
        }
    said |= {"event.name": "codex.sse_event", "event.kind": "response.completed"}
    if call.ending == UNTOLD:
        return said
    counts = {
        "input_token_count": call.prompt,
        "output_token_count": call.of("output"),
        "cached_token_count": call.of("cache_read"),
        "reasoning_token_count": call.of("reasoning"),
        "tool_token_count": call.prompt + call.of("output"),
    }
    return said | {name: str(count) for name, count in counts.items()}


def codex_rollout(calls: Sequence[Call]) -> bytes:
    """A session is a file; one after the other they are read as one here, each from its own."""
    (session,) = {call.session for call in calls}
    return _jsonl(_rollout(session, calls))


def by_session(calls: Iterable[Call]) -> list[list[Call]]:
    return [list(of) for _, of in groupby(calls, key=lambda call: call.session)]


def _rollout(session: str, calls: Sequence[Call]) -> Iterator[dict[str, Any]]:
    """What was refused it does not write down."""
    first = moment(calls[0].started)
    meta = {"id": session, "timestamp": first, "model_provider": "openai", "source": "cli"}
    yield {"timestamp": first, "type": "session_meta", "payload": meta}
    for call in calls:
        model = {"model": call.model.name}
        yield {"timestamp": moment(call.started), "type": "turn_context", "payload": model}
        if call.ending == ANSWERED:
            record = {"thread_id": session, "response_id": call.response_id, "usage": _used(call)}
            told = {"type": "token_usage_record", "payload": record}
            yield {"timestamp": moment(call.ended), **told}


def _used(call: Call) -> dict[str, int]:
    return {
        "input_tokens": call.prompt,
        "cached_input_tokens": call.of("cache_read"),
        "output_tokens": call.of("output"),
        "reasoning_output_tokens": call.of("reasoning"),
        "total_tokens": call.prompt + call.of("output"),
    }


def _event(call: Call, service: str, said: Mapping[str, Any]) -> dict[str, Any]:
    resource = {"service.name": service, "feature": call.feature, "team": call.team}
    record = {"timeUnixNano": "0", "attributes": attributes(dict(said))}
    logs = [{"scope": {"name": service}, "logRecords": [record]}]
    return {"resourceLogs": [{"resource": {"attributes": attributes(resource)}, "scopeLogs": logs}]}


def _jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()
