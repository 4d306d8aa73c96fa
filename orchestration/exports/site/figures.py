"""A month's statement, read once from the published marts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import duckdb

from orchestration.cents.features import feature_lines
from orchestration.cents.largest_remainder import nearest_cents, pico, unit_of
from orchestration.cents.posted import PostedLine, fetch_rows, posted_lines
from orchestration.exports.site.row_models import OWNERS, models_of_rows, split_over_models
from orchestration.exports.site.statement import (
    Invoice,
    Model,
    MonthFigures,
    Row,
    Statement,
    month_before,
)
from orchestration.exports.site.wording.names import Names
from orchestration.exports.tables import ExportTable, showback
from orchestration.publishing.origin import read_origin

T = TypeVar("T")


class Figures:
    """A month's tables of cents, each made once: for its own files and pages and for those of the
    month after it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, currency: str) -> None:
        self.connection = connection
        self.currency = currency
        self.origin = read_origin(connection)
        self._showback: dict[date, ExportTable] = {}
        self._months: dict[date, MonthFigures] = {}

    def showback(self, month: date) -> ExportTable:
        if month not in self._showback:
            basis = self.origin.chargeback_basis
            made = showback(self.connection, month, basis, self.currency)
            self._showback = _latest({**self._showback, month: made})
        return self._showback[month]

    def of(self, month: date) -> MonthFigures:
        """Without its days."""
        if month not in self._months:
            self._months = _latest({**self._months, month: self._figures(month)})
        return self._months[month]

    def _figures(self, month: date) -> MonthFigures:
        basis, unit = self.origin.chargeback_basis, unit_of(self.currency)
        posted = posted_lines(self.connection, month, unit)
        models = models_of_rows(self.connection, month, basis)
        rows = _rows(self.showback(month), f"{basis}_cost", unit, models)
        shown = _shown(self.connection, month, rows, basis, unit)
        return MonthFigures(
            month=month,
            posted=posted,
            lines=feature_lines(self.connection, month, posted, basis, unit, shown),
            rows=rows,
            models=_models(self.connection, month, basis),
        )


def _latest(months: dict[date, T]) -> dict[date, T]:
    """A page looks at two months: no more are held."""
    return dict(list(months.items())[-2:])


def read_statement(figures: Figures, month: date, status: str) -> Statement:
    connection, origin = figures.connection, figures.origin
    earlier = month_before(month)
    has_before = bool(
        fetch_rows(
            connection,
            "SELECT 1 FROM main.mart_chargeback_monthly WHERE billing_month = ? LIMIT 1",
            earlier,
        )
    )
    before = figures.of(earlier) if has_before else None
    days = _days(connection, month, origin.chargeback_basis)
    now = replace(figures.of(month), days=days)
    return Statement(
        company=origin.company,
        locale=origin.locale,
        status=status,
        basis=origin.chargeback_basis,
        currency=figures.currency,
        invoices=_invoices(connection, now.posted, month, figures.currency),
        now=now,
        before=before,
        names=_names(connection, now.posted),
    )


def _rows(
    table: ExportTable,
    column: str,
    unit: int,
    models: Mapping[tuple[str, ...], Mapping[str, int]],
) -> list[Row]:
    """Of owners; what an estimate has is in it."""
    columns = list(table.columns)
    found = []
    for values in table.rows:
        row = dict(zip(columns, values, strict=True))
        if row["line_kind"] == "owner":
            parts = (row[column], row["estimated_cost"], row["shared_cost"])
            cents = sum(pico(part) // unit for part in parts if isinstance(part, Decimal))
            owners = {name: str(row[name]) for name in OWNERS}
            of_models = split_over_models(models.get(tuple(owners.values()), {}), cents, unit)
            found.append(Row(owners, int(str(row["requests"])), cents, of_models))
    return sorted(found, key=lambda row: (-row.cents, *row.owners.values()))


def _shown(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    rows: Sequence[Row],
    basis: str,
    unit: int,
) -> dict[tuple[str, str], tuple[int, int]]:
    """Of each team's feature the exact amount and the cents of showback.csv."""
    exact = fetch_rows(
        connection,
        f"SELECT team, feature, sum({basis}_cost)::DECIMAL(38, 12) AS amount"
        " FROM main.mart_showback_monthly WHERE showback_month = ? AND line_kind = 'owner'"
        " GROUP BY team, feature ORDER BY team, feature",
        month,
    )
    cents: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.owners["team"], row.owners["feature"])
        cents[key] = cents.get(key, 0) + row.cents
    return {
        (row["team"], row["feature"]): (
            pico(row["amount"]),
            cents[row["team"], row["feature"]],
        )
        for row in exact
    }


