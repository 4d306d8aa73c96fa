"""Closes a month: what the last run built becomes its ledger, immutable."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import unit_of
from orchestration.cents.posted import posted_lines
from orchestration.checks.month_status import ACCRUED, CLOSED, ESTIMATED
from orchestration.closing.accruals import accrued_teams
from orchestration.closing.entry import month_entry, next_month
from orchestration.closing.in_the_way import in_the_way
from orchestration.exports.accruals import TRUE_UP, true_up
from orchestration.exports.journals.lines import JournalError
from orchestration.exports.journals.month import month_journals
from orchestration.exports.months import month_files
from orchestration.ledger.books import ClosedMonth, Ledger, LedgerError, open_accruals, open_ledger
from orchestration.ledger.contract import EXPORTS
from orchestration.publishing.marts import open_marts
from orchestration.running.memory import duckdb_config
from orchestration.terminal.csv_text import csv_bytes


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
    ledger, accruals = open_ledger(workspace), open_accruals(workspace)
    place = f"{ledger.storage.location}/{month:%Y-%m}"
    if ledger.month(month):
        return Closed(month, False, place)
    if why := _refused(workspace, ledger, month):
        raise LedgerError(f"{month:%Y-%m} is not closed: {why}")
    accrual = accruals.month(month)
    left = _leaving(workspace, month, accruals, accrual)
    with duckdb.connect(
        workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
    ) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files, said = month_entry(connection, workspace, month)
    files |= {f"{EXPORTS}/{name}": data for name, data in left.items()}
    return Closed(month, ledger.write(month, files, said | _accrual_said(accrual)), place)


def _accrual_said(accrual: ClosedMonth | None) -> dict[str, Any]:
    """Which accrual it trues up."""
    if accrual is None:
        return {}
    names = ("closed_at", "accrued", "reversed_on", "sha256")
    return {"accrual": {name: accrual.said[name] for name in names}}


def _leaving(
    workspace: Workspace, month: date, accruals: Ledger, accrual: ClosedMonth | None
) -> dict[str, bytes]:
    """What leaves for finance, journals too; raises LedgerError where one cannot be written."""
    posted_on = _first_open_day(accruals, month) if accrual else None
    with open_marts(workspace.marts) as marts:
        try:
            journals = month_journals(marts, month, workspace.journals, posted_on)
        except JournalError as error:
            raise LedgerError(f"{month:%Y-%m} is not closed: {error}") from error
        files = month_files(marts, month, CLOSED, journals=journals)
        if accrual is None:
            return files
        actual = posted_lines(marts, month, unit_of(workspace.currency))
    table = true_up(month, accrued_teams(accruals, accrual), actual, workspace.currency)
    return {TRUE_UP: csv_bytes(table.columns, table.rows), **files}


def _first_open_day(accruals: Ledger, month: date) -> date:
    """Of the first month after it that no soft close ended: the books of those before are."""
    accrued = {each.month for each in accruals.months()}
    while month in accrued:
        month = next_month(month)
    return month


def _refused(workspace: Workspace, ledger: Ledger, month: date) -> str:
    """Why the month cannot be closed; empty where it can."""
    closed = [each.month for each in ledger.months()]
    why, status = in_the_way(workspace, month, closed)
    if why or status not in (ESTIMATED, ACCRUED):
        return why
    with open_marts(workspace.marts) as connection:
        waits = _waits_for(connection, month)
    if status == ACCRUED:
        return f"{waits}; its accrual stands until the invoice is there"
    return f"{waits}; `tollbook close {month:%Y-%m} --accrue` accrues what is estimated"


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
