"""Daily cost of the dearest features, each on its own scale."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from orchestration.exports.site.figures import MonthFigures, Statement

MOST_PANELS: Final = 6
WIDTH: Final = 258.0
BASE: Final = 76.0
TALLEST: Final = 62.0


@dataclass(frozen=True, slots=True)
class Bar:
    day: date
    cost: Decimal
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Panel:
    """`mean`: height of the day's mean of the month before, None without one."""

    feature: str
    cost: Decimal
    before: Decimal | None
    bars: Sequence[Bar]
    highest: Bar
    mean: float | None


def panels_of(statement: Statement) -> list[Panel]:
    now = _by_feature(statement.now, statement.names.misspelt)
    earlier = statement.before
    before = _by_feature(earlier, statement.names.misspelt) if earlier else {}
    ranked = sorted(now, key=lambda feature: (-sum(now[feature].values()), feature))
    found = []
    for feature in ranked[:MOST_PANELS]:
        past = None
        if earlier:
            past = sum(before.get(feature, {}).values(), Decimal())
            days = _length(earlier.month)
            found.append(_panel(statement.month, feature, now[feature], past, past / days))
        else:
            found.append(_panel(statement.month, feature, now[feature], None, None))
    return found


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


def _panel(
    month: date,
    feature: str,
    days: Mapping[date, Decimal],
    before: Decimal | None,
    mean: Decimal | None,
) -> Panel:
    length = _length(month)
    step = WIDTH / length
    most = max(*days.values(), mean or Decimal(), Decimal("0.000001"))
    bars = []
    for number in range(length):
        day = month.replace(day=number + 1)
        cost = days.get(day, Decimal())
        height = max(0.0, float(cost / most) * TALLEST)
        bars.append(Bar(day, cost, number * step + 0.7, step - 1.4, height))
    highest = max(bars, key=lambda bar: bar.cost)
    level = None if mean is None else BASE - float(mean / most) * TALLEST
    return Panel(feature, sum(days.values(), Decimal()), before, bars, highest, level)
