"""Exports of open months that the marts no longer have: finance could still post them."""

import json
import re
from collections.abc import Collection

from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import CLOSED, month_statuses
from orchestration.exports.months import CHARGEBACK, MANIFEST, SHOWBACK
from orchestration.publishing.marts import open_marts


def remove_vanished_months(workspace: Workspace) -> list[str]:
    """Removes what earlier runs exported of them; the folders. Closed months stay for ever."""
    with open_marts(workspace.marts) as connection:
        known = {f"{month:%Y-%m}" for month in month_statuses(connection)}
    exports = open_storage(workspace.exports)
    removed = []
    for month in _exported_months(exports, known):
        folder = exports.child(month)
        if _is_open(folder):
            # the manifest last: a removal that was cut off goes on at the next run
            for name in (CHARGEBACK, SHOWBACK, MANIFEST):
                folder.delete(name)
            removed.append(folder.location)
    return removed


def _exported_months(exports: Storage, known: Collection[str]) -> list[str]:
    """Months with a manifest that are not `known`."""
    folders = {
        info.name.partition("/")[0]
        for info in exports.list(may_be_missing=True)
        if re.fullmatch(rf"\d{{4}}-\d\d/{re.escape(MANIFEST)}", info.name)
    }
    return sorted(folders - set(known))


def _is_open(folder: Storage) -> bool:
    """False where the manifest cannot be read: what is not known to be open is not touched."""
    try:
        manifest = json.loads(folder.get(MANIFEST).data)
        return bool(manifest["status"] != CLOSED)
    except (ValueError, KeyError, TypeError):
        return False
