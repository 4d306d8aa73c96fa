"""The row that every report of what was used of seats fills."""

from datetime import datetime
from decimal import Decimal

from ingestion.bills.tables.exports import month_of
from ingestion.records import Row


def seat_use(
    product: str, person: str | None, used: Decimal, overage: Decimal, moment: datetime
) -> tuple[str, Row]:
    """`moment` is of the day, or the first of the month, that it was used in; dollars."""
    row = {
        "month": month_of(moment),
        "charge_period_start": moment,
        "product": product,
        "person": person,
        "used": used,
        "overage": overage,
        "billing_currency": "USD",
    }
    return "seat_reports", row
