"""The token counts of a request in Helicone as disjoint meters.

Its columns hold what it prices apart: cached tokens beside the prompt's, reasoning beside the
completion's, for every provider. Before it counted reasoning apart (a row without
`reasoning_tokens`) it was within the completion. Columns that are all 0 beside a success are
unknown: a stream that ended without usage. A body that was kept has the provider's own counts,
which split cache writes by time to live and go before the columns.
"""

from dataclasses import replace
from typing import Final

import msgspec

from ingestion.gateways.bodies.answer import Answer
from ingestion.gateways.helicone.record import Said
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_number
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.reading.usage.token_counts import (
    UNKNOWN,
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

SEMANTICS: Final = UsageSemantics(
    input_includes_cache=False, output_includes_reasoning=False, total_includes_cache=False
)
NAMES: Final = CountNames("prompt_tokens", "completion_tokens", "total_tokens")
COUNTS: Final = {
    "input": "prompt_tokens",
    "output": "completion_tokens",
    "cache_read": "prompt_cache_read_tokens",
    "cache_write": "prompt_cache_write_tokens",
    "audio_input": "prompt_audio_tokens",
    "audio_output": "completion_audio_tokens",
    "reasoning": "reasoning_tokens",
}
# What Helicone has put into OpenAI's form counts cached tokens twice in its total.
MAPPING: Final = "ai_gateway_body_mapping"
UNMAPPED: Final = (None, "", "NO_MAPPING")
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def meters_of(
    said: Said, answer: Answer, provider: str | None, operation: str | None, *, ran: bool
) -> Row:
    """Raises Unreadable where neither body nor columns can be read."""
    counts = _counts(said)
    if said.get(MAPPING) in UNMAPPED and answer.tells_usage:
        try:
            return answer.meters(provider, operation)
        except Unreadable:
            if not _is_told(counts):
                raise
    if not _is_told(counts):
        return dict(UNKNOWN) | _pieces(None) if ran else nothing_billed()
    return disjoint_meters(_media_within(counts), SEMANTICS, NAMES) | _pieces(0)


def _counts(said: Said) -> TokenCounts:
    return TokenCounts(**{part: _count(said, name) for part, name in COUNTS.items()})


def _count(said: Said, name: str) -> int | None:
    """Releases write -1 for what they could not count."""
    number = first_number(said, (name,))
    if number is None or number < 0:
        return None
    if number != number.to_integral_value():
        raise Unreadable(name, "not a count", value=shown(said[name]))
    return int(number)


def _is_told(counts: TokenCounts) -> bool:
    return any((counts.input, counts.output, counts.cache, counts.reasoning))


def _media_within(counts: TokenCounts) -> TokenCounts:
    """Releases counted audio beside the rest: more of it than the whole cannot be within."""
    read, made = counts.input or 0, counts.output or 0
    return replace(
        counts,
        input=read + counts.media_in if counts.media_in > read else read,
        output=made + counts.media_out if counts.media_out > made else made,
    )


def _pieces(nothing: int | None) -> Row:
    return dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing)


def raw_usage(said: Said, answer: Answer) -> str | None:
    """The usage of the body where it is the provider's, beside it the columns. Helicone's `cost` is
    none of it: a provider states its own there (decision 82).
    """
    columns = {name: said[name] for name in COUNTS.values() if said.get(name) is not None}
    if answer.raw_usage is None or said.get(MAPPING) not in UNMAPPED:
        return known_usage(_ENCODER.encode(columns)) if columns else None
    usage = msgspec.json.decode(answer.raw_usage)
    return known_usage(_ENCODER.encode(usage | {"columns": columns}))
