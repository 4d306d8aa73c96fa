"""What leaves of a month in FOCUS: rows of mart_focus, and what it posts of corrections of closed
months, of which no bill has a line.

mart_focus says what is known of each month now; files of a closed month are as it was closed, and
what is corrected of it is in the files of the month that posts it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Final

import duckdb

# Of mart_focus, the same in all rows of a provider.
OF_PROVIDER: Final = (
    *("BillingAccountType", "InvoiceIssuerName", "ProviderName", "PublisherName"),
    *("ServiceCategory", "ServiceName", "ServiceSubcategory"),
)
# The first parameter is the month.
ROWS: Final = """
    SELECT * FROM main.mart_focus WHERE "BillingPeriodStart" = CAST($1 AS TIMESTAMP)
"""
POSTED: Final = (
    "FROM main.mart_corrections WHERE posting_month = ? AND status IN ('posts', 'posted')"
)
# In the currency of the workspace's books. Names and invoices are asked of all months.
CORRECTIONS: Final = """
    UNION ALL BY NAME
    SELECT
        {billed} AS "BilledCost",
        billing_account AS "BillingAccountId",
        currency AS "BillingCurrency",
        CAST(posting_month + INTERVAL 1 MONTH AS TIMESTAMP) AS "BillingPeriodEnd",
        CAST(posting_month AS TIMESTAMP) AS "BillingPeriodStart",
        CASE reason WHEN 'credit_note' THEN 'Credit' ELSE 'Adjustment' END AS "ChargeCategory",
        'Correction' AS "ChargeClass",
        'correction of ' || strftime(billing_month, '%Y-%m') || ': ' || reason
            AS "ChargeDescription",
        'One-Time' AS "ChargeFrequency",
        CAST(billing_month + INTERVAL 1 MONTH AS TIMESTAMP) AS "ChargePeriodEnd",
        CAST(billing_month AS TIMESTAMP) AS "ChargePeriodStart",
        amount AS "ContractedCost",
        amount AS "EffectiveCost",
        -- what is corrected is of that month's invoice, which so has its own sum over all files
        invoices."InvoiceId",
        amount AS "ListCost",
        CAST(json_object('feature', feature, 'team', team,
            'cost_center', coalesce(cost_center, '__unallocated__')) AS VARCHAR) AS "Tags",
        'correction' AS "x_AllocationMethod",
        {billed} AS "x_BilledCostInReportingCurrency",
        amount AS "x_EffectiveCostInReportingCurrency",
        currency AS "x_ReportingCurrency",
        concat_ws('/', 'correction', strftime(billing_month, '%Y-%m'), provider, billing_account,
            reason, part) AS "x_ChargeId",
        'adjustment' AS "x_ChargeKind",
        provider AS "x_Provider",
        {names}
    FROM main.mart_corrections
    LEFT JOIN (
        SELECT "x_Provider" AS named, {named} FROM main.mart_focus GROUP BY "x_Provider"
    ) AS providers ON provider = named
    LEFT JOIN (
        SELECT "x_Provider", "BillingAccountId", "BillingPeriodStart",
            max("InvoiceId") AS "InvoiceId"
        FROM main.mart_focus
        GROUP BY ALL
    ) AS invoices
        ON provider = invoices."x_Provider"
        AND billing_account IS NOT DISTINCT FROM invoices."BillingAccountId"
        AND CAST(billing_month AS TIMESTAMP) = invoices."BillingPeriodStart"
    WHERE posting_month = $1 AND status IN ('posts', 'posted')
"""


def focus_rows(
    connection: duckdb.DuckDBPyConnection, month: date, columns: Collection[str], basis: str
) -> str:
    """`columns`: of mart_focus. What chargeback corrects at effective cost was billed before."""
    if not connection.execute(POSTED, [month]).fetchone():
        return ROWS
    names = [name for name in OF_PROVIDER if name in columns]
    return ROWS + CORRECTIONS.format(
        billed="amount" if basis == "billed" else "CAST(0 AS DECIMAL(38, 12))",
        names=", ".join(f'providers."{name}"' for name in names),
        named=", ".join(f'max("{name}") AS "{name}"' for name in names),
    )


@contextmanager
def at_once(
    connection: duckdb.DuckDBPyConnection, table: str, rows: str, month: date
) -> Iterator[str]:
    """A table of a month's rows that are asked for several times: the mart is a view that costs."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {rows}", [month])
    try:
        yield f"SELECT * FROM {table}"
    finally:
        connection.execute(f"DROP TABLE {table}")
