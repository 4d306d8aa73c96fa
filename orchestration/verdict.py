"""What is wrong although marts were published: failed sources and months that do not tie."""

from ingestion.workspace import Workspace
from orchestration.exports import month_statuses, not_tied_reason
from orchestration.published_marts import open_marts
from orchestration.source_states import failed_sources


def problems(workspace: Workspace) -> list[str]:
    """One sentence each; empty when all is well."""
    failed = [
        f"source {name} could not be read: {message}"
        for name, message in failed_sources(workspace).items()
    ]
    with open_marts(workspace.marts) as connection:
        not_tied = [
            f"{not_tied_reason(connection, month)}: chargeback.csv of that month is refused"
            for month, status in month_statuses(connection).items()
            if status == "not_tied"
        ]
    return failed + not_tied
