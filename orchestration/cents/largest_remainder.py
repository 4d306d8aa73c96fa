"""Money to whole cents so that parts still sum to their total: largest remainder.

A cent is a currency's smallest unit; `unit` is how many pico-units (1e-12) it has.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Final

PICO: Final = 10**12
PLACES: Final = 2
PICO_PER_CENT: Final = 10**10
# ISO 4217: currencies whose smallest unit is not a hundredth, by its decimal places.
OTHER_PLACES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMN TND",
    4: "CLF UYW",
}


@cache
def places_of(currency: str) -> int:
    """Decimal places of the currency's smallest unit: 2 of USD, 0 of JPY, 3 of KWD."""
    code = currency.upper()
    return next((places for places, codes in OTHER_PLACES.items() if code in codes.split()), PLACES)


def unit_of(currency: str) -> int:
    """Pico-units of the currency's smallest unit."""
    return PICO // 10 ** places_of(currency)


def pico(amount: Decimal) -> int:
    """Exact integer of 1e-12 units; `amount` has at most 12 places."""
    numerator, denominator = amount.as_integer_ratio()
    whole, rest = divmod(numerator * PICO, denominator)
    if rest:
        raise ValueError(f"{amount} has more than 12 decimal places")
    return whole


def nearest_cents(amount: int, unit: int = PICO_PER_CENT) -> int:
    """Pico-units to cents, half up."""
    return (amount + unit // 2) // unit


def lowest(amount: int, unit: int = PICO_PER_CENT) -> int:
    """Pico-units to cents, rounded down."""
    return amount // unit


def highest(amount: int, unit: int = PICO_PER_CENT) -> int:
    """Pico-units to cents, rounded up."""
    return -(-amount // unit)


def fits(cents: int, amount: int, unit: int = PICO_PER_CENT) -> bool:
    """Whether the cents are the amount rounded down or up."""
    return lowest(amount, unit) <= cents <= highest(amount, unit)


def split_cents(amounts: Sequence[int], total: int, unit: int = PICO_PER_CENT) -> list[int]:
    """Cents per amount (pico-units), each rounded down or up, that sum to `total` cents.

    The largest remainders are rounded up; ties go to the earlier amount, so the order of
    `amounts` is the tie-break. `total` must be the amounts' sum, rounded down or up.
    """
    floors, remainders = [], []
    for amount in amounts:
        whole, remainder = divmod(amount, unit)
        floors.append(whole)
        remainders.append(remainder)
    leftover = total - sum(floors)
    exact = sum(amounts)
    if not fits(total, exact, unit):
        raise ValueError(f"{total} cents are not the sum of the amounts ({exact} pico), rounded")
    ranked = sorted(range(len(amounts)), key=lambda index: (-remainders[index], index))
    for index in ranked[:leftover]:
        floors[index] += 1
    return floors


def cents_text(cents: int, places: int = PLACES) -> str:
    """-1234 -> "-12.34"; "-1234" where the currency has no decimal places."""
    digits = f"{abs(cents):0{places + 1}d}"
    sign = "-" if cents < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def cents_decimal(cents: int, places: int = PLACES) -> Decimal:
    """The same as a number with exactly these decimal places."""
    return Decimal(cents_text(cents, places))
