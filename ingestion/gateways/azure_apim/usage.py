"""The token counts of API Management's log of language models as disjoint meters.

It has the answer's own counts: of Claude's API cached tokens stand beside the input, of others
within it. Resource logs have them as `promptCachedTokens`, the table in Log Analytics leaves them
out; cache writes and reasoning are in neither.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from ingestion.gateways.spans.values import first_count
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

SEMANTICS: Final = UsageSemantics()
BESIDE: Final = UsageSemantics(input_includes_cache=False)
NAMES: Final = CountNames("promptTokens", "completionTokens", "totalTokens")
COUNTS: Final = {
    "input": NAMES.input,
    "output": NAMES.output,
    "total": NAMES.total,
    "cache_read": "promptCachedTokens",
}
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def said_of_usage(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in said if name.endswith("tokens") and said[name] is not None}


def token_counts(said: Mapping[str, Any]) -> TokenCounts:
    """All None where nothing is counted: it writes 0 for what an answer did not say."""
    counts = {part: _count(said, name) for part, name in COUNTS.items()}
    return TokenCounts(**counts) if any(counts.values()) else TokenCounts()


def token_meters(counts: TokenCounts, *, is_claude: bool) -> Row:
    """Raises Unreadable where parts exceed their whole, or do not make the total."""
    beside = is_claude or (counts.cache_read or 0) > (counts.input or 0)
    if beside and counts.total == (counts.input or 0) + (counts.output or 0):
        counts = replace(counts, total=None)
    meters = disjoint_meters(counts, BESIDE if beside else SEMANTICS, NAMES)
    # where no token is told, no piece is known to be 0 either
    nothing = None if meters["provider_total_tokens"] is None else 0
    return meters | dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing)


def raw_usage(said: Mapping[str, Any]) -> str | None:
    usage = said_of_usage(said)
    return known_usage(_ENCODER.encode(usage)) if usage else None


def _count(said: Mapping[str, Any], name: str) -> int | None:
    """By the name that the quarantine tells."""
    return first_count({name: said.get(name.lower())}, (name,))
