"""What the marts add up to, as Dagster plots it from run to run: for eyes, not for the books.

Dagster's metadata knows no decimals: amounts are floats there, under names that say the currency.
"""

import time
from typing import Final

import duckdb

MONEY: Final = """
    SELECT
        (SELECT coalesce(sum(billed), 0) FROM main.mart_reconciliation_monthly),
        (SELECT sum(abs(unexplained)) FROM main.mart_reconciliation_monthly),
        (SELECT coalesce(sum(estimated_cost), 0) FROM main.mart_reconciliation_monthly),
        (SELECT coalesce(sum(billed_cost), 0) FROM main.fct_cost_daily
         WHERE team = '__unallocated__'),
        (SELECT coalesce(sum(billed_cost), 0) FROM main.fct_cost_daily
         WHERE feature = '__unallocated__')
"""
AMOUNTS: Final = ("billed", "unexplained", "estimated", "without a team", "without a feature")
COUNTS: Final = """
    SELECT
        (SELECT coalesce(sum(requests), 0) FROM main.fct_cost_daily),
        (SELECT coalesce(sum(records_quarantined), 0) FROM main.mart_data_quality_daily),
        (SELECT coalesce(sum(requests_unpriced), 0) FROM main.mart_data_quality_daily),
        (SELECT count(DISTINCT billing_month) FROM main.mart_chargeback_monthly
         WHERE status IN ('not_tied', 'incomplete'))
"""
COUNTED: Final = ("requests", "quarantined", "unpriced requests", "months that cannot be posted")


def measures(connection: duckdb.DuckDBPyConnection, currency: str) -> dict[str, int | float]:
    """Of open marts. Without an invoice nobody knows what is unexplained: it is left out, not 0."""
    [money] = connection.execute(MONEY).fetchall()
    [counts] = connection.execute(COUNTS).fetchall()
    amounts = {
        f"{name} ({currency})": round(float(amount), 2)
        for name, amount in zip(AMOUNTS, money, strict=True)
        if amount is not None
    }
    return amounts | {name: int(count) for name, count in zip(COUNTED, counts, strict=True)}


def seconds_since(began: float) -> float:
    """`began`: of `time.monotonic`."""
    return round(time.monotonic() - began, 1)
