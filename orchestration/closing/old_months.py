"""Of which closed months the requests are archived."""

from ingestion.workspace.settings import Workspace
from orchestration.ledger.books import open_ledger
from orchestration.publishing.archive import Archive


def archive_of(workspace: Workspace) -> Archive:
    """Of closed months all but the newest `keep_requests_months`; one that is open never."""
    kept = workspace.keep_requests_months
    closed = sorted(each.month for each in open_ledger(workspace).months()) if kept else []
    return Archive(workspace.archive, frozenset(closed[: len(closed) - kept] if kept else ()))
