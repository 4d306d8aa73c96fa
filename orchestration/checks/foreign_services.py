"""What bills of rows have of services that are no AI: it is left out, and told in money."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.terminal.tables import as_table

MODEL: Final = "stg_landing__foreign_charges"
# of a table; the dearest come first
LINES: Final = 20
_NEWEST: Final = f"""
    WITH standing AS (FROM staging.{MODEL})
    SELECT
        source, billing_month, service, billing_currency, CAST(sum(row_count) AS BIGINT) AS records,
        sum(billed_cost_in_billing_currency) AS cost
    FROM standing
    WHERE (source, billing_month) IN (
        SELECT source, max(billing_month) FROM standing GROUP BY source
    )
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


def left_out_notes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One for each bill and currency."""
    sums: dict[tuple[str, date, str], tuple[int, Decimal]] = {}
    for each in left_out(connection):
        key = each.source, each.month, each.currency
        records, cost = sums.get(key, (0, Decimal()))
        sums[key] = records + each.records, cost + each.cost
    return [
        f"{source}: of {month:%Y-%m} {_cents(cost):f} {currency} of services that are no AI were"
        f" left out ({records} record{'s' if records > 1 else ''}): `tollbook check` has them by"
        " service"
        for (source, month, currency), (records, cost) in sums.items()
    ]


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
