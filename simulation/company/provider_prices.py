"""What this company's providers charge: the simulation's own prices, in whole pico-dollars.

A pico-dollar is 1e-12 dollars, so that every unit price per token is a whole number and every
bill line is an exact sum. List prices are dollars per million tokens, as published in 2026.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from simulation.company.catalog import Contract, Deployment

METERS: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
PICO: Final = 10**12
PICO_PER_TOKEN: Final = 10**6  # one dollar per million tokens

UnitPrices = tuple[int, int, int, int, int]

STANDARD: Final = {
    "gpt-4o": ("2.5", "1.25", "0", "0", "10"),
    "gpt-4o-mini": ("0.15", "0.075", "0", "0", "0.6"),
    "o4-mini": ("1.1", "0.275", "0", "0", "4.4"),
    "claude-opus-4-5": ("5", "0.5", "6.25", "10", "25"),
    "claude-haiku-4-5": ("1", "0.1", "1.25", "2", "5"),
    # Bedrock in one region, and across all of them
    "regional.anthropic.claude-opus-4-5-v1:0": ("5.5", "0.55", "6.875", "11", "27.5"),
    "global.anthropic.claude-haiku-4-5-20251001-v1:0": ("1", "0.1", "1.25", "2", "5"),
    "amazon.nova-pro-v1:0": ("0.8", "0.2", "0", "0", "3.2"),
    "gemini-2.5-flash": ("0.3", "0.03", "0", "0", "2.5"),
    "gemini-2.5-pro": ("1.25", "0.125", "0", "0", "10"),
}
PRIORITY: Final = {"gpt-4o": ("4.25", "2.125", "0", "0", "17")}
BATCH_PERCENT: Final = 50


def list_prices(model: str, service_tier: str) -> UnitPrices:
    """Pico-dollars per token and meter on the provider's price list."""
    dollars = PRIORITY[model] if service_tier == "priority" else STANDARD[model]
    percent = BATCH_PERCENT if service_tier == "batch" else 100
    return _at_percent(dollars, percent, 100)


def billed_prices(
    deployment: Deployment, service_tier: str, day: date, contract: Contract
) -> UnitPrices:
    """Pico-dollars per token and meter that the provider bills on this day.

    A project's own discount is on no contract; a contract's and a cloud's are in contracts.csv.
    """
    model = deployment.model
    dollars = PRIORITY[model] if service_tier == "priority" else STANDARD[model]
    percent = BATCH_PERCENT if service_tier == "batch" else 100
    percent_of_percent = percent * (100 - deployment.sub_account.undeclared_discount_percent)
    if deployment.cloud:
        declared = deployment.cloud.declared_discount_percent
        percent_of_percent = percent_of_percent * (100 - declared) // 100
    if contract.applies(deployment, day):
        percent_of_percent = percent_of_percent * (100 - contract.discount_percent) // 100
    return _at_percent(dollars, percent_of_percent, 10_000)


def _at_percent(dollars: tuple[str, ...], share: int, of: int) -> UnitPrices:
    prices = [Decimal(price) * PICO_PER_TOKEN * share / of for price in dollars]
    if any(price != int(price) for price in prices):
        raise ValueError(f"prices {dollars} at {share}/{of} are not whole pico-dollars a token")
    tokens_in, read, write_5m, write_1h, tokens_out = (int(price) for price in prices)
    return tokens_in, read, write_5m, write_1h, tokens_out


def dollars(pico: int) -> str:
    """Pico-dollars as an exact decimal of dollars without trailing zeros: `0.00125`, `3`."""
    sign, pico = ("-", -pico) if pico < 0 else ("", pico)
    whole, rest = divmod(pico, PICO)
    return f"{sign}{whole}.{rest:012d}".rstrip("0").rstrip(".")


def cents(pico: int) -> int:
    """Pico-dollars rounded to whole cents, half up."""
    per_cent = PICO // 100
    return (2 * pico + per_cent) // (2 * per_cent)
