"""What a closed month's ledger holds, taken from the warehouse that a run has built."""

import getpass
import tempfile
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import duckdb

from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import CLOSED, HELD
from orchestration.closing.inputs import input_digests
from orchestration.closing.phases import phases_said
from orchestration.ledger.contract import (
    CELLS,
    CHARGEBACK,
    CHARGES,
    FILES,
    HOLDS,
    LINES,
    POSTED,
    RECOVERY,
    REFERENCE,
    USAGE,
    schemas,
)

# Usage of the days beside a month may be billed in it.
EDGE: Final = timedelta(days=1)


def month_entry(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, month: date
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a month's ledger, from the warehouse, and what its manifest says of them."""
    cells_from, cells_until = month - EDGE, next_month(month) + EDGE
    tables = month_tables(workspace, month, cells_from, cells_until)
    files = {f"{name}.parquet": parquet(connection, sql) for name, sql in tables.items()}
    return files | reference_files(workspace), {
        **said_of(connection, workspace, month, tables[CELLS]),
        "status": CLOSED,
        "cells_from": cells_from.isoformat(),
        "cells_until": cells_until.isoformat(),
    }


def said_of(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, month: date, cells: str
) -> dict[str, Any]:
    """Who books it and when, and what it was built from; `cells`: SQL of the month's usage."""
    models = connection.execute(
        f"SELECT DISTINCT provider, model FROM ({cells}) WHERE model IS NOT NULL"
    ).fetchall()
    return {
        "company": workspace.company,
        "month": f"{month:%Y-%m}",
        "closed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "closed_by": getpass.getuser(),
        "tollbook": version("tollbook"),
        "currency": workspace.currency,
        "chargeback_basis": workspace.chargeback_basis,
        "inputs": input_digests(connection, workspace, month, models),
        "invoices": _invoices(connection, month),
        "phases": phases_said(connection, month),
    }


def reference_files(workspace: Workspace) -> dict[str, bytes]:
    """Copies of the reference CSVs."""
    reference = open_storage(workspace.reference)
    return {
        f"{REFERENCE}/{info.name}": reference.get(info.name).data
        for info in reference.list(may_be_missing=True)
        if info.name.endswith(".csv")
    }


def month_tables(
    workspace: Workspace, month: date, cells_from: date, cells_until: date
) -> dict[str, str]:
    """Table of the ledger -> what it holds of the month."""
    columns = schemas(workspace.attribution)
    first = f"DATE '{month}'"
    usage = ", ".join(f"cells.{name}" for name in USAGE if name != "meter")
    owners = ", ".join(f"cells.{name}" for name in workspace.attribution)
    return {
        CHARGEBACK: f"SELECT {', '.join(columns[CHARGEBACK].names)} FROM (SELECT * REPLACE"
        f" (CASE WHEN status = '{HELD}' THEN status ELSE '{CLOSED}' END AS status)"
        f" FROM main.mart_chargeback_monthly WHERE billing_month = {first})",
        LINES: f"SELECT {', '.join(columns[LINES].names)} FROM intermediate.int_chargeback_lines"
        f" WHERE billing_month = {first}",
        CELLS: f"SELECT {first} AS billing_month, cells.cell_id, {usage}, meters.meter, {owners},"
        " meters.quantity FROM intermediate.int_cells AS cells"
        " INNER JOIN intermediate.int_cell_meters AS meters"
        " ON cells.cell_id = meters.cell_id AND cells.usage_date = meters.usage_date"
        f" WHERE cells.usage_date >= DATE '{cells_from}'"
        f" AND cells.usage_date < DATE '{cells_until}'",
        POSTED: "SELECT posting_month, billing_month, provider, billing_account, charge_id, team,"
        " team_name, cost_center, feature, reason, part,"
        " CAST(amount_pico * 0.000000000001::DECIMAL(12, 12) AS DECIMAL(38, 12)) AS amount"
        f" FROM intermediate.int_corrections WHERE status = 'posts' AND posting_month = {first}",
        HOLDS: f"SELECT {', '.join(columns[HOLDS].names)} FROM main.mart_disputes"
        f" WHERE posting_month = {first} AND amount <> 0",
        RECOVERY: f"SELECT {', '.join(columns[RECOVERY].names)}"
        f" FROM main.mart_recovery_monthly WHERE billing_month = {first}",
        "objects": "SELECT source, object, version, records, hash FROM landing.objects"
        " WHERE is_current",
        "prices": "SELECT * FROM landing.price_book"
        f" WHERE valid_from < {first} + INTERVAL 1 MONTH AND valid_to > {first}"
        " AND (provider, model) IN (SELECT (provider, model) FROM intermediate.int_cells"
        f" WHERE usage_date >= DATE '{cells_from}' AND usage_date < DATE '{cells_until}')",
        "reconciliation": "SELECT * FROM main.mart_reconciliation_monthly"
        f" WHERE billing_month = {first}",
        FILES[CHARGES]: f"SELECT * FROM main.fct_charges WHERE billing_month = {first}",
    }


def parquet(connection: duckdb.DuckDBPyConnection, sql: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        connection.execute(
            f"COPY (SELECT * FROM ({sql}) ORDER BY ALL) TO '{file}'"
            " (FORMAT parquet, COMPRESSION zstd)"
        )
        return file.read_bytes()


def _invoices(connection: duckdb.DuckDBPyConnection, month: date) -> list[dict[str, Any]]:
    """What each account's invoice of the month is."""
    rows = connection.execute(
        "SELECT provider, billing_account, invoice_id, invoice_amount, allocated"
        " FROM main.mart_reconciliation_monthly WHERE billing_month = ? ORDER BY ALL",
        [month],
    ).fetchall()
    return [
        {
            "provider": provider,
            "billing_account": account,
            "invoice_id": invoice,
            "invoice_amount": None if amount is None else f"{amount:f}",
            "allocated": f"{allocated:f}",
        }
        for provider, account, invoice, amount, allocated in rows
    ]


def next_month(month: date) -> date:
    """Its first day."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
