"""Regions, volume bands, fees, free tiers and contracts: each has its own price or none."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from rated_requests import Rated, Row, rate, request

from tests.pipeline.compiled_project import CompiledProject

DAY = datetime(2026, 10, 20, tzinfo=UTC)
PRICES = (
    "provider,model,meter,service_tier,region,context_above,volume_above,unit_price_per_million,"
    "valid_from,valid_to"
)
CONTRACTS = "provider,model,meter,service_tier,volume_above,discount_percent,unit_price_per_million"
MILLION = 1_000_000


def csv(header: str, *lines: str) -> str:
    return "\n".join([header, *lines, ""])


def on(day: int, key: str, tokens: int, model: str = "house", **also: object) -> Row:
    return request(key, "own", model, DAY.replace(day=day), input=tokens, **also)


def costs(rated: dict[str, Rated]) -> dict[str, Decimal | None]:
    return {key: found.list_cost for key, found in rated.items()}


VOLUME = csv(PRICES, "own,house,input,,,,,3,,", "own,house,input,,,,1000000,1,,")


def test_the_edge_of_a_volume_band_is_at_exactly_n_tokens(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Scenario 2.1: one row across the edge is priced in two parts."""
    rows = [
        on(1, "first", 400_000),
        on(2, "across", 700_000),
        on(3, "above", 1),
        on(3, "other meter", 0, output=5),
        # no use of the same account and model
        request("other model", "own", "else", DAY, input=1),
        on(1, "n", MILLION, "cottage"),
        on(2, "n + 1", 1, "cottage"),
    ]
    prices = VOLUME + VOLUME.split("\n", 1)[1].replace("house", "cottage")
    rated = rate(project, tmp_path, rows, {"prices": prices})
    # 600,000 at 3 and 100,000 at 1 dollar per million: one row, two parts
    assert rated["across"].list_cost == Decimal("1.9")
    assert rated["across"].meters["input"].quantity == 700_000
    assert "above" not in (rated["across"].meters["input"].price_id or "")
    assert rated["first"].list_cost == Decimal("1.2")
    assert rated["above"].list_cost == Decimal("0.000001")
    assert (rated["n"].list_cost, rated["n + 1"].list_cost) == (3, Decimal("0.000001"))
    late = rate(project, tmp_path, [*rows, on(1, "late", 500_000)], {"prices": prices})
    assert late["across"].list_cost == Decimal("0.9")


def test_volume_starts_anew_with_each_month(project: CompiledProject, tmp_path: Path) -> None:
    """Scenario 2.1: bands are reset monthly."""
    rows = [
        request("october", "own", "house", DAY.replace(day=31), input=MILLION),
        request("november", "own", "house", DAY.replace(month=11, day=1), input=MILLION),
    ]
    rated = rate(project, tmp_path, rows, {"prices": VOLUME})
    assert costs(rated) == {"october": 3, "november": 3}


def test_a_late_request_of_day_3_prices_day_20_again(
    project: CompiledProject, tmp_path: Path
) -> None:
    rows = [on(2, "day 2", 10), on(20, "day 20", MILLION)]
    before, after = (
        rate(project, tmp_path / str(len(landed)), landed, {"prices": VOLUME})
        for landed in (rows, [*rows, on(3, "late", 500_000)])
    )
    assert before["day 20"].list_cost == Decimal("2.99998")  # 10 tokens are above the edge
    # 499,990 tokens at 3 and the rest at 1
    assert after["day 20"].list_cost == Decimal("1.49997") + Decimal("0.50001")
    assert before["day 20"].day_hash != after["day 20"].day_hash
    assert before["day 2"] == after["day 2"]


def test_without_volume_bands_a_late_request_touches_its_own_day(
    project: CompiledProject, tmp_path: Path
) -> None:
    prices = csv(PRICES, "own,house,input,,,,,3,,")
    rows = [on(20, "day 20", MILLION)]
    before, after = (
        rate(project, tmp_path / str(len(landed)), landed, {"prices": prices})
        for landed in (rows, [*rows, on(3, "late", 500_000)])
    )
    assert before["day 20"] == after["day 20"]


def test_a_batch_that_started_earlier_and_ended_later_is_counted(
    project: CompiledProject, tmp_path: Path
) -> None:
    prices = VOLUME.replace("input,,", "input,batch,")
    batch = request(
        *("batch", "own", "house", DAY.replace(day=3)),
        ended_at=DAY.replace(day=5),
        service_tier="batch",
        input=MILLION,
    )
    rows = [on(4, "day 4", MILLION, service_tier="batch", ended_at=DAY.replace(day=4))]
    before, after = (
        rate(project, tmp_path / str(len(landed)), landed, {"prices": prices})["day 4"]
        for landed in (rows, [*rows, batch])
    )
    assert (before.list_cost, after.list_cost) == (3, 1)
    assert before.day_hash != after.day_hash


