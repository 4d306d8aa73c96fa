"""Who accepts corrections that do not post by themselves: written down before they post."""

import getpass
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime

from ingestion.workspace.settings import Workspace
from orchestration.ledger.books import open_ledger
from orchestration.ledger.contract import ACCEPTED


def accept(workspace: Workspace, month: date, reasons: Iterable[str], why: str) -> None:
    """Corrections for these reasons post with `month`; accepted once, it stays accepted."""
    accepted = open_ledger(workspace).storage.child(ACCEPTED)
    for reason in sorted(set(reasons)):
        said = {
            "posting_month": f"{month:%Y-%m}",
            "reason": reason,
            "accepted_by": getpass.getuser(),
            "accepted_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "why": why,
        }
        data = json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        accepted.create(f"{month:%Y-%m}-{reason}.json", data.encode())
