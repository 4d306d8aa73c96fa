"""What an estimated month waits for, and bills that stopped while logs go on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import duckdb

from orchestration.checks.month_completeness import money_text

# Providers publish a day's costs within one to three days.
USUAL_LAG: Final = timedelta(days=3)
MODELS: Final = ("fct_charges", "fct_cost_allocations")
# Of each account: the last day that its bill charges, and that its logs are of.
ACCOUNTS: Final = """
    WITH billed AS (
        SELECT
            provider, billing_account_id AS billing_account,
            max(CAST(charge_period_end - INTERVAL 1 MICROSECOND AS DATE)) AS last_day
        FROM main.fct_charges
        WHERE charge_category = 'Usage' AND source <> 'invoices.csv' AND charge_kind <> 'capacity'
        GROUP BY 1, 2
    ),
    logged AS (
        SELECT provider, billing_account, max(usage_date) AS last_day
        FROM main.fct_cost_allocations WHERE cell_id IS NOT NULL
        GROUP BY 1, 2
    )
    SELECT logged.provider, logged.billing_account, billed.last_day, logged.last_day
    FROM logged LEFT JOIN billed USING (provider, billing_account)
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Ends:
    """The last day that an account's bill charges, None where it never did, and of its logs."""

    provider: str
    account: str
    billed: date | None
    logged: date


def ends(connection: duckdb.DuckDBPyConnection) -> list[Ends]:
    """Of published marts, or a warehouse with MODELS."""
    return [Ends(*row) for row in connection.execute(ACCOUNTS).fetchall()]


def stopped_bills(found: Iterable[Ends]) -> list[str]:
    """A sentence for each bill that ends days before the logs of its account."""
    return [
        f"{each.provider} {each.account}: its bill ends on {each.billed}, its logs go on until"
        f" {each.logged}: pull or save the bill of the days since then"
        for each in found
        if each.billed is not None and each.logged - each.billed > USUAL_LAG
    ]


def waits_for(connection: duckdb.DuckDBPyConnection, month: date, currency: str) -> list[str]:
    """What an estimated month waits for, by account."""
    rows = connection.execute(
        "SELECT provider, billing_account, invoice_status = 'missing', estimated_cost"
        " FROM main.mart_reconciliation_monthly WHERE billing_month = ?"
        " AND (invoice_status = 'missing' OR coalesce(estimated_cost, 1) <> 0) ORDER BY 1, 2",
        [month],
    ).fetchall()
    last = {(each.provider, each.account): each.billed for each in ends(connection)}
    told = []
    for provider, account, has_no_invoice, estimated in rows:
        if estimated is None or estimated:
            amount = "unknown" if estimated is None else money_text(estimated, currency)
            billed = last.get((provider, account))
            since = f", which ends on {billed}" if billed else ""
            told.append(f"the bill of {provider} {account}{since} (estimated: {amount} {currency})")
        if has_no_invoice:
            told.append(f"the invoice of {provider} {account} in invoices.csv")
    return told
