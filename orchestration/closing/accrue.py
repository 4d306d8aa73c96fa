"""Soft-closes a month whose invoices are not all there.

What it is estimated to cost is accrued, and reversed on the first of the next month.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import (
    cents_text,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)
from orchestration.cents.posted import PostedLine, posted_lines
from orchestration.checks.month_status import ESTIMATED
from orchestration.closing.accrual_entry import accrual_entry
from orchestration.closing.entry import next_month
from orchestration.closing.in_the_way import in_the_way
from orchestration.exports.accruals import accrual_files
from orchestration.exports.journals.lines import JournalError
from orchestration.exports.journals.month import accrual_journals
from orchestration.ledger.books import ClosedMonth, Ledger, LedgerError, open_accruals, open_ledger
from orchestration.ledger.contract import EXPORTS
from orchestration.publishing.marts import open_marts
from orchestration.running.memory import duckdb_config


@dataclass(frozen=True, slots=True)
class Accrued:
    """`anew`: it was not accrued until now. Of usage without a price nothing is accrued."""

    month: date
    anew: bool
    folder: str
    amount: Decimal
    currency: str
    reversed_on: date
    unpriced_quantity: int

    def told(self) -> str:
        done = "accrued" if self.anew else "was accrued before and stays"
        more = (
            f"; {self.unpriced_quantity} units without a price are not in it"
            if self.unpriced_quantity
            else ""
        )
        cents = nearest_cents(pico(self.amount), unit_of(self.currency))
        amount = cents_text(cents, places_of(self.currency))
        return (
            f"{self.month:%Y-%m} {done}: {amount} {self.currency}, reversed on"
            f" {self.reversed_on}{more}: {self.folder}"
        )


def accrue_month(workspace: Workspace, month: date) -> Accrued:
    """Writes the month's accrual; one that is there stays. Raises LedgerError for what is in the
    way, in one sentence.
    """
    accruals = open_accruals(workspace)
    if held := accruals.month(month):
        return _accrued(accruals, held, anew=False)
    if why := _refused(workspace, accruals, month):
        raise LedgerError(f"{month:%Y-%m} is not accrued: {why}")
    reversed_on = next_month(month)
    with open_marts(workspace.marts) as marts:
        lines = posted_lines(marts, month, unit_of(workspace.currency), accrued=True)
        if why := _nothing(lines):
            raise LedgerError(f"{month:%Y-%m} is not accrued: {why}")
        left = _leaving(workspace, marts, month, lines, reversed_on)
    with duckdb.connect(
        workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
    ) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files, said = accrual_entry(connection, workspace, month, lines, reversed_on)
    files |= {f"{EXPORTS}/{name}": data for name, data in left.items()}
    anew = accruals.write(month, files, said)
    written = accruals.month(month)
    assert written is not None
    return _accrued(accruals, written, anew=anew)


def _accrued(accruals: Ledger, held: ClosedMonth, *, anew: bool) -> Accrued:
    return Accrued(
        held.month,
        anew,
        f"{accruals.storage.location}/{held.month:%Y-%m}",
        Decimal(held.said["accrued"]),
        held.said["currency"],
        date.fromisoformat(held.said["reversed_on"]),
        held.said["unpriced_quantity"],
    )


def _refused(workspace: Workspace, accruals: Ledger, month: date) -> str:
    closed = [each.month for each in open_ledger(workspace).months()]
    if month in closed:
        return f"it is closed: `tollbook diff {month:%Y-%m}` says what became of it since"
    booked = {*closed, *(each.month for each in accruals.months())}
    why, status = in_the_way(workspace, month, booked)
    if not why and status != ESTIMATED:
        return f"it is {status}, no estimate: `tollbook close {month:%Y-%m}` closes it"
    return why


def _nothing(lines: list[PostedLine]) -> str:
    """The sentence for a month of which no amount is known."""
    if any(line.row["total_cost"] for line in lines):
        return ""
    unpriced = sum(line.row["unpriced_quantity"] for line in lines)
    if unpriced:
        return f"nothing of it has a price ({unpriced} units): add their models to prices.csv"
    return "it has no money and no usage: there is nothing to accrue"


def _leaving(
    workspace: Workspace,
    marts: duckdb.DuckDBPyConnection,
    month: date,
    lines: list[PostedLine],
    reversed_on: date,
) -> dict[str, bytes]:
    try:
        journals = accrual_journals(marts, month, workspace.journals, reversed_on)
    except JournalError as error:
        raise LedgerError(f"{month:%Y-%m} is not accrued: {error}") from error
    return accrual_files(marts, month, lines, reversed_on, journals)
