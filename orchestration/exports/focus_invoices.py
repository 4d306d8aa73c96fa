"""FOCUS 1.4's invoice detail and billing period of a month.

What a bill does not tell is empty, also where 1.4 asks for it: when a record was made, terms and
due date. A moment of writing would be another one each time.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.checks.month_status import CLOSED
from orchestration.exports.focus_rows import at_once
from orchestration.exports.tables import ExportTable

INVOICE_DETAIL: Final = "focus_1_4_invoice_detail.csv"
BILLING_PERIOD: Final = "focus_1_4_billing_period.csv"
# Column -> what it is of the rows of mart_focus of one invoice, service and category.
DETAILS: Final = {
    "BilledCost": 'sum("BilledCost")',
    "BillingAccountId": '"BillingAccountId"',
    "BillingCurrency": '"BillingCurrency"',
    "BillingPeriodEnd": "{end}",
    "BillingPeriodStart": "{start}",
    "ChargeCategory": '"ChargeCategory"',
    "InvoiceDetailCreated": "NULL",
    "InvoiceDetailDescription": '"ServiceName" || \', \' || lower("ChargeCategory")',
    "InvoiceDetailGrain": "CAST(json_object('ServiceName', \"ServiceName\") AS VARCHAR)",
    "InvoiceDetailId": 'concat_ws(\'/\', "InvoiceId", "ServiceName", "ChargeCategory")',
    "InvoiceDetailLastUpdated": "NULL",
    "InvoiceId": '"InvoiceId"',
    "InvoiceIssueDate": "NULL",
    "InvoiceIssueStatus": "'Issued'",
    "InvoiceIssuerName": '"InvoiceIssuerName"',
    "PaymentDueDate": "NULL",
    "PaymentTerms": "NULL",
    "ReferenceInvoiceId": '"InvoiceId"',
}
GRAIN: Final = (
    *("InvoiceIssuerName", "BillingAccountId", "InvoiceId", "BillingCurrency"),
    *("ServiceName", "ChargeCategory"),
)
OF_INVOICES: Final = "lines_of_invoices"
LINES: Final = f"""
    SELECT
        {", ".join(f'"{name}"' for name in GRAIN)},
        "BillingPeriodStart",
        sum("BilledCost") AS "BilledCost",
        count(*) FILTER ("BilledCost" <> 0) AS billed_rows
    FROM main.mart_focus
    WHERE "BillingPeriodStart" = CAST(? AS TIMESTAMP)
    GROUP BY ALL
"""
PERIODS: Final = {
    "BillingPeriodCreated": "NULL",
    "BillingPeriodEnd": "{end}",
    "BillingPeriodLastUpdated": "NULL",
    "BillingPeriodStart": "{start}",
    "BillingPeriodStatus": "{status}",
    "InvoiceIssuerName": '"InvoiceIssuerName"',
}


def invoice_tables(
    connection: duckdb.DuckDBPyConnection, month: date, status: str
) -> dict[str, ExportTable]:
    """By file. Lines of an invoice sum to its charges; what has no invoice yet has no line."""
    with at_once(connection, OF_INVOICES, LINES, month) as lines:
        has_invoice = f'{lines} WHERE "InvoiceId" IS NOT NULL'
        details = _table(connection, has_invoice, status, DETAILS, GRAIN)
        periods = _table(connection, lines, status, PERIODS, ("InvoiceIssuerName",))
    billed: dict[str, Decimal] = {}
    for row in details.rows:
        cost, currency = Decimal(str(row[0])), str(row[2])
        billed[f"BilledCost {currency}"] = billed.get(f"BilledCost {currency}", Decimal(0)) + cost
    totals = {name: f"{cost:f}" for name, cost in sorted(billed.items())}
    return {
        INVOICE_DETAIL: ExportTable(details.columns, details.rows, totals),
        BILLING_PERIOD: periods,
    }


def _table(
    connection: duckdb.DuckDBPyConnection,
    lines: str,
    status: str,
    columns: Mapping[str, str],
    grain: Sequence[str],
) -> ExportTable:
    keys = ", ".join(f'"{name}"' for name in grain)
    said = {
        "start": "strftime(\"BillingPeriodStart\", '%Y-%m-%dT00:00:00Z')",
        "end": "strftime(\"BillingPeriodStart\" + INTERVAL 1 MONTH, '%Y-%m-%dT00:00:00Z')",
        "status": "'Closed'" if status == CLOSED else "'Open'",
    }
    named = ", ".join(f'{sql.format(**said)} AS "{name}"' for name, sql in columns.items())
    rows = connection.execute(
        f'SELECT {named} FROM ({lines}) GROUP BY {keys}, "BillingPeriodStart"'
        f" HAVING sum(billed_rows) > 0 ORDER BY {keys}"
    ).fetchall()
    return ExportTable(tuple(columns), [list(row) for row in rows])
