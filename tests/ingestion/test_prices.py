import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from ingestion.prices.book import checked_on, price_book
from ingestion.prices.genai import CONTEXTS, METER_KEYS

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 8)
Key = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def book() -> pa.Table:
    return price_book(since=FIRST, until=LAST, providers=["xai", "own", "deepseek"])


@pytest.fixture(scope="module")
def prices(book: pa.Table) -> dict[Key, list[dict[str, Any]]]:
    found: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in book.to_pylist():
        found[row["provider"], row["model"], row["meter"], row["service_tier"]].append(row)
    return found


def price_at(
    prices: dict[Key, list[dict[str, Any]]], key: Key, at: datetime, total_input: int
) -> Decimal | None:
    """As a range join does it: the period, then the highest band below the total input."""
    bands = [
        row
        for row in prices.get(key, [])
        if row["valid_from"] <= at < row["valid_to"]
        and (row["context_above"] == 0 or total_input > row["context_above"])
    ]
    if not bands:
        return None
    price: Decimal = max(bands, key=lambda row: row["context_above"])["unit_price_per_million"]
    return price


def usage_of(quantities: dict[str, int]) -> Usage:
    """Disjoint meters as the nested counts of genai-prices."""
    writes = quantities["cache_write_5m"] + quantities["cache_write_1h"]
    inputs = ("input", "cache_read", "audio_input", "image_input")
    outputs = ("output", "audio_output", "image_output")
    return Usage(
        input_tokens=sum(quantities[meter] for meter in inputs) + writes,
        cache_read_tokens=quantities["cache_read"],
        cache_write_tokens=writes,
        cache_write_1h_tokens=quantities["cache_write_1h"],
        input_audio_tokens=quantities["audio_input"],
        input_image_tokens=quantities["image_input"],
        output_tokens=sum(quantities[meter] for meter in outputs),
        output_audio_tokens=quantities["audio_output"],
        output_image_tokens=quantities["image_output"],
        cache_audio_read_tokens=0,
        cache_image_read_tokens=0,
        web_searches=quantities["web_searches"],
    )


def is_comparable(prices: Any) -> bool:
    """Not: 17 places, float noise that the book rounds."""
    listed = [item.prices for item in prices] if isinstance(prices, list) else [prices]
    values = [value for price in listed for value in vars(price).values()]
    return not any(isinstance(v, Decimal) and v != round(v, 12) for v in values)


def test_500_random_requests_cost_what_genai_prices_says(
    prices: dict[Key, list[dict[str, Any]]],
) -> None:
    chance = random.Random(20261101)
    main = ("openai", "anthropic", "aws", "azure", "google", "deepseek", "x-ai")
    models = [
        (provider.id, model)
        for provider in get_snapshot().providers
        for model in provider.models
        if is_comparable(model.prices) and (provider.id in main or chance.random() < 0.2)
    ]
    priced = refused = 0
    while priced < 500:
        provider, model = chance.choice(models)
        tier = chance.choice(["standard", "standard", *CONTEXTS])
        by_hour = provider == "deepseek"
        at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(
            seconds=chance.randrange(7 * 86400) if by_hour else chance.randrange(-(10**8), 10**7)
        )
        size = chance.choice([1_000, 100_000, 300_000])
        quantities = dict.fromkeys(METER_KEYS, 0) | {
            meter: chance.randrange(1, size) for meter in chance.sample(list(METER_KEYS), 3)
        }
        quantities["requests"] = 1
        usage = usage_of(quantities)
        total_input = int(usage.input_tokens)
        unit = {
            meter: price_at(prices, (provider, model.id, meter, tier), at, total_input)
            for meter in METER_KEYS
        }
        expected = model.calc_price(
            usage,
            next(p for p in get_snapshot().providers if p.id == provider),
            genai_request_timestamp=at,
            price_context=CONTEXTS[tier],
        ).total_price
        if not any(unit.values()) and tier != "standard":
            refused += 1  # the variant is not in force: calc_price falls back to standard
            assert not any(
                all(CONTEXTS[tier].get(key) == value for key, value in variant.when.items())
                and (variant.constraint is None or variant.constraint.active(at))
                for variant in model.price_variants or ()
            )
            continue
        if any(quantities[meter] and unit[meter] is None for meter in unit if meter != "requests"):
            refused += 1  # calc_price bills such a meter as another's, or not at all
            continue
        cost = sum(
            (quantities[meter] * price for meter, price in unit.items() if price is not None),
            Decimal(0),
        )
        assert cost / 1_000_000 == expected, (provider, model.id, tier, at, quantities)
        priced += 1
    assert refused


def test_periods_of_a_key_never_overlap_and_have_no_gaps(
    prices: dict[Key, list[dict[str, Any]]],
) -> None:
    for rows in prices.values():
        by_moment: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_moment[row["context_above"]].append(row)
        for band in by_moment.values():
            band.sort(key=lambda row: row["valid_from"])
            for earlier, later in pairwise(band):
                assert earlier["valid_to"] <= later["valid_from"]
            assert all(row["valid_from"] < row["valid_to"] for row in band)


def test_a_price_changes_at_midnight_utc_of_its_start(
    prices: dict[Key, list[dict[str, Any]]],
) -> None:
    start = datetime(2025, 6, 10, tzinfo=UTC)
    key = ("openai", "o3", "input", "standard")
    assert price_at(prices, key, start - timedelta(microseconds=1), 1) == 10
    assert price_at(prices, key, start, 1) == 2


def test_a_tier_without_a_price_in_force_is_unpriced_not_standard(
    prices: dict[Key, list[dict[str, Any]]],
) -> None:
    """Trap 37: a price book falls back to its base price."""
    start = datetime(2026, 10, 14, tzinfo=UTC)
    key = ("anthropic", "claude-sonnet-4-5", "output", "batch")
    assert price_at(prices, key, start - timedelta(seconds=1), 1) is None
    assert price_at(prices, key, start, 1) == Decimal("7.5")


def test_resold_models_and_other_words_for_a_provider_have_prices(
    prices: dict[Key, list[dict[str, Any]]],
) -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    resold = price_at(prices, ("azure", "gpt-4o", "input", "standard"), at, 1)
    assert resold == price_at(prices, ("openai", "gpt-4o", "input", "standard"), at, 1)
    usage = Usage(input_tokens=1_000_000)
    there = calc_price(usage, "gpt-4o", provider_id="azure", genai_request_timestamp=at)
    assert there.total_price == resold
    grok = price_at(prices, ("xai", "grok-4.20", "input", "batch"), at, 1)
    assert grok == price_at(prices, ("x-ai", "grok-4.20", "input", "batch"), at, 1) == 1


def test_prices_by_the_hour_stand_only_in_the_days_asked_for(
    prices: dict[Key, list[dict[str, Any]]],
) -> None:
    key = ("deepseek", "deepseek-v4-pro", "output", "standard")
    night, morning = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 2, 1, tzinfo=UTC)
    assert price_at(prices, key, night, 1) == Decimal("1.98")
    assert price_at(prices, key, morning, 1) == Decimal("3.96")
    for outside in (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)):
        assert price_at(prices, key, outside, 1) is None


def test_the_book_says_the_day_that_its_source_knows(book: pa.Table) -> None:
    """Releases are weekly: 0.2.3 is of 10 November 2026, and knows prices of the day before."""
    [day] = set(book["checked_on"].to_pylist())
    assert day == checked_on() and day >= date(2026, 11, 9)
    assert set(book["region"].to_pylist()) == {"*"}
    assert set(book["volume_above"].to_pylist()) == {0}
