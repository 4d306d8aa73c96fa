"""The token counts of a call in Kong's log as disjoint meters, in the names of every release."""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.access_logs.usage import raw_usage, token_meters
from ingestion.gateways.spans.names import Names
from ingestion.gateways.spans.values import first_count
from ingestion.reading.usage.token_counts import CountNames, TokenCounts
from ingestion.records import Row

# `prompt_token` is 3.6 and 3.7; `input_tokens` counts images and audio, since 3.11.
COUNTS: Final[Mapping[str, Names]] = {
    "input": ("prompt_tokens", "prompt_token", "input_tokens"),
    "output": ("completion_tokens", "completion_token", "output_tokens"),
    "total": ("total_tokens",),
    "cache_read": ("prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens"),
    "audio_input": (
        *("prompt_tokens_details.audio_tokens", "input_tokens_details.audio_tokens"),
        "input_tokens_details.audio_tokens_count",
    ),
    "image_input": ("input_tokens_details.image_tokens",),
    "reasoning": (
        *("completion_tokens_details.reasoning_tokens",),
        *("output_tokens_details.reasoning_tokens",),
    ),
    "audio_output": (
        *("completion_tokens_details.audio_tokens", "output_tokens_details.audio_tokens"),
    ),
    "image_output": ("output_tokens_details.image_tokens",),
}
NAMES: Final = CountNames(*(COUNTS[side][0] for side in ("input", "output", "total")))
# Not of what was used: times, money, and a judge's score.
BESIDE: Final = frozenset(("time_per_token", "time_to_first_token", "cost", "llm_accuracy"))


def call_meters(usage: Mapping[str, Any]) -> Row:
    """Raises Unreadable where parts exceed their whole, or do not make the total that is said."""
    said = flat_usage(usage)
    counts = TokenCounts(**{part: first_count(said, names) for part, names in COUNTS.items()})
    return token_meters(counts, NAMES)


def flat_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in usage.items():
        if isinstance(value, dict):
            said |= {f"{name}.{inner}": count for inner, count in value.items()}
        else:
            said[name] = value
    return said


def usage_evidence(usage: Mapping[str, Any]) -> str | None:
    return raw_usage({name: said for name, said in usage.items() if name not in BESIDE})
