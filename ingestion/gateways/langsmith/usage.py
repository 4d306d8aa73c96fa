"""The token counts of a run, by the names that spans have for them.

LangChain's `usage_metadata` (input with cache reads and writes, details beside), the usage of an
answer as OpenAI's API and LiteLLM write it, and LangSmith's own columns. LangSmith's SDK puts the
tier before the names of what another tier served: `flex_cache_read`, `priority_reasoning`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingestion.gateways.spans import names
from ingestion.gateways.spans.names import Names

TIERS: Final = ("flex", "priority")
WHOLES: Final[Mapping[str, Names]] = {
    "input": ("input_tokens", "prompt_tokens", "promptTokens"),
    "output": ("output_tokens", "completion_tokens", "completionTokens"),
    "total": ("total_tokens", "totalTokens"),
}
# Side -> the objects that split it, those inside of these too.
DETAILS: Final[Mapping[str, Names]] = {
    "input": (
        *("input_token_details", "input_tokens_details", "cache_creation_token_details"),
        *("prompt_token_details", "prompt_tokens_details"),
    ),
    "output": (
        *("output_token_details", "output_tokens_details"),
        *("completion_token_details", "completion_tokens_details"),
    ),
}
PARTS: Final[Mapping[str, Mapping[str, Names]]] = {
    "input": {
        "cache_read": ("cache_read", "cached_tokens"),
        "cache_write": ("cache_creation", "cache_write_tokens", "cache_creation_tokens"),
        "cache_write_5m": ("ephemeral_5m_input_tokens",),
        "cache_write_1h": ("ephemeral_1h_input_tokens",),
        "audio_input": ("audio", "audio_tokens"),
        "image_input": ("image", "image_tokens"),
    },
    "output": {
        "reasoning": ("reasoning", "reasoning_tokens"),
        "audio_output": ("audio", "audio_tokens"),
        "image_output": ("image", "image_tokens"),
    },
}


def told(usages: Iterable[Any]) -> list[Mapping[str, Any]]:
    """Those that tell tokens: where nobody counted, LangSmith and its SDK write zeros."""
    return [usage for usage in usages if isinstance(usage, dict) and _tells(usage)]


def usage_said(usages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts by the spans' names; what the first usage leaves out, the next ones say."""
    said: dict[str, Any] = {}
    for usage in usages:
        for side, of in WHOLES.items():
            _put(said, side, _first(usage, of))
        for side, parts in PARTS.items():
            for details in _details(usage, side):
                for part, of in parts.items():
                    _put(said, part, _part(details, of))
    return said


def tier_of(usages: Iterable[Mapping[str, Any]]) -> str | None:
    """The tier that stands before the names of the details."""
    for usage in usages:
        for details in (*_details(usage, "input"), *_details(usage, "output")):
            for tier in TIERS:
                if any(name == tier or name.startswith(f"{tier}_") for name in details):
                    return tier
    return None


def _put(said: dict[str, Any], part: str, value: Any) -> None:
    if value is not None:
        said.setdefault(names.COUNTS[part][0], value)


def _first(usage: Mapping[str, Any], of: Names) -> Any:
    return next((usage[name] for name in of if usage.get(name) is not None), None)


def _tells(usage: Mapping[str, Any]) -> bool:
    return any(_first(usage, of) not in (None, 0) for of in WHOLES.values())


def _details(usage: Mapping[str, Any], side: str) -> list[Mapping[str, Any]]:
    found = [each for name in DETAILS[side] if isinstance(each := usage.get(name), dict)]
    return found + [inner for each in found for inner in _details(each, side)]


def _part(details: Mapping[str, Any], of: Names) -> Any:
    """What the tier of the call counts beside the rest; a value that is no count as it is."""
    value = _first(details, of)
    others = [details.get(f"{tier}_{name}") for name in of for tier in TIERS]
    counts = [each for each in (value, *others) if each is not None]
    if len(counts) > 1 and all(type(each) is int for each in counts):
        return sum(counts)
    return counts[0] if counts else None
