"""What of the logs is lost and holds a month back, and what of it a person accepted."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from orchestration.cents.largest_remainder import (
    cents_text,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)


@dataclass(frozen=True, slots=True)
class Loss:
    """A row of mart_month_completeness; `uncovered` is what no request explains on its days."""

    month: date
    gateway: str
    reason: str
    what: str
    uncovered: Decimal
    accepting_line: str | None

    def told(self, currency: str) -> str:
        """One sentence, without the month."""
        amount = f"{money_text(self.uncovered, currency)} {currency}"
        if self.reason == "keys_of_others":
            return f"{self.gateway}: {self.what} ({amount})"
        unexplained = f"no request explains {amount} billed on its keys and models on those days"
        return f"{self.gateway}: {self.what} ({unexplained})"


def money_text(amount: Decimal, currency: str) -> str:
    """In the currency's smallest unit."""
    return cents_text(nearest_cents(pico(amount), unit_of(currency)), places_of(currency))


def losses(connection: duckdb.DuckDBPyConnection, *, accepted: bool) -> dict[date, list[Loss]]:
    """Month -> what makes it incomplete, or what was accepted of it."""
    rows = connection.execute(
        "SELECT billing_month, gateway, reason, what, uncovered_cost, accepting_line"
        " FROM main.mart_month_completeness WHERE is_incomplete <> ?"
        " ORDER BY billing_month, gateway, reason, accepted_line",
        [accepted],
    ).fetchall()
    found: dict[date, list[Loss]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Loss(*row))
    return dict(found)


def incomplete_reason(month: date, found: list[Loss], currency: str) -> str:
    """Why a month is incomplete, and what to do."""
    told = "; ".join(loss.told(currency) for loss in found)
    accepting_lines = dict.fromkeys(loss.accepting_line for loss in found if loss.accepting_line)
    lines = "; ".join(f"`{line}`" for line in accepting_lines)
    accepting = f": mend it, or accept it in accepted_losses.csv with {lines}" if lines else ""
    return f"{month:%Y-%m} is incomplete: {told}{accepting}"
