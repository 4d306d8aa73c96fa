"""Random usage priced by genai-prices itself and by the compiled SQL: one number."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import pytest
from genai_prices import calc_price
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo, PriceCalculation, StartDateConstraint
from rated_requests import Rated, Row, rate, request

from ingestion.prices import CONTEXTS, METER_PRICES
from tests.ingestion.test_prices import usage_of
from tests.pipeline.compiled_project import CompiledProject

PICO = Decimal(10) ** -12
FIRST, LAST = date(2024, 6, 1), date(2026, 11, 20)
# Why the two may say something else of a request. In none of them do both know its price.
REASONS = {
    "tier not in force": "genai-prices charges standard, we nothing: unknown is not standard",
    "no price for a meter": "genai-prices counts it as 0, we leave the request unpriced",
    "fee per request": "genai-prices adds a fee that is no meter",
    "float noise": "a listed price like 0.08333333333333334 is kept to 12 places",
}


@dataclass(frozen=True)
class Usage:
    provider: str
    name: str  # as a log has it
    model: ModelInfo
    tier: str
    at: datetime
    quantities: dict[str, int]

    @property
    def expected(self) -> PriceCalculation:
        return calc_price(
            usage_of(dict.fromkeys(METER_PRICES, 0) | self.quantities),
            self.name,
            provider_id=self.provider,
            genai_request_timestamp=self.at,
            price_context=CONTEXTS[self.tier],
        )

    def landed(self, number: int) -> Row:
        return request(
            str(number),
            self.provider,
            self.name,
            self.at,
            service_tier=self.tier,
            **self.quantities,
        )


@pytest.fixture(scope="module", params=[2000, pytest.param(20_000, marks=pytest.mark.slow)])
def usages(request: pytest.FixtureRequest) -> list[Usage]:
    return list(random_usages(Random(20261120), request.param))


def random_usages(chance: Random, count: int) -> Iterator[Usage]:
    """Mostly of meters and tiers that the model has a price for; one in 500 of any."""
    models = list(named_models())
    rich = [found for found in models if found[2].price_variants]
    days = moments(chance, [model for _, _, model in models])
    while count:
        provider, name, model = chance.choice(rich if chance.random() < 0.4 else models)
        at, anything = chance.choice(days), chance.random() < 0.002
        tier = chance.choice(list(CONTEXTS) if anything else tiers(provider, model, at))
        meters = list(METER_PRICES) if anything else priced_meters(model, at, tier)
        if not meters:
            continue  # a model without any price
        some = chance.sample(meters, min(len(meters), chance.randint(1, 5)))
        size = chance.choice([10, 5_000, 150_000, 400_000])
        quantities = at_a_band(chance, {meter: chance.randint(1, size) for meter in some})
        yield Usage(provider, name, model, tier, at, quantities)
        count -= 1


def named_models() -> Iterator[tuple[str, str, ModelInfo]]:
    """Provider, a name that logs have for the model, and the model; Azure resells OpenAI's."""
    listed = get_snapshot().providers
    resold = [("azure", model) for model in provider_models("openai")]
    for provider, model in [
        *((found.id, model) for found in listed for model in found.models),
        *resold,
    ]:
        name = model.id.replace("regional.", "us.")  # an id of genai-prices' own on AWS
        found = find_provider_by_id(listed, provider)
        if found and found.find_model(name, all_providers=listed) is model:
            yield provider, name, model


def moments(chance: Random, models: list[ModelInfo]) -> list[datetime]:
    """Instants of price changes, the microseconds before them, and any others of 60 days."""
    starts = {
        priced.constraint.start_date
        for model in models
        for priced in (*(model.prices if isinstance(model.prices, list) else ()),
                       *(model.price_variants or ()))
        if isinstance(priced.constraint, StartDateConstraint)
    }  # fmt: skip
    spread = (LAST - FIRST).days
    changes = [datetime.combine(day, time(), UTC) for day in sorted(starts) if day <= LAST]
    others = [FIRST + timedelta(days=chance.randrange(spread)) for _ in range(60)]
    microsecond = timedelta(microseconds=1)
    return [
        *(chance.sample(changes, min(len(changes), 20))),
        *(change - microsecond for change in changes[-20:]),
        *(
            datetime.combine(day, time(), UTC) + timedelta(seconds=chance.randrange(86_400))
            for day in others
        ),
    ]


def tiers(provider: str, model: ModelInfo, at: datetime) -> list[str]:
    """Tiers in force; variants are those of the provider that lists the model."""
    own = any(model is found for found in provider_models(provider))
    return ["standard", *(tier for tier in CONTEXTS if own and in_force(model, at, tier))]


def provider_models(provider: str) -> list[ModelInfo]:
    return next(found for found in get_snapshot().providers if found.id == provider).models


def in_force(model: ModelInfo, at: datetime, tier: str) -> bool:
    return any(
        variant.when.items() <= CONTEXTS[tier].items()
        and (variant.constraint is None or variant.constraint.active(at))
        for variant in model.price_variants or ()
    )


def priced_meters(model: ModelInfo, at: datetime, tier: str) -> list[str]:
    listed = vars(model.get_prices(at, CONTEXTS[tier]))
    return [
        meter
        for meter, keys in METER_PRICES.items()
        if any(listed.get(key) is not None for key in keys)
    ]


def at_a_band(chance: Random, quantities: dict[str, int]) -> dict[str, int]:
    """Now and then the total input is exactly a band's start, or one more."""
    starts = [128_000, 199_999, 200_000, 272_000]
    if quantities.keys() == {"input"} | (quantities.keys() & {"output"}) and chance.random() < 0.3:
        return quantities | {"input": chance.choice(starts) + chance.randrange(2)}
    return quantities


def reason(usage: Usage, found: Rated, expected: PriceCalculation) -> str | None:
    """One of REASONS, None where there is no excuse."""
    listed = vars(usage.model.get_prices(usage.at, CONTEXTS[usage.tier]))
    if usage.tier != "standard" and not in_force(usage.model, usage.at, usage.tier):
        return "tier not in force" if found.list_cost is None else None
    if set(usage.quantities) - set(priced_meters(usage.model, usage.at, usage.tier)):
        return "no price for a meter" if found.list_cost is None else None
    if fee := listed.get("requests_kcount"):
        return "fee per request" if found.list_cost == expected.total_price - fee / 1000 else None
    noisy = any(
        isinstance(price, Decimal) and price != round(price, 12) for price in listed.values()
    )
    close = (
        found.list_cost is not None
        and abs(found.list_cost - expected.total_price) <= len(found.meters) * PICO
    )
    return "float noise" if noisy and close else None


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
