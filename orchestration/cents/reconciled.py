"""The cents of an account's month as its invoice was explained: one set for all surfaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents
from orchestration.cents.posted import PostedLine

# Month, provider and billing account.
Account = tuple[date, str, str | None]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`allocated` is what chargeback.csv posts of the account; `requests` and `causes`, which have
    only causes with money, sum to it. `unexplained` is exact; None where no invoice is there.
    """

    account: Account
    row: Mapping[str, Any]
    invoice: int | None
    allocated: int
    requests: int
    causes: Mapping[str, int]
    other_services: int
    unexplained: Decimal | None


def reconciled_accounts(
    connection: duckdb.DuckDBPyConnection,
    posted: Mapping[date, Sequence[PostedLine]],
    unit: int,
    month: date | None = None,
) -> list[Reconciled]:
    """One per month, provider and account, in their order; `month`: of that one alone."""
    causes = causes_with_money(connection)
    accounts = _accounts(posted)
    result = connection.execute(
        "SELECT * FROM main.mart_reconciliation_monthly WHERE billing_month = coalesce(?,"
        " billing_month) ORDER BY billing_month, provider, billing_account NULLS LAST",
        [month],
    )
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return [_reconciled(row, causes, accounts, unit) for row in rows]


def all_causes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The residual causes that stand between `requests_cost` and `unexplained`."""
    columns = [
        row[0] for row in connection.execute("DESCRIBE main.mart_reconciliation_monthly").fetchall()
    ]
    return columns[columns.index("requests_cost") + 1 : columns.index("unexplained")]


def causes_with_money(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Of any month."""
    causes = all_causes(connection)
    [sums] = connection.execute(
        f"SELECT {', '.join(f'coalesce(sum(abs({cause})), 0)' for cause in causes)}"
        " FROM main.mart_reconciliation_monthly"
    ).fetchall()
    return [cause for cause, total in zip(causes, sums, strict=True) if total]


def _reconciled(
    row: Mapping[str, Any],
    causes: Sequence[str],
    accounts: Mapping[Account, "_Posted"],
    unit: int,
) -> Reconciled:
    account = (row["billing_month"], row["provider"], row["billing_account"])
    posted = accounts.get(account, _Posted())
    amounts = [pico(row["requests_cost"]), *(pico(row[cause]) for cause in causes)]
    total = posted.total
    if not fits(total, pico(row["allocated"]), unit):
        total = nearest_cents(pico(row["allocated"]), unit)
    requests, *parts = _parts(amounts, total, posted.of(amounts[0]), unit)
    invoice, unexplained = row["invoice_amount"], row["unexplained"]
    return Reconciled(
        account,
        row,
        None if invoice is None else nearest_cents(pico(invoice), unit),
        total,
        requests,
        dict(zip(causes, parts, strict=True)),
        _others(invoice, unexplained, row["foreign_services"], total, unit),
        unexplained,
    )


def _others(
    invoice: Decimal | None, unexplained: Decimal | None, others: Decimal, total: int, unit: int
) -> int:
    """Cents of other services: what the invoice has beside the rest, if that is in a cent."""
    if invoice is not None and unexplained is not None:
        beside = nearest_cents(pico(invoice) - pico(unexplained), unit) - total
        if fits(beside, pico(others), unit):
            return beside
    return nearest_cents(pico(others), unit)


@dataclass(slots=True)
class _Posted:
    """Of an account in chargeback.csv, in cents; `exact` is its direct money in pico-units."""

    total: int = 0
    direct: int = 0
    exact: int = 0

    def of(self, requests: int) -> int | None:
        """Cents of direct money, where that is what requests cost on the bill."""
        return self.direct if self.exact == requests else None


def _accounts(posted: Mapping[date, Sequence[PostedLine]]) -> dict[Account, _Posted]:
    found: dict[Account, _Posted] = {}
    for month, lines in posted.items():
        for line in lines:
            key = (month, line.row["provider"], line.row["billing_account"])
            account = found.setdefault(key, _Posted())
            account.total += line.total
            account.direct += line.cents["direct"]
            account.exact += pico(line.row["direct_cost"])
    return found


def _parts(amounts: Sequence[int], total: int, direct: int | None, unit: int) -> list[int]:
    """Cents of requests and of each cause; of requests those posted, if all then are in a cent."""
    requests, *causes = amounts
    is_posted = direct is not None and fits(direct, requests, unit)
    if direct is not None and is_posted and fits(total - direct, sum(causes), unit):
        return [direct, *split_cents(causes, total - direct, unit)]
    return split_cents(amounts, total, unit)
