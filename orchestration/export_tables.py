"""The rows of a month's CSV files, from the published marts, in cents that sum up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents import cents_text, nearest_cents, pico, split_cents

Cell = str | int | Decimal | date | None

COMPONENTS: Final = ("direct", "residual", "shared", "correction", "timing")
# A month without corrections, or without timing, has no such column.
ALWAYS: Final = COMPONENTS[:3]


@dataclass(frozen=True, slots=True)
class ExportTable:
    """`totals`: column -> sum of its cells, as text. Text cells are `str`, numbers formatted."""

    columns: Sequence[str]
    rows: list[list[Cell]]
    totals: Mapping[str, str] = field(default_factory=dict)


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str, month: date) -> list[dict[str, Any]]:
    result = connection.execute(sql, [month])
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def chargeback(connection: duckdb.DuckDBPyConnection, month: date) -> ExportTable:
    """One row per team and cost centre; rows, columns and the month sum up to the cent."""
    rows = _fetch(
        connection,
        "SELECT * FROM main.mart_chargeback_monthly WHERE billing_month = ?"
        " ORDER BY team, cost_center",
        month,
    )
    components = [
        name for name in COMPONENTS if name in ALWAYS or any(row[f"{name}_cost"] for row in rows)
    ]
    amounts = [[pico(row[f"{name}_cost"]) for name in components] for row in rows]
    totals = [sum(parts) for parts in amounts]
    _must_add_up(rows, totals)
    row_cents = split_cents(totals, nearest_cents(sum(totals)))
    cells = [split_cents(parts, cents) for parts, cents in zip(amounts, row_cents, strict=True)]
    period = f"{month:%Y-%m}"
    lines: list[list[Cell]] = [
        [
            row["team"],
            row["cost_center"],
            *[Decimal(cents_text(cent)) for cent in parts],
            Decimal(cents_text(total)),
            row["currency"],
            period,
        ]
        for row, parts, total in zip(rows, cells, row_cents, strict=True)
    ]
    by_column = zip(*cells, strict=True) if cells else [[0]] * len(components)
    sums = {
        name: cents_text(sum(column)) for name, column in zip(components, by_column, strict=True)
    }
    columns = ("team", "cost_center", *components, "total", "currency", "period")
    return ExportTable(columns, lines, {**sums, "total": cents_text(sum(row_cents))})


def _must_add_up(rows: Iterable[Mapping[str, Any]], totals: Iterable[int]) -> None:
    for row, total in zip(rows, totals, strict=True):
        if pico(row["total_cost"]) != total:
            raise ValueError(
                f"mart_chargeback_monthly: {row['team']} {row['billing_month']}: direct, residual,"
                f" shared, correction and timing do not sum to total_cost {row['total_cost']}"
            )


def showback(connection: duckdb.DuckDBPyConnection, month: date) -> ExportTable:
    """Every column of mart_showback_monthly but the month; each `*_cost` sums up in cents.

    Unit costs and changes are fractions of a cent: they stand as the mart has them.
    """
    rows = _fetch(
        connection,
        "SELECT * REPLACE (strftime(showback_month, '%Y-%m') AS showback_month)"
        " FROM main.mart_showback_monthly WHERE showback_month = ? ORDER BY ALL",
        month,
    )
    columns = list(rows[0]) if rows else ["showback_month"]
    totals: dict[str, str] = {}
    for column in columns:
        if column.endswith("_cost"):
            totals[column] = _round_column(rows, column)
    return ExportTable(columns, [list(row.values()) for row in rows], totals)


def _round_column(rows: list[dict[str, Any]], column: str) -> str:
    known = [row for row in rows if row[column] is not None]
    amounts = [pico(row[column]) for row in known]
    total = nearest_cents(sum(amounts))
    for row, cents in zip(known, split_cents(amounts, total), strict=True):
        row[column] = Decimal(cents_text(cents))
    return cents_text(total)
