"""What is read of a record of Bedrock's model invocation log; prompts and answers are skipped.

Names and counts are `Any`, because bodies are each model's own; `said` gathers them under the
paths by which the row and the quarantine name them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, field

from ingestion.reading.records.json_records import without_half_characters
from ingestion.reading.unreadable import Unreadable, misfit

NOTHING: Final = Raw(b"null")
SCHEMA: Final = "ModelInvocationLog"
EXPECTED: Final = (
    "no record of Bedrock's model invocation log: expected `timestamp`, `modelId` and `requestId`"
)


class Section(Struct, gc=False, rename="camel"):
    """Keys that it does not name are skipped unread."""


class Input(Section):
    input_token_count: Any = None
    cache_read_input_token_count: Any = None
    cache_write_input_token_count: Any = None
    input_body_json: Raw = NOTHING


class Output(Section):
    output_token_count: Any = None
    output_body_json: Raw = NOTHING


class Invocation(Section):
    schema_type: Any = None
    timestamp: Any = None
    account_id: Any = None
    identity: Any = None
    region: Any = None
    request_id: Any = None
    operation: Any = None
    model_id: Any = None
    error_code: Any = None
    status: Any = None
    input: Input | None = None
    output: Output | None = None
    request_metadata: Any = None


class Told(Struct, gc=False):
    """What an answer, or one event of a stream, says of itself, in any model's spelling."""

    id: Any = None
    model: Any = None
    usage: Any = None
    metrics: Any = None
    invocation: Any = field(default=None, name="amazon-bedrock-invocationMetrics")
    stop_reason: Any = None
    stopped: Any = field(default=None, name="stopReason")
    service_tier: Any = None
    tier: Any = field(default=None, name="serviceTier")
    images: list[Raw] | None = None


class Event(Told, gc=False):
    """An answer as a whole, or an event: Claude's, or Converse's `messageStop` and `metadata`."""

    message: Told | None = None
    delta: Told | None = None
    metadata: Told | None = None
    message_stop: Told | None = field(default=None, name="messageStop")


class Asked(Section):
    """Of the request's body, Converse's or a model's own."""

    inference_config: Any = None
    text_generation_config: Any = None
    service_tier: Any = None
    tier: Any = field(default=None, name="service_tier")
    max_tokens: Any = field(default=None, name="max_tokens")
    max_gen_len: Any = field(default=None, name="max_gen_len")


_INVOCATION: Final = msgspec.json.Decoder(Invocation)
_EVENT: Final = msgspec.json.Decoder(Event)
_EVENTS: Final = msgspec.json.Decoder(list[Event])
_ASKED: Final = msgspec.json.Decoder(Asked)
_TEXT: Final = msgspec.json.Decoder(str)


def invocation(literal: bytes) -> Invocation:
    try:
        return _decoded(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None


def _decoded(literal: bytes) -> Invocation:
    try:
        return _INVOCATION.decode(literal)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # a text that was cut within a character costs no record
        return _INVOCATION.decode(without_half_characters(literal))


def asked_of(record: Invocation) -> Asked:
    """Nothing to bill hangs on it."""
    body = bytes(record.input.input_body_json) if record.input else b"null"
    try:
        return _ASKED.decode(_unquoted(body)) if body != b"null" else Asked()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Asked()


def told(record: Invocation) -> Iterator[Told]:
    """What the answer says, in its order; a body of a shape nobody knows says nothing, because the
    counts stand beside it.
    """
    for event in _events(record):
        yield event
        for part in (event.message, event.delta, event.metadata, event.message_stop):
            if part is not None:
                yield part


def _events(record: Invocation) -> list[Event]:
    body = bytes(record.output.output_body_json) if record.output else b"null"
    try:
        body = _unquoted(body)
        if body.startswith(b"["):
            return _EVENTS.decode(body)
        return [_EVENT.decode(body)] if body.startswith(b"{") else []
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return []


def _unquoted(body: bytes) -> bytes:
    """A body may stand as JSON in a text."""
    return _TEXT.decode(body).encode() if body.startswith(b'"') else body


def inner(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
