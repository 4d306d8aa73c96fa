"""Invoices of a month in another currency than the workspace's: as they were entered, and what of
them is accounted for; and what a month posts because a closed one's rate became another.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from ingestion.reference.conflicts import EXCHANGE
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
    *("currency", "accounted", "fx_rate", "status", "kind", "invoice_period"),
)
INVOICE: Final = "invoice"
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
# What was entered stays as it is: nothing of it is entered again.
EXCHANGES: Final = """
    SELECT corrections.provider, corrections.billing_account, corrections.billing_month,
        any_value(reconciliation.invoice_id) AS invoice_id,
        any_value(reconciliation.invoice_status) AS invoice_status,
        any_value(reconciliation.billing_currency) AS billing_currency,
        any_value(reconciliation.fx_rate_id) AS fx_rate_id,
        sum(corrections.amount)::DECIMAL(38, 12) AS amount
    FROM main.mart_corrections AS corrections
    INNER JOIN main.mart_reconciliation_monthly AS reconciliation
        ON corrections.billing_month = reconciliation.billing_month
        AND corrections.provider = reconciliation.provider
        AND corrections.billing_account IS NOT DISTINCT FROM reconciliation.billing_account
    WHERE corrections.posting_month = ? AND corrections.reason = 'exchange_rate'
        AND corrections.status IN ('posts', 'posted')
    GROUP BY ALL
    ORDER BY ALL
"""


def foreign_invoices(
    connection: duckdb.DuckDBPyConnection, month: date, currency: str
) -> ExportTable | None:
    """One row per account whose invoice is in another currency, and one per account and closed
    month of which the rate became another; None where there is neither.

    `accounted` is what chargeback.csv has of the account without corrections of other months: all
    of `entered` at the one rate of the month. Of an exchange it is the difference.
    """
    foreign = fetch_rows(connection, ROWS, month)
    exchanges = fetch_rows(connection, EXCHANGES, month)
    if not foreign and not exchanges:
        return None
    unit, places = unit_of(currency), places_of(currency)
    accounted: dict[tuple[str, str | None], int] = {}
    for line in posted_lines(connection, month, unit):
        account = (line.row["provider"], line.row["billing_account"])
        of_month = line.total - line.cents["correction"]
        accounted[account] = accounted.get(account, 0) + of_month
    cents = [accounted.get((row["provider"], row["billing_account"]), 0) for row in foreign]
    cents += [nearest_cents(pico(row["amount"]), unit) for row in exchanges]
    rows = [
        _cells(row, cents_decimal(of_account, places), month, currency)
        for row, of_account in zip([*foreign, *exchanges], cents, strict=True)
    ]
    return ExportTable(COLUMNS, rows, {"accounted": cents_text(sum(cents), places)})


def _cells(row: Mapping[str, Any], accounted: Decimal, month: date, currency: str) -> list[Cell]:
    corrects: date | None = row.get("billing_month")
    said: Mapping[str, Cell] = {
        "period": f"{month:%Y-%m}",
        "vendor": row["provider"],
        "billing_account": row["billing_account"],
        "invoice_id": row["invoice_id"],
        "entered_currency": row["billing_currency"],
        "entered": _in_cents(row.get("entered", Decimal()), row["billing_currency"]),
        "currency": currency,
        "accounted": accounted,
        "fx_rate": row["fx_rate_id"],
        "status": row["invoice_status"],
        "kind": EXCHANGE if corrects else INVOICE,
        "invoice_period": f"{corrects or month:%Y-%m}",
    }
    return [said[name] for name in COLUMNS]


def _in_cents(amount: Decimal, currency: str) -> Decimal:
    return cents_decimal(nearest_cents(pico(amount), unit_of(currency)), places_of(currency))
