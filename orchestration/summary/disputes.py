"""What disputes.csv puts on hold in a month, and what of it concerns no line."""

from datetime import date
from decimal import Decimal

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)

ROWS = """
    SELECT team, billing_month, status = 'no_line' AS has_no_line, max(reason), sum(amount)
    FROM main.mart_disputes
    WHERE coalesce(posting_month, billing_month) = ? AND status IN ('held', 'posts', 'no_line')
    GROUP BY ALL
    ORDER BY ALL
"""


def on_hold(connection: duckdb.DuckDBPyConnection, month: date, currency: str) -> list[str]:
    """A sentence for each team and disputed month that holds or releases money in this one."""
    rows = connection.execute(ROWS, [month]).fetchall()
    return [
        f"{month:%Y-%m}, {team} disputes what it has no line of: see disputes.csv ({reason})"
        if has_no_line
        else f"{month:%Y-%m}, {team}: {_told(month, disputed, reason, amount, currency)}"
        for team, disputed, has_no_line, reason, amount in rows
    ]


def _told(month: date, disputed: date, reason: str, amount: Decimal, currency: str) -> str:
    cents = nearest_cents(pico(amount), unit_of(currency))
    of = f" of {disputed:%Y-%m}" if disputed != month else ""
    money = f"{cents_decimal(abs(cents), places_of(currency))} {currency}{of}"
    if cents < 0:
        return f"{money} is on hold no longer and posts"
    return f"{money} is on hold and not posted ({reason})"
