"""What to look at before the next bill: runaways of a month, what a request of a feature costs."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.posted import fetch_rows

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
class Signals:
    runaways: Sequence[Runaway]
    more_runaways: int
    trends: Sequence[Trend]

    @property
    def is_empty(self) -> bool:
        return not self.runaways and not self.trends


def read_signals(connection: duckdb.DuckDBPyConnection, month: date) -> Signals:
    runaways = _runaways(connection, month)
    shown = runaways[:MOST_RUNAWAYS]
    return Signals(shown, len(runaways) - len(shown), _trends(connection, month))


def _runaways(connection: duckdb.DuckDBPyConnection, month: date) -> list[Runaway]:
    """Those that have an hour in the month, the dearest first; without a price last."""
    rows = fetch_rows(
        connection,
        "SELECT axis, entity, signature, first_seen_at, detected_at, last_seen_at, hours_over,"
        " is_open, feature, team, call_owner, requests, unpriced_quantity, exposure_at_detection,"
        " exposure_so_far, exposure_by_morning FROM main.mart_runaways"
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
