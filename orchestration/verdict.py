"""What is wrong although marts were published: sources, invoices, and months that do not tie."""

from ingestion.workspace import Workspace
from orchestration.billing_currencies import refused_invoices
from orchestration.exports import month_statuses, not_tied_reason
from orchestration.invoice_hints import invoice_hints
from orchestration.published_marts import open_marts
from orchestration.source_states import failures


def problems(workspace: Workspace) -> list[str]:
    """One sentence each; empty when all is well."""
    with open_marts(workspace.marts) as connection:
        months = [
            month for month, status in month_statuses(connection).items() if status == "not_tied"
        ]
        not_tied = [
            f"{not_tied_reason(connection, month)}: chargeback.csv of that month is refused"
            for month in months
        ]
        for month in months:
            not_tied += invoice_hints(connection, workspace, month)
    return failures(workspace) + refused_invoices(workspace) + not_tied
