"""`exports/<YYYY-MM>/`: what leaves for finance. The same marts give the same bytes."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import duckdb

from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.checks.month_completeness import incomplete_reason, losses, money_text
from orchestration.checks.month_status import CLOSED, NOT_TIED, month_statuses, not_tied_reason
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.tables import ExportTable, chargeback, showback
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin
from orchestration.terminal.csv_text import csv_bytes

CHARGEBACK: Final = "chargeback.csv"
SHOWBACK: Final = "showback.csv"
MANIFEST: Final = "manifest.json"

# Files of a closed month's journals by name, and what the manifest says of them.
Journals = tuple[Mapping[str, bytes], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Exported:
    """`refused`: why chargeback.csv was not written, or empty; `withdrawn`: one was there."""

    month: str
    status: str
    folder: str
    refused: str
    withdrawn: bool = False


def refusal(connection: duckdb.DuckDBPyConnection, month: date, status: str) -> str:
    """Why the month's chargeback.csv is not written; empty where it is."""
    lost = losses(connection, accepted=False).get(month, [])
    reasons = [not_tied_reason(connection, month)] if status == NOT_TIED else []
    if lost:
        reasons.append(incomplete_reason(month, lost, str(currency_of(connection))))
    return "; ".join(reasons)


def export_open_months(workspace: Workspace) -> list[Exported]:
    """Writes the files of every month that is not closed."""
    with open_marts(workspace.marts) as connection:
        return [
            _export(connection, workspace, month, status)
            for month, status in month_statuses(connection).items()
            if status != CLOSED
        ]


def export_month(workspace: Workspace, month: date) -> Exported:
    """Writes one month's files again, byte for byte the same."""
    with open_marts(workspace.marts) as connection:
        statuses = month_statuses(connection)
        if month not in statuses:
            known = ", ".join(f"{known:%Y-%m}" for known in statuses) or "none"
            raise WorkspaceError(f"{month:%Y-%m}: the marts have no such month: they have {known}")
        return _export(connection, workspace, month, statuses[month])


def _export(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, month: date, status: str
) -> Exported:
    folder = open_storage(workspace.exports).child(f"{month:%Y-%m}")
    refused = refusal(connection, month, status)
    names = [info.name for info in folder.list(may_be_missing=True)] if refused else []
    # a chargeback.csv of an earlier run would look as if finance could post it
    gone = [CHARGEBACK] if refused else []
    folder.put_all(month_files(connection, month, status, refused), gone)
    return Exported(f"{month:%Y-%m}", status, folder.location, refused, CHARGEBACK in names)


def month_files(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    status: str,
    refused: str = "",
    journals: Journals = ({}, {}),
) -> dict[str, bytes]:
    """What leaves of a month, the manifest last; without chargeback.csv where it is refused."""
    origin = read_origin(connection)
    made_of = (connection, month, origin.chargeback_basis, currency_of(connection) or "")
    tables = {SHOWBACK: showback(*made_of)}
    if not refused:
        tables[CHARGEBACK] = chargeback(*made_of, status, GlAccounts(origin.accounts, month))
    files = {name: csv_bytes(table.columns, table.rows) for name, table in tables.items()}
    manifest: dict[str, Any] = {
        "company": origin.company,
        "month": f"{month:%Y-%m}",
        "status": status,
        "currency": currency_of(connection),
        "chargeback_basis": origin.chargeback_basis,
        "files": {name: _described(table, files[name]) for name, table in tables.items()},
        "refused": {CHARGEBACK: refused} if refused else {},
        "accepted_losses": [
            {
                "gateway": loss.gateway,
                "what": loss.what,
                "uncovered_cost": money_text(loss.uncovered, currency_of(connection) or ""),
            }
            for loss in losses(connection, accepted=True).get(month, [])
        ],
        "failed_sources": dict(origin.failed_sources),
    }
    entries, said = journals
    if said:
        manifest["journals"] = said
    return {**files, **entries, MANIFEST: _json(manifest)}


def currency_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Of all months; None where the marts have no chargeback."""
    [row] = connection.execute("SELECT min(currency) FROM main.mart_chargeback_monthly").fetchall()
    return None if row[0] is None else str(row[0])


def _described(table: ExportTable, data: bytes) -> Mapping[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {"rows": len(table.rows), "sha256": digest, "totals": dict(table.totals)}


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


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
