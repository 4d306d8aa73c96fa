"""What bills and invoices say in a currency that cannot be counted, a sentence each.

Such amounts stay out of the marts, and all others are published.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.warehouse.billed_accounts import billed_accounts

Account = tuple[str, str]  # provider, billing account
MODEL: Final = "int_billing_currencies"
BUILT: Final = f"""
    SELECT
        provider, billing_account, billing_month, is_billed, decided_on, first_currency,
        last_currency, rate_pico IS NOT NULL AS has_rate
    FROM intermediate.{MODEL}
"""


@dataclass(frozen=True, slots=True)
class Month:
    """The currencies of an account's bill in a month, of its invoices where there is no bill."""

    account: Account
    month: date
    is_billed: bool
    decided_on: date
    first: str
    last: str
    has_rate: bool

    @property
    def is_mixed(self) -> bool:
        return self.first != self.last

    def lacks_rate(self, currency: str, reporting: str) -> bool:
        return currency != reporting and not self.is_mixed and not self.has_rate

    def takes(self, currency: str, reporting: str) -> bool:
        return currency in (self.first, self.last) and (not self.is_mixed or currency == reporting)

    @property
    def currencies(self) -> str:
        return f"{self.first} and {self.last}" if self.is_mixed else self.first


def built_months(connection: duckdb.DuckDBPyConnection) -> list[Month]:
    """Of a warehouse with MODEL."""
    return [Month((row[0], row[1]), *row[2:]) for row in connection.execute(BUILT).fetchall()]


INVOICES: Final = """
    SELECT line, provider, billing_account, billing_month, currency
    FROM staging.stg_reference__invoices
    WHERE is_payable
"""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """By name of the bill, and of lines of invoices.csv."""

    bills: Mapping[str, str]
    invoices: list[str]


def left_out(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> Uncounted:
    """Of a warehouse with MODEL."""
    months = built_months(connection)
    names, told = billed_accounts(connection), defaultdict[str, list[str]](list)
    for account, of_account in _uncounted_bills(months, workspace.currency).items():
        if account in names:
            told[names[account]] += _of_bill(of_account, workspace.currency)
    return Uncounted(
        {name: "; ".join(sentences) for name, sentences in told.items()},
        list(_of_invoices(connection, months, workspace.currency)),
    )


def _uncounted_bills(months: Iterable[Month], reporting: str) -> dict[Account, list[Month]]:
    found: dict[Account, list[Month]] = defaultdict(list)
    for month in sorted(months, key=lambda each: (each.account, each.month)):
        if month.is_billed and (month.is_mixed or month.lacks_rate(month.first, reporting)):
            found[month.account].append(month)
    return found


def _of_bill(months: Iterable[Month], reporting: str) -> Iterator[str]:
    by_currencies: dict[str, list[Month]] = defaultdict(list)
    for month in months:
        by_currencies[month.currencies].append(month)
    for currencies, of_them in by_currencies.items():
        named = ", ".join(f"{each.month:%Y-%m}" for each in of_them)
        if of_them[0].is_mixed:
            yield (
                f"bills in {currencies} of {named}: the bill of a month has one currency, what is"
                f" not in {reporting} was left out"
            )
        else:
            first = min(each.decided_on for each in of_them)
            yield f"bills in {currencies} of {named}, and {_no_rate(currencies, reporting, first)}"


def _of_invoices(
    connection: duckdb.DuckDBPyConnection, months: Iterable[Month], reporting: str
) -> Iterator[str]:
    by_month = {(month.account, month.month): month for month in months}
    for line, provider, account, billing_month, currency in sorted(
        connection.execute(INVOICES).fetchall()
    ):
        month = by_month.get(((provider, account), billing_month))
        if month is None:
            continue
        place = f"invoices.csv:{line}: currency: `{currency}`"
        if not month.takes(currency, reporting):
            what = "bill is" if month.is_billed else "invoices are"
            yield (
                f"{place}, and of {provider} {account} in {billing_month:%Y-%m} the {what} in"
                f" {month.currencies}: give the amounts as the provider wrote them"
            )
        elif not month.is_billed and month.lacks_rate(currency, reporting):
            yield f"{place}, and {_no_rate(currency, reporting, month.decided_on)}"


def _no_rate(currency: str, reporting: str, on: date) -> str:
    return f"fx_rates.csv has no {currency}→{reporting} rate on or before {on}: add one"
