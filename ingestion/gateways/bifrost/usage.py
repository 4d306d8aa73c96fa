"""The token counts of a row of Bifrost as disjoint meters.

Since March of 2026 its prompt contains cache reads and writes, whoever answers; before,
Anthropic's stood beside. The row's total tells which.
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
from ingestion.reading.usage.token_proof import proven_meters
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

WITHIN: Final = UsageSemantics()
BESIDE: Final = UsageSemantics(input_includes_cache=False, total_includes_cache=False)
NAMES: Final = CountNames("prompt_tokens", "completion_tokens", "total_tokens")
ASKED: Final = "prompt_tokens_details"
ANSWERED: Final = "completion_tokens_details"
WRITES: Final = f"{ASKED}.cached_write_token_details"
# Part of the usage -> where a row says it: in its usage, else in a column.
COUNTS: Final = {
    "input": (NAMES.input, "input_tokens"),
    "output": (NAMES.output, "output_tokens"),
    "total": (NAMES.total,),
    "cache_read": (
        *(f"{ASKED}.cached_read_tokens", f"{ASKED}.cached_tokens", "cached_read_tokens"),
    ),
    "cache_write": (f"{ASKED}.cached_write_tokens",),
    "cache_write_5m": (f"{WRITES}.cached_write_tokens_5m",),
    "cache_write_1h": (f"{WRITES}.cached_write_tokens_1h",),
    "audio_input": (f"{ASKED}.audio_tokens",),
    "image_input": (f"{ASKED}.image_tokens",),
    "reasoning": (f"{ANSWERED}.reasoning_tokens",),
    "audio_output": (f"{ANSWERED}.audio_tokens",),
    "image_output": (f"{ANSWERED}.image_tokens",),
}
COLUMNS: Final = ("prompt_tokens", "completion_tokens", "total_tokens", "cached_read_tokens")
SEARCHES: Final = (f"{ANSWERED}.num_search_queries",)
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def flat_usage(usage: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    """Counts by dotted path; columns where the usage does not say them."""
    columns = {name: record.get(name) for name in COLUMNS}
    said = columns | _flat(usage, "") if isinstance(usage, Mapping) else columns
    return {name: value for name, value in said.items() if value is not None}


def token_meters(said: Mapping[str, Any]) -> Row:
    """All unknown where nothing is counted: it writes 0 for what no answer said.

    Raises Unreadable where parts exceed their whole, or do not make the total.
    """
    found = {part: first_count(said, names) for part, names in COUNTS.items()}
    counts = TokenCounts(**found) if any(found.values()) else TokenCounts()
    asked = counts.input or 0
    if counts.cache > asked and counts.total == asked + (counts.output or 0):
        meters = disjoint_meters(replace(counts, total=None), BESIDE, NAMES)
    else:
        meters = proven_meters(counts, WITHIN, NAMES)
    # where no token is told, no piece is known to be 0 either
    nothing = None if meters["provider_total_tokens"] is None else 0
    searches = first_count(said, SEARCHES)
    return (
        meters
        | dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing)
        | ({"web_searches_quantity": searches} if searches else {})
    )


def raw_usage(usage: Any, said: Mapping[str, Any]) -> str | None:
    """As the row has it; a cost that the provider states as one number."""
    held = dict(usage) if isinstance(usage, Mapping) else dict(said)
    if isinstance(cost := held.get("cost"), Mapping):
        held["cost"] = cost.get("total_cost")
    return known_usage(_ENCODER.encode(held)) if held else None


def _flat(value: Mapping[str, Any], place: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, each in value.items():
        if isinstance(each, Mapping):
            flat |= _flat(each, f"{place}{name}.") if place.count(".") < 4 else {}
        elif not isinstance(each, list):
            flat[place + name] = each
    return flat
