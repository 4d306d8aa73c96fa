"""The calls of a session as Codex writes it down: `~/.codex/sessions/**/rollout-*.jsonl`.

A call is a line `token_usage_record`, or, in a session of an older release, an event `token_count`
whose totals have changed: Codex repeats one with each look at its limits, and after each record.
What a forked session or a sub-agent has of the session before it is told by that one's own file
(./session.py). When a call was sent no line says: it is dated by its end.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from ingestion.gateways.codex.said import a_call, counts, text
from ingestion.gateways.codex.session import Session, moment
from ingestion.gateways.spans import names
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.records import Parsed

EXPECTED: Final = "no line of a rollout of Codex: expected `type` and `payload`"
META: Final = "session_meta"
TURN: Final = "turn_context"
EVENT: Final = "event_msg"
RECORD: Final = "token_usage_record"
COUNTED: Final = "token_count"
SETTINGS: Final = "thread_settings_applied"
COUNTS: Final = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cached_input_tokens",
    "cache_write": "cache_write_input_tokens",
    "reasoning": "reasoning_output_tokens",
    "total": "total_tokens",
}
NOTHING: Final = Raw(b"null")


class _Line(Struct):
    type: Any = None
    timestamp: Any = None
    ordinal: Any = None
    payload: Raw = NOTHING
    # of sessions before September 2025, which counted nothing
    record_type: Any = None
    id: Any = None


class _Info(Struct):
    last_token_usage: dict[str, Any] | None = None
    total_token_usage: dict[str, Any] | None = None


class _Event(Struct):
    type: Any = None
    info: _Info | None = None
    thread_settings: dict[str, Any] | None = None


class _Record(Struct):
    thread_id: Any = None
    turn_id: Any = None
    response_id: Any = None
    usage: dict[str, Any] | None = None


_LINE: Final = msgspec.json.Decoder(_Line, float_hook=json_number)
_EVENT: Final = msgspec.json.Decoder(_Event, float_hook=json_number)
_RECORD: Final = msgspec.json.Decoder(_Record, float_hook=json_number)
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def read_rollout(collected: SpanRecords, content: Decompressed) -> Parsed:
    session = Session()
    lines, end = json_records(content.data, damaged=content.damage is not None)
    for offset, line in lines:
        if collected.is_full(line, offset):
            return collected.parsed
        try:
            call = _call(session, line)
        except Unreadable as refusal:
            refusal.day = _day(line)
            collected.add_span(line, offset, partial(_refused, refusal))
            continue
        if call is None:
            collected.add_foreign()
        else:
            collected.add_span(line, offset, partial(_told, call))
    return collected.finish(content, end)


def _call(session: Session, literal: bytes) -> Span | None:
    """None for a line that tells no call, or tells one again."""
    try:
        line = _LINE.decode(literal)
        session.goes_on(line.timestamp, line.ordinal)
        if not isinstance(line.type, str):
            if line.record_type is not None or line.id is not None:
                return None
            raise Unreadable(None, EXPECTED)
        payload = bytes(line.payload)
        if line.type == META:
            session.begins(_OBJECT.decode(payload), line.timestamp)
        elif line.type == TURN:
            session.turns(_OBJECT.decode(payload))
        elif line.type == RECORD:
            return _of_record(session, _RECORD.decode(payload), line.timestamp)
        elif line.type == EVENT:
            return _of_event(session, _EVENT.decode(payload), line.timestamp)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    except RecursionError:
        raise Unreadable(None, "nested too deeply") from None
    return None


def _of_record(session: Session, record: _Record, timestamp: Any) -> Span | None:
    if record.usage is None:
        raise Unreadable("usage", "missing")
    session.recorded(record.usage)
    if session.is_of_another(text(record.thread_id)):
        return None
    answer = text(record.response_id)
    return _span(
        session, answer or _own_id(timestamp, record.usage), answer, record.usage, timestamp
    )


def _of_event(session: Session, event: _Event, timestamp: Any) -> Span | None:
    if event.type == SETTINGS and event.thread_settings is not None:
        session.turns(event.thread_settings)
    if event.type != COUNTED or event.info is None:
        return None
    last, total = event.info.last_token_usage, event.info.total_token_usage
    if last is None:
        raise Unreadable("info.last_token_usage", "missing")
    if not session.is_new_call(last, total):
        return None
    return _span(session, _own_id(timestamp, total or last), None, last, timestamp)


def _span(
    session: Session, own: str, answer: str | None, usage: Mapping[str, Any], timestamp: Any
) -> Span:
    return Span(
        trace_id=session.run or "no-session",
        span_id=own,
        parent_id=None,
        name=COUNTED,
        scope="",
        started=moment(timestamp),
        ended=None,
        said=a_call(session.said(), counts(usage, COUNTS), {names.RESPONSE_ID[0]: answer}),
        resource=session.metadata,
    )


def _own_id(timestamp: Any, usage: Mapping[str, Any]) -> str:
    return f"{text(timestamp)}-{text(usage.get('total_tokens'))}"


def _day(literal: bytes) -> date | None:
    """The UTC day of a line that cannot be read, where its time can."""
    try:
        return moment(_LINE.decode(literal).timestamp).date()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, Unreadable):
        return None


def _told(call: Span, literal: bytes) -> Span:
    return call


def _refused(refusal: Unreadable, literal: bytes) -> Span:
    raise refusal
