"""What left of closed months and of accruals: put back wherever it is not as it left."""

from datetime import date

from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import ACCRUED, CLOSED
from orchestration.exports.accruals import FOLDER
from orchestration.exports.as_left import FilesAsLeft
from orchestration.exports.manifest import MANIFEST
from orchestration.exports.months import Exported, export_month
from orchestration.ledger.books import ClosedMonth, Ledger, open_accruals, open_ledger
from orchestration.ledger.contract import EXPORTS


def export_closed_months(workspace: Workspace) -> list[Exported]:
    """Puts back what left of them, and of their accruals, wherever it is not as it left."""
    ledger, accruals, known = (
        open_ledger(workspace),
        open_accruals(workspace),
        FilesAsLeft(workspace),
    )
    exported = [
        *(_export_accrual(workspace, accruals, month, known) for month in accruals.months()),
        *(_export_closed(workspace, ledger, month, known) for month in ledger.months()),
    ]
    known.save()
    return [each for each in exported if each is not None]


def _export_accrual(
    workspace: Workspace, accruals: Ledger, month: ClosedMonth, known: FilesAsLeft
) -> Exported | None:
    folder = open_storage(workspace.exports).child(f"{month.month:%Y-%m}/{FOLDER}")
    return _put_back(folder, accruals, month, ACCRUED, known)


def _export_closed(
    workspace: Workspace, ledger: Ledger, month: ClosedMonth, known: FilesAsLeft
) -> Exported | None:
    folder = open_storage(workspace.exports).child(f"{month.month:%Y-%m}")
    return _put_back(folder, ledger, month, CLOSED, known)


def _put_back(
    folder: Storage, ledger: Ledger, month: ClosedMonth, status: str, known: FilesAsLeft
) -> Exported | None:
    """None where all of it is there as it left."""
    if known.hold(folder, month.below(EXPORTS)):
        return None
    files = ledger.contents(month, EXPORTS)
    # the manifest last: it makes a bucket's folder whole
    manifest = {MANIFEST: files.pop(MANIFEST)}
    folder.put_all({**files, **manifest}, [])
    return Exported(f"{month.month:%Y-%m}", status, folder.location, "")


def export_month_again(workspace: Workspace, month: date) -> Exported:
    """Of an open month from the marts, of a closed one from its ledger; of an accrual always."""
    ledger, accruals, known = (
        open_ledger(workspace),
        open_accruals(workspace),
        FilesAsLeft(workspace),
    )
    if accrual := accruals.month(month):
        _export_accrual(workspace, accruals, accrual, known)
    closed = ledger.month(month)
    if closed is None:
        return export_month(workspace, month)
    folder = open_storage(workspace.exports).child(f"{month:%Y-%m}").location
    put_back = _export_closed(workspace, ledger, closed, known)
    return put_back or Exported(f"{month:%Y-%m}", CLOSED, folder, "")
