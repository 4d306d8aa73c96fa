"""`exports/<YYYY-MM>/accrual/`: what leaves of an accrued month; and what its close trues up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    cents_text,
    nearest_cents,
    pico,
    places_of,
    split_cents,
    unit_of,
)
from orchestration.cents.posted import PostedLine, causes_of_residuals, parts_by_cause
from orchestration.checks.month_status import ACCRUED, HELD
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.manifest import MANIFEST, manifest_bytes, manifest_said
from orchestration.exports.months import Journals
from orchestration.exports.tables import Cell, ExportTable
from orchestration.publishing.origin import Origin, read_origin
from orchestration.terminal.csv_text import csv_bytes

FOLDER: Final = "accrual"
ACCRUAL: Final = "accrual.csv"
TRUE_UP: Final = "true_up.csv"
COLUMNS: Final = (
    *("period", "vendor", "billing_account", "team", "team_name", "cost_center", "gl_account"),
    *("billed", "estimated", "accrued", "reversed_on", "currency", "status", "phase", "basis"),
)
TRUE_UP_COLUMNS: Final = (
    *("period", "vendor", "billing_account", "team", "cost_center"),
    *("accrued", "reversed", "actual", "true_up", "currency"),
)
# Provider, billing account, team and cost centre.
Row = tuple[str, str | None, str, str | None]


def accrual_files(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    lines: Sequence[PostedLine],
    reversed_on: date,
    journals: Journals,
) -> dict[str, bytes]:
    """The manifest last. `lines`: with what is estimated."""
    origin = read_origin(connection)
    table = _accrual(connection, month, origin, lines, reversed_on)
    data = csv_bytes(table.columns, table.rows)
    entries, said = journals
    manifest = manifest_said(connection, origin, month, {ACCRUAL: data}, {ACCRUAL: table}) | {
        "status": ACCRUED,
        "reversed_on": reversed_on.isoformat(),
        **({"journals": said} if said else {}),
    }
    return {ACCRUAL: data, **entries, MANIFEST: manifest_bytes(manifest)}


def _accrual(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    origin: Origin,
    lines: Sequence[PostedLine],
    reversed_on: date,
) -> ExportTable:
    """One row per account, team and cost centre; where accounts.csv has where it is owed, a row
    without a team balances an account's.
    """
    accounts = GlAccounts(origin.accounts, month)
    basis = origin.chargeback_basis
    causes = causes_of_residuals(connection, month, basis) if accounts.names_causes else {}
    said: dict[str, Cell] = {"period": f"{month:%Y-%m}", "reversed_on": reversed_on, "basis": basis}
    rows: list[list[Cell]] = []
    sums = [0, 0]
    for (provider, account), group in groupby(lines, _account):
        owed = [0, 0]
        for line in group:
            unit = unit_of(line.row["currency"])
            parts = _billed_and_estimated(line, unit)
            gl_account = accounts.of_all(line, parts_by_cause(line, causes, unit))
            rows.append(_row(line.row, parts, said | {"gl_account": gl_account}))
            owed = [cents + part for cents, part in zip(owed, parts, strict=True)]
        sums = [cents + part for cents, part in zip(sums, owed, strict=True)]
        if payable := accounts.payable(provider, accrued=True):
            row = {"provider": provider, "billing_account": account}
            row["currency"] = lines[0].row["currency"]
            balanced = said | {"gl_account": payable.gl_account}
            rows.append(_row(row, [-cents for cents in owed], balanced))
    places = places_of(lines[0].row["currency"])
    named = zip(("billed", "estimated", "accrued"), (*sums, sum(sums)), strict=True)
    return ExportTable(COLUMNS, rows, {name: cents_text(cents, places) for name, cents in named})


def _account(line: PostedLine) -> tuple[str, str | None]:
    return line.row["provider"], line.row["billing_account"]


def _billed_and_estimated(line: PostedLine, unit: int) -> list[int]:
    estimated = pico(line.row["estimated_cost"] or Decimal())
    return split_cents([pico(line.row["total_cost"]) - estimated, estimated], line.total, unit)


def _row(
    row: Mapping[str, Any], parts: Sequence[int], said_beside: Mapping[str, Cell]
) -> list[Cell]:
    places = places_of(row["currency"])
    said = {
        **said_beside,
        "vendor": row["provider"],
        "status": HELD if row.get("status") == HELD else ACCRUED,
        "billed": cents_decimal(parts[0], places),
        "estimated": cents_decimal(parts[1], places),
        "accrued": cents_decimal(sum(parts), places),
    }
    return [said[name] if name in said else row.get(name) for name in COLUMNS]


def true_up(
    month: date, accrued: Iterable[Mapping[str, Any]], actual: Iterable[PostedLine], currency: str
) -> ExportTable:
    """One row per account, team and cost centre: accrued + reversed + actual is what is charged."""
    unit, places = unit_of(currency), places_of(currency)
    found: dict[Row, list[int]] = {}
    for row in accrued:
        found.setdefault(_key(row), [0, 0])[0] += nearest_cents(pico(row["posted"]), unit)
    for line in actual:
        found.setdefault(_key(line.row), [0, 0])[1] += line.total
    rows: list[list[Cell]] = []
    sums = [0, 0, 0, 0]
    for key, (then, now) in sorted(found.items(), key=lambda each: str(each[0])):
        money = (then, -then, now, now - then)
        sums = [cents + part for cents, part in zip(sums, money, strict=True)]
        told = [cents_decimal(cents, places) for cents in money]
        rows.append([f"{month:%Y-%m}", *key, *told, currency])
    named = zip(("accrued", "reversed", "actual", "true_up"), sums, strict=True)
    totals = {name: cents_text(cents, places) for name, cents in named}
    return ExportTable(TRUE_UP_COLUMNS, rows, totals)


def _key(row: Mapping[str, Any]) -> Row:
    return row["provider"], row["billing_account"], row["team"], row["cost_center"]
