"""The rows of a month's reconciliation.csv: how each account's invoice was explained."""

from datetime import date
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
from orchestration.cents.posted import posted_lines
from orchestration.cents.reconciled import Reconciled, all_causes, reconciled_accounts
from orchestration.exports.tables import Cell, ExportTable

BEFORE_CAUSES: Final = (
    *("period", "vendor", "billing_account", "invoice_id", "invoice", "billed", "requests"),
)
AFTER_CAUSES: Final = ("allocated", "other_services", "difference", "currency", "basis")


def reconciliation(
    connection: duckdb.DuckDBPyConnection, month: date, basis: str, currency: str
) -> ExportTable:
    """One row per account: its invoice, what was billed and where it went, by cause, in cents.

    `difference` is the invoice less what was allocated and what other services cost, 0.00 where
    the month is tied; empty without an invoice.
    """
    unit, places = unit_of(currency), places_of(currency)
    posted = {month: posted_lines(connection, month, unit)}
    causes = all_causes(connection)
    columns = (*BEFORE_CAUSES, *causes, *AFTER_CAUSES)
    said: dict[str, Cell] = {"period": f"{month:%Y-%m}", "currency": currency, "basis": basis}
    rows: list[list[Cell]] = []
    sums: dict[str, int] = {}
    for account in reconciled_accounts(connection, posted, unit, month):
        cents = _cents(account, causes, unit)
        for name, amount in cents.items():
            sums[name] = sums.get(name, 0) + amount
        cells: dict[str, Cell] = {
            **said,
            "vendor": account.row["provider"],
            "billing_account": account.row["billing_account"],
            "invoice_id": account.row["invoice_id"],
            **{name: cents_decimal(amount, places) for name, amount in cents.items()},
        }
        rows.append([cells.get(name) for name in columns])
    totals = {name: cents_text(amount, places) for name, amount in sorted(sums.items())}
    return ExportTable(columns, rows, totals)


def _cents(account: Reconciled, causes: list[str], unit: int) -> dict[str, int]:
    cents = {
        "billed": nearest_cents(pico(account.row["billed"]), unit),
        "requests": account.requests,
        **{cause: account.causes.get(cause, 0) for cause in causes},
        "allocated": account.allocated,
        "other_services": account.other_services,
    }
    if account.invoice is not None:
        explained = account.allocated + account.other_services
        cents |= {"invoice": account.invoice, "difference": account.invoice - explained}
    return cents
