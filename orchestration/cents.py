"""Money to whole cents so that parts still sum to their total: largest remainder."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

PICO: Final = 10**12
PICO_PER_CENT: Final = 10**10


def pico(amount: Decimal) -> int:
    """Exact integer of 1e-12 units; `amount` has at most 12 places."""
    numerator, denominator = amount.as_integer_ratio()
    whole, rest = divmod(numerator * PICO, denominator)
    if rest:
        raise ValueError(f"{amount} has more than 12 decimal places")
    return whole


def nearest_cents(amount: int) -> int:
    """Pico-units to cents, half up."""
    return (amount + PICO_PER_CENT // 2) // PICO_PER_CENT


def split_cents(amounts: Sequence[int], total: int) -> list[int]:
    """Cents per amount (pico-units), each rounded down or up, that sum to `total` cents.

    The largest remainders are rounded up; ties go to the earlier amount, so the order of
    `amounts` is the tie-break. `total` must be the amounts' sum, rounded down or up.
    """
    floors, remainders = [], []
    for amount in amounts:
        whole, remainder = divmod(amount, PICO_PER_CENT)
        floors.append(whole)
        remainders.append(remainder)
    leftover = total - sum(floors)
    exact = sum(amounts)
    if not exact // PICO_PER_CENT <= total <= -(-exact // PICO_PER_CENT):
        raise ValueError(f"{total} cents are not the sum of the amounts ({exact} pico), rounded")
    ranked = sorted(range(len(amounts)), key=lambda index: (-remainders[index], index))
    for index in ranked[:leftover]:
        floors[index] += 1
    return floors


def cents_text(cents: int) -> str:
    """-1234 -> "-12.34"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
