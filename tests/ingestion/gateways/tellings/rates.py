"""One price list for the models of the plan, and what a telling of a call costs by it."""

from decimal import Decimal
from typing import Final

from tests.ingestion.gateways.tellings.facts import ASKED, Facts, planned
from tests.ingestion.gateways.tellings.loss import expected
from tests.ingestion.gateways.tellings.losses import LOSSES
from tests.ingestion.gateways.tellings.plan import MODELS, Call

# Dollars for a million of each meter; of a model 1, 2, 3 … times as much.
METERS: Final = {
    "input": Decimal("0.30"),
    "cache_read": Decimal("0.03"),
    "cache_write_5m": Decimal("0.375"),
    "cache_write_1h": Decimal("0.60"),
    "output": Decimal("1.50"),
    "web_searches": Decimal(10_000),
}
TIERS: Final = {"standard": Decimal(1), "flex": Decimal("0.5"), "priority": Decimal("1.75")}
# Under which names a model's price is looked for, where its own is not it.
PRICED: Final = {
    "gpt-4o-2024-08-06": ("gpt-4o",),
    "gpt-4o-2024-11-20": ("gpt-4o",),
    "o4-mini-2025-04-16": ("o4-mini",),
    "claude-sonnet-4-5-20250929": ("claude-sonnet-4-5",),
    "claude-haiku-4-5-20251001": ("claude-haiku-4-5",),
    "anthropic.claude-sonnet-4-5-20250929-v1:0": (
        "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ),
    # as who does not name OpenRouter tells it
    "openai/gpt-4.1": ("openai/gpt-4.1", "gpt-4.1"),
}
NAMES: Final = {model.name: PRICED.get(model.name, (model.name,)) for model in MODELS}
TIMES: Final = {first: n for n, (first, *_) in enumerate(dict.fromkeys(NAMES.values()), start=1)}
MILLION: Final = 1_000_000


def price(model: str, meter: str, tier: str) -> Decimal:
    return METERS[meter] * TIMES[NAMES[model][0]] * TIERS[tier]


def prices() -> str:
    """Whoever serves a model takes the same, so that a telling that names another loses nothing."""
    providers = sorted({model.provider for model in MODELS})
    names = {name: model for model, names in NAMES.items() for name in names}
    lines = [
        f"{provider},{name},{meter},{tier},{price(model, meter, tier)}"
        for provider in providers
        for name, model in names.items()
        for meter in METERS
        for tier in TIERS
    ]
    return "\n".join(("provider,model,meter,service_tier,unit_price_per_million", *lines, ""))


def dollars(facts: Facts, call: Call, tier: str | None = None) -> Decimal:
    """Of what a telling counts; a tier that was asked for stands where no other is known."""
    served = (tier or facts["tier"] or "standard").removeprefix(ASKED)
    costs = (facts[meter] * price(call.model.name, meter, served) for meter in METERS)
    return sum(costs, Decimal(0)) / MILLION


def told_of(form: str, call: Call) -> Facts:
    return expected(planned(call), call, LOSSES[form])
