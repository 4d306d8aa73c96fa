"""The invoices of the bills: their rows plus tax and credits, rounded once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from simulation.company.provider_prices import PICO, cents

PICO_PER_CENT: Final = PICO // 100
TAX_PERMILLE: Final = {"openai": 40, "anthropic": 0}
CREDIT_PERMILLE: Final = {"openai": 0, "anthropic": 30}
NUMBERS: Final = {"openai": "INV", "anthropic": "ANT"}
ISSUED_AFTER_MONTH: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Invoice:
    """Money in whole cents; `credits` is zero or negative."""

    provider: str
    billing_account: str
    invoice_id: str
    billing_month: str
    amount: int
    tax: int
    credits: int
    issued_on: date


def write_invoices(
    billed: Mapping[tuple[str, str, str], int], credits_and_tax: bool, rng: Random
) -> list[Invoice]:
    """Of the model providers themselves: amount = rows + credits + tax.

    `billed`: pico-dollars by (provider, account, month).
    """
    invoices = []
    for (provider, account, month), pico in billed.items():
        if provider not in NUMBERS:
            continue
        credit_share = CREDIT_PERMILLE[provider] if credits_and_tax else 0
        tax_share = TAX_PERMILLE[provider] if credits_and_tax else 0
        credit = -cents(pico * credit_share // 1000)
        tax = cents((pico + credit * PICO_PER_CENT) * tax_share // 1000)
        invoices.append(
            Invoice(
                provider,
                account,
                f"{NUMBERS[provider]}-{rng.randrange(10**8):08d}",
                month,
                cents(pico + (credit + tax) * PICO_PER_CENT),
                tax,
                credit,
                first_of_next(month) + ISSUED_AFTER_MONTH,
            )
        )
    return invoices


def first_of_next(month: str) -> date:
    return (date.fromisoformat(f"{month}-01") + timedelta(days=32)).replace(day=1)


def cents_as_dollars(amount: int) -> str:
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100}.{amount % 100:02d}"
