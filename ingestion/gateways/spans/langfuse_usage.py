"""Usage as Langfuse has it: counts under open names, which its own total tells how to read.

By convention they are disjoint (`input`, `input_cached_tokens`, `output`, `total`). Callers also
send a provider's own block, where parts stand within, and some mix both: the total that was sent
says which. One that Langfuse made itself is the sum of all counts.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ingestion.gateways.spans.values import first_count
from ingestion.reading.exact_numbers import exact
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
    fits,
)
from ingestion.reading.usage.token_proof import proven_meters
from ingestion.records import Row

WITHIN: Final = UsageSemantics()
BESIDE: Final = UsageSemantics(
    input_includes_cache=False,
    input_includes_audio_and_images=False,
    output_includes_reasoning=False,
    output_includes_audio_and_images=False,
)
NAMES: Final = CountNames("usage_details.input", "usage_details.output", "usage_details.total")
# A provider's own block: its objects of details, as Langfuse spells what stands in them.
DETAILS: Final = {
    "prompt_tokens_details": "input_",
    "input_tokens_details": "input_",
    "completion_tokens_details": "output_",
    "output_tokens_details": "output_",
    "cache_creation": "",
    "server_tool_use": "",
}
WRITES: Final = "cache_creation_token_details"  # LiteLLM's, within the details of a prompt
COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input": (
        *("input", "prompt_tokens", "input_tokens", "promptTokens", "inputTokens"),
        *("promptTokenCount", "prompt_token_count"),
    ),
    "output": (
        *("output", "completion_tokens", "output_tokens", "completionTokens", "outputTokens"),
        *("candidatesTokenCount", "candidates_token_count"),
    ),
    "total": (*("total", "total_tokens", "totalTokens", "totalTokenCount", "total_token_count"),),
    "cache_read": (
        *("input_cached_tokens", "input_cache_read", "cache_read_input_tokens", "cached_tokens"),
        *("input_cache_read_tokens", "input_cached", "cacheReadInputTokens"),
        *("cached_content_token_count", "cachedContentTokenCount", "input_cached_content"),
    ),
    "cache_write": (
        *("input_cache_creation", "cache_creation_input_tokens", "input_cache_creation_tokens"),
        *("input_cache_write_tokens", "input_cache_write", "cacheWriteInputTokens"),
    ),
    "cache_write_5m": ("input_cache_creation_5m", "ephemeral_5m_input_tokens"),
    "cache_write_1h": ("input_cache_creation_1h", "ephemeral_1h_input_tokens"),
    "audio_input": ("input_audio_tokens", "input_audio"),
    "image_input": ("input_image_tokens", "input_image"),
    "audio_output": ("output_audio_tokens", "output_audio"),
    "image_output": ("output_image_tokens", "output_image"),
    "reasoning": (
        *("output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "reasoning"),
        *("thoughtsTokenCount", "thoughts_token_count", "reasoningTokens"),
    ),
}
SEARCHES: Final = (
    *("web_search_requests", "web_search_queries", "grounding_queries", "web_searches"),
)
DIGITS: Final = re.compile(r"\d{1,15}", re.ASCII)
_KNOWN: Final = frozenset(name for names in COUNTS.values() for name in names)


def langfuse_meters(usage: Mapping[str, Any]) -> Row:
    """The token meters, and what else is counted. Raises Unreadable as ./usage.py does."""
    said = _spelled(usage)
    counts = TokenCounts(**{part: first_count(said, names) for part, names in COUNTS.items()})
    others = {side: _others(usage, side) for side in ("input", "output")}
    beside = replace(
        counts,
        input=_sum(counts.input, others["input"]),
        output=_sum(counts.output, others["output"]),
    )
    if _stands_beside(beside, usage):
        meters = disjoint_meters(replace(beside, total=None), BESIDE, NAMES)
    else:
        meters = proven_meters(counts, WITHIN, NAMES)
    searches = first_count(said, SEARCHES)
    return meters | ({} if searches is None else {"web_searches_quantity": searches})


def langfuse_counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    """For `raw_usage`, with numbers that an export writes as texts as numbers."""
    return {
        name: int(value) if isinstance(value, str) and DIGITS.fullmatch(value) else value
        for name, value in usage.items()
    }


def _stands_beside(counts: TokenCounts, usage: Mapping[str, Any]) -> bool:
    if not counts.total:
        # nothing proves it: details are of a block of a provider, whose parts stand within
        return not any(isinstance(usage.get(name), dict) for name in list(DETAILS)[:4])
    return fits(counts, BESIDE) or counts.total == _sum_of_all(usage)


def _sum_of_all(usage: Mapping[str, Any]) -> int | None:
    """As Langfuse makes a total that nobody sent; None for counts that are no flat ones."""
    values = [value for name, value in usage.items() if name not in COUNTS["total"]]
    if any(isinstance(value, dict | list) for value in values):
        return None
    return sum(int(exact(str(value)) or 0) for value in values)


def _spelled(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Details, which a provider nests, beside the rest."""
    said = {name: value for name, value in usage.items() if not isinstance(value, dict)}
    for name, prefix in DETAILS.items():
        details = usage.get(name)
        if not isinstance(details, dict):
            continue
        for detail, value in details.items():
            if detail == WRITES and isinstance(value, dict):
                said |= value
            elif not isinstance(value, dict):
                said.setdefault(prefix + detail, value)
    return said


def _others(usage: Mapping[str, Any], side: str) -> int:
    """Tokens of this side under names that are no meter's: text, predictions, a modality."""
    return sum(
        first_count(usage, (name,)) or 0
        for name, value in usage.items()
        if name.startswith(f"{side}_") and name not in _KNOWN and not isinstance(value, dict | list)
    )


def _sum(count: int | None, more: int) -> int | None:
    return count if not more else (count or 0) + more
