"""Schema `ledger` of the warehouse: what closed months are, for dbt to read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingestion.workspace.settings import Workspace
from orchestration.closing.inputs import input_digests
from orchestration.closing.phases import closed_phases
from orchestration.ledger.books import ClosedMonth, open_accruals, open_ledger
from orchestration.ledger.contract import (
    ACCRUED_MONTHS,
    CELLS,
    IN_FILES,
    INPUTS,
    MONTHS,
    PHASES,
    REASONS,
    TABLES,
    schemas,
)
from orchestration.running.working_folder import working_folder
from orchestration.warehouse.empty_ledger import write_ledger_table
from orchestration.warehouse.parquet_days import file_list

# The tables, as assets of the warehouse step.
LEDGER_TABLES: Final = TABLES


def fill_ledger(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Views on the files of closed months, after schema `landing`, which says what is new."""
    ledger = open_ledger(workspace)
    files = ledger.local_files(working_folder(workspace, "ledger"))
    columns = schemas(workspace.attribution)
    connection.execute("DROP SCHEMA IF EXISTS ledger CASCADE")
    connection.execute("CREATE SCHEMA ledger")
    for table in IN_FILES:
        _view_on(connection, table, columns[table], files[table])
    months = [_month(connection, workspace, month) for month in ledger.months()]
    write_ledger_table(connection, MONTHS, pa.Table.from_pylist(months, schema=columns[MONTHS]))
    phases = [row for month in ledger.months() for row in closed_phases(month, columns[PHASES])]
    write_ledger_table(connection, PHASES, pa.Table.from_pylist(phases, schema=columns[PHASES]))
    reasons = [_accepted(each) for each in ledger.accepted()]
    write_ledger_table(connection, REASONS, pa.Table.from_pylist(reasons, schema=columns[REASONS]))
    accrued = pa.Table.from_pylist(_accrued(workspace), schema=columns[ACCRUED_MONTHS])
    write_ledger_table(connection, ACCRUED_MONTHS, accrued)


def _month(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, closed: ClosedMonth
) -> dict[str, Any]:
    then: Mapping[str, str] = closed.said["inputs"]
    now = input_digests(connection, workspace, closed.month, models_of(connection, closed.month))
    return {
        "billing_month": closed.month,
        "closed_at": closed.closed_at.replace(tzinfo=None),
        "cells_from": date.fromisoformat(closed.said["cells_from"]),
        "cells_until": date.fromisoformat(closed.said["cells_until"]),
        **{f"{name}_changed": then.get(name) != now[name] for name in INPUTS},
    }


def models_of(connection: duckdb.DuckDBPyConnection, month: date) -> Iterable[tuple[str, str]]:
    """Provider and model of the usage that a closed month has."""
    return connection.execute(
        f"SELECT DISTINCT provider, model FROM ledger.{CELLS}"
        " WHERE billing_month = ? AND model IS NOT NULL",
        [month],
    ).fetchall()


def _accrued(workspace: Workspace) -> list[dict[str, Any]]:
    """All accruals, whose files are those that were written."""
    accruals = open_accruals(workspace)
    accruals.local_files(working_folder(workspace, "accruals"))
    return [
        {"billing_month": each.month, "accrued_at": each.closed_at.replace(tzinfo=None)}
        for each in accruals.months()
    ]


def _accepted(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **said,
        "posting_month": date.fromisoformat(f"{said['posting_month']}-01"),
        "accepted_at": datetime.fromisoformat(said["accepted_at"]).replace(tzinfo=None),
    }


def _view_on(
    connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, files: Sequence[Path]
) -> None:
    if not files:
        write_ledger_table(connection, table, schema.empty_table())
        return
    # files of an earlier release lack newer columns
    write_ledger_table(connection, f"{table}_columns", schema.empty_table())
    connection.execute(
        f"CREATE VIEW ledger.{table} AS SELECT * FROM ledger.{table}_columns"
        f" UNION ALL BY NAME SELECT * FROM read_parquet({file_list(files)}, union_by_name = true)"
    )
