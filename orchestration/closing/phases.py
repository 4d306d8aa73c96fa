"""The phase of each team in a closed month: said by its manifest, never decided again."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.ledger.books import ClosedMonth


def phases_said(connection: duckdb.DuckDBPyConnection, month: date) -> list[dict[str, Any]]:
    """For the manifest: phases of the month as mart_chargeback_phases has them, as JSON."""
    rows = connection.execute(
        "SELECT * EXCLUDE (billing_month) FROM main.mart_chargeback_phases"
        " WHERE billing_month = ? ORDER BY team",
        [month],
    )
    names = [column[0] for column in rows.description]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in rows.fetchall()
    ]


def _plain(value: Any) -> str | int | None:
    return f"{value}" if isinstance(value, date | Decimal) else value


def closed_phases(closed: ClosedMonth, columns: pa.Schema) -> list[dict[str, Any]]:
    """Rows of the ledger's table; none of a month that an earlier release closed."""
    return [
        {"billing_month": closed.month, **_typed(said, columns)}
        for said in closed.said.get("phases", [])
    ]


def _typed(said: Mapping[str, Any], columns: pa.Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in said.items():
        kind = columns.field(name).type
        if value is not None and pa.types.is_date(kind):
            value = date.fromisoformat(value)
        elif value is not None and pa.types.is_decimal(kind):
            value = Decimal(value)
        found[name] = value
    return found
