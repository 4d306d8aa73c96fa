"""Daily cost of the dearest features, each on its own scale."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents, unit_of
from orchestration.exports.site.blocks.tables import FeatureCost
from orchestration.exports.site.statement import MonthFigures, Statement

MOST_PANELS: Final = 6
WIDTH: Final = 258.0
BASE: Final = 76.0
TALLEST: Final = 62.0


@dataclass(frozen=True, slots=True)
class Bar:
    day: date
    cents: int
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Panel:
    """`cents`: what the feature's requests cost, of which `bars` are the days; `mean`: height of
    the day's mean of the month before, None without one.
    """

    feature: str
    cents: int
    before: int | None
    bars: Sequence[Bar]
    highest: Bar
    mean: float | None


def panels_of(statement: Statement, features: Sequence[FeatureCost]) -> list[Panel]:
    """Of the dearest features that have days."""
    days = _by_feature(statement.now, statement.names.misspelt)
    shown = [feature for feature in features if feature.feature in days][:MOST_PANELS]
    return [_panel(statement, feature, days[feature.feature]) for feature in shown]


def _by_feature(
    figures: MonthFigures, misspelt: Mapping[str, str]
) -> dict[str, dict[date, Decimal]]:
    """What is misspelt counts with the feature that it resembles."""
    found: dict[str, dict[date, Decimal]] = {}
    for (_, feature), days in figures.days.items():
        sums = found.setdefault(misspelt.get(feature, feature), {})
        for day, cost in days.items():
            sums[day] = sums.get(day, Decimal()) + cost
    return found


def _length(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]


def _panel(statement: Statement, feature: FeatureCost, days: Mapping[date, Decimal]) -> Panel:
    unit, earlier, length = unit_of(statement.currency), statement.before, _length(statement.month)
    amounts = [pico(cost) for cost in days.values()]
    is_whole = fits(feature.now, sum(amounts), unit)
    total = feature.now if is_whole else nearest_cents(sum(amounts), unit)
    cents = dict(zip(days, split_cents(amounts, total, unit), strict=True))
    mean = feature.before / _length(earlier.month) if earlier else None
    most = max(*cents.values(), mean or 0, 1)
    step = WIDTH / length
    bars = []
    for number in range(length):
        day = statement.month.replace(day=number + 1)
        cost = cents.get(day, 0)
        height = max(0.0, cost / most * TALLEST)
        bars.append(Bar(day, cost, number * step + 0.7, step - 1.4, height))
    return Panel(
        feature.feature,
        total,
        feature.before if earlier else None,
        bars,
        max(bars, key=lambda bar: bar.cents),
        None if mean is None else BASE - mean / most * TALLEST,
    )
