"""LiteLLM's token counts as disjoint meters."""

from dataclasses import dataclass, replace
from typing import Final

from ingestion.gateways.litellm.record import Record, text
from ingestion.gateways.litellm.usage.usage_object import (
    CachedKinds,
    CacheWrites,
    CompletionDetails,
    PromptDetails,
    Usage,
)
from ingestion.reading.providers import canonical_provider
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.reading.usage.token_proof import proven_meters
from ingestion.records import Row
from ingestion.vocabulary import METERS

# Everything within, for every provider, Anthropic too: prompt_tokens have cache reads and writes,
# completion_tokens have reasoning, which is output here as on the bill.
SEMANTICS: Final = UsageSemantics()
NAMES: Final = CountNames("prompt_tokens", "completion_tokens", "total_tokens")


# Calls that make no tokens.
INPUT_ALONE: Final = frozenset(
    (*("embedding", "aembedding"), *("rerank", "arerank"), *("moderation", "amoderation"))
)
QUANTITIES: Final = tuple(f"{meter}_quantity" for meter in METERS)
NOTHING_BILLED: Final[Row] = {
    **dict.fromkeys(QUANTITIES, 0),
    "provider_total_tokens": 0,
    "reasoning_tokens": 0,
    "cache_ttl_assumed": False,
}
# Tokens of the prompt and of the completion
Pair = tuple[int | None, int | None]
# One number of each that TokenCounts is made of
Counts = tuple[int | None, ...]

_NO_PROMPT_DETAILS: Final = PromptDetails()
_NO_COMPLETION_DETAILS: Final = CompletionDetails()
_NO_WRITES: Final = CacheWrites()
_NO_KINDS: Final = CachedKinds()


def token_meters(usage: Usage, record: Record, images: bool) -> Row:
    """Meters of tokens; `images` says that the call makes nothing but images."""
    counts = TokenCounts(*logged_counts(usage, record, images))
    try:
        return proven_meters(counts, SEMANTICS, NAMES)
    except Unreadable:
        excess = (counts.total or 0) - (counts.input or 0) - (counts.output or 0)
        if excess <= 0 or canonical_provider(text(record.custom_llm_provider)) != "google":
            raise
        # Gemini's total counts the prompts of tools too, which prompt_tokens leave out
        return disjoint_meters(replace(counts, total=None), SEMANTICS, NAMES)


def logged_counts(usage: Usage, record: Record, images: bool) -> Counts:
    """In the order of TokenCounts."""
    prompt, completion, total = _wholes(usage, record)
    within = usage.prompt_tokens_details or usage.input_tokens_details or _NO_PROMPT_DETAILS
    writes = within.cache_creation_token_details or usage.cache_creation or _NO_WRITES
    made = usage.completion_tokens_details or _NO_COMPLETION_DETAILS
    read = max(within.cached_tokens or 0, usage.cache_read_input_tokens or 0)
    has_media = within.audio_tokens or within.image_tokens
    cached = _cached_media(within, prompt, read) if has_media else _NONE_CACHED
    # providers count an image call's output in image tokens and give no details
    only_images = images and usage.completion_tokens_details is None
    return (
        *(prompt, completion, total, read),
        max(
            within.cache_creation_tokens or 0,
            within.cache_write_tokens or 0,
            usage.cache_creation_input_tokens or 0,
        ),
        *(writes.ephemeral_5m_input_tokens, writes.ephemeral_1h_input_tokens),
        # a cached audio token is a cache read
        max(0, (within.audio_tokens or 0) - cached.audio) if has_media else 0,
        max(0, (within.image_tokens or 0) - cached.image) if has_media else 0,
        made.audio_tokens,
        completion if only_images else made.image_tokens,
        made.reasoning_tokens or made.thinking_tokens,
    )


def _wholes(usage: Usage, record: Record) -> tuple[int | None, int | None, int | None]:
    """Prompt, completion and total: a 0 in one place beside a count in another is none."""
    logged, told = _pair(record), (usage.prompt_tokens, usage.completion_tokens)
    total = usage.total_tokens or record.total_tokens
    if usage.named is not None and logged == usage.named:
        # the record repeats the provider's counts, whose meaning their names tell
        beside = (told[0] or 0) - usage.named[0]
        return *told, total + beside if total == sum(usage.named) else total
    prompt, completion = logged if logged == told else _better(logged, told, total)
    return _from_total(record, prompt, completion, total)


def _better(logged: Pair, told: Pair, total: int | None) -> Pair:
    filled = (logged[0] or told[0], logged[1] or told[1])
    pairs = [pair for pair in (logged, told) if any(pair)]
    fitting = (pair for pair in pairs if sum(part or 0 for part in pair) == total)
    return next(fitting, filled if pairs else logged)


def _pair(record: Record) -> Pair:
    return record.prompt_tokens, record.completion_tokens


def _from_total(
    record: Record, prompt: int | None, completion: int | None, total: int | None
) -> tuple[int | None, int | None, int | None]:
    """A side that nobody told is what the total leaves; embeddings are input alone."""
    if total and not prompt and not completion and text(record.call_type) in INPUT_ALONE:
        return total, 0, total
    if total and prompt is None and completion is not None:
        return max(0, total - completion), completion, total
    if total and completion is None and prompt is not None:
        return prompt, max(0, total - prompt), total
    return prompt, completion, total


@dataclass(frozen=True, slots=True)
class _Cached:
    """Of the audio and image tokens told, those that were read from the cache."""

    audio: int
    image: int


_NONE_CACHED: Final = _Cached(0, 0)


def _cached_media(within: PromptDetails, prompt: int | None, read: int) -> _Cached:
    """As the details say. Without them, text, audio and images that make the whole prompt have the
    cached tokens among them, text first; where these and the cached make it, they stand beside.
    """
    told = within.cached_tokens_details or _NO_KINDS
    audio, image, words = within.audio_tokens or 0, within.image_tokens or 0, within.text_tokens
    if words is not None and read and words + audio + image + read == prompt:
        return _Cached(0, 0)
    is_told = told.audio_tokens or told.image_tokens or told.text_tokens
    if is_told or words is None or words + audio + image != prompt:
        return _Cached(told.audio_tokens or 0, told.image_tokens or 0)
    rest = max(0, read - words)
    # of two kinds nobody knows which were cached
    return _Cached(rest if not image else 0, rest if not audio else 0)
