"""The list-price book: genai-prices expanded to dated prices of one meter each.

Semantics are those of `genai_prices.calc_price`: the last price whose start has come stands, from
midnight UTC; a tier switches the whole request when its total input exceeds the tier's start; a
variant (batch, flex, …) overrides single prices and inherits the others; a meter without a price
of its own is billed as the tokens it belongs to (cached input as input).

One difference is on purpose. Before a variant starts, calc_price falls back to the standard price;
here the tier then has no price: unknown is not free, and not full price either.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Final

import pyarrow as pa
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

from ingestion.contracts import INSTANT, MONEY
from ingestion.price_periods import (
    Period,
    changes_by_the_hour,
    midnights,
    periods,
    start_dates,
)

SOURCE: Final = "genai-prices"
SCALE: Final = Decimal("1e-12")
ANY_REGION: Final = "*"

PRICE_BOOK: Final = pa.schema(
    [
        ("provider", pa.string()),
        ("model", pa.string()),
        ("meter", pa.string()),
        ("service_tier", pa.string()),
        ("region", pa.string()),
        ("context_above", pa.int64()),
        ("volume_above", pa.int64()),
        ("unit_price_per_million", MONEY),
        ("valid_from", INSTANT),
        ("valid_to", INSTANT),
        ("source", pa.string()),
        ("source_version", pa.string()),
        ("checked_on", pa.date32()),
    ]
)

# Meter -> prices that apply to it, the most specific first; all are per million but searches.
METER_PRICES: Final[dict[str, tuple[str, ...]]] = {
    "input": ("input_mtok",),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "output": ("output_mtok",),
    "audio_input": ("input_audio_mtok", "input_mtok"),
    "audio_output": ("output_audio_mtok", "output_mtok"),
    "image_input": ("input_image_mtok", "input_mtok"),
    "image_output": ("output_image_mtok", "output_mtok"),
    "web_searches": ("web_searches_kcount",),
}
THOUSANDS_PER_MILLION: Final = {"web_searches_kcount": 1000}

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


def price_book(
    *,
    since: date | None = None,
    until: date | None = None,
    providers: Iterable[str] = (),
) -> pa.Table:
    """List prices in half-open periods that never overlap per key; `context_above` 0 is the base.

    Models whose price changes with the hour of the day (deepseek) are listed hour by hour from
    `since` up to and without `until`, and not at all outside these days. `providers` are further
    words for a provider that logs use (`xai` for `x-ai`): its prices stand under them as well.
    """
    days, release, checked = midnights(since, until), version(SOURCE), checked_on()
    rows = [
        {
            "provider": name,
            "model": model.id,
            "meter": price.meter,
            "service_tier": tier,
            "region": ANY_REGION,
            "context_above": price.context_above,
            "volume_above": 0,
            "unit_price_per_million": price.unit_price_per_million,
            "valid_from": period.start,
            "valid_to": period.end,
            "source": SOURCE,
            "source_version": release,
            "checked_on": checked,
        }
        for name, model, own in _models(providers)
        for tier, period, prices in _priced(model, days, own=own)
        for price in prices
    ]
    return pa.Table.from_pylist(rows, schema=PRICE_BOOK)


def checked_on() -> date | None:
    """The newest day that the bundled prices are known to know, a day or two before their release.

    The package carries neither its date nor one per price. Newest starts of most providers may be
    announcements of a time to come; OpenRouter's list is what its API said on the day.
    """
    [openrouter] = [found for found in get_snapshot().providers if found.id == "openrouter"]
    starts = [start for model in openrouter.models for start in start_dates(model)]
    return max(starts, default=None)


def _models(words: Iterable[str]) -> Iterator[tuple[str, ModelInfo, bool]]:
    """Provider, model, and whether it is the provider's own listing.

    A provider without a price for a model has that of the one it resells (azure: openai).
    """
    listed = get_snapshot().providers
    by_id = {provider.id: provider for provider in listed}
    names = {name: name for name in by_id}
    for word in sorted(set(words) - names.keys()):
        if found := find_provider_by_id(listed, word):
            names[word] = found.id
    for name, provider_id in names.items():
        provider = by_id[provider_id]
        seen: set[str] = set()
        for seller in (provider_id, *(provider.fallback_model_providers or ())):
            models = by_id[seller].models if seller in by_id else []
            for model in models:
                if model.id not in seen:
                    yield name, model, seller == provider_id
            seen.update(model.id for model in models)


def _priced(
    model: ModelInfo, days: list[datetime], *, own: bool
) -> Iterator[tuple[str, Period, list[Price]]]:
    by_hour = changes_by_the_hour(model)
    for tier, context in CONTEXTS.items():
        if tier != "standard" and not own:
            continue  # variants are the listing provider's own
        last: tuple[Period, list[Price]] | None = None
        for period in periods(model, days):
            if by_hour and not (days and days[0] <= period.start < days[-1]):
                continue
            prices = _prices(model, period.start, tier, context)
            if last and last[1] == prices and last[0].end == period.start:
                last = (Period(last[0].start, period.end), prices)
                continue
            if last:
                yield tier, *last
            last = (period, prices)
        if last:
            yield tier, *last


def _prices(model: ModelInfo, at: datetime, tier: str, context: dict[str, str]) -> list[Price]:
    if tier != "standard" and not _in_force(model, at, context):
        return []
    price = model.get_prices(at, context)
    values = {meter: _meter_price(price, keys) for meter, keys in METER_PRICES.items()}
    starts = {
        band.start
        for value in values.values()
        if value and isinstance(value[0], TieredPrices)
        for band in value[0].tiers
    }
    # every meter stands in every band of the model, so that a band can be chosen once
    return [
        Price(meter, above, _unit_price(value[0], above) * value[1])
        for meter, value in values.items()
        if value
        for above in (0, *sorted(starts))
    ]


def _in_force(model: ModelInfo, at: datetime, context: dict[str, str]) -> bool:
    return any(
        (variant.constraint is None or variant.constraint.active(at))
        and all(context.get(key) == value for key, value in variant.when.items())
        for variant in model.price_variants or ()
    )


def _meter_price(
    price: ModelPrice, keys: tuple[str, ...]
) -> tuple[Decimal | TieredPrices, int] | None:
    listed = vars(price)  # getattr of an absent price is a slow search
    for key in keys:
        value = listed.get(key)
        if value is not None:
            return value, THOUSANDS_PER_MILLION.get(key, 1)
    return None


def _unit_price(price: Decimal | TieredPrices, above: int) -> Decimal:
    """The price of a request whose total input is just over `above`; 0 is the base band."""
    if isinstance(price, TieredPrices):
        reached = [band.price for band in price.tiers if above and above >= band.start]
        price = reached[-1] if reached else price.base
    # some listed prices carry float noise (0.08333333333333334), no true one has 12 places
    return price.quantize(SCALE)
