"""What to look at before the next bill: a month's runaways, unit costs, and what is ahead."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.posted import fetch_rows
from orchestration.checks.month_status import CLOSED
from orchestration.exports.site.signals import budgets, forecast, levers
from orchestration.exports.site.signals.budgets import Budget, read_budgets
from orchestration.exports.site.signals.forecast import Forecast, read_forecasts
from orchestration.exports.site.signals.levers import (
    Levers,
    Rows,
    levers_of,
    read_break_evens,
    read_levers,
)
from orchestration.publishing.origin import published_tables

RUNAWAYS: Final = "mart_runaways"
UNIT_COSTS: Final = "mart_unit_cost_daily"
# The layer of dim_control_layers that sees what no limit caught.
INVOICE_REVIEW: Final = 5
MOST_RUNAWAYS: Final = 50
MOST_TRENDS: Final = 6
WIDTH: Final = 258.0
BASE: Final = 76.0
TALLEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class Runaway:
    """`row`: of mart_runaways; `start` and `width`: its hours in percent of the month."""

    row: Mapping[str, Any]
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Trend:
    """`points`: of a line; `first` and `last` cost per thousand requests; `changes`: its days of
    mart_unit_cost_daily from which on it lastingly costs another amount.
    """

    feature: str
    points: str
    first: Decimal
    last: Decimal
    highest: Decimal
    changes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a company or a team has of budgets, levers and a forecast, each where there is any."""

    budgets: Sequence[Budget]
    levers: Levers | None
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Signals:
    """`lever_rows`: of each team; `forecasts`: of each, the company's under None."""

    runaways: Sequence[Runaway]
    trends: Sequence[Trend]
    budgets: Sequence[Budget]
    lever_rows: Mapping[str, Rows]
    break_evens: Rows
    forecasts: Mapping[str | None, Forecast]

    @property
    def is_empty(self) -> bool:
        found = (self.runaways, self.trends, self.budgets, self.lever_rows, self.break_evens)
        return not any(found) and None not in self.forecasts

    @property
    def dearest_runaways(self) -> Sequence[Runaway]:
        return self.runaways[:MOST_RUNAWAYS]

    @property
    def ahead(self) -> Ahead:
        """Of the company."""
        every = [row for rows in self.lever_rows.values() for row in rows]
        return Ahead(self.budgets, levers_of(every), self.forecasts.get(None))

    def ahead_of(self, team: str) -> Ahead:
        """Of a team, its own rows alone."""
        own = [each for each in self.budgets if each.team == team]
        return Ahead(own, levers_of(self.lever_rows.get(team, ())), self.forecasts.get(team))


def read_signals(connection: duckdb.DuckDBPyConnection, month: date, status: str) -> Signals:
    """Of the marts that are there: those of an earlier release have fewer. What is forecast today
    is another forecast tomorrow, so pages of a closed month, which stay as they are, have none.
    """
    there = published_tables(connection)
    is_open = status != CLOSED
    return Signals(
        _runaways(connection, month) if RUNAWAYS in there else [],
        _trends(connection, month) if UNIT_COSTS in there else [],
        read_budgets(connection, month) if budgets.MART in there else [],
        read_levers(connection, month) if levers.LEVERS in there else {},
        read_break_evens(connection, month) if levers.BREAK_EVENS in there else [],
        read_forecasts(connection, month) if is_open and forecast.MART in there else {},
    )


def _runaways(connection: duckdb.DuckDBPyConnection, month: date) -> list[Runaway]:
    """Those that have an hour in the month, the dearest first; without a price last."""
    rows = fetch_rows(
        connection,
        "SELECT axis, entity, signature, first_seen_at, detected_at, last_seen_at, hours_over,"
        " is_open, feature, team, call_owner, requests, unpriced_quantity, exposure_at_detection,"
        " exposure_so_far, exposure_by_morning, first_limit, first_layer_at, layer_name"
        " FROM main.mart_runaways LEFT JOIN main.dim_control_layers"
        f" ON control_layer = coalesce(first_layer, {INVOICE_REVIEW})"
        " WHERE first_seen_at < $1 + INTERVAL 1 MONTH AND last_seen_at >= $1"
        " ORDER BY exposure_so_far DESC NULLS LAST, first_seen_at, axis, entity",
        month,
    )
    hours = 24 * calendar.monthrange(month.year, month.month)[1]
    found = []
    for row in rows:
        start, end = (
            min(max(_hours(row[name], month), 0), hours)
            for name in ("first_seen_at", "last_seen_at")
        )
        width = max(100 * (end - start) / hours, 0.6)
        found.append(Runaway(row, min(100 * start / hours, 100 - width), width))
    return found


def _hours(moment: Any, month: date) -> float:
    since = moment.date() - month
    return (since / timedelta(days=1)) * 24 + moment.hour + moment.minute / 60


def _trends(connection: duckdb.DuckDBPyConnection, month: date) -> list[Trend]:
    """Of the dearest features with a cost on several days."""
    rows = fetch_rows(
        connection,
        "SELECT usage_date, feature, total_cost, cost_per_request, is_change_point,"
        " baseline_model, main_model, baseline_cost_per_request, changed_cost_per_request,"
        " change_percent FROM main.mart_unit_cost_daily WHERE usage_date >= $1"
        " AND usage_date < $1 + INTERVAL 1 MONTH AND cost_per_request IS NOT NULL"
        " ORDER BY feature, usage_date",
        month,
    )
    features: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        features.setdefault(row["feature"], []).append(row)
    ranked = sorted(
        (name for name, days in features.items() if len(days) > 1),
        key=lambda name: (-sum(day["total_cost"] for day in features[name]), name),
    )
    return [_trend(name, features[name], month) for name in ranked[:MOST_TRENDS]]


def _trend(feature: str, days: Sequence[Mapping[str, Any]], month: date) -> Trend:
    costs = [1000 * day["cost_per_request"] for day in days]
    most = max(*costs, Decimal("0.000001"))
    length = calendar.monthrange(month.year, month.month)[1]
    points = " ".join(
        f"{WIDTH * (day['usage_date'].day - 0.5) / length:.1f},"
        f"{BASE - float(cost / most) * TALLEST:.1f}"
        for day, cost in zip(days, costs, strict=True)
    )
    changes = [day for day in days if day["is_change_point"]]
    return Trend(feature, points, costs[0], costs[-1], max(costs), changes)
