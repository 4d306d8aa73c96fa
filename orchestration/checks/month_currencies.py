"""The currencies of a month of an account: of its bill, else of its invoices."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb

Account = tuple[str, str]  # provider, billing account
# As dbt decided it, of the rows that stand.
BUILT: Final = """
    SELECT
        provider, billing_account, billing_month, is_billed, decided_on, first_currency,
        last_currency, rate_pico IS NOT NULL AS has_rate
    FROM intermediate.int_billing_currencies
"""
# The same of all that has landed, before anything is built.
LANDED: Final = """
    WITH said AS (
        SELECT
            provider, billing_account, billing_currency AS currency, true AS is_billed,
            bucket_start AT TIME ZONE 'UTC'
            + CASE
                WHEN bucket_end - bucket_start BETWEEN INTERVAL 23 HOUR AND INTERVAL 25 HOUR
                    THEN INTERVAL 13 HOUR
                ELSE INTERVAL 0 HOUR
            END AS moment,
            CAST(NULL AS DATE) AS issued_on
        FROM landing.charges
        WHERE billed_cost_in_billing_currency <> 0 AND source IN (SELECT unnest($bills))
        UNION ALL
        SELECT
            provider, billing_account, currency, false, billing_month,
            CAST(issued_at AT TIME ZONE 'UTC' AS DATE)
        FROM landing.invoices
        WHERE kind <> 'prepaid'
    ),
    dated AS (
        SELECT *, CAST(date_trunc('month', moment) AS DATE) AS billing_month FROM said
    ),
    months AS (
        SELECT
            provider, billing_account, billing_month,
            bool_or(is_billed) AS is_billed,
            coalesce(max(issued_on), last_day(billing_month)) AS decided_on,
            coalesce(min(currency) FILTER (is_billed), min(currency)) AS first_currency,
            coalesce(max(currency) FILTER (is_billed), max(currency)) AS last_currency
        FROM dated
        GROUP BY provider, billing_account, billing_month
        HAVING bool_or(currency <> $reporting)
    )
    SELECT
        *,
        EXISTS (
            FROM landing.fx_rates
            WHERE from_currency = first_currency AND "date" <= decided_on
        )
    FROM months
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
    """Of a warehouse that was built."""
    return [Month((row[0], row[1]), *row[2:]) for row in connection.execute(BUILT).fetchall()]


def landed_months(
    connection: duckdb.DuckDBPyConnection, bills: list[str], reporting: str
) -> list[Month]:
    """Before anything is built. `connection`: schema `landing`, with invoices and fx_rates."""
    values = {"bills": bills, "reporting": reporting}
    rows = connection.execute(LANDED, values).fetchall()
    return [Month((row[0], row[1]), *row[2:]) for row in rows]
