"""Which models the money of a showback row went to."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import duckdb

from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents
from orchestration.cents.posted import fetch_rows

# A showback row's owners, in the order of the page's table.
OWNERS: Final = ("team", "feature", "tier", "environment", "plan")


def models_of_rows(
    connection: duckdb.DuckDBPyConnection, month: date, basis: str
) -> dict[tuple[str, ...], dict[str, int]]:
    """By owners the exact pico-units of each model, of what requests explain."""
    rows = fetch_rows(
        connection,
        f"SELECT {', '.join(OWNERS)}, model,"
        f" (sum({basis}_cost) + coalesce(sum(estimated_cost), 0))::DECIMAL(38, 12) AS cost"
        " FROM main.fct_cost_allocations"
        " WHERE date_trunc('month', showback_date) = ? AND residual_cause IS NULL"
        " AND model IS NOT NULL GROUP BY ALL ORDER BY ALL",
        month,
    )
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        owners = tuple(row[owner] for owner in OWNERS)
        found.setdefault(owners, {})[row["model"]] = pico(row["cost"])
    return found


def split_over_models(exact: Mapping[str, int], cents: int, unit: int) -> dict[str, int]:
    """They sum to the row's cents where its models have all of its money."""
    whole = sum(exact.values())
    total = cents if fits(cents, whole, unit) else nearest_cents(whole, unit)
    return dict(zip(exact, split_cents(list(exact.values()), total, unit), strict=True))
