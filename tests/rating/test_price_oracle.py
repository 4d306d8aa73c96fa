"""Random usage priced by genai-prices itself and by the compiled SQL: one number."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import pytest
from genai_prices.types import ModelPrice, PriceCalculation, TieredPrices
from random_usages import Usage, in_force, priced_meters, random_usages
from rated_requests import Rated, rate

from ingestion.prices.genai import CONTEXTS
from tests.pipeline.compiled_project import CompiledProject

PICO = Decimal(10) ** -12
# Why the two may say something else of a request. In none of them do both know its price.
REASONS = {
    "tier not in force": "genai-prices charges standard, we nothing: unknown is not standard",
    "no own price": "genai-prices takes 0 or another meter's price, we leave it unpriced",
    "float noise": "a listed price like 0.08333333333333334 is kept to 12 places: 1 pico-dollar",
}


@pytest.fixture(scope="module", params=[2000, pytest.param(20_000, marks=pytest.mark.slow)])
def usages(request: pytest.FixtureRequest) -> list[Usage]:
    return list(random_usages(Random(20261120), request.param))


def reason(usage: Usage, found: Rated, expected: PriceCalculation) -> str | None:
    """One of REASONS, None where there is no excuse."""
    listed = vars(usage.model.get_prices(usage.at, CONTEXTS[usage.tier]))
    if usage.tier != "standard" and not in_force(usage.model, usage.at, usage.tier):
        return "tier not in force" if found.list_cost is None else None
    if set(usage.quantities) - set(priced_meters(usage.model, usage.at, usage.tier)):
        return "no own price" if found.list_cost is None else None
    rounded = ModelPrice(**{key: to_12_places(price) for key, price in listed.items()})
    cost = rounded.calc_price(usage.counts)["total_price"]
    as_rounded = (
        found.list_cost is not None
        and abs(found.list_cost - cost) <= len(found.meters) * PICO / 2
        and abs(found.list_cost - expected.total_price) <= len(found.meters) * PICO
    )
    return "float noise" if rounded != expected.model_price and as_rounded else None


def to_12_places(price: Decimal | TieredPrices | None) -> Decimal | TieredPrices | None:
    return round(price, 12) if isinstance(price, Decimal) else price


def test_the_warehouse_says_what_genai_prices_says(
    project: CompiledProject, usages: list[Usage], tmp_path: Path
) -> None:
    rated = rate(project, tmp_path, (usage.landed(n) for n, usage in enumerate(usages)))
    differing: Counter[str] = Counter()
    for number, usage in enumerate(usages):
        found, expected = rated[str(number)], usage.expected
        if found.list_cost != expected.total_price.quantize(PICO, ROUND_HALF_UP):
            differing[reason(usage, found, expected) or f"{usage} {found} {expected}"] += 1
    assert differing.keys() <= REASONS.keys(), differing
    assert differing.total() <= len(usages) / 200, differing
    assert len(rated) == len(usages)