def test_a_region_has_its_own_prices_or_none(project: CompiledProject, tmp_path: Path) -> None:
    prices = csv(
        PRICES,
        "own,house,input,,,,,3,,",
        "own,house,output,,,,,5,,",
        "own,house,input,,EU-West-1,,,3.3,2026-10-10,",
    )
    eu = {"region": "eu-west-1"}
    rows = [
        on(20, "anywhere", MILLION),
        on(20, "us", MILLION, region="us-east-1"),
        on(20, "eu", MILLION, region="EU-WEST-1"),
        on(9, "eu, before it had prices", MILLION, **eu),
        on(20, "eu, a meter without a price there", 0, output=MILLION, **eu),
    ]
    rated = rate(project, tmp_path, rows, {"prices": prices})
    assert costs(rated) == {
        "anywhere": 3,
        "us": 3,
        "eu": Decimal("3.3"),
        "eu, before it had prices": 3,
        "eu, a meter without a price there": None,
    }


def test_a_fee_per_request_is_a_meter(project: CompiledProject, tmp_path: Path) -> None:
    prices = csv(PRICES, "own,house,input,,,,,3,,", "own,house,requests,,,,,5000,,")
    rows = [
        on(20, "answered", MILLION),
        request("failed", "own", "house", DAY, status="failure"),
        on(20, "batch", 1, service_tier="batch"),
    ]
    rated = rate(project, tmp_path, rows, {"prices": prices})
    assert rated["answered"].list_cost == Decimal("3.005")
    assert rated["answered"].meters["requests"].quantity == 1
    assert (rated["failed"].list_cost, rated["failed"].meters) == (0, {})
    assert rated["batch"].price_status == "unpriced"
    assert rated["batch"].meters["requests"].list_cost is None


def test_a_free_tier_is_free_and_not_unpriced(project: CompiledProject, tmp_path: Path) -> None:
    """Trap 27: what is free has no price on the bill. Scenario 1.2: a free tier costs 0 with
    `price_status` free.
    """
    prices = csv(
        PRICES,
        "own,house,input,free,,,,0,,",
        # a million a month for nothing
        "own,gift,input,,,,,0,,",
        "own,gift,input,,,,1000000,4,,",
    )
    rows = [
        on(20, "tier", MILLION, service_tier="free"),
        on(20, "no price of the tier", 1, "gift", service_tier="free"),
        on(19, "within", MILLION, "gift"),
        on(20, "beyond", MILLION, "gift"),
    ]
    rated = rate(project, tmp_path, rows, {"prices": prices})
    assert {key: (found.list_cost, found.price_status) for key, found in rated.items()} == {
        "tier": (0, "free"),
        "no price of the tier": (None, "unpriced"),
        "within": (0, "free"),
        "beyond": (4, "priced"),
    }


def test_above_128000_tokens_the_whole_prompt_costs_seven_dollars(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Trap 14: a long context switches the price of the whole request. Scenarios 1.2 and T7:
    128,001 tokens at $7 a million are about $0.896.
    """
    prices = csv(PRICES, "own,house,input,,,,,3.5,,", "own,house,input,,,128000,,7,,")
    rows = [on(20, "low", 128_000), on(20, "long", 128_001)]
    assert costs(rate(project, tmp_path, rows, {"prices": prices})) == {
        "low": Decimal("0.448"),
        "long": Decimal("0.896007"),
    }


def test_what_is_not_sold_is_unpriced_though_the_book_has_a_price(
    project: CompiledProject, tmp_path: Path
) -> None:
    prices = csv(PRICES, "openai,gpt-4o,input,,,,,,2026-10-20,2026-10-21")
    rows = [
        request(str(day), "openai", "gpt-4o", DAY.replace(day=day), input=MILLION)
        for day in (19, 20, 21)
    ]
    rated = rate(project, tmp_path, rows, {"prices": prices})
    assert costs(rated) == {"19": Decimal("2.5"), "20": None, "21": Decimal("2.5")}


def test_a_contract_price_applies_where_no_list_has_one(
    project: CompiledProject, tmp_path: Path
) -> None:
    contracts = csv(CONTRACTS, "own,house,input,standard,,,1.5", "own,cot*,input,standard,,,1.5")
    rows = [
        row
        for model in ("house", "cottage")
        for row in (
            on(20, f"{model} known", MILLION, model),
            on(20, f"{model} not in it", 1, model, service_tier="batch"),
        )
    ]
    rated = rate(project, tmp_path, rows, {"contracts": contracts})
    for model in ("house", "cottage"):
        known = rated[f"{model} known"]
        assert (known.list_cost, known.contracted_cost) == (None, Decimal("1.5"))
        assert known.price_status == "unpriced"
        assert rated[f"{model} not in it"].contracted_cost is None


def test_fifteen_percent_off_and_more_above_a_volume(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Scenario 2.1: 15 % off is 0.85 x list, and a column of its own beside it."""
    contracts = csv(CONTRACTS, "own,*,*,,,15,", "own,*,*,,1000000,50,")
    prices = csv(PRICES, "own,house,input,,,,,3,,")
    rows = [on(19, "below", MILLION), on(20, "above", MILLION)]
    rated = rate(project, tmp_path, rows, {"prices": prices, "contracts": contracts})
    assert costs(rated) == {"below": 3, "above": 3}
    assert rated["below"].contracted_cost == Decimal("0.85") * 3
    assert rated["above"].contracted_cost == Decimal("0.5") * 3
