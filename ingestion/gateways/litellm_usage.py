"""LiteLLM's token counts as disjoint meters."""

from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.contracts import METERS
from ingestion.gateways.litellm_record import Count, Record, Section, text
from ingestion.gateways.providers import canonical_provider
from ingestion.gateways.usage_semantics import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.records import Row

# Everything within, for every provider, Anthropic too: prompt_tokens have cache reads and writes,
# completion_tokens have reasoning, which is output here as on the bill.
SEMANTICS: Final = UsageSemantics()
# What releases wrote for xAI and Gemini; a record's own total proves it.
REASONING_BESIDE: Final = UsageSemantics(output_includes_reasoning=False)
NAMES: Final = CountNames("prompt_tokens", "completion_tokens", "total_tokens")


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
    total_tokens: Count = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    output_image_count: Count = None
    server_tool_use: ServerToolUse | None = None
    service_tier: Any = None
    speed: Any = None
    inference_geo: Any = None


QUANTITIES: Final = tuple(f"{meter}_quantity" for meter in METERS)
NOTHING_BILLED: Final[Row] = {
    **dict.fromkeys(QUANTITIES, 0),
    "provider_total_tokens": 0,
    "reasoning_tokens": 0,
    "cache_ttl_assumed": False,
}
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


def token_meters(usage: Usage, record: Record, images: bool) -> Row:
    """Meters of tokens; `images` says that the call makes nothing but images."""
    counts = _counts(usage, record, images)
    told = (counts.input or 0) + (counts.output or 0)
    excess = (counts.total or told) - told
    if counts.reasoning and excess == counts.reasoning:
        return disjoint_meters(counts, REASONING_BESIDE, NAMES)
    if excess > 0 and canonical_provider(text(record.custom_llm_provider)) == "google":
        # Gemini's total counts the prompts of tools too, which prompt_tokens leave out
        counts.total = None
    return disjoint_meters(counts, SEMANTICS, NAMES)


def _counts(usage: Usage, record: Record, images: bool) -> TokenCounts:
    prompt = usage.prompt_tokens if record.prompt_tokens is None else record.prompt_tokens
    completion = (
        usage.completion_tokens if record.completion_tokens is None else record.completion_tokens
    )
    within = usage.prompt_tokens_details or _NO_PROMPT_DETAILS
    cached = within.cached_tokens_details or _NO_KINDS
    writes = within.cache_creation_token_details or _NO_WRITES
    made = usage.completion_tokens_details or _NO_COMPLETION_DETAILS
    # providers count an image call's output in image tokens and give no details
    only_images = images and usage.completion_tokens_details is None
    return TokenCounts(
        input=prompt,
        output=completion,
        total=usage.total_tokens or record.total_tokens,
        cache_read=max(within.cached_tokens or 0, usage.cache_read_input_tokens or 0),
        cache_write=max(
            within.cache_creation_tokens or 0,
            within.cache_write_tokens or 0,
            usage.cache_creation_input_tokens or 0,
        ),
        cache_write_5m=writes.ephemeral_5m_input_tokens,
        cache_write_1h=writes.ephemeral_1h_input_tokens,
        # a cached audio token is a cache read
        audio_input=max(0, (within.audio_tokens or 0) - (cached.audio_tokens or 0)),
        image_input=max(0, (within.image_tokens or 0) - (cached.image_tokens or 0)),
        audio_output=made.audio_tokens,
        image_output=completion if only_images else made.image_tokens,
        reasoning=made.reasoning_tokens,
    )
