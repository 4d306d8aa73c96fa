"""What bills of rows have of services that are no AI: it is left out, and told in money."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.terminal.tables import as_table

MODEL: Final = "stg_landing__bill_buckets"
# of a table; the dearest come first
LINES: Final = 20
_NEWEST: Final = f"""
    WITH standing AS (
        SELECT left_out.*, CAST(left_out.bucket_start AT TIME ZONE 'UTC' AS DATE) AS month
        FROM landing.foreign_charges AS left_out
        WHERE EXISTS (
            FROM staging.{MODEL} AS buckets
            WHERE buckets.source = left_out.source AND buckets.batch = left_out.batch
                AND buckets.object_no = left_out.object_no AND buckets.stands_as = 'bill'
                AND buckets.bucket_start = left_out.bucket_start AT TIME ZONE 'UTC'
        )
    )
    SELECT
        source, month, service, billing_currency, CAST(sum(row_count) AS BIGINT) AS records,
        sum(billed_cost_in_billing_currency) AS cost
    FROM standing
    WHERE (source, month) IN (SELECT source, max(month) FROM standing GROUP BY source)
    GROUP BY ALL
    ORDER BY source, cost DESC, service, billing_currency
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Of a bill's newest month."""

    source: str
    month: date
    service: str
    currency: str
    records: int
    cost: Decimal


def left_out(connection: duckdb.DuckDBPyConnection) -> list[LeftOut]:
    return [LeftOut(*row) for row in connection.execute(_NEWEST).fetchall()]


def left_out_text(services: list[LeftOut]) -> str:
    """Empty where bills have nothing else."""
    if not services:
        return ""
    columns = ["source", "month", "service", "records", "dollars", "currency"]
    rows = [
        (s.source, f"{s.month:%Y-%m}", s.service, s.records, _cents(s.cost), s.currency)
        for s in services[:LINES]
    ]
    if rest := services[LINES:]:
        # of several currencies there is no sum
        money: dict[str, Decimal] = {}
        for s in rest:
            money[s.currency] = money.get(s.currency, Decimal()) + s.cost
        records = sum(s.records for s in rest)
        rows += [
            ("", "", f"… {len(rest)} more", records, _cents(cost), currency)
            for currency, cost in sorted(money.items())
        ]
    return f"\nleft out of bills, services that are no AI:\n{as_table(columns, rows)}"


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
