"""The rows of a month's CSV files, from the published marts, in cents that sum up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import duckdb

from ingestion.reference.conflicts import RECOVERY
from orchestration.cents.largest_remainder import (
    cents_decimal,
    cents_text,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)
from orchestration.cents.owners import owner_cents, posted_teams
from orchestration.cents.posted import (
    COMPONENTS,
    PostedLine,
    causes_of_residuals,
    fetch_rows,
    parts_by_cause,
    posted_lines,
)
from orchestration.checks.month_status import HELD
from orchestration.exports.gl_accounts import GlAccounts

Cell = str | int | Decimal | date | None

CALENDAR: Final = "calendar"
CHARGEBACK_COLUMNS: Final = (
    *("period", "vendor", "billing_account", "invoice_id", "team", "team_name", "cost_center"),
    *("gl_account", *COMPONENTS, "total", "currency", "status", "phase", "basis"),
)
# What it cost, and what teams are charged for it.
RECOVERY_COLUMNS: Final = (
    *("period", "vendor", "billing_account", "invoice_id", "team", "team_name", "cost_center"),
    *("gl_account", "total", "recovered", "currency", "status", "phase", "basis"),
)


@dataclass(frozen=True, slots=True)
class ExportTable:
    """`totals`: column -> sum of its cells, as text. Text cells are `str`, numbers formatted."""

    columns: Sequence[str]
    rows: list[list[Cell]]
    totals: Mapping[str, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        return len(self.rows)


def chargeback(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    basis: str,
    currency: str,
    status: str | None = None,
    gl_accounts: GlAccounts | None = None,
    columns: Sequence[str] = CHARGEBACK_COLUMNS,
) -> ExportTable:
    """One row per account, team and cost centre: an account's rows sum to its invoice.

    Among RECOVERY_COLUMNS a row of the account without a team leads from what teams are charged
    back to the invoice. Where accounts.csv has the vendor's payable, another one balances them;
    totals are without it. `status`: the month's, where it is not yet what the mart says.
    """
    unit = unit_of(currency)
    lines = posted_lines(connection, month, unit)
    accounts = gl_accounts or GlAccounts("[]", month)
    causes = causes_of_residuals(connection, month, basis) if accounts.names_causes else {}
    invoices = invoices_of_month(connection, month)
    places = places_of(currency)
    said: dict[str, Cell] = {"period": f"{month:%Y-%m}", "basis": basis}
    said |= {"status": status} if status else {}
    rows = []
    for (provider, _), group in groupby(lines, _vendor_account):
        of_vendor = list(group)
        for line in of_vendor:
            account = accounts.of_all(line, parts_by_cause(line, causes, unit))
            rows.append(_chargeback_row(line, invoices, said | {"gl_account": account}, places))
        if "recovered" in columns and (beyond := recovery(of_vendor)):
            to = accounts.recovery()
            named = said | {"gl_account": to.gl_account if to else None, "team_name": RECOVERY}
            rows.append(_chargeback_row(_recovery(of_vendor, beyond), invoices, named, places))
        if payable := accounts.payable(provider):
            balanced = said | {"gl_account": payable.gl_account}
            rows.append(_chargeback_row(_balancing(of_vendor), invoices, balanced, places))
    sums = {name: sum(line.cents[name] for line in lines) for name in COMPONENTS}
    # teams and the line of what is recovered beyond their cost
    sums["total"] = sums["recovered"] = sum(line.total for line in lines)
    totals = {name: cents_text(sums[name], places) for name in columns if name in sums}
    return ExportTable(columns, [[row[name] for name in columns] for row in rows], totals)


def _vendor_account(line: PostedLine) -> tuple[str, str | None]:
    return line.row["provider"], line.row["billing_account"]


def recovery(lines: Iterable[PostedLine]) -> int:
    """Cents that teams are charged beyond what their lines cost; negative where it is less."""
    return sum(line.recovered - line.total for line in lines)


def _recovery(lines: Sequence[PostedLine], beyond: int) -> PostedLine:
    """What leads from what teams are charged of an account back to its invoice."""
    return PostedLine(_of_nobody(lines), dict.fromkeys(COMPONENTS, 0), 0, -beyond)


def _balancing(lines: Sequence[PostedLine]) -> PostedLine:
    """What the vendor is owed for these lines of one account."""
    cents = {name: -sum(line.cents[name] for line in lines) for name in COMPONENTS}
    owed = sum(cents.values())
    return PostedLine(_of_nobody(lines), cents, owed, owed)


def _of_nobody(lines: Sequence[PostedLine]) -> dict[str, Any]:
    row = next((line.row for line in lines if line.row["status"] != HELD), lines[0].row)
    return {**row, **dict.fromkeys(("team", "team_name", "cost_center", "phase"))}


def _chargeback_row(
    line: PostedLine,
    invoices: Mapping[tuple[str, str | None], str | None],
    said_beside: Mapping[str, Cell],
    places: int,
) -> dict[str, Cell]:
    row = line.row
    said: dict[str, Cell] = {
        **said_beside,
        **({"status": HELD} if row["status"] == HELD else {}),
        "vendor": row["provider"],
        "invoice_id": invoices.get((row["provider"], row["billing_account"])),
        "total": cents_decimal(line.total, places),
        "recovered": cents_decimal(line.recovered, places),
    }
    money = {name: cents_decimal(line.cents[name], places) for name in COMPONENTS}
    return {**row, **money, **said}


def invoices_of_month(
    connection: duckdb.DuckDBPyConnection, month: date
) -> dict[tuple[str, str | None], str | None]:
    rows = fetch_rows(
        connection,
        "SELECT provider, billing_account, invoice_id FROM main.mart_reconciliation_monthly"
        " WHERE billing_month = ?",
        month,
    )
    return {(row["provider"], row["billing_account"]): row["invoice_id"] for row in rows}


def showback(
    connection: duckdb.DuckDBPyConnection, month: date, basis: str, currency: str
) -> ExportTable:
    """Every column of mart_showback_monthly but the month; each `*_cost` sums up in cents.

    Owners sum to the showback month's own total; with the calendar's line they are the billing
    month's. Unit costs and changes are fractions of a cent: they stand as the mart has them.
    """
    rows = fetch_rows(
        connection,
        "SELECT * REPLACE (strftime(showback_month, '%Y-%m') AS showback_month)"
        " FROM main.mart_showback_monthly WHERE showback_month = ? ORDER BY ALL",
        month,
    )
    columns = [
        row[0] for row in connection.execute("DESCRIBE main.mart_showback_monthly").fetchall()
    ]
    unit, places = unit_of(currency), places_of(currency)
    posted = posted_teams(posted_lines(connection, month, unit), basis)
    totals: dict[str, str] = {}
    shown = [dict(row) for row in rows]
    for column in columns:
        if column.endswith("_cost"):
            cents = _showback_cents(rows, column, unit, posted)
            for row, cent in zip(shown, cents, strict=True):
                row[column] = None if cent is None else cents_decimal(cent, places)
            totals[column] = cents_text(sum(cent or 0 for cent in cents), places)
    return ExportTable(columns, [list(row.values()) for row in shown], totals)


def _showback_cents(
    rows: Sequence[Mapping[str, Any]],
    column: str,
    unit: int,
    posted: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]],
) -> list[int | None]:
    owners = [row for row in rows if row.get("line_kind") != CALENDAR]
    cents = owner_cents(owners, column, unit, posted)
    of_owners = sum(cent or 0 for cent in cents)
    billing_month = sum(pico(row[column]) for row in rows if row[column] is not None)
    made = iter(cents)
    found: list[int | None] = []
    for row in rows:
        if row.get("line_kind") != CALENDAR:
            found.append(next(made))
        elif row[column] is None:
            found.append(None)
        else:
            found.append(nearest_cents(billing_month, unit) - of_owners)
    return found
