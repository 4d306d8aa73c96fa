"""The calls of a session as Claude Code writes it down: `~/.claude/projects/*/*.jsonl`.

An answer is one call, whatever lines tell it (answers.py). A session that is resumed or forked has
the lines of the older one again, with their ids and times. Lines of sub-agents, in files of their
own or in their session's, are calls like any other. A try that failed and is tried again is a line
of the system. When a call was sent no line says.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Struct

from ingestion.gateways.claude_code.answers import (
    ANSWER,
    SYSTEM,
    Answers,
    answer_ids,
    answers_of,
    is_foreign,
)
from ingestion.gateways.claude_code.said import (
    a_call,
    counts,
    error_class,
    http_code,
    model_name,
    server_of,
)
from ingestion.gateways.spans import names
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_count, first_text
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import text_instant
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable, misfit, shown
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.records import Parsed

EXPECTED: Final = "no line of Claude Code's transcripts: expected `type`"
COUNTS: Final = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write": "cache_creation_input_tokens",
    "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
    "reasoning": "output_tokens_details.thinking_tokens",
}
TOOLS: Final = "server_tool_use"
SEARCHES: Final = "web_search_requests"
# What of a line is metadata, under its own name.
METADATA: Final = ("cwd", "gitBranch", "version", "entrypoint", "effort", "agentId", "teamName")


class _Message(Struct):
    id: Any = None
    model: Any = None
    stop_reason: Any = None
    usage: dict[str, Any] | None = None


class _Line(Struct, rename="camel"):
    type: Any = None
    subtype: Any = None
    uuid: Any = None
    timestamp: Any = None
    session_id: Any = None
    request_id: Any = None
    message: _Message | None = None
    is_api_error_message: Any = None
    api_error_status: Any = None
    error: Any = None
    attribution_agent: Any = None
    attribution_skill: Any = None
    retry_attempt: Any = None


_LINE: Final = msgspec.json.Decoder(_Line, float_hook=json_number)
_SAID: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY: Final = msgspec.json.Decoder(float_hook=json_number)


def read_transcript(collected: SpanRecords, content: Decompressed) -> Parsed:
    """Twice through the lines: the first time for what stands for an answer."""
    answers = answers_of(content)
    lines, end = json_records(content.data, damaged=content.damage is not None)
    for offset, line in lines:
        if collected.is_full(line, offset):
            return collected.parsed
        if is_foreign(line, offset, answers):
            collected.add_foreign()
        else:
            collected.add_span(line, offset, partial(_span, answers))
    return collected.finish(content, end)


def _span(answers: Answers, literal: bytes) -> Span:
    try:
        line = _LINE.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    if not isinstance(line.type, str):
        raise Unreadable(None, EXPECTED)
    logged = _moment(line.timestamp)
    try:
        return _call(line, _metadata(literal), answers, logged)
    except Unreadable as refusal:
        refusal.day = logged.date()
        raise


def _call(line: _Line, metadata: dict[str, Any], answers: Answers, logged: datetime) -> Span:
    if line.type == ANSWER and line.message is None:
        raise Unreadable("message", "missing")
    message = line.message or _Message()
    ids = answer_ids(line.type, message.id, line.request_id)
    answer = answers.get(ids) if ids else None
    failed = line.type == SYSTEM or line.is_api_error_message is True
    session = _text(line.session_id) or "no-session"
    own = _text(message.id) or _text(line.uuid)
    if own is None:
        raise Unreadable("uuid", "missing")
    return Span(
        trace_id=session,
        span_id=own,
        parent_id=None,
        name=line.type,
        scope="",
        started=_moment(answer.started) if answer else logged,
        ended=None,
        is_error=failed,
        error_type=error_class(_status(line), line.error) if failed else None,
        said=_said(line, message, own, failed) | metadata,
    )


def _said(line: _Line, message: _Message, own: str, failed: bool) -> dict[str, Any]:
    request = _text(line.request_id)
    usage = {} if failed or message.usage is None else _flat(message.usage)
    agent, session = _text(line.attribution_agent), _text(line.session_id)
    error = line.error if isinstance(line.error, dict) else {}
    geography = _text(usage.get("inference_geo"))
    return a_call(
        counts(usage, COUNTS),
        {
            names.MODEL_SERVED[0]: model_name(message.model),
            names.RESPONSE_ID[0]: own,
            names.PROVIDER[0]: server_of(own),
            names.PROVIDER_REQUEST_ID[0]: request or _text(error.get("requestID")),
            names.CALL_ID[0]: request or own,
            names.SERVER_TOOL[SEARCHES][0]: first_count(usage, (f"{TOOLS}.{SEARCHES}",)),
            names.HTTP_STATUS[0]: http_code(_status(line)),
            names.ATTEMPT[0]: line.retry_attempt,
            names.TIER_SERVED[0]: served_tier(
                _text(usage.get("service_tier")), _text(usage.get("speed"))
            ),
            names.REGION[0]: None if geography == "not_available" else geography,
            names.TEXTS["finish_reason"][0]: _text(message.stop_reason),
            names.TEXTS["session_id"][1]: session,
            names.RUN[0]: session,
            names.AGENT[0]: agent,
            names.WORKFLOW[0]: _text(line.attribution_skill),
        },
    )


def _status(line: _Line) -> Any:
    of_try = line.error.get("status") if isinstance(line.error, dict) else None
    return line.api_error_status if line.type == ANSWER else of_try


def _metadata(literal: bytes) -> dict[str, Any]:
    said = _SAID.decode(literal)
    return {name: value for name in METADATA if (value := _scalar(said.get(name))) is not None}


def _scalar(literal: msgspec.Raw | None) -> Any:
    value = None if literal is None else _ANY.decode(literal)
    return value if isinstance(value, str) and value else None


def _flat(usage: Mapping[str, Any]) -> dict[str, Any]:
    """With what stands in objects under a path."""
    flat: dict[str, Any] = {}
    for name, value in usage.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


def _moment(said: Any) -> datetime:
    if not isinstance(said, str) or not said.strip():
        reason = "missing" if said is None else "not a time"
        raise Unreadable("timestamp", reason, value=shown(said))
    return text_instant(said, "timestamp")


def _text(value: Any) -> str | None:
    return first_text({"": value}, ("",))
