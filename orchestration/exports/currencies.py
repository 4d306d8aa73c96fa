"""Invoices of a month in another currency than the workspace's: as they were entered, and what of
them is accounted for.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    cents_text,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)
from orchestration.cents.posted import fetch_rows, posted_lines
from orchestration.exports.tables import Cell, ExportTable

COLUMNS: Final = (
    *("period", "vendor", "billing_account", "invoice_id", "entered_currency", "entered"),
    *("currency", "accounted", "fx_rate", "status"),
)
# What of an invoice is no AI is in no allocation.
ROWS: Final = """
    SELECT reconciliation.provider, reconciliation.billing_account, invoice_id, invoice_status,
        reconciliation.billing_currency, reconciliation.fx_rate_id,
        coalesce(sum(allocations.billed_cost_in_billing_currency), 0)::DECIMAL(38, 12) AS entered
    FROM main.mart_reconciliation_monthly AS reconciliation
    LEFT JOIN main.fct_cost_allocations AS allocations
        ON reconciliation.billing_month = allocations.billing_month
        AND reconciliation.provider = allocations.provider
        AND reconciliation.billing_account IS NOT DISTINCT FROM allocations.billing_account
    WHERE reconciliation.billing_month = ? AND reconciliation.fx_rate_id <> 'identity'
    GROUP BY ALL
    ORDER BY ALL
"""


def foreign_invoices(
    connection: duckdb.DuckDBPyConnection, month: date, currency: str
) -> ExportTable | None:
    """One row per account whose invoice is in another currency; None where there is none.

    `accounted` is what chargeback.csv has of the account without corrections of other months: all
    of `entered` at the one rate of the month.
    """
    foreign = fetch_rows(connection, ROWS, month)
    if not foreign:
        return None
    unit, places = unit_of(currency), places_of(currency)
    accounted: dict[tuple[str, str | None], int] = {}
    for line in posted_lines(connection, month, unit):
        account = (line.row["provider"], line.row["billing_account"])
        of_month = line.total - line.cents["correction"]
        accounted[account] = accounted.get(account, 0) + of_month
    cents = [accounted.get((row["provider"], row["billing_account"]), 0) for row in foreign]
    rows: list[list[Cell]] = []
    for row, of_account in zip(foreign, cents, strict=True):
        said: Mapping[str, Cell] = {
            "period": f"{month:%Y-%m}",
            "vendor": row["provider"],
            "billing_account": row["billing_account"],
            "invoice_id": row["invoice_id"],
            "entered_currency": row["billing_currency"],
            "entered": _in_cents(row["entered"], row["billing_currency"]),
            "currency": currency,
            "accounted": cents_decimal(of_account, places),
            "fx_rate": row["fx_rate_id"],
            "status": row["invoice_status"],
        }
        rows.append([said[name] for name in COLUMNS])
    return ExportTable(COLUMNS, rows, {"accounted": cents_text(sum(cents), places)})


def _in_cents(amount: Decimal, currency: str) -> Decimal:
    return cents_decimal(nearest_cents(pico(amount), unit_of(currency)), places_of(currency))
