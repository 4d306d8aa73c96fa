"""`exports/index.html`: every month that has pages, open ones marked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import PAGES, Workspace
from orchestration.cents.largest_remainder import nearest_cents, pico, unit_of
from orchestration.checks.month_status import CLOSED, month_statuses
from orchestration.exports.manifest import currency_of
from orchestration.exports.site.pages import rendered_index
from orchestration.exports.site.wording.numbers import Numbers
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin


@dataclass(frozen=True, slots=True)
class Month:
    """`cents`: what is billed and estimated."""

    month: date
    status: str
    cents: int
    is_estimate: bool

    @property
    def is_open(self) -> bool:
        return self.status != CLOSED


def write_index(workspace: Workspace) -> str:
    """Where the pages are begun."""
    with open_marts(workspace.marts) as connection:
        currency = currency_of(connection) or ""
        origin = read_origin(connection)
        page = rendered_index(
            company=origin.company,
            numbers=Numbers(currency, origin.locale),
            months=_months(connection, unit_of(currency)),
        )
    open_storage(workspace.exports).put(PAGES, page)
    return workspace.pages


def _months(connection: duckdb.DuckDBPyConnection, unit: int) -> list[Month]:
    """Newest first."""
    rows = connection.execute(
        "SELECT billing_month, sum(total_cost)::DECIMAL(38, 12),"
        " sum(estimated_cost)::DECIMAL(38, 12), bool_or(estimated_cost IS NULL)"
        " FROM main.mart_chargeback_monthly GROUP BY 1"
    ).fetchall()
    sums = {
        month: (total, estimated or Decimal(), unknown) for month, total, estimated, unknown in rows
    }
    found = []
    for month, status in month_statuses(connection).items():
        total, estimated, unknown = sums.get(month, (Decimal(), Decimal(), False))
        cents = nearest_cents(pico(total), unit) + nearest_cents(pico(estimated), unit)
        found.append(Month(month, status, cents, bool(estimated or unknown)))
    return found[::-1]
