"""Months of a cloud's bill: what stands in each, and what its invoices are called."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from simulation.bills.clouds.aws_names import is_sold_on_the_marketplace
from simulation.bills.ledger import EPOCH, HOURS_PER_DAY
from simulation.company.catalog import Deployment

MARKETPLACE: Final = "marketplace"
OWN: Final = ""  # the cloud's own invoice


def moment(hour: int) -> datetime:
    """An hour since 1970."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def first_hour(day: date) -> int:
    return (day - EPOCH).days * HOURS_PER_DAY


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def next_month(month: str) -> date:
    return (first_day(month) + timedelta(days=32)).replace(day=1)


def billed_months(days: Iterable[date]) -> list[str]:
    return sorted({f"{day:%Y-%m}" for day in days})


def seller(deployment: Deployment | None) -> str:
    """Who sends the invoice: a marketplace has one of its own."""
    return MARKETPLACE if deployment and is_sold_on_the_marketplace(deployment) else OWN


def invoice_number(account: str, month: str, sold_by: str) -> str:
    digits = hashlib.sha256(f"{account} {month} {sold_by}".encode()).hexdigest()
    return f"{int(digits[:8], 16) % 10**10:010d}"
