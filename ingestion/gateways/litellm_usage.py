"""LiteLLM's token counts as disjoint meters.

LiteLLM's prompt_tokens include cache reads and writes for every provider, Anthropic too, and its
completion_tokens include reasoning; reasoning is `output` here, as on the bill.
"""

from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.contracts import METERS
from ingestion.gateways.litellm_record import Count, Section
from ingestion.gateways.unreadable import Unreadable
from ingestion.records import Row


class CacheWrites(Section):
    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class CachedKinds(Section):
    audio_tokens: Count = None
    image_tokens: Count = None


class PromptDetails(Section):
    cached_tokens: Count = None
    cached_tokens_details: CachedKinds | None = None
    cache_creation_tokens: Count = None
    cache_write_tokens: Count = None
    cache_creation_token_details: CacheWrites | None = None
    audio_tokens: Count = None
    image_tokens: Count = None
    web_search_requests: Count = None


class CompletionDetails(Section):
    reasoning_tokens: Count = None
    audio_tokens: Count = None
    image_tokens: Count = None


class ServerToolUse(Section):
    web_search_requests: Count = None


class Usage(Section):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    output_image_count: Count = None
    server_tool_use: ServerToolUse | None = None
    service_tier: Any = None
    inference_geo: Any = None


QUANTITIES: Final = tuple(f"{meter}_quantity" for meter in METERS)
NOTHING_BILLED: Final[Row] = {
    **dict.fromkeys(QUANTITIES, 0),
    "provider_total_tokens": 0,
    "reasoning_tokens": 0,
}
UNKNOWN: Final[Row] = dict.fromkeys(NOTHING_BILLED)
ABSENT: Final = (b"", b"null", b"{}")
_USAGE: Final = msgspec.json.Decoder(Usage)
_NO_PROMPT_DETAILS: Final = PromptDetails()
_NO_COMPLETION_DETAILS: Final = CompletionDetails()
_NO_WRITES: Final = CacheWrites()
_NO_KINDS: Final = CachedKinds()


def usage_literal(*candidates: Raw) -> bytes | None:
    """The first usage object that says anything, as its bytes in the log."""
    for candidate in candidates:
        literal = bytes(candidate)
        if literal not in ABSENT:
            return literal
    return None


def read_usage(literal: bytes | None) -> Usage:
    """Raises msgspec.ValidationError with the path inside the usage object."""
    return _USAGE.decode(literal) if literal is not None else Usage()


def token_meters(usage: Usage, prompt: int | None, completion: int | None, images: bool) -> Row:
    """Meters of tokens; `images` says that the call makes nothing but images."""
    prompt = usage.prompt_tokens if prompt is None else prompt
    completion = usage.completion_tokens if completion is None else completion
    if prompt is None and completion is None:
        return dict(UNKNOWN)
    prompt, completion = prompt or 0, completion or 0
    details = usage.completion_tokens_details or _NO_COMPLETION_DETAILS
    audio, image = details.audio_tokens or 0, details.image_tokens or 0
    if images and usage.completion_tokens_details is None:
        # providers count an image call's output in image tokens and give no details
        image = completion
    if audio + image > completion:
        raise Unreadable("completion_tokens", "less than its audio and image tokens")
    row = _input_meters(usage, prompt)
    row["output_quantity"] = completion - audio - image
    row["audio_output_quantity"] = audio
    row["image_output_quantity"] = image
    row["provider_total_tokens"] = prompt + completion
    row["reasoning_tokens"] = details.reasoning_tokens or 0
    return row


def _input_meters(usage: Usage, prompt: int) -> Row:
    details = usage.prompt_tokens_details or _NO_PROMPT_DETAILS
    read = max(details.cached_tokens or 0, usage.cache_read_input_tokens or 0)
    written_5m, written_1h = _cache_writes(usage, details)
    cached = details.cached_tokens_details or _NO_KINDS
    # a cached audio token is a cache read
    audio = max(0, (details.audio_tokens or 0) - (cached.audio_tokens or 0))
    image = max(0, (details.image_tokens or 0) - (cached.image_tokens or 0))
    fresh = prompt - read - written_5m - written_1h - audio - image
    if fresh < 0:
        raise Unreadable("prompt_tokens", "less than its cache, audio and image tokens")
    return {
        "input_quantity": fresh,
        "cache_read_quantity": read,
        "cache_write_5m_quantity": written_5m,
        "cache_write_1h_quantity": written_1h,
        "audio_input_quantity": audio,
        "image_input_quantity": image,
    }


def _cache_writes(usage: Usage, details: PromptDetails) -> tuple[int, int]:
    """5-minute and 1-hour writes; what is not split was written for 5 minutes, the default."""
    split = details.cache_creation_token_details or _NO_WRITES
    total = max(
        details.cache_creation_tokens or 0,
        details.cache_write_tokens or 0,
        usage.cache_creation_input_tokens or 0,
    )
    one_hour = split.ephemeral_1h_input_tokens or 0
    return max(total - one_hour, split.ephemeral_5m_input_tokens or 0), one_hour