def _models(connection: duckdb.DuckDBPyConnection, month: date, basis: str) -> list[Model]:
    rows = fetch_rows(
        connection,
        "SELECT team, coalesce(model, '') AS model,"
        f" (sum({basis}_cost) + coalesce(sum(estimated_cost), 0))::DECIMAL(38, 12) AS cost,"
        " coalesce(sum(quantity) FILTER (estimated_cost IS NULL), 0)::BIGINT AS unpriced,"
        " coalesce(sum(quantity) FILTER (meter LIKE 'input%' OR meter LIKE 'output%'"
        " OR meter LIKE 'cache_%' OR meter LIKE 'audio_%put' OR meter LIKE 'image_%put'), 0)"
        "::BIGINT AS tokens"
        " FROM main.fct_cost_allocations"
        " WHERE billing_month = ? AND residual_cause IS NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        month,
    )
    return [Model(**row) for row in rows]


def _days(
    connection: duckdb.DuckDBPyConnection, month: date, basis: str
) -> dict[tuple[str, str], dict[date, Decimal]]:
    rows = connection.execute(
        "SELECT team, feature, usage_date,"
        f" (sum({basis}_cost) + coalesce(sum(estimated_cost), 0))::DECIMAL(38, 12) AS cost"
        " FROM main.fct_cost_allocations"
        " WHERE billing_month = ? AND residual_cause IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [month],
    ).fetchall()
    found: dict[tuple[str, str], dict[date, Decimal]] = {}
    for team, feature, day, cost in rows:
        found.setdefault((team, feature), {})[day] = cost
    return found


def _invoices(
    connection: duckdb.DuckDBPyConnection,
    posted: Sequence[PostedLine],
    month: date,
    currency: str,
) -> list[Invoice]:
    rows = fetch_rows(
        connection,
        "SELECT provider, billing_account, invoice_id, invoice_amount, foreign_services,"
        " unexplained, invoice_status FROM main.mart_reconciliation_monthly"
        " WHERE billing_month = ? ORDER BY provider, billing_account NULLS LAST",
        month,
    )
    unit = unit_of(currency)
    attributed: dict[tuple[str, Any], int] = {}
    for line in posted:
        key = (line.row["provider"], line.row["billing_account"])
        attributed[key] = attributed.get(key, 0) + line.total
    return [
        Invoice(
            row["provider"],
            row["billing_account"],
            row["invoice_id"],
            None
            if row["invoice_amount"] is None
            else nearest_cents(pico(row["invoice_amount"] - (row["foreign_services"] or 0)), unit),
            attributed.get((row["provider"], row["billing_account"]), 0),
            row["unexplained"],
            row["invoice_status"],
        )
        for row in rows
    ]


def _names(connection: duckdb.DuckDBPyConnection, posted: Sequence[PostedLine]) -> Names:
    teams = {line.row["team"]: line.row["team_name"] for line in posted if line.row["team_name"]}
    rows = connection.execute(
        "SELECT spelling, likely_owner FROM main.mart_likely_misspellings"
        " WHERE dimension = 'feature' ORDER BY ALL"
    ).fetchall()
    return Names(teams, dict(rows))
