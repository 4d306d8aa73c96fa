"""What a month posts: rows of chargeback.csv of teams in the last phase, each under its accounts of
the general ledger.

A row is a line for each account that its money has by its cause, and apart from these a line for
what is corrected of earlier months, and one for what another rate of exchange did to them. What
rate_card.csv charges beyond the cost of an account's rows is one line; the vendor's payable
balances them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import duckdb

from ingestion.reference.conflicts import EXCHANGE, RECOVERY
from ingestion.vocabulary import PHASES
from orchestration.cents.largest_remainder import nearest_cents, pico
from orchestration.cents.owners import UNALLOCATED
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


@dataclass(frozen=True, slots=True)
class _Corrected:
    """Of a row: which months are corrected, those of which the rate is another, and by how much."""

    months: str = "earlier months"
    rated: str = ""
    exchange: Decimal = Decimal()


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
    corrected = _corrections(connection, month, lines)
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
        memo = _memo(month, provider, invoices.get((provider, account)), account)
        balancing = Line(payable.gl_account, 0, memo, payable.dimensions, vendor=provider)
        found.append(VendorAccount(made, balancing))
    return found


def _lines(
    line: PostedLine,
    month: date,
    causes: Mapping[Team, Mapping[str, int]],
    accounts: GlAccounts,
    corrected: Mapping[_Row, _Corrected],
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
    about = (row["provider"], _named(row))
    # nobody's cost centre is no code of a ledger
    center = row["cost_center"] if row["cost_center"] not in (None, UNALLOCATED) else ""
    for account, cents, names in by_account.values():
        told = "" if None in names else ", ".join(map(str, names)).replace("_", " ")
        memo = _memo(month, *about, told, row["billing_account"])
        yield Line(account.gl_account, cents, memo, account.dimensions, center)
    said = corrected.get(_key(row), _Corrected())
    exchange = nearest_cents(pico(said.exchange), unit) if correction else 0
    for cents, cause, told in (
        (correction - exchange, None, f"correction of {said.months}"),
        (exchange, EXCHANGE, f"exchange rate {said.rated}"),
    ):
        if cents:
            account = _account(line, month, accounts, cause)
            memo = _memo(month, told, *about, row["billing_account"])
            yield Line(account.gl_account, cents, memo, account.dimensions, center)


def _recovery(
    month: date, beyond: int, accounts: GlAccounts, provider: str, billing_account: str | None
) -> Line:
    account = accounts.recovery()
    if account is None:
        raise JournalError(
            f"accounts.csv has no account in {month:%Y-%m} for what rate_card.csv charges beyond"
            f" the cost: add the line `cause,{RECOVERY},<account>`"
        )
    memo = _memo(month, provider, "recovery", billing_account)
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


def _corrections(
    connection: duckdb.DuckDBPyConnection, month: date, lines: Iterable[PostedLine]
) -> dict[_Row, _Corrected]:
    if not any(line.cents["correction"] for line in lines):
        return {}
    months = "string_agg(DISTINCT strftime(billing_month, '%Y-%m'), ' and '"
    months += " ORDER BY strftime(billing_month, '%Y-%m'))"
    rated = "FILTER (WHERE reason = 'exchange_rate')"
    rows = fetch_rows(
        connection,
        "SELECT provider, billing_account, team, cost_center,"
        f" {months} FILTER (WHERE reason <> 'exchange_rate') AS months, {months} {rated} AS rated,"
        f" coalesce(sum(amount) {rated}, 0)::DECIMAL(38, 12) AS exchange"
        " FROM main.mart_corrections WHERE posting_month = ? AND status IN ('posts', 'posted')"
        " GROUP BY ALL ORDER BY ALL",
        month,
    )
    return {
        _key(row): _Corrected(
            row["months"] or "earlier months", row["rated"] or "", row["exchange"]
        )
        for row in rows
    }


def _key(row: Mapping[str, Any]) -> _Row:
    return row["provider"], row["billing_account"], row["team"], row["cost_center"]


def _named(row: Mapping[str, Any]) -> str:
    return "unallocated" if row["team"] == UNALLOCATED else str(row["team_name"] or row["team"])


def _memo(month: date, *words: str | None) -> str:
    """What tells lines apart first, the account last: some ledgers keep 50 characters."""
    return " ".join(["AI usage", f"{month:%Y-%m}", *(word for word in words if word)])
