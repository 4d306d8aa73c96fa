"""The counts of a proxy's log as disjoint meters, and what became of its call."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.gateways.spans.usage import CACHE_BESIDE, nothing_billed
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.reading.usage.token_counts import (
    UNKNOWN,
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
    fits,
)
from ingestion.reading.usage.token_proof import proven_meters
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

# Cached tokens, audio and images within input, reasoning within output.
SEMANTICS: Final = UsageSemantics()
CANCELLED: Final = 499
# Nobody answered that the call was refused: a provider may have run it.
MAY_HAVE_RUN: Final = frozenset((408, CANCELLED, 504, 524))
_PIECES: Final = tuple(f"{meter}_quantity" for meter in PIECE_METERS)
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def token_meters(counts: TokenCounts, names: CountNames) -> Row:
    """All NULL where nothing is told, and where all is 0: no call of a model takes nothing.

    Cached tokens that are more than the input stand beside it, as Anthropic counts. Raises
    Unreadable where parts exceed their whole, or do not make the total that is said.
    """
    if not (counts.input or counts.output or counts.total or counts.cache):
        return dict(UNKNOWN) | dict.fromkeys(_PIECES)
    if counts.cache > (counts.input or 0) and fits(counts, CACHE_BESIDE):
        meters = disjoint_meters(counts, CACHE_BESIDE, names)
    else:
        meters = proven_meters(counts, SEMANTICS, names)
    return dict.fromkeys(_PIECES, 0) | meters


def outcome(code: int | None, meters: Row, *, failed: bool, ran: bool = False) -> Row:
    """`ran`: the log tells that a provider answered, whatever the client got."""
    told = meters["provider_total_tokens"] is not None
    if failed and not told and not ran and code not in MAY_HAVE_RUN:
        meters = nothing_billed()
    status = "cancelled" if code == CANCELLED else "error" if failed else "success"
    return {**meters, "status": status, "http_status": code}


def http_status(code: int | None) -> int | None:
    return code if code is not None and 100 <= code <= 599 else None


def claimed_cost(cost: Decimal | None, meters: Row) -> Decimal | None:
    """NULL where its 0 means that no price is known: beside tokens it never means "free"."""
    if cost is None or (not cost and meters["provider_total_tokens"] != 0):
        return None
    return cost.quantize(PICO)


def raw_usage(usage: Mapping[str, Any]) -> str | None:
    said = {name: value for name, value in usage.items() if value is not None}
    return known_usage(_ENCODER.encode(said)) if said else None
