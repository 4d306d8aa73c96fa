"""What to write into invoices.csv where an invoice does not say what of it is tax or credit."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import duckdb

from ingestion.workspace.settings import Workspace

UNTIED: Final = (
    "SELECT provider, billing_account, unexplained FROM main.mart_reconciliation_monthly"
    " WHERE billing_month = ? AND unexplained <> 0 ORDER BY ALL"
)
SILENT: Final = {
    "credits": "amount < 0 AND credits IS NULL",
    "tax": "amount > 0 AND tax IS NULL",
}


def invoice_hints(
    marts: duckdb.DuckDBPyConnection, workspace: Workspace, month: date
) -> Iterator[str]:
    """One for each silent invoice of an account that does not tie, lines of invoices.csv first.

    Less than what was billed may be a credit note, more may be tax.
    """
    if not workspace.warehouse.exists():
        return
    with duckdb.connect(workspace.warehouse, read_only=True) as warehouse:
        for provider, account, unexplained in marts.execute(UNTIED, [month]).fetchall():
            column = "credits" if unexplained < 0 else "tax"
            rows = warehouse.execute(
                "SELECT line, invoice_id, amount - coalesce(tax, 0) FROM landing.invoices"
                " WHERE provider = ? AND billing_account = ? AND billing_month = ?"
                f" AND coalesce(kind, 'usage') = 'usage' AND {SILENT[column]} ORDER BY line",
                [provider, account, month],
            ).fetchall()
            for line, invoice, amount in rows:
                part = amount if column == "credits" else unexplained
                what = column.removesuffix("s")
                yield (
                    f"invoices.csv:{line}: {column}: {invoice} does not say how much of it is"
                    f" {what}: write {part.normalize():f} there, or what of it is {what} and not in"
                    " the lines of the bill"
                )
