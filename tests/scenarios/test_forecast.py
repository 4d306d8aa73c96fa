"""Scenario 2.1, volume: what months to come will cost, and how wrong that has been."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import mean

import pytest
from daily_costs import Day, Forecasts, Price, every_day, seasonal

from tests.pipeline.compiled_project import CompiledProject

OCTOBER = date(2026, 10, 1)
SEEDS = range(6)


def flat(first: date, number: int, requests: int, cost: str, tokens: int = 0) -> list[Day]:
    return [Day(day, requests, Decimal(cost), tokens) for day in every_day(first, number)]


def test_a_hundred_thousand_users_with_twenty_requests_a_day(project: CompiledProject) -> None:
    """Not two billion requests and eight million dollars."""
    days = flat(date(2026, 7, 1), 92 + 31, 100_000 * 20, "8000")
    november, december, *_ = Forecasts(project, days).months(
        "forecast_month, requests, forecast_cost, p10_cost, p90_cost, unreliable_because"
    )
    assert november == (date(2026, 11, 1), 60_000_000, 240_000, 240_000, 240_000, None)
    # those would be 33.3 times as many, and as much
    for wrong, right in ((2_000_000_000, november[1]), (8_000_000, november[2])):
        assert round(Decimal(wrong) / right, 1) == Decimal("33.3")
    assert december[1:3] == (62_000_000, 248_000)


@pytest.mark.parametrize("seed", SEEDS)
def test_seasonal_days_are_forecast_within_twelve_percent(
    project: CompiledProject, seed: int
) -> None:
    """By the backtest and by what came, and by the backtest never worse than seasonal naive."""
    growth = (-0.02, 0.0, 0.01, 0.02, 0.03, 0.05)[seed]
    days = seasonal(seed, days=122 + 31, growth=growth)
    made = Forecasts(project, [day for day in days if day.day < OCTOBER])
    [(forecast, error, naive, because), *_] = made.months(
        "forecast_cost, error_percent, naive_error_percent, unreliable_because"
    )
    came = sum(day.cost for day in days if day.day >= OCTOBER)
    assert error <= naive
    assert error <= 12
    assert abs(forecast - came) / came <= Decimal("0.12")
    assert because is None


@pytest.mark.parametrize("seed", SEEDS)
def test_no_series_is_forecast_worse_than_by_seasonal_naive(
    project: CompiledProject, seed: int
) -> None:
    """Wild ones too: the error that is published is the mean of the backtest's own rows."""
    days = seasonal(seed, growth=(-0.3, 0.4)[seed % 2], noise=0.2 + seed / 5, weekend=seed)
    made = Forecasts(project, days)
    [(_, method, error, naive, because)] = set(
        made.months("scope, method, error_percent, naive_error_percent, unreliable_because")
    )
    tested = made.query(
        "select naive_error, drivers_error from main.mart_forecast_backtest where scope = 'company'"
    )
    column = ("seasonal_naive", "drivers").index(method)
    assert len(tested) == 6
    assert error <= naive
    assert abs(error - mean(row[column] for row in tested)) < Decimal("0.01")
    assert because == ("large_error" if error > 12 else None)


def test_nine_of_ten_months_end_below_the_upper_edge(project: CompiledProject) -> None:
    """And nine above the lower one: of sixteen simulated ones all but three at most."""
    outside = {"below": 0, "above": 0}
    for seed in range(16):
        days = seasonal(seed, days=122 + 31, growth=0.01)
        made = Forecasts(project, [day for day in days if day.day < OCTOBER])
        [(low, high), *_] = made.months("p10_cost, p90_cost")
        came = sum(day.cost for day in days if day.day >= OCTOBER)
        outside["below"] += came < low
        outside["above"] += came > high
    assert max(outside.values()) <= 3


