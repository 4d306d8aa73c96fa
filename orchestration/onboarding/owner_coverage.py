"""What last month's bill would look like: how many of its dollars would have an owner."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from ingestion.vocabulary import OWNERS

MODEL: Final = "fct_cost_allocations"
OWNED: Final = ", ".join(
    f"coalesce(sum(billed_cost) FILTER (billed_cost > 0 AND {dimension} <> '__unallocated__'), 0)"
    for dimension in OWNERS
)
NEWEST: Final = f"""
    SELECT billing_month, sum(billed_cost) FILTER (billed_cost > 0), {OWNED} FROM main.{MODEL}
    GROUP BY billing_month HAVING count(*) FILTER (billed_cost > 0) > 0
    ORDER BY billing_month DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Dollars that were charged in the newest billed month, and how many of them have an owner.

    Credits and what was taken back are left aside: they would lift what is owned above the whole.
    """

    month: date
    charged: Decimal
    owned: dict[str, Decimal]


def owner_coverage(connection: duckdb.DuckDBPyConnection) -> Coverage | None:
    """None where nothing is billed."""
    row = connection.execute(NEWEST).fetchone()
    if row is None:
        return None
    month, charged, *amounts = row
    return Coverage(month, charged, dict(zip(OWNERS, amounts, strict=True)))
