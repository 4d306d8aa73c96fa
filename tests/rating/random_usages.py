"""Random requests that genai-prices knows the price of: all models, tiers, bands and dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from genai_prices import Usage as Counts
from genai_prices import calc_price
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo, PriceCalculation, StartDateConstraint
from rated_requests import Row, request

from ingestion.prices.genai import CONTEXTS
from tests.ingestion.test_prices import usage_of

FIRST, LAST = date(2024, 6, 1), date(2026, 11, 20)
# Meter -> the keys of genai-prices that are its own price and nothing else's.
OWN_KEYS = {
    "input": {"input_mtok"},
    "cache_read": {"cache_read_mtok"},
    "cache_write_5m": {"cache_write_mtok", "cache_write_5m_mtok"},
    "cache_write_1h": {"cache_write_1h_mtok"},
    "output": {"output_mtok"},
    "audio_input": {"input_audio_mtok"},
    "audio_output": {"output_audio_mtok"},
    "image_input": {"input_image_mtok"},
    "image_output": {"output_image_mtok"},
    "web_searches": {"web_searches_kcount"},
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
    def counts(self) -> Counts:
        return usage_of(dict.fromkeys(OWN_KEYS, 0) | self.quantities)

    @property
    def expected(self) -> PriceCalculation:
        return calc_price(
            self.counts,
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


def random_usages(chance: Random, count: int) -> Iterator[Usage]:
    """Mostly of meters and tiers that the model has a price for; one in 500 of any."""
    models = list(named_models())
    rich = [found for found in models if found[2].price_variants]
    days = moments(chance, [model for _, _, model in models])
    while count:
        provider, name, model = chance.choice(rich if chance.random() < 0.4 else models)
        at, anything = chance.choice(days), chance.random() < 0.002
        tier = chance.choice(list(CONTEXTS) if anything else tiers(provider, model, at))
        meters = list(OWN_KEYS) if anything else priced_meters(model, at, tier)
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
    """Meters that the model has a price for, and no price of another meter's."""
    price = model.get_prices(at, CONTEXTS[tier])
    listed = {key for key, value in vars(price).items() if value is not None}
    own = {meter for meter, keys in OWN_KEYS.items() if keys & listed}
    if "cache_read" in own and not any(key.startswith("cache_write") for key in listed):
        own |= {"cache_write_5m", "cache_write_1h"}  # billed as plain input
    if {"output_reasoning_mtok", "output_citation_mtok"} & listed:
        own -= {"output"}  # no model lists them at the price of other output
    return sorted(own)


def at_a_band(chance: Random, quantities: dict[str, int]) -> dict[str, int]:
    """Now and then the total input is exactly a band's start, or one more."""
    starts = [128_000, 199_999, 200_000, 272_000]
    if quantities.keys() == {"input"} | (quantities.keys() & {"output"}) and chance.random() < 0.3:
        return quantities | {"input": chance.choice(starts) + chance.randrange(2)}
    return quantities
