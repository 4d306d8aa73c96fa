"""What is wrong although marts were published: sources, invoices, months untied or on lost logs."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_completeness import incomplete_reason, losses
from orchestration.checks.month_status import NOT_TIED, month_statuses, not_tied_reason
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin
from orchestration.running.source_states import failures

REFUSED = "chargeback.csv of that month is refused"


def problems(workspace: Workspace) -> list[str]:
    """One sentence each; empty when all is well."""
    with open_marts(workspace.marts) as connection:
        left_out = list(read_origin(connection).left_out)
        statuses = month_statuses(connection)
        months = [month for month, status in statuses.items() if status == NOT_TIED]
        not_tied = [f"{not_tied_reason(connection, month)}: {REFUSED}" for month in months]
        for month in months:
            not_tied += invoice_hints(connection, workspace, month)
        incomplete = [
            f"{incomplete_reason(month, lost, workspace.currency)}: {REFUSED}"
            for month, lost in losses(connection, accepted=False).items()
        ]
    return failures(workspace) + left_out + not_tied + incomplete


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
                f" AND coalesce(kind, 'usage') = 'usage' AND coalesce(covers, 'ai') = 'ai'"
                f" AND {SILENT[column]} ORDER BY line",
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
