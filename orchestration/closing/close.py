"""Closes a month: what the last run built becomes its ledger, immutable."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import CLOSED, ESTIMATED, NOT_TIED, month_statuses
from orchestration.closing.entry import month_entry, next_month
from orchestration.exports.journals.lines import JournalError
from orchestration.exports.journals.month import month_journals
from orchestration.exports.months import month_files, refusal
from orchestration.ledger.books import Ledger, LedgerError, open_ledger
from orchestration.ledger.contract import EXPORTS
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin
from orchestration.running.last_run import built
from orchestration.running.memory import duckdb_config


@dataclass(frozen=True, slots=True)
class Closed:
    """`anew`: it was open until now."""

    month: date
    anew: bool
    folder: str


def close_month(workspace: Workspace, month: date) -> Closed:
    """Writes the month's ledger; one that is closed stays. Raises LedgerError for what is in the
    way, in one sentence.
    """
    ledger = open_ledger(workspace)
    place = f"{ledger.storage.location}/{month:%Y-%m}"
    if ledger.month(month):
        return Closed(month, False, place)
    if why := _refused(workspace, ledger, month):
        raise LedgerError(f"{month:%Y-%m} is not closed: {why}")
    left = _leaving(workspace, month)
    with duckdb.connect(
        workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
    ) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files, said = month_entry(connection, workspace, month)
    files |= {f"{EXPORTS}/{name}": data for name, data in left.items()}
    return Closed(month, ledger.write(month, files, said), place)


def _leaving(workspace: Workspace, month: date) -> dict[str, bytes]:
    """What leaves for finance, journals too; raises LedgerError where one cannot be written."""
    with open_marts(workspace.marts) as marts:
        try:
            journals = month_journals(marts, month, workspace.journals)
        except JournalError as error:
            raise LedgerError(f"{month:%Y-%m} is not closed: {error}") from error
        return month_files(marts, month, CLOSED, journals=journals)


def not_over(workspace: Workspace, month: date) -> str:
    """The sentence for a month that has not ended in the workspace's timezone, else empty."""
    after = next_month(month)
    if datetime.now(ZoneInfo(workspace.timezone)).date() >= after:
        return ""
    return f"it ends on {after - timedelta(days=1)}: close it from {after} on"


def _refused(workspace: Workspace, ledger: Ledger, month: date) -> str:
    """Why the month cannot be closed; empty where it can."""
    if why := not_over(workspace, month):
        return why
    if other := built(workspace):
        return f"{', '.join(other)}: not as a whole run left it: `tollbook run` first"
    closed = [each.month for each in ledger.months()]
    with open_marts(workspace.marts) as connection:
        statuses = month_statuses(connection)
        if month not in statuses:
            known = ", ".join(f"{known:%Y-%m}" for known in statuses) or "none"
            return f"the marts have no such month: they have {known}"
        before = [each for each in statuses if closed and max(closed) < each < month]
        if before:
            return f"{before[0]:%Y-%m} is open: months close in their order, that one first"
        if closed and month < max(closed):
            return f"{max(closed):%Y-%m} is closed already, and months close in their order"
        status = statuses[month]
        if why := refusal(connection, month, status):
            return why
        if status in (ESTIMATED, NOT_TIED):
            return _waits_for(connection, month)
        if failed := read_origin(connection).failed_sources:
            name, why = next(iter(sorted(failed.items())))
            return f"source {name} could not be read: {why}"
    return ""


def _waits_for(connection: duckdb.DuckDBPyConnection, month: date) -> str:
    """Which accounts have no invoice, or usage that no bill has."""
    rows = connection.execute(
        "SELECT provider, billing_account, invoice_status FROM main.mart_reconciliation_monthly"
        " WHERE billing_month = ?"
        " AND (invoice_status = 'missing' OR coalesce(estimated_cost, 1) <> 0) ORDER BY ALL",
        [month],
    ).fetchall()
    accounts = ", ".join(
        f"{provider} {account} has " + ("no invoice" if status == "missing" else "unbilled usage")
        for provider, account, status in rows
    )
    return f"it is an estimate: {accounts or 'no bill of it is there'}"
