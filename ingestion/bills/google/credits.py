"""What a row's `credits` are: discounts, which lower its cost, and gifts, which are credits."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ingestion.bills.google.nested import NestedRecord

# Types that change the price of what was used. All others, and those that are new, are gifts.
_DISCOUNTS: Final = (
    *("COMMITTED_USAGE_DISCOUNT", "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "DISCOUNT"),
    *("FEE_UTILIZATION_OFFSET", "RESELLER_MARGIN", "SUBSCRIPTION_BENEFIT"),
    "SUSTAINED_USAGE_DISCOUNT",
)


@dataclass(frozen=True, slots=True)
class Gift:
    words: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Amounts:
    """`cost` is after discounts; with the gifts it is what is paid."""

    cost: Decimal
    gifts: tuple[Gift, ...]

    @property
    def net(self) -> Decimal:
        return sum((gift.amount for gift in self.gifts), self.cost)


def amounts_of(record: NestedRecord) -> Amounts:
    cost = record.money("cost")
    gifts = []
    for credit in record.each("credits"):
        amount = credit.money("credits.amount")
        kind = credit.text("credits.type") or ""
        if kind.upper() in _DISCOUNTS:
            cost += amount
        elif amount:
            words = credit.text("credits.full_name") or credit.text("credits.name")
            gifts.append(Gift(words or kind or "credit", amount))
    return Amounts(cost, tuple(gifts))
