"""What commitments.csv says: a scope like `model=gpt-4o* & service_tier=standard`, whole months."""

from datetime import datetime
from decimal import Decimal
from typing import Final

import pyarrow as pa

from ingestion.contracts import END, INSTANT, MONEY, START
from ingestion.reference.columns import NAME, TEXT, Column, ReferenceTable
from ingestion.reference.rules.match import match_text
from ingestion.reference.values import choice, instant, money
from ingestion.vocabulary import USAGE_FIELDS

SCOPE_FIELDS: Final = tuple(USAGE_FIELDS)
# Within these, amounts times percents are divided exactly.
MOST_COMMITTED: Final = Decimal(10) ** 12
MOST_OVERAGE: Final = Decimal(1000)


def scope_text(scope: str) -> str:
    """Lower case, one space beside `&`; a ValueError says what is wrong."""
    return match_text(scope, SCOPE_FIELDS)


def committed(value: str) -> Decimal:
    amount = money(value)
    if not 0 < amount <= MOST_COMMITTED:
        raise ValueError(f"`{value}` is not between 0 and {MOST_COMMITTED:f}")
    return amount


def commitment_discount(value: str) -> Decimal:
    """Percent off list."""
    amount = money(value.removesuffix("%").rstrip())
    if not 0 <= amount <= 100:
        raise ValueError(f"`{value}`: a discount is between 0 and 100 percent")
    return amount


def overage(value: str) -> Decimal:
    """Percent on top of list; negative is still a discount."""
    amount = money(value.removesuffix("%").rstrip())
    if not -100 <= amount <= MOST_OVERAGE:
        raise ValueError(
            f"`{value}`: what overage costs on top of list is between -100 and"
            f" {MOST_OVERAGE:f} percent"
        )
    return amount


def first_of_month(value: str) -> datetime:
    moment = instant(value)
    if moment != moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0):
        raise ValueError(
            f"`{value}` is not the first of a month (UTC) like 2026-10-01: commitments are"
            " measured by whole months"
        )
    return moment


COMMITMENTS: Final = ReferenceTable(
    {
        **dict.fromkeys(("commitment_id", "provider"), NAME),
        "kind": Column(pa.string(), choice("spend"), empty="spend"),
        "scope": Column(pa.string(), scope_text, empty=""),
        "committed_amount": Column(MONEY, committed, required=True),
        "period": Column(pa.string(), choice("month", "year"), empty="month"),
        "discount_percent": Column(MONEY, commitment_discount, required=True),
        "overage_percent": Column(MONEY, overage, empty=Decimal(0)),
        "owner": TEXT,
        "valid_from": Column(INSTANT, first_of_month, empty=START),
        "valid_to": Column(INSTANT, first_of_month, empty=END),
    },
    key=("commitment_id",),
)
