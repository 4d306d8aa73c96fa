"""The months of the marts: which there are, how each stands, and why one is not tied."""

from datetime import date
from typing import Final

import duckdb

CLOSED: Final = "closed"
BILLED: Final = "billed"
NOT_TIED: Final = "not_tied"
INCOMPLETE: Final = "incomplete"
ESTIMATED: Final = "estimated"
# of an estimated month that a soft close accrued, and of the same once its invoices are there
ACCRUED: Final = "accrued"
SOFT_CLOSED: Final = "soft_closed"
# of a line that a team disputes, whatever its month is
HELD: Final = "held"


def parse_month(text: str) -> date:
    """`2026-10` -> its first day; raises ValueError."""
    if len(text) != 7:
        raise ValueError(f"`{text}` is not a month: write it as 2026-10")
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ValueError(f"`{text}` is not a month: write it as 2026-10") from error


def month_statuses(connection: duckdb.DuckDBPyConnection) -> dict[date, str]:
    """Every month of the marts with its status; `estimated` where only showback has it."""
    rows = connection.execute(
        "SELECT DISTINCT billing_month, status FROM main.mart_chargeback_monthly"
        f" WHERE status <> '{HELD}'"
        f" UNION ALL SELECT DISTINCT showback_month, '{ESTIMATED}' FROM main.mart_showback_monthly"
        " WHERE showback_month NOT IN (SELECT billing_month FROM main.mart_chargeback_monthly)"
        " ORDER BY 1"
    ).fetchall()
    return dict(rows)


def not_tied_reason(connection: duckdb.DuckDBPyConnection, month: date) -> str:
    """Which accounts of the month differ from their invoice, and by how much."""
    rows = connection.execute(
        "SELECT provider, billing_account, invoice_amount, allocated, foreign_services, unexplained"
        " FROM main.mart_reconciliation_monthly"
        " WHERE billing_month = ? AND unexplained <> 0 ORDER BY ALL",
        [month],
    ).fetchall()
    accounts = "; ".join(
        f"{provider} {account}: invoice {invoice:f}, allocated {allocated:f},"
        + (f" other services {foreign:f}," if foreign else "")
        + f" unexplained {unexplained:f}"
        for provider, account, invoice, allocated, foreign, unexplained in rows
    )
    return f"{month:%Y-%m} is not tied to its invoices" + (f": {accounts}" if accounts else "")
