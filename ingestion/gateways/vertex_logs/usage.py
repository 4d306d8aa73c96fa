"""The token counts of an answer of Vertex AI as disjoint meters.

Gemini's prompt contains what was cached, audio and images; thinking stands beside the candidates,
and what tools put into the prompt beside the prompt. Claude's cache stands beside the input;
other models answer as OpenAI does.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingestion.gateways.spans.values import first_count
from ingestion.gateways.vertex_logs.said import inner, plain
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

# Gemini's.
SEMANTICS: Final = UsageSemantics(output_includes_reasoning=False)
CLAUDE: Final = UsageSemantics(input_includes_cache=False)
OPENAI: Final = UsageSemantics()
GEMINI_NAMES: Final = CountNames(
    "usageMetadata.promptTokenCount",
    "usageMetadata.candidatesTokenCount",
    "usageMetadata.totalTokenCount",
)
CLAUDE_NAMES: Final = CountNames("usage.input_tokens", "usage.output_tokens", "usage.input_tokens")
OPENAI_NAMES: Final = CountNames(
    "usage.prompt_tokens", "usage.completion_tokens", "usage.total_tokens"
)
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def usage_of(parts: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], bool]:
    """The usage that the answer says, of all its parts, and whether it is Gemini's."""
    gemini: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for part in parts:
        for said, name in ((gemini, "usagemetadata"), (other, "usage")):
            usage = inner(part, name)
            if isinstance(usage, Mapping):
                said |= {name: value for name, value in usage.items() if value is not None}
    return (gemini, True) if gemini else (other, False)


def token_meters(usage: Mapping[str, Any], is_gemini: bool) -> Row:
    """Raises Unreadable where parts exceed their whole, or do not make the total that is said."""
    if is_gemini:
        meters = disjoint_meters(_gemini(usage), SEMANTICS, GEMINI_NAMES)
    elif inner(usage, "inputtokens") is not None:
        meters = disjoint_meters(_claude(usage), CLAUDE, CLAUDE_NAMES)
    else:
        meters = disjoint_meters(_openai(usage), OPENAI, OPENAI_NAMES)
    # where no token is told, no piece is known to be 0 either
    nothing = None if meters["provider_total_tokens"] is None else 0
    return dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing) | meters


def raw_usage(usage: Mapping[str, Any]) -> str | None:
    return known_usage(_ENCODER.encode(usage)) if usage else None


def _gemini(usage: Mapping[str, Any]) -> TokenCounts:
    asked = _count(usage, "promptTokenCount")
    tools = _count(usage, "toolUsePromptTokenCount")
    answered, thoughts = (
        _count(usage, "candidatesTokenCount"),
        _count(usage, "thoughtsTokenCount"),
    )
    if asked is not None and answered is None:
        # Google writes no 0: of a prompt that was blocked there is no candidate
        answered = 0
    return TokenCounts(
        input=None if asked is None and tools is None else (asked or 0) + (tools or 0),
        output=answered,
        total=_count(usage, "totalTokenCount"),
        cache_read=_count(usage, "cachedContentTokenCount"),
        reasoning=thoughts,
        audio_input=_fresh(usage, "AUDIO"),
        image_input=_fresh(usage, "IMAGE"),
        audio_output=_of_kind(usage, "candidatesTokensDetails", "AUDIO"),
        image_output=_of_kind(usage, "candidatesTokensDetails", "IMAGE"),
    )


def _fresh(usage: Mapping[str, Any], kind: str) -> int:
    """Without what of it was cached, which is a cache read."""
    cached = _of_kind(usage, "cacheTokensDetails", kind)
    return max(0, _of_kind(usage, "promptTokensDetails", kind) - cached)


def _of_kind(usage: Mapping[str, Any], name: str, kind: str) -> int:
    details = inner(usage, plain(name))
    listed = details if isinstance(details, list) else []
    found = (each for each in listed if inner(each, "modality") == kind)
    return sum(first_count({name: inner(each, "tokencount")}, (name,)) or 0 for each in found)


def _claude(usage: Mapping[str, Any]) -> TokenCounts:
    split = inner(usage, "cachecreation")
    return TokenCounts(
        input=_count(usage, "input_tokens", "usage."),
        output=_count(usage, "output_tokens", "usage."),
        cache_read=_count(usage, "cache_read_input_tokens", "usage."),
        cache_write=_count(usage, "cache_creation_input_tokens", "usage."),
        cache_write_5m=_count(split, "ephemeral_5m_input_tokens", "usage.cache_creation."),
        cache_write_1h=_count(split, "ephemeral_1h_input_tokens", "usage.cache_creation."),
    )


def _openai(usage: Mapping[str, Any]) -> TokenCounts:
    asked, answered = (
        inner(usage, "prompttokensdetails"),
        inner(usage, "completiontokensdetails"),
    )
    return TokenCounts(
        input=_count(usage, "prompt_tokens", "usage."),
        output=_count(usage, "completion_tokens", "usage."),
        total=_count(usage, "total_tokens", "usage."),
        cache_read=_count(asked, "cached_tokens", "usage.prompt_tokens_details."),
        reasoning=_count(answered, "reasoning_tokens", "usage.completion_tokens_details."),
    )


def _count(usage: Any, name: str, within: str = "usageMetadata.") -> int | None:
    """By the name that the quarantine tells."""
    told = within + name
    return first_count({told: inner(usage, plain(name))}, (told,))
