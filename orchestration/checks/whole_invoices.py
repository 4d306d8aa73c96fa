"""Invoices that cover all services of a cloud, where the bill has rows of AI alone.

Such an invoice does not count: what of it is other services nobody knows.
"""

from typing import Final

import duckdb

MODEL: Final = "stg_landing__foreign_charges"
_ALONE: Final = f"""
    SELECT line, invoice_id, provider, billing_account, billing_month, currency
    FROM landing.invoices AS invoices
    WHERE covers = 'all' AND NOT EXISTS (
        FROM staging.{MODEL} AS others
        WHERE others.provider = invoices.provider
            AND others.billing_account = invoices.billing_account
            AND others.billing_month = invoices.billing_month
            AND others.billing_currency = invoices.currency
    )
    ORDER BY line
"""


def without_other_services(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence each."""
    return [
        f"invoices.csv:{line}: covers: {invoice} covers all, and of {provider} {account} in"
        f" {month:%Y-%m} no bill has a row of another service in {currency}: write ai, or have the"
        " export carry all services"
        for line, invoice, provider, account, month, currency in warehouse.execute(
            _ALONE
        ).fetchall()
    ]
