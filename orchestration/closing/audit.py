"""Proves a month from its own ledger: hashes, sums, invoices, its accrual and every correction."""

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.closing.accruals import accrued_lines, accrued_teams
from orchestration.exports.accruals import FOLDER
from orchestration.ledger.books import (
    ClosedMonth,
    Ledger,
    LedgerError,
    open_accruals,
    open_ledger,
)
from orchestration.ledger.contract import CHARGEBACK, EXPORTS, LINES, POSTED

ACCOUNTS = """
    SELECT
        provider, billing_account, sum(total_cost - correction_cost) AS charged,
        (
            SELECT sum(amount) FROM lines
            WHERE lines.provider = charged.provider
                AND lines.billing_account IS NOT DISTINCT FROM charged.billing_account
        ) AS lines
    FROM charged GROUP BY ALL ORDER BY ALL
"""


# Provider and billing account.
Account = tuple[str, str | None]


@dataclass(slots=True)
class Audit:
    """`problems` is empty where all holds. Money is of the reporting currency, exact.

    `accrued`: provider, account, what was accrued, and what its close charges, None before.
    """

    closed: ClosedMonth
    files: int = 0
    right: int = 0
    accounts: list[tuple[str, str | None, str | None, Decimal, Decimal | None]] = field(
        default_factory=list
    )
    accrued: list[tuple[str, str | None, Decimal, Decimal | None]] = field(default_factory=list)
    corrections: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def audit_month(workspace: Workspace, month: date) -> Audit:
    """Nothing but the ledger and what left is read; raises LedgerError where it is neither closed
    nor accrued.
    """
    ledger, accruals = open_ledger(workspace), open_accruals(workspace)
    closed, accrual = ledger.month(month), accruals.month(month)
    if closed is None and accrual is not None:
        audit = Audit(accrual)
        _hold_accrual(workspace, accruals, accrual, audit)
        return audit
    if closed is None:
        known = ", ".join(f"{each.month:%Y-%m}" for each in ledger.months()) or "none"
        raise LedgerError(f"{month:%Y-%m} is not closed; closed are: {known}")
    audit = Audit(closed)
    contents = _contents(ledger, closed, audit)
    if audit.problems:
        return audit
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        folder = Path(scratch)
        _open(connection, folder, "charged", contents[f"{CHARGEBACK}.parquet"])
        _open(connection, folder, "lines", contents[f"{LINES}.parquet"])
        _hold_accounts(connection, closed, audit)
        _tell_corrections(connection, folder, ledger, month, audit)
    audit.problems += _exports_that_differ(workspace, closed)
    if accrual is not None:
        _hold_accrual(workspace, accruals, accrual, audit)
    return audit


def _hold_accrual(
    workspace: Workspace, accruals: Ledger, accrual: ClosedMonth, audit: Audit
) -> None:
    """Lines are what teams accrued, that is what the manifest says and what left."""
    before = len(audit.problems)
    _contents(accruals, accrual, audit)
    if len(audit.problems) > before:
        return
    teams = accrued_teams(accruals, accrual)
    exact: dict[Account, Decimal] = defaultdict(Decimal)
    posted: dict[Account, Decimal] = defaultdict(Decimal)
    lines: dict[Account, Decimal] = defaultdict(Decimal)
    for row in teams:
        exact[_account(row)] += row["accrued"] - row["correction"]
        posted[_account(row)] += row["posted"]
    for row in accrued_lines(accruals, accrual):
        lines[_account(row)] += row["billed"] + (row["estimated"] or 0)
    for account in sorted({*exact, *lines}, key=str):
        if exact[account] != lines[account]:
            audit.problems.append(
                f"{account[0]} {account[1] or '-'}: teams accrued {exact[account]:f}, lines say"
                f" {lines[account]:f}"
            )
    said, found = Decimal(accrual.said["accrued"]), sum(row["accrued"] for row in teams)
    if said != found:
        audit.problems.append(f"teams accrued {found:f}, the manifest says {said:f}")
    audit.problems += _exports_that_differ(workspace, accrual, f"/{FOLDER}")
    charged = {(row[0], row[1]): row[3] for row in audit.accounts}
    audit.accrued = [
        (*account, posted[account], charged.get(account)) for account in sorted(posted, key=str)
    ]


def _account(row: Mapping[str, Any]) -> Account:
    return row["provider"], row["billing_account"]


def _contents(ledger: Ledger, closed: ClosedMonth, audit: Audit) -> dict[str, bytes]:
    """Every file with the hash that the manifest has for it."""
    found: dict[str, bytes] = {}
    audit.files += len(closed.files)
    for path in sorted(closed.files):
        name = path.split("/", 2)[2]
        try:
            found[name] = ledger.verified_bytes(closed, path)
            audit.right += 1
        except SourceError as error:
            audit.problems.append(str(error))
    return found


def _open(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, data: bytes) -> None:
    file = folder / f"{name}.parquet"
    file.write_bytes(data)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{file}')")


def _hold_accounts(
    connection: duckdb.DuckDBPyConnection, closed: ClosedMonth, audit: Audit
) -> None:
    """What teams were charged is what the lines say, and the invoice."""
    invoices: Mapping[tuple[str, str | None], Mapping[str, Any]] = {
        (said["provider"], said["billing_account"]): said for said in closed.said["invoices"]
    }
    for provider, account, charged, lines in connection.execute(ACCOUNTS).fetchall():
        invoice = invoices.get((provider, account), {})
        amount = invoice.get("invoice_amount")
        stated = None if amount is None else Decimal(amount)
        audit.accounts.append((provider, account, invoice.get("invoice_id"), charged, stated))
        where = f"{provider} {account or '-'}"
        if charged != (lines or 0):
            audit.problems.append(f"{where}: teams were charged {charged:f}, lines say {lines:f}")
        allocated = invoice.get("allocated")
        if allocated is not None and charged != Decimal(allocated):
            audit.problems.append(f"{where}: teams were charged {charged:f} of {allocated}")


def _tell_corrections(
    connection: duckdb.DuckDBPyConnection, folder: Path, ledger: Ledger, month: date, audit: Audit
) -> None:
    """What later months posted of it."""
    for later in ledger.months():
        path = next(path for path in later.files if path.endswith(f"/{POSTED}.parquet"))
        name = f"posted_{later.month:%Y%m}"
        _open(connection, folder, name, ledger.verified_bytes(later, path))
        rows = connection.execute(
            f"SELECT team, reason, sum(amount) FROM {name} WHERE billing_month = ?"
            " GROUP BY ALL ORDER BY ALL",
            [month],
        ).fetchall()
        audit.corrections += [(f"{later.month:%Y-%m}", *row) for row in rows]


def _exports_that_differ(
    workspace: Workspace, closed: ClosedMonth, below: str = ""
) -> Iterator[str]:
    folder = open_storage(workspace.exports).child(f"{closed.month:%Y-%m}{below}")
    for name, sha256 in closed.below(EXPORTS).items():
        try:
            held = hashlib.sha256(folder.get(name).data).hexdigest()
        except SourceError:
            held = ""
        if held != sha256:
            yield (
                f"{folder.location}/{name}: is not as it left:"
                f" `tollbook export {closed.month:%Y-%m}` writes it again"
            )
