"""LiteLLM's price map: every shape of entry, and what holds when."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.prices.book import price_book
from ingestion.prices.litellm_map import PriceMap, Snapshot, dated_prices, read_price_map
from ingestion.prices.model_names import SeenModel, model_names

MAP = (Path(__file__).parent / "fixtures" / "litellm_prices.json").read_bytes()
SEPTEMBER, OCTOBER = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 21, 10, 20, 30, tzinfo=UTC)
END = datetime(9999, 12, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> PriceMap:
    return read_price_map(MAP)


def listed(found: PriceMap, model: str) -> dict[str, Decimal]:
    """`meter`, with its tier, region and band where they are not the usual ones."""
    return {
        " ".join(
            [
                key.meter,
                *([key.service_tier] if key.service_tier != "standard" else []),
                *([key.region] if key.region != "*" else []),
                *([f">{key.context_above}"] if key.context_above else []),
            ]
        ): price
        for key, price in found.prices.items()
        if key.model == model
    }


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "acme-large",
            "input=3 cache_read=0.3 cache_write_5m=3.75 cache_write_1h=6 output=15"
            " web_searches=8000 input,batch=1.5 output,batch=7.5",
        ),
        (
            "acme-reads",
            "input=1.25 cache_read=0.125 cache_write_5m=1.25 cache_write_1h=1.25 output=10"
            " web_searches=10000 input,flex=0.625 cache_read,flex=0.06"
            " cache_write_5m,flex=0.625 cache_write_1h,flex=0.625 output,flex=5",
        ),
        (
            "acme-banded",
            "input=2.5 input,>272000=5 cache_read=0.25 cache_read,>272000=0.25"
            " cache_write_5m=2.5 cache_write_5m,>272000=5 cache_write_1h=2.5"
            " cache_write_1h,>272000=5 output=15 output,>272000=22.5 input,flex=1.25"
            " input,flex,>272000=2.5 output,flex=7.5 output,flex,>272000=7.5"
            " input,priority=5 output,priority=30",
        ),
        ("acme-ranges", "input=0.05 input,>256000=0.25 output=0.4 output,>256000=2"),
        ("acme-thinks", "input=2"),
        ("acme-voice", "input=4 output=16 audio_input=32 audio_output=64"),
        ("acme-image", "input=5 image_input=10 image_output=40"),
        ("acme-pictures", "images=40000"),
        ("acme-code", "code_sessions=30000 requests=5000"),
        ("acme-zoned", "input=2 output=8 input,eu=2.2 output,eu=8.8"),
        ("acme.text-v1:0", "input,us-east-1=8 output,us-east-1=24"),
        ("acme.text-v2:0", "input=3.3 output=16.5"),
        # 0 is what the map writes where it knows nothing; free is what its key calls free
        ("acme/acme-70b", ""),
        ("acme-70b:free", "input=0 output=0"),
        ("acme-preview-free", "input=0 output=0"),
        ("acme-rerank", ""),
        # whatever is beside it, in any of its bands
        ("acme-router", "input=0.14"),
        ("acme-writes", "input=2 cache_read=0.5 cache_write_5m=2 cache_write_1h=2 output=8"),
        ("acme-first-million", ""),
        ("acme-unpriced", ""),
        # by day or by night: not said
        ("acme-nightly", "output=1.2"),
        # two entries are one model to us and do not agree on output
        ("gemini-2.5-flash", "input=0.3"),
        ("gpt-4o", "input=2.5 output=10"),
    ],
)
def test_entry(found: PriceMap, model: str, expected: str) -> None:
    pairs = (pair.split("=") for pair in expected.split())
    assert listed(found, model) == {name.replace(",", " "): Decimal(price) for name, price in pairs}


def test_what_cannot_be_read_is_skipped_and_told(found: PriceMap) -> None:
    assert [said.split(":")[0] for said in found.unreadable] == [
        "acme-words",
        "acme-nan",
        "acme-list",
    ]
    assert not {"acme-words", "acme-nan", "acme-list"} & {key.model for key in found.prices}


def test_prices_that_entries_of_one_model_disagree_on_are_told(found: PriceMap) -> None:
    assert found.disagreeing == ["gemini-2.5-flash of google, output"]


def test_names_of_the_map_are_models_and_those_of_genai_prices_stay() -> None:
    maps = dated_prices([Snapshot("1", OCTOBER, MAP)])
    raw = [
        "openai/acme-large",
        "azure/eu/acme-zoned",
        "gpt-4o-2024-11-20",
        "unheard-of",
        "acme-unpriced",
    ]
    names = {
        (row["provider"], row["raw_model"]): (row["model"], row["source"].split(" 0.")[0])
        for row in model_names(
            [SeenModel(provider, name) for provider in ("openai", "azure") for name in raw],
            maps.names,
        ).to_pylist()
    }
    assert names["openai", "openai/acme-large"] == ("acme-large", "litellm 2026-10-01")
    assert names["azure", "azure/eu/acme-zoned"] == ("acme-zoned", "litellm 2026-10-01")
    assert names["openai", "gpt-4o-2024-11-20"] == ("gpt-4o", "genai-prices")
    assert names["azure", "unheard-of"] == ("unheard-of", "as_logged")
    # it has a name, though no price
    assert names["openai", "acme-unpriced"] == ("acme-unpriced", "litellm 2026-10-01")


def rows(maps: list[Snapshot], model: str, meter: str) -> list[tuple[Any, ...]]:
    columns = ("unit_price_per_million", "valid_from", "valid_to", "source_version", "checked_on")
    book = price_book(providers=["openai"], mapped=dated_prices(maps).rows).to_pylist()
    mapped = [row for row in book if row["source"] == "litellm"]
    return [
        tuple(row[name] for name in columns)
        for row in sorted(mapped, key=lambda row: row["valid_from"])
        if (row["provider"], row["model"], row["meter"]) == ("openai", model, meter)
    ]


def priced(model: str, cost: float) -> bytes:
    entry = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": cost}
    return json.dumps({model: entry, "acme-b": entry | {"input_cost_per_token": 1e-6}}).encode()


def test_a_snapshot_holds_until_the_next_one() -> None:
    maps = [
        Snapshot("third", NOVEMBER, priced("acme-a", 3e-6)),
        Snapshot("first", SEPTEMBER, priced("acme-a", 2e-6)),
        Snapshot("second", OCTOBER, priced("acme-a", 2e-6)),
    ]
    assert rows(maps, "acme-a", "input") == [
        (2, SEPTEMBER, NOVEMBER, "first", OCTOBER.date()),
        (3, NOVEMBER, END, "third", NOVEMBER.date()),
    ]
    assert rows(maps, "acme-b", "input") == [(1, SEPTEMBER, END, "first", NOVEMBER.date())]


def test_a_model_that_a_snapshot_no_longer_lists_has_no_price_from_then_on() -> None:
    maps = [
        Snapshot("first", SEPTEMBER, priced("acme-a", 2e-6)),
        Snapshot("second", OCTOBER, priced("acme-c", 2e-6)),
        Snapshot("third", NOVEMBER, priced("acme-a", 2e-6)),
    ]
    assert rows(maps, "acme-a", "input") == [
        (2, SEPTEMBER, OCTOBER, "first", SEPTEMBER.date()),
        (2, NOVEMBER, END, "third", NOVEMBER.date()),
    ]


def test_of_two_snapshots_of_one_day_the_later_seen_stands() -> None:
    maps = [
        Snapshot("first", OCTOBER, priced("acme-a", 2e-6)),
        Snapshot("corrected", OCTOBER, priced("acme-a", 4e-6)),
    ]
    assert rows(maps, "acme-a", "input") == [(4, OCTOBER, END, "corrected", OCTOBER.date())]


def test_mapped_prices_stand_under_the_words_that_logs_use() -> None:
    data = json.dumps(
        {"xai/acme-x": {"litellm_provider": "xai", "input_cost_per_token": 1e-6}}
    ).encode()
    mapped = dated_prices([Snapshot("1", OCTOBER, data)]).rows
    book = price_book(providers=["xai", "openai"], mapped=mapped).to_pylist()
    under = {row["provider"] for row in book if row["source"] == "litellm"}
    assert under == {"x-ai", "xai"}


def test_without_a_map_nothing_is_added() -> None:
    assert dated_prices([]).rows == []
