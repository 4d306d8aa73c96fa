"""Which of a record's counts stand beside which, where its own total proves it.

A source that counts a part within input or output usually does so always; some releases and
providers do not. The literal total tells: where it is more than input and output by exactly what
one choice of parts makes, these parts stand beside. Where two choices fit, nothing is proved.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Final

from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
    fits,
)
from ingestion.records import Row

INCLUSIVE: Final = UsageSemantics()
INPUT_PARTS: Final = ("cache_read", "cache_write", "audio_input", "image_input")
OUTPUT_PARTS: Final = ("reasoning", "audio_output", "image_output")


def proven_meters(counts: TokenCounts, declared: UsageSemantics, names: CountNames) -> Row:
    """The disjoint meters of counts that contain what is declared, else what the total proves.

    What a source is known to count beside, it does not count within; what it is believed to count
    within may stand beside. Raises Unreadable, with both numbers, where nothing is proved.
    """
    try:
        return disjoint_meters(counts, declared, names)
    except Unreadable:
        proven = whole_counts(counts, declared)
        if proven is None:
            raise
        return disjoint_meters(proven, INCLUSIVE, names)


def whole_counts(counts: TokenCounts, declared: UsageSemantics) -> TokenCounts | None:
    """Counts whose input and output contain all parts, as the literal total alone proves it."""
    if not counts.total:
        return None
    whole = [found for found in _readings(counts, declared) if fits(found, INCLUSIVE)]
    return whole[0] if len(whole) == 1 else None


def _readings(counts: TokenCounts, declared: UsageSemantics) -> Iterator[TokenCounts]:
    """With the parts of one choice added to the wholes, so that everything is within."""
    parts = {name: tokens for name in INPUT_PARTS + OUTPUT_PARTS if (tokens := _part(counts, name))}
    beside = _declared_beside(declared) & parts.keys()
    free = [name for name in parts if name not in beside]
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            outside = beside | set(chosen)
            added = {
                side: sum(parts[name] for name in outside if name in names)
                for side, names in (("input", INPUT_PARTS), ("output", OUTPUT_PARTS))
            }
            yield replace(
                counts,
                input=(counts.input or 0) + added["input"],
                output=(counts.output or 0) + added["output"],
            )


def _part(counts: TokenCounts, name: str) -> int:
    return counts.written if name == "cache_write" else getattr(counts, name) or 0


def _declared_beside(declared: UsageSemantics) -> set[str]:
    groups = (
        (declared.input_includes_cache, ("cache_read", "cache_write")),
        (declared.input_includes_audio_and_images, ("audio_input", "image_input")),
        (declared.output_includes_reasoning, ("reasoning",)),
        (declared.output_includes_audio_and_images, ("audio_output", "image_output")),
    )
    return {name for is_within, names in groups if not is_within for name in names}
