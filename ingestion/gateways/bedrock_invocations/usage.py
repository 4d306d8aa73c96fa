"""The token counts of a Bedrock invocation as disjoint meters.

The record's own counts go before those of the answer in it, which alone split cache writes by time
to live and which are missing where the answer is not logged or was put into an object of its own.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingestion.gateways.bedrock_invocations.record import Invocation, Told
from ingestion.gateways.spans.names import Names
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

# Cache reads and writes stand beside the input, for every model.
SEMANTICS: Final = UsageSemantics(input_includes_cache=False)
NAMES: Final = CountNames("input.inputTokenCount", "output.outputTokenCount", "usage.totalTokens")
INPUT: Final = ("inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount")
COUNTS: Final[Mapping[str, Names]] = {
    "input": (NAMES.input, "metrics.inputTokenCount", "usage.inputTokens", "usage.input_tokens"),
    "output": (
        *(NAMES.output, "metrics.outputTokenCount"),
        *("usage.outputTokens", "usage.output_tokens"),
    ),
    "cache_read": (
        *("input.cacheReadInputTokenCount", "metrics.cacheReadInputTokenCount"),
        *("usage.cacheReadInputTokens", "usage.cacheReadInputTokenCount"),
        "usage.cache_read_input_tokens",
    ),
    "cache_write": (
        *("input.cacheWriteInputTokenCount", "metrics.cacheWriteInputTokenCount"),
        *("usage.cacheWriteInputTokens", "usage.cacheWriteInputTokenCount"),
        "usage.cache_creation_input_tokens",
    ),
    "cache_write_5m": (
        *("usage.cacheDetails.5m", "usage.cache_creation.ephemeral_5m_input_tokens"),
    ),
    "cache_write_1h": (
        *("usage.cacheDetails.1h", "usage.cache_creation.ephemeral_1h_input_tokens"),
    ),
    "reasoning": (
        *("usage.completion_tokens_details.reasoning_tokens",),
        *("usage.output_tokens_details.reasoning_tokens",),
    ),
    "total": (NAMES.total,),
}
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def said_of_usage(record: Invocation, answer: list[Told]) -> dict[str, Any]:
    """Counts by path. Of a stream's events the last that says one has it: they are sums so far."""
    said: dict[str, Any] = {}
    if record.input is not None:
        values = (
            record.input.input_token_count,
            record.input.cache_read_input_token_count,
            record.input.cache_write_input_token_count,
        )
        said |= {f"input.{name}": value for name, value in zip(INPUT, values, strict=True)}
    if record.output is not None:
        said[NAMES.output] = record.output.output_token_count
    for part in answer:
        for place, value in (
            ("usage", part.usage),
            ("metrics", part.metrics),
            ("metrics", part.invocation),
        ):
            if isinstance(value, dict):
                said |= _flat(value, place)
    return {name: value for name, value in said.items() if value is not None}


def _flat(value: dict[str, Any], place: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, each in value.items():
        if isinstance(each, dict):
            flat |= {f"{place}.{name}.{inner}": count for inner, count in each.items()}
        elif isinstance(each, list):
            # Converse's `cacheDetails`: what was written for how long
            for entry in each:
                if isinstance(entry, dict) and isinstance(entry.get("ttl"), str):
                    flat[f"{place}.{name}.{entry['ttl']}"] = entry.get("inputTokens")
        else:
            flat[f"{place}.{name}"] = each
    return flat


def token_meters(said: Mapping[str, Any], images: int) -> Row:
    """Raises Unreadable where parts exceed their whole, or do not make the total that is said."""
    counts = {part: first_count(said, names) for part, names in COUNTS.items()}
    if counts["total"] == (counts["input"] or 0) + (counts["output"] or 0):
        # some models leave the cache out of it, too
        counts["total"] = None
    meters = disjoint_meters(TokenCounts(**counts), SEMANTICS, NAMES)
    # where no token is told, no piece is known to be 0 either
    nothing = None if meters["provider_total_tokens"] is None else 0
    pieces: Row = dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing)
    return meters | pieces | ({"images_quantity": images} if images else {})


def raw_usage(said: Mapping[str, Any]) -> str | None:
    return known_usage(_ENCODER.encode(said)) if said else None
