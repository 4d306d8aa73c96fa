"""`exports/<YYYY-MM>/`: what leaves for finance. The same marts give the same bytes."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import duckdb

from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.checks.month_completeness import incomplete_reason, losses
from orchestration.checks.month_status import CLOSED, NOT_TIED, month_statuses, not_tied_reason
from orchestration.exports.as_written import FilesAsWritten
from orchestration.exports.currencies import foreign_invoices
from orchestration.exports.focus import focus_files
from orchestration.exports.focus_invoices import invoice_tables
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.made_of import MadeOf
from orchestration.exports.manifest import (
    MANIFEST,
    Described,
    currency_of,
    manifest_bytes,
    manifest_said,
)
from orchestration.exports.rates import has_rates, missing_rates
from orchestration.exports.reconciliation import reconciliation
from orchestration.exports.site.figures import Figures
from orchestration.exports.site.pages import FOLDER as SITE
from orchestration.exports.site.pages import SIGNALS, site_files
from orchestration.exports.tables import RECOVERY_COLUMNS, chargeback
from orchestration.exports.team_folders import FOLDER, folder_names, tables_by_team
from orchestration.exports.workbook import workbook_bytes
from orchestration.publishing.marts import open_marts
from orchestration.terminal.csv_text import csv_bytes

CHARGEBACK: Final = "chargeback.csv"
SHOWBACK: Final = "showback.csv"
# Of months in which rate_card.csv charges a team something else than it cost.
RECOVERY: Final = "recovery.csv"
# Of months with an invoice in another currency than the workspace's.
CURRENCIES: Final = "currencies.csv"
RECONCILIATION: Final = "reconciliation.csv"
WORKBOOK: Final = "tables.xlsx"
TEAM_FILES: Final = (CHARGEBACK, RECOVERY, SHOWBACK)
_TEAM_FILE: Final = re.compile(
    rf"{FOLDER}/[^/]+/({'|'.join(map(re.escape, TEAM_FILES))})|{SITE}/teams/[^/]+\.html"
)

# Files of a closed month's journals by name, and what the manifest says of them.
Journals = tuple[Mapping[str, bytes], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Exported:
    """`refused`: why chargeback.csv was not written, or empty; `withdrawn`: one was there.
    `stands`: nothing was written, as all of it was there.
    """

    month: str
    status: str
    folder: str
    refused: str
    withdrawn: bool = False
    stands: bool = False


def refusal(connection: duckdb.DuckDBPyConnection, month: date, status: str) -> str:
    """Why the month's chargeback.csv is not written; empty where it is."""
    lost = losses(connection, accepted=False).get(month, [])
    reasons = [not_tied_reason(connection, month)] if status == NOT_TIED else []
    reasons += missing_rates(connection, month)
    if lost:
        reasons.append(incomplete_reason(month, lost, str(currency_of(connection))))
    return "; ".join(reasons)


def export_open_months(
    workspace: Workspace, is_as_left: Callable[[], bool] = lambda: False
) -> list[Exported]:
    """Writes the files of every month that is not closed, where they are not what they would be.

    `is_as_left`: whether the marts are as their publish left them, asked once they are open.
    """
    with open_marts(workspace.marts) as connection:
        figures = Figures(connection, currency_of(connection) or "")
        statuses = month_statuses(connection)
        made_of = MadeOf(connection, statuses, as_left=is_as_left())
        written = FilesAsWritten(workspace)
        exported = [
            _export(connection, workspace, month, status, figures, (made_of.of(month), written))
            for month, status in statuses.items()
            if status != CLOSED
        ]
        written.save()
    return exported


def export_month(workspace: Workspace, month: date) -> Exported:
    """Writes one month's files again, byte for byte the same."""
    with open_marts(workspace.marts) as connection:
        statuses = month_statuses(connection)
        if month not in statuses:
            known = ", ".join(f"{known:%Y-%m}" for known in statuses) or "none"
            raise WorkspaceError(f"{month:%Y-%m}: the marts have no such month: they have {known}")
        return _export(connection, workspace, month, statuses[month])