def test_a_short_history_says_so(project: CompiledProject) -> None:
    columns = "forecast_cost, p90_cost, method, origins, error_percent, unreliable_because"
    for known, origins in ((6, 0), (41, 0), (42, 1), (55, 2)):
        days = flat(date(2026, 8, 31) - timedelta(known - 1), known, 10, "2")
        [(cost, high, method, tested, error, because), *_] = Forecasts(project, days).months(
            columns
        )
        assert (method, tested, because) == ("seasonal_naive", origins, "short_history"), known
        assert cost == (None if known < 7 else 60)
        assert (high is None, error is None) == (origins == 0, origins == 0)
    [(*_, because), *_] = Forecasts(project, flat(date(2026, 7, 7), 56, 10, "2")).months(columns)
    assert because is None


def test_an_open_month_is_what_was_spent_and_the_rest(project: CompiledProject) -> None:
    """The last day is in logs until ten o'clock: forecast. Tax is the month before's."""
    days = flat(date(2026, 7, 1), 71, 10, "2")
    days[-1] = Day(date(2026, 9, 9), 3, Decimal("0.6"), estimated=True)
    days[-2] = Day(date(2026, 9, 8), 10, Decimal(5), estimated=True)
    days += [Day(date(2026, month, 30), 0, Decimal(7), model="__none__") for month in (7, 8)]
    made = Forecasts(project, days, last_hour=datetime(2026, 9, 9, 10, tzinfo=UTC))
    september, october, *_ = made.months(
        "known_until, months_ahead, requests, cost_so_far, cost_to_come, other_cost, forecast_cost"
    )
    # seven days of 2.00 and one of 5.00; of the 22 others the Tuesdays are taken to be as the last
    assert september == (date(2026, 9, 8), 0, 300, 19, 22 * 2 + 3 * 3, 7, 79)
    assert october[:4] == (date(2026, 9, 8), 1, 310, 0)


def test_a_price_that_is_known_to_change_changes_the_days_after_it(
    project: CompiledProject,
) -> None:
    """It doubled in October, and halves in the middle of November; another model's does not."""
    days = flat(date(2026, 7, 1), 92, 10, "1", 1_000_000)
    days += flat(OCTOBER, 31, 10, "2", 1_000_000)
    days += [Day(day.day, 0, Decimal(5), 10, model="other") for day in days]
    prices = [
        Price("1", until=OCTOBER),
        Price("2", OCTOBER, date(2026, 11, 16)),
        Price("1", date(2026, 11, 16)),
        Price("9", model="other"),
    ]
    made = Forecasts(project, days, prices)
    november, december, *_ = made.months("method, cost_to_come, error_percent")
    assert november == ("repriced_naive", 30 * 5 + 15 * 2 + 15 * 1, 0)
    assert december[1] == 31 * 6
    # seasonal naive errs on the fortnights that the change lies in: two of six by a part of it
    [naive] = set(made.months("naive_error_percent"))
    assert naive[0] > 0


def test_teams_and_features_have_their_own(project: CompiledProject) -> None:
    days = seasonal(1)
    days += [Day(day.day, 5, Decimal(1), feature="mail", team="ops") for day in seasonal(2)[:-29]]
    made = Forecasts(project, days)
    scopes = made.query(
        "select scope, team, feature, count(*) from main.mart_forecast_monthly"
        " group by all order by all"
    )
    # what ended four weeks ago is not forecast
    assert scopes == [
        ("company", None, None, 4),
        ("feature", "hr", "chat", 4),
        ("team", "hr", None, 4),
    ]
    [chat] = set(made.months("forecast_cost", "scope = 'feature' and months_ahead = 1"))
    assert chat in made.months("forecast_cost", "scope = 'team'")


def test_money_without_requests_is_forecast_by_its_days(project: CompiledProject) -> None:
    """A bill that no log explains; and what was taken back."""
    days = flat(date(2026, 7, 1), 92, 0, "2")
    days += [Day(day.day, 0, Decimal("-0.5"), feature="mail") for day in days]
    made = Forecasts(project, days)
    [(chat, low), (mail, high)] = made.months(
        "forecast_cost, p10_cost", "scope = 'feature' and months_ahead = 0"
    )
    assert (chat, low, mail, high) == (62, 62, Decimal("-15.5"), Decimal("-15.5"))
    assert made.query(
        "select distinct drivers_cost, naive_error from main.mart_forecast_backtest"
    ) == [(None, 0)]
