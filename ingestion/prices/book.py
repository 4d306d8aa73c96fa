"""The list-price book: genai-prices and price maps as dated prices of one meter each.

Semantics of genai-prices are those of its `calc_price`: the last price whose start has come stands,
from midnight UTC; a tier switches the whole request when its total input exceeds the tier's start;
a variant (batch, flex, …) overrides single prices and inherits the others.

Two differences are on purpose: unknown is not free, and not another's price either. Before a
variant starts, calc_price falls back to the standard price; here the tier then has no price. And
it bills a meter without a price as what it is part of (a cache read as input, audio as text); here
it has no price, see `price_meters`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib.metadata import version
from typing import Any, Final

import pyarrow as pa
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo

from ingestion.contracts import INSTANT, MONEY
from ingestion.prices.genai import CONTEXTS, Price, meter_prices
from ingestion.prices.model_names import provider_id
from ingestion.prices.periods import (
    Period,
    changes_by_the_hour,
    midnights,
    periods,
    start_dates,
)

SOURCE: Final = "genai-prices"
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


def price_book(
    *,
    since: date | None = None,
    until: date | None = None,
    providers: Iterable[str] = (),
    mapped: Iterable[dict[str, Any]] = (),
) -> pa.Table:
    """List prices in half-open periods that never overlap per key; `context_above` 0 is the base.

    `providers` are the words for providers that somebody uses, some of them other ones (`xai` for
    `x-ai`): prices stand under these as well. Models whose price changes with the hour of the day
    (deepseek) are listed of these alone, hour by hour from `since` up to and without `until`.
    `mapped` are rows of another source under the providers of genai-prices; which source decides
    where both know a price is not decided here.
    """
    providers = list(providers)
    days, release, checked = midnights(since, until), version(SOURCE), checked_on()
    models = list(_models(providers))
    used = {provider_id(word) for word in providers}
    by_hour = {name for name in {name for name, *_ in models} if provider_id(name) in used}
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
        for name, model, own in models
        for tier, period, prices in _priced(model, days if name in by_hour else [], own=own)
        for price in prices
    ]
    words = _words(providers)
    rows += [
        row | {"provider": word}
        for row in mapped
        for word in sorted(words[row["provider"]] | {row["provider"]})
    ]
    return pa.Table.from_pylist(rows, schema=PRICE_BOOK)


def _words(providers: Iterable[str]) -> defaultdict[str, set[str]]:
    """Provider -> the words of logs that mean it."""
    words: defaultdict[str, set[str]] = defaultdict(set)
    for word in providers:
        words[provider_id(word)].add(word)
    return words


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
    for name, listed_as in names.items():
        provider = by_id[listed_as]
        seen: set[str] = set()
        for seller in (listed_as, *(provider.fallback_model_providers or ())):
            models = by_id[seller].models if seller in by_id else []
            for model in models:
                if model.id not in seen:
                    yield name, model, seller == listed_as
            seen.update(model.id for model in models)


def _priced(
    model: ModelInfo, days: list[datetime], *, own: bool
) -> Iterator[tuple[str, Period, list[Price]]]:
    by_hour = changes_by_the_hour(model)
    for tier in CONTEXTS:
        if tier != "standard" and not own:
            continue  # variants are the listing provider's own
        last: tuple[Period, list[Price]] | None = None
        for period in periods(model, days):
            if by_hour and not (days and days[0] <= period.start < days[-1]):
                continue
            prices = meter_prices(model, period.start, tier)
            if last and last[1] == prices and last[0].end == period.start:
                last = (Period(last[0].start, period.end), prices)
                continue
            if last:
                yield tier, *last
            last = (period, prices)
        if last:
            yield tier, *last