def _export(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    month: date,
    status: str,
    figures: Figures | None = None,
    known: tuple[str, FilesAsWritten] | None = None,
) -> Exported:
    """`known`: what the month's files are made of, and which were written of what."""
    folder = open_storage(workspace.exports).child(f"{month:%Y-%m}")
    refused = refusal(connection, month, status)
    names = [info.name for info in folder.list(may_be_missing=True)]
    done = Exported(f"{month:%Y-%m}", status, folder.location, refused)
    if known:
        made_of, written = known
        there = written.of(done.month, folder, made_of)
        if there and not any(name in names for name in _gone(names, there)):
            return replace(done, stands=True)
    files = month_files(connection, month, status, refused, figures=figures)
    folder.put_all(files, _gone(names, files))
    if known:
        written.note(done.month, made_of, files)
    return replace(done, withdrawn=bool(refused) and CHARGEBACK in names)


def _gone(names: Iterable[str], files: Collection[str]) -> list[str]:
    """Of a team that has no line any more; a chargeback.csv of an earlier run would look as if
    finance could post it.
    """
    may_go = (CHARGEBACK, RECOVERY, CURRENCIES, f"{SITE}/{SIGNALS}")
    gone = [name for name in names if _TEAM_FILE.fullmatch(name) and name not in files]
    return gone + [name for name in may_go if name not in files]


def month_files(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    status: str,
    refused: str = "",
    journals: Journals = ({}, {}),
    figures: Figures | None = None,
) -> dict[str, bytes]:
    """What leaves of a month, the manifest last; without chargeback.csv where it is refused.
    `figures`: what is known of months that are exported together.
    """
    figures = figures or Figures(connection, currency_of(connection) or "")
    origin = figures.origin
    made_of = (connection, month, origin.chargeback_basis, figures.currency)
    tables = {SHOWBACK: figures.showback(month), RECONCILIATION: reconciliation(*made_of)}
    if not refused:
        rows_of = (*made_of, status, GlAccounts(origin.accounts, month))
        tables[CHARGEBACK] = chargeback(*rows_of)
        if has_rates(connection, month):
            tables[RECOVERY] = chargeback(*rows_of, RECOVERY_COLUMNS)
        if foreign := foreign_invoices(connection, month, currency_of(connection) or ""):
            tables[CURRENCIES] = foreign
    own = tables_by_team({name: tables[name] for name in TEAM_FILES if name in tables})
    folders = {team: f"{FOLDER}/{name}" for team, name in folder_names(own).items()}
    written = {
        **tables,
        **invoice_tables(connection, month, status),
        **{f"{folders[team]}/{name}": own[team][name] for team in own for name in own[team]},
    }
    files = {name: csv_bytes(table.columns, table.rows) for name, table in written.items()}
    files[WORKBOOK] = workbook_bytes(
        {name.removesuffix(".csv"): table for name, table in sorted(tables.items())}
    )
    in_focus = focus_files(connection, month, origin.chargeback_basis)
    files |= {name: file.data for name, file in in_focus.items()}
    pages = {team: name.rpartition("/")[2] for team, name in folders.items()}
    files |= site_files(connection, month, status, figures.currency, pages, figures)
    entries, posted = journals
    described: dict[str, Described] = {**written, **in_focus}
    said = manifest_said(connection, origin, month, files, described) | {
        "status": status,
        "teams": folders,
        "refused": {CHARGEBACK: refused} if refused else {},
        **({"journals": posted} if posted else {}),
    }
    return {**files, **entries, MANIFEST: manifest_bytes(said)}


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
            for name in (*sorted(_written(folder)), MANIFEST):
                folder.delete(name)
            removed.append(folder.location)
    return removed


def _written(folder: Storage) -> set[str]:
    """What an export wrote, of this release or one before, which said it of two files."""
    return {CHARGEBACK, SHOWBACK, *json.loads(folder.get(MANIFEST).data).get("files", {})}


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
