"""What is wrong although marts were published: sources, invoices, months untied or on lost logs."""

from ingestion.workspace.settings import Workspace
from orchestration.checks.invoice_hints import invoice_hints
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
