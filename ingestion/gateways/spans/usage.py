"""The counts of a span as disjoint meters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from ingestion.gateways.spans.langfuse import USAGE as LANGFUSE_USAGE
from ingestion.gateways.spans.langfuse_usage import langfuse_counts, langfuse_meters
from ingestion.gateways.spans.names import CACHED_AUDIO, CACHED_IMAGES, COUNTS, USAGE
from ingestion.gateways.spans.pieces import span_tools
from ingestion.gateways.spans.values import first_count
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
    fits,
)
from ingestion.reading.usage.token_proof import proven_meters
from ingestion.records import Row
from ingestion.vocabulary import METERS, PIECE_METERS

# As the conventions ask: cached tokens, audio and images within input, reasoning within output.
INCLUSIVE: Final = UsageSemantics()
CACHE_BESIDE: Final = UsageSemantics(input_includes_cache=False, total_includes_cache=False)
ADVICE: Final = ": set tokens_inclusive_of_cache to false if it leaves them out"
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_NONE: Final[Row] = {
    **dict.fromkeys((f"{meter}_quantity" for meter in METERS), 0),
    "provider_total_tokens": 0,
    "reasoning_tokens": 0,
    "cache_ttl_assumed": False,
}


def nothing_billed() -> Row:
    """Of what no provider ran: a refused call, an answer of the gateway's own cache."""
    return dict(_NONE)


def span_meters(said: Mapping[str, Any], semantics: UsageSemantics) -> Row:
    """Raises Unreadable where parts exceed their whole, or do not make the total that is said.

    Cached tokens that are more than the input cannot be within it: an instrumentation that passes
    Anthropic's own counts on has them beside.
    """
    if LANGFUSE_USAGE in said:
        return _with_pieces(said, langfuse_meters(said[LANGFUSE_USAGE]))
    counts = token_counts(said)
    names = CountNames(_name(said, "input"), _name(said, "output"), _name(said, "total"), ADVICE)
    if not counts.total and counts.cache > (counts.input or 0) and fits(counts, CACHE_BESIDE):
        meters = disjoint_meters(counts, CACHE_BESIDE, names)
    else:
        meters = proven_meters(counts, semantics, names)
    return _with_pieces(said, meters)


def _with_pieces(said: Mapping[str, Any], meters: Row) -> Row:
    # where no token is told, no piece is known to be 0 either
    nothing = None if meters["provider_total_tokens"] is None else 0
    tools = {f"{meter}_quantity": calls for meter, calls in span_tools(said).items() if calls}
    return dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing) | meters | tools


def token_counts(said: Mapping[str, Any]) -> TokenCounts:
    counts = TokenCounts(**{part: first_count(said, names) for part, names in COUNTS.items()})
    audio = first_count(said, CACHED_AUDIO) or 0
    images = first_count(said, CACHED_IMAGES) or 0
    if not audio and not images:
        return counts
    return replace(
        counts,
        audio_input=max(0, (counts.audio_input or 0) - audio),
        image_input=max(0, (counts.image_input or 0) - images),
    )


def raw_usage(said: Mapping[str, Any]) -> str | None:
    """All that the span says of usage, also what no meter is made of yet."""
    usage = {
        name: value if isinstance(value, int) else str(value)
        for name, value in said.items()
        if name.startswith(USAGE) and not isinstance(value, list | dict)
    }
    usage |= langfuse_counts(said.get(LANGFUSE_USAGE, {}))
    return known_usage(_ENCODER.encode(usage)) if usage else None


def _name(said: Mapping[str, Any], side: str) -> str:
    return next((name for name in COUNTS[side] if name in said), COUNTS[side][0])
