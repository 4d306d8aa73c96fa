"""What one model of genai-prices lists for each meter at a moment.

A meter has its own price or none. Never another's: an hour's cache write is not a five minutes'
one, and audio and images are not text. Who prices cache reads and no writes at all (OpenAI, Gemini)
bills what is written as plain input. A model that prices reasoning or citations apart from the
rest of its output has no price for output, which counts them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from genai_prices.types import ModelInfo, TieredPrices

Listed = Decimal | TieredPrices

SCALE: Final = Decimal("1e-12")

# Meter -> keys of its price, the most specific first. `requests` is a fee for each request.
METER_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "input": ("input_mtok",),
    "cache_read": ("cache_read_mtok",),
    # Anthropic's price without a time to live is that of five minutes
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok",),
    "output": ("output_mtok",),
    "audio_input": ("input_audio_mtok",),
    "audio_output": ("output_audio_mtok",),
    "image_input": ("input_image_mtok",),
    "image_output": ("output_image_mtok",),
    "web_searches": ("web_searches_kcount",),
    "requests": ("requests_kcount",),
}
CACHE_WRITES: Final = ("cache_write_5m", "cache_write_1h")
# Parts of output that some models price apart.
OUTPUT_PARTS: Final = ("output_reasoning_mtok", "output_citation_mtok")

# Service tier -> the request context that genai-prices keys its variants by.
CONTEXTS: Final[dict[str, dict[str, str]]] = {
    "standard": {},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}


@dataclass(frozen=True, slots=True)
class Price:
    meter: str
    context_above: int
    unit_price_per_million: Decimal


def meter_prices(model: ModelInfo, at: datetime, tier: str) -> list[Price]:
    """Every meter that has a price, in every context band of the model."""
    if tier != "standard" and not _in_force(model, at, tier):
        return []
    # getattr of an absent price is a slow search
    listed = vars(model.get_prices(at, CONTEXTS[tier]))
    values = {meter: own_price(listed, meter) for meter in METER_KEYS}
    starts = {
        band.start
        for value in values.values()
        if isinstance(value, TieredPrices)
        for band in value.tiers
    }
    # every meter stands in every band of the model, so that a band can be chosen once
    return [
        Price(meter, above, _unit_price(value, above) * _per_million(meter))
        for meter, value in values.items()
        if value is not None
        for above in (0, *sorted(starts))
    ]


def own_price(listed: Mapping[str, Listed | None], meter: str) -> Listed | None:
    """As listed: per million tokens, or per thousand of what is counted otherwise."""
    if meter == "output" and any(
        listed.get(part) not in (None, listed.get("output_mtok")) for part in OUTPUT_PARTS
    ):
        return None
    for key in METER_KEYS[meter]:
        if (value := listed.get(key)) is not None:
            return value
    if meter in CACHE_WRITES and _writes_are_input(listed):
        return listed.get("input_mtok")
    return None


def _writes_are_input(listed: Mapping[str, Listed | None]) -> bool:
    written = any(
        listed.get(key) is not None for meter in CACHE_WRITES for key in METER_KEYS[meter]
    )
    return listed.get("cache_read_mtok") is not None and not written


def _in_force(model: ModelInfo, at: datetime, tier: str) -> bool:
    return any(
        (variant.constraint is None or variant.constraint.active(at))
        and all(CONTEXTS[tier].get(key) == value for key, value in variant.when.items())
        for variant in model.price_variants or ()
    )


def _per_million(meter: str) -> int:
    return 1000 if METER_KEYS[meter][0].endswith("_kcount") else 1


def _unit_price(price: Listed, above: int) -> Decimal:
    """The price of a request whose total input is just over `above`; 0 is the base band."""
    if isinstance(price, TieredPrices):
        reached = [band.price for band in price.tiers if above and above >= band.start]
        price = reached[-1] if reached else price.base
    # some listed prices carry float noise (0.08333333333333334), no true one has 12 places
    return price.quantize(SCALE)
