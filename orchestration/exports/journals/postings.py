"""What a month posts: rows of chargeback.csv of teams in the last phase, each under its accounts of
the general ledger.

A row is a line for each account that its money has by its cause, and apart from these a line for
what is corrected of earlier months. What rate_card.csv charges beyond the cost of an account's rows
is one line; the vendor's payable balances them.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

import duckdb

from ingestion.reference.conflicts import RECOVERY
from ingestion.vocabulary import PHASES
from orchestration.cents.posted import (
    PostedLine,
    Team,
    causes_of_residuals,
    fetch_rows,
    parts_by_cause,
    posted_lines,
)
from orchestration.checks.month_status import HELD
from orchestration.exports.gl_accounts import GlAccount, GlAccounts
from orchestration.exports.journals.lines import JournalError, Line, VendorAccount
from orchestration.exports.tables import invoices_of_month, recovery

# The phase whose money is posted; of the others a statement leaves.
POSTED: Final = PHASES[-1]
# Provider, billing account, team and cost centre.
_Row = tuple[str, str | None, str, str | None]


def posts(row: Mapping[str, Any]) -> bool:
    """Whether a row of mart_chargeback_monthly belongs into the journal: by its team's phase, and
    where the team does not dispute it.
    """
    return row["phase"] == POSTED and row["status"] != HELD


def vendor_accounts(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    basis: str,
    unit: int,
    accounts: GlAccounts,
    *,
    accrued: bool = False,
) -> list[VendorAccount]:
    """Raises JournalError for money that has no account. `accrued`: with what is estimated."""
    known = posted_lines(connection, month, unit, accrued=accrued)
    lines = [line for line in known if posts(line.row)]
    causes = causes_of_residuals(connection, month, basis)
    invoices = invoices_of_month(connection, month)
    corrected = _corrected_months(connection, month, lines)
    found = []
    for (provider, account), group in groupby(
        lines, lambda line: (line.row["provider"], line.row["billing_account"])
    ):
        of_vendor = list(group)
        made = [
            posted
            for line in of_vendor
            for posted in _lines(line, month, causes, accounts, corrected, unit)
        ]
        if beyond := recovery(of_vendor):
            made.append(_recovery(month, beyond, accounts, provider, account))
        if not made:
            continue
        payable = accounts.payable(provider, accrued=accrued)
        if payable is None:
            raise JournalError(
                f"accounts.csv has no account in {month:%Y-%m} for what {provider} is owed: add"
                f" the line `payable,{provider},<account>`, or `payable,,<account>` for all vendors"
            )
        memo = _memo(month, provider, account, invoices.get((provider, account)))
        balancing = Line(payable.gl_account, 0, memo, payable.dimensions, vendor=provider)
        found.append(VendorAccount(made, balancing))
    return found


def _lines(
    line: PostedLine,
    month: date,
    causes: Mapping[Team, Mapping[str, int]],
    accounts: GlAccounts,
    corrected: Mapping[_Row, str],
    unit: int,
) -> Iterable[Line]:
    row = line.row
    parts = parts_by_cause(line, causes, unit)
    correction = line.cents["correction"]
    parts[None] = parts.get(None, 0) - correction + line.recovered - line.total
    by_account: dict[tuple[str, str], tuple[GlAccount, int, list[str | None]]] = {}
    for cause, cents in parts.items():
        if cents:
            account = _account(line, month, accounts, cause)
            key = (account.gl_account, str(sorted(account.dimensions.items())))
            _, before, names = by_account.get(key, (account, 0, []))
            by_account[key] = (account, before + cents, [*names, cause])
    about = (row["provider"], row["billing_account"], row["team_name"] or row["team"])
    center = row["cost_center"] or ""
    for account, cents, names in by_account.values():
        told = "" if None in names else ", ".join(str(name) for name in names)
        memo = _memo(month, *about, told)
        yield Line(account.gl_account, cents, memo, account.dimensions, center)
    if correction:
        account = _account(line, month, accounts, None)
        memo = _memo(month, f"correction of {corrected.get(_key(row), 'earlier months')}", *about)
        yield Line(account.gl_account, correction, memo, account.dimensions, center)


def _recovery(
    month: date, beyond: int, accounts: GlAccounts, provider: str, billing_account: str | None
) -> Line:
    account = accounts.recovery()
    if account is None:
        raise JournalError(
            f"accounts.csv has no account in {month:%Y-%m} for what rate_card.csv charges beyond"
            f" the cost: add the line `cause,{RECOVERY},<account>`"
        )
    memo = _memo(month, provider, billing_account, "recovery")
    return Line(account.gl_account, -beyond, memo, account.dimensions)


def _account(line: PostedLine, month: date, accounts: GlAccounts, cause: str | None) -> GlAccount:
    found = accounts.of(line, cause)
    if found is None:
        team = line.row["team"]
        of = f"{cause} of team `{team}`" if cause else f"team `{team}`"
        raise JournalError(
            f"accounts.csv has no account in {month:%Y-%m} for {of} at {line.row['provider']}: add"
            f" the line `team,{team},<account>`, or `default,,<account>` for all"
        )
    return found


def _corrected_months(
    connection: duckdb.DuckDBPyConnection, month: date, lines: Iterable[PostedLine]
) -> dict[_Row, str]:
    """Which months are corrected in a row, as text."""
    if not any(line.cents["correction"] for line in lines):
        return {}
    rows = fetch_rows(
        connection,
        "SELECT provider, billing_account, team, cost_center,"
        " string_agg(DISTINCT strftime(billing_month, '%Y-%m'), ' and '"
        " ORDER BY strftime(billing_month, '%Y-%m')) AS months FROM main.mart_corrections"
        " WHERE posting_month = ? AND status IN ('posts', 'posted') GROUP BY ALL ORDER BY ALL",
        month,
    )
    return {_key(row): row["months"] for row in rows}


def _key(row: Mapping[str, Any]) -> _Row:
    return row["provider"], row["billing_account"], row["team"], row["cost_center"]


def _memo(month: date, *words: str | None) -> str:
    return " ".join(["AI usage", f"{month:%Y-%m}", *(word for word in words if word)])
