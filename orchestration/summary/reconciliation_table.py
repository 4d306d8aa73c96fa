"""How each account's invoice of a month was explained, as a run prints it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    fits,
    nearest_cents,
    pico,
    places_of,
    split_cents,
    unit_of,
)
from orchestration.cents.posted import PostedLine
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
    causes = _causes(connection)
    rows = connection.execute(
        "SELECT billing_month, provider, billing_account, invoice_amount, unexplained, allocated,"
        " foreign_services,"
        f" requests_cost, {', '.join(causes) or 'NULL'}"
        " FROM main.mart_reconciliation_monthly"
        " ORDER BY billing_month, provider, billing_account NULLS LAST"
    ).fetchall()
    unit, places = unit_of(currency), places_of(currency)
    accounts = _accounts(posted)
    digits = _digits([row[4] for row in rows], unit, places)
    is_whole = any(row[6] for row in rows)
    lines = []
    for month, provider, account, invoice, unexplained, allocated, others, *parts in rows:
        amounts = [pico(part) for part in parts[: 1 + len(causes)]]
        total = accounts.get((month, provider, account), _Posted()).total
        if not fits(total, pico(allocated), unit):
            total = nearest_cents(pico(allocated), unit)
        direct = accounts.get((month, provider, account), _Posted()).of(amounts[0])
        cents = [total, *_parts(amounts, total, direct, unit)]
        shown = [cents_decimal(each, places) for each in cents]
        paid = (
            None if invoice is None else cents_decimal(nearest_cents(pico(invoice), unit), places)
        )
        left = None if unexplained is None else round(unexplained, digits) + 0
        told = ["no invoice" if each is None else each for each in (paid, left)]
        if is_whole:
            shown.append(cents_decimal(_others(invoice, unexplained, others, total, unit), places))
        lines.append([f"{month:%Y-%m}", provider, account, told[0], *shown, told[1]])
    names = ["month", "provider", "account", "invoice", "allocated", "requests", *causes]
    return as_table([*names, *(["other services"] if is_whole else []), "unexplained"], lines)


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


def _accounts(
    posted: Mapping[date, Sequence[PostedLine]],
) -> dict[tuple[date, Any, Any], _Posted]:
    found: dict[tuple[date, Any, Any], _Posted] = {}
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


def _digits(unexplained: Sequence[Decimal | None], unit: int, places: int) -> int:
    """A thousandth is not zero: as many as the longest needs, cents where all are whole cents."""
    amounts = [pico(amount) for amount in unexplained if amount is not None]
    if all(amount % unit == 0 for amount in amounts):
        return places
    return max(len(f"{amount:0{EXACT + 1}d}"[-EXACT:].rstrip("0")) for amount in map(abs, amounts))


def _causes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The residual causes that stand between `requests_cost` and `unexplained`, if not all 0."""
    columns = [
        row[0] for row in connection.execute("DESCRIBE main.mart_reconciliation_monthly").fetchall()
    ]
    start, end = columns.index("requests_cost"), columns.index("unexplained")
    causes = columns[start + 1 : end]
    [sums] = connection.execute(
        f"SELECT {', '.join(f'coalesce(sum(abs({cause})), 0)' for cause in causes)}"
        " FROM main.mart_reconciliation_monthly"
    ).fetchall()
    return [cause for cause, total in zip(causes, sums, strict=True) if total]
