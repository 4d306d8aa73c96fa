"""What an accrual of the ledger says."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from pyarrow import parquet as pq

from orchestration.ledger.books import ClosedMonth, Ledger
from orchestration.ledger.contract import ACCRUED_LINES, ACCRUED_TEAMS


def accrued_teams(accruals: Ledger, accrual: ClosedMonth) -> list[Mapping[str, Any]]:
    """A row per account, team and cost centre; raises LedgerError for a file that was edited."""
    return _rows(accruals, accrual, ACCRUED_TEAMS)


def accrued_lines(accruals: Ledger, accrual: ClosedMonth) -> list[Mapping[str, Any]]:
    """The same by feature, component and cause, without corrections of earlier months."""
    return _rows(accruals, accrual, ACCRUED_LINES)


def _rows(accruals: Ledger, accrual: ClosedMonth, table: str) -> list[Mapping[str, Any]]:
    path = next(path for path in accrual.files if path.endswith(f"/{table}.parquet"))
    data = accruals.verified_bytes(accrual, path)
    rows: list[Mapping[str, Any]] = pq.read_table(pa.BufferReader(data)).to_pylist()
    return rows
