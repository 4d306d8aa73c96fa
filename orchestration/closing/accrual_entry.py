"""What the ledger holds of an accrual: the teams' amounts, and what they were estimated from."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb
import pyarrow as pa
from pyarrow import parquet as pq

from ingestion.contracts import MONEY
from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import cents_decimal, places_of
from orchestration.cents.posted import PostedLine
from orchestration.checks.month_status import ACCRUED
from orchestration.closing.entry import (
    EDGE,
    month_tables,
    next_month,
    parquet,
    reference_files,
    said_of,
)
from orchestration.ledger.contract import ACCRUED_LINES, ACCRUED_TEAMS, CELLS

# Of what a close holds too: what the estimate was made of.
EVIDENCE: Final = ("objects", "prices", "reconciliation", "charges")
LINES: Final = """
    SELECT
        billing_month, provider, billing_account, team, cost_center, feature, component,
        residual_cause, CAST(sum(amount) AS DECIMAL(38, 12)) AS billed,
        CAST(sum(estimated_cost) AS DECIMAL(38, 12)) AS estimated,
        CAST(sum(quantity) FILTER (WHERE estimated_cost IS NULL) AS BIGINT) AS unpriced_quantity
    FROM intermediate.int_chargeback_lines WHERE billing_month = DATE '{month}' GROUP BY ALL
"""
TEAMS: Final = pa.schema(
    [
        ("billing_month", pa.date32()),
        *((name, pa.string()) for name in ("provider", "billing_account", "team", "team_name")),
        ("cost_center", pa.string()),
        # exact; `accrued` is billed, corrections of earlier months included, and estimated
        *((name, MONEY) for name in ("accrued", "correction", "estimated")),
        ("unpriced_quantity", pa.int64()),
        # in whole cents, as accrual.csv and the journals have it
        ("posted", MONEY),
        *((name, pa.string()) for name in ("currency", "phase", "status")),
    ]
)


def accrual_entry(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    month: date,
    lines: Sequence[PostedLine],
    reversed_on: date,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a month's accrual, from the warehouse, and what its manifest says of them."""
    tables = month_tables(workspace, month, month - EDGE, next_month(month) + EDGE)
    files = {f"{name}.parquet": parquet(connection, tables[name]) for name in EVIDENCE}
    files[f"{ACCRUED_LINES}.parquet"] = parquet(connection, LINES.format(month=month))
    files[f"{ACCRUED_TEAMS}.parquet"] = _teams(lines)
    accrued = sum((line.row["total_cost"] for line in lines), Decimal())
    return files | reference_files(workspace), {
        **said_of(connection, workspace, month, tables[CELLS]),
        "status": ACCRUED,
        "accrued": f"{accrued:f}",
        "unpriced_quantity": sum(line.row["unpriced_quantity"] for line in lines),
        "reversed_on": reversed_on.isoformat(),
    }


def _teams(lines: Sequence[PostedLine]) -> bytes:
    rows = [
        {
            **{name: line.row[name] for name in TEAMS.names if name in line.row},
            "accrued": line.row["total_cost"],
            "correction": line.row["correction_cost"],
            "estimated": line.row["estimated_cost"],
            "posted": cents_decimal(line.total, places_of(line.row["currency"])),
        }
        for line in lines
    ]
    data = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=TEAMS), data, compression="zstd")
    return data.getvalue()
