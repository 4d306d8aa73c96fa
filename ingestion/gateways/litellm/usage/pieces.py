"""What a LiteLLM record counts beside tokens: tool calls, images, seconds, characters, pages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.litellm.outcome import Outcome
from ingestion.gateways.litellm.record import (
    NOTHING,
    ModelParameters,
    Record,
    Response,
    Section,
    whole,
)
from ingestion.gateways.litellm.usage.usage_object import Usage
from ingestion.reading.exact_numbers import MOST, exact
from ingestion.reading.usage.server_tools import server_tools

HALF: Final = Decimal("0.5")

REDACTED: Final = "redacted-by-litellm"
IMAGE_CALLS: Final = frozenset(
    prefix + call
    for prefix in ("", "a")
    for call in ("image_generation", "image_edit", "image_variation")
)


class _Details(Section):
    audio_length_seconds: Any = None
    video_length_seconds: Any = None
    character_count: Any = None


class _Use(Section):
    """Of the usage object, as providers and LiteLLM write it."""

    seconds: Any = None
    duration_seconds: Any = None
    pages_processed: Any = None
    prompt_tokens_details: _Details | None = None


class _UsageInfo(Section):
    pages_processed: Any = None


class _Body(Section):
    """Of the response: `duration` of a transcription, `data` of images, `usage_info` of OCR."""

    duration: Any = None
    data: list[Raw] | None = None
    usage_info: _UsageInfo | None = None
    usage: Raw = NOTHING


class _Message(Section):
    content: Any = None


_USE: Final = msgspec.json.Decoder(_Use)
_BODY: Final = msgspec.json.Decoder(_Body)
_MESSAGES: Final = msgspec.json.Decoder(str | list[_Message])


def counts_media(call: str | None) -> bool:
    """Whether such a call is counted otherwise than in tokens."""
    return call in IMAGE_CALLS or _kind(call) in _COUNTERS


def tool_calls(usage: Usage, response: Response) -> dict[str, int]:
    """Calls of the provider's own tools, by meter."""
    used, details = usage.server_tool_use, usage.prompt_tokens_details
    return server_tools(
        response.output or (),
        searches=max(
            (used and used.web_search_requests) or 0,
            (details and details.web_search_requests) or 0,
        ),
        ran_code=bool(used and used.code_execution_requests),
    )


def media(
    call: str | None,
    record: Record,
    literal: bytes | None,
    parameters: ModelParameters,
    ends: Outcome,
    tokens: int | None,
) -> dict[str, int]:
    """What a call that is counted otherwise than in tokens made or read, by meter.

    `tokens`: of the same call; what is told in tokens is billed in them.
    """
    if call in IMAGE_CALLS:
        made = len(_body(record.response).data or ()) or whole(parameters.n) or 1
        return {"images": 0 if ends.failed else made}
    counter = _COUNTERS.get(_kind(call))
    return counter(record, _decoded(_USE, literal), tokens or 0) if counter else {}


def _kind(call: str | None) -> str:
    return (call or "").lstrip("_").removeprefix("a")


def _transcribed(record: Record, use: _Use, tokens: int) -> dict[str, int]:
    body, details = _body(record.response), use.prompt_tokens_details or _Details()
    hidden = record.hidden_params.audio_transcription_duration if record.hidden_params else None
    told = (use.seconds, details.audio_length_seconds, hidden, body.duration)
    return {"audio_seconds": 0 if tokens else _first(_seconds, told)}


def _spoken(record: Record, use: _Use, tokens: int) -> dict[str, int]:
    details = use.prompt_tokens_details or _Details()
    told = whole(details.character_count) or _written(record.messages)
    return {"characters": 0 if tokens else told}


def _filmed(record: Record, use: _Use, tokens: int) -> dict[str, int]:
    return {"video_seconds": _first(_seconds, (use.duration_seconds, use.seconds))}


def _scanned(record: Record, use: _Use, tokens: int) -> dict[str, int]:
    info = _body(record.response).usage_info or _UsageInfo()
    return {"pages": _first(whole, (info.pages_processed, use.pages_processed))}


# By the call without its leading `a`; reading a finished video back is no call that makes one.
_COUNTERS: Final = {
    "transcription": _transcribed,
    "speech": _spoken,
    "video_generation": _filmed,
    "create_video": _filmed,
    "video_remix": _filmed,
    "ocr": _scanned,
}


def _written(messages: Raw) -> int:
    """Characters of the text to speak, where it is logged; the text goes no further."""
    said = _decoded(_MESSAGES, bytes(messages), "")
    texts = [said] if isinstance(said, str) else [message.content for message in said]
    return sum(len(each) for each in texts if isinstance(each, str) and each != REDACTED)


def _body(response: Raw) -> _Body:
    return _decoded(_BODY, bytes(response))


def _decoded(decoder: msgspec.json.Decoder, literal: bytes | None, default: Any = None) -> Any:
    """Nothing where it is absent or of a shape that nobody knows."""
    try:
        return decoder.decode(literal or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decoder.type() if default is None else default


def _first(read: Callable[[Any], int | None], values: tuple[Any, ...]) -> int:
    return next((found for value in values if (found := read(value))), 0)


def _seconds(value: Any) -> int | None:
    """Whole seconds, as they are billed: less than one is one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    number = exact(value if isinstance(value, str) else repr(value))
    if number is None or not 0 < number <= MOST:
        return None
    return max(1, int(number + HALF))
