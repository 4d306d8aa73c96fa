"""How each account's invoice of a month was explained, as a run prints it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.cents.largest_remainder import cents_decimal, pico, places_of, unit_of
from orchestration.cents.posted import PostedLine
from orchestration.cents.reconciled import causes_with_money, reconciled_accounts
from orchestration.terminal.tables import as_table

EXACT: Final = 12


def reconciliation(
    connection: duckdb.DuckDBPyConnection,
    posted: Mapping[date, Sequence[PostedLine]],
    currency: str,
) -> str:
    """One line per provider account and month; only causes that have money get a column.

    `allocated` is what chargeback.csv posts of the account, in the same cents; `requests` and the
    causes sum to it. What is unexplained keeps as many digits in all lines as one line needs.
    Other services of an invoice that covers all have a column where one does.
    """
    unit, places = unit_of(currency), places_of(currency)
    accounts = reconciled_accounts(connection, posted, unit)
    causes = causes_with_money(connection)
    digits = _digits([account.unexplained for account in accounts], unit, places)
    is_whole = any(account.row["foreign_services"] for account in accounts)
    lines = []
    for account in accounts:
        month, provider, billing_account = account.account
        paid = None if account.invoice is None else cents_decimal(account.invoice, places)
        left = None if account.unexplained is None else round(account.unexplained, digits) + 0
        cents = [account.allocated, account.requests, *account.causes.values()]
        cents += [account.other_services] if is_whole else []
        told = ["no invoice" if each is None else each for each in (paid, left)]
        shown = [cents_decimal(each, places) for each in cents]
        lines.append([f"{month:%Y-%m}", provider, billing_account, told[0], *shown, told[1]])
    names = ["month", "provider", "account", "invoice", "allocated", "requests", *causes]
    return as_table([*names, *(["other services"] if is_whole else []), "unexplained"], lines)


def _digits(unexplained: Sequence[Decimal | None], unit: int, places: int) -> int:
    """A thousandth is not zero: as many as the longest needs, cents where all are whole cents."""
    amounts = [pico(amount) for amount in unexplained if amount is not None]
    if all(amount % unit == 0 for amount in amounts):
        return places
    return max(len(f"{amount:0{EXACT + 1}d}"[-EXACT:].rstrip("0")) for amount in map(abs, amounts))
