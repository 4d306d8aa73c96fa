"""What the months to come will cost, as of the page's own month, and how wrong that has been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.posted import fetch_rows

MART: Final = "mart_forecast_monthly"
EDGES: Final = ("forecast_cost", "p90_cost")
METHODS: Final = {
    "drivers": "requests, what a request uses and prices, each carried on",
    "repriced_naive": "the last week again, at the prices of the days to come",
    "seasonal_naive": "the last week again",
}
DOUBTS: Final = {
    "short_history": "there are fewer than three fortnights to test it on",
    "large_error": "the method has been further off than 12 % in its tests",
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """`months`: rows of the mart, of which the first says what holds for all of them."""

    months: Sequence[Mapping[str, Any]]

    @property
    def head(self) -> Mapping[str, Any]:
        return self.months[0]

    @property
    def method(self) -> str:
        return METHODS.get(self.head["method"], str(self.head["method"]))

    @property
    def doubt(self) -> str:
        """Why it is not to be relied on; empty where it is."""
        because = self.head["unreliable_because"]
        return DOUBTS.get(because, str(because)) if because else ""

    def percent(self, amount: Decimal | None) -> float:
        """Of the greatest that a month may cost."""
        highest = [row[name] or Decimal(0) for row in self.months for name in EDGES]
        return float(100 * max(amount or Decimal(0), Decimal(0)) / max(*highest, Decimal("0.01")))


def read_forecasts(
    connection: duckdb.DuckDBPyConnection, month: date
) -> dict[str | None, Forecast]:
    """By team, the company's under None. A forecast stands on the page of the month that its last
    known day is in: it knows nothing of a later one.
    """
    rows = fetch_rows(
        connection,
        "SELECT scope, team, forecast_month, known_until, cost_so_far, cost_to_come, other_cost,"
        " forecast_cost, p10_cost, p90_cost, method, origins, error_percent, unreliable_because,"
        " unpriced_quantity FROM main.mart_forecast_monthly WHERE scope IN ('company', 'team')"
        " AND known_until >= $1 AND known_until < $1 + INTERVAL 1 MONTH"
        " ORDER BY scope, team, forecast_month",
        month,
    )
    found: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["team"] if row["scope"] == "team" else None, []).append(row)
    return {team: Forecast(months) for team, months in found.items()}
