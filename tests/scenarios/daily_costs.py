"""Days of costs as the facts have them, and what the models of the forecast make of them."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb

from ingestion.vocabulary import METERS
from tests.pipeline.compiled_project import CompiledProject

# of these the models of the forecast are made here, all others stay empty
FORECAST: Final = (
    *("int_forecast_days", "int_forecast_origins"),
    *("mart_forecast_backtest", "mart_forecast_monthly"),
)
FACTS: Final = """
create schema intermediate;
create table intermediate.int_cells (usage_hour timestamp, requests bigint);
create table intermediate.int_prices_dated (
    provider varchar, model varchar, meter varchar, service_tier varchar, region varchar,
    context_above bigint, volume_above bigint, valid_from timestamp, valid_to timestamp,
    contracted_pico_per_million decimal(38, 0));
"""


@dataclass(frozen=True, slots=True)
class Day:
    """What a feature used of a model on a day: `input` tokens are its only meter."""

    day: date
    requests: int
    cost: Decimal
    tokens: int = 0
    model: str = "m"
    feature: str = "chat"
    team: str = "hr"
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million input tokens, from the start of a day."""

    usd: str
    since: date = date.min
    until: date = date(9999, 12, 31)
    model: str = "m"


class Forecasts:
    """The marts of the forecast of these days, the last of which is whole."""

    def __init__(
        self, project: CompiledProject, days: Iterable[Day], prices: Iterable[Price] = (),
        last_hour: datetime | None = None,
    ) -> None:  # fmt: skip
        days = list(days)
        self._connection = duckdb.connect()
        self._connection.execute("attach ':memory:' as warehouse")
        self._connection.execute("use warehouse")
        self._connection.execute("set TimeZone = 'UTC'; set threads = 1")
        self._connection.execute(FACTS)
        self._write_days(days)
        last = last_hour or datetime.combine(max(day.day for day in days), time(23))
        self._connection.execute("insert into intermediate.int_cells values (?, 1)", [last])
        for price in prices:
            self._connection.execute(
                "insert into intermediate.int_prices_dated values"
                " ('openai', ?, 'input', 'standard', '*', 0, 0, ?, ?, ?)",
                [price.model, price.since, price.until, int(Decimal(price.usd) * 10**12)],
            )
        for model in project.models:
            if model.name in FORECAST:
                self._connection.execute(f"create table {model.relation} as {model.sql}")

    def _write_days(self, days: list[Day]) -> None:
        meters = [f"{meter}_quantity bigint default 0" for meter in METERS]
        self._connection.execute(
            "create table main.fct_cost_daily (usage_date date, requests bigint, team varchar,"
            " feature varchar, provider varchar, model varchar, billed_cost decimal(38, 12),"
            " effective_cost decimal(38, 12), estimated_cost decimal(38, 12),"
            f" unpriced_quantity bigint, {', '.join(meters)})"
        )
        self._connection.executemany(
            "insert into main.fct_cost_daily (usage_date, requests, team, feature, provider, model,"
            " billed_cost, effective_cost, estimated_cost, unpriced_quantity, input_quantity)"
            " values (?, ?, ?, ?, 'openai', ?, ?, ?, ?, 0, ?)",
            [
                (
                    *(day.day, day.requests, day.team, day.feature, day.model),
                    *((0, 0, day.cost) if day.estimated else (day.cost, day.cost, 0)),
                    day.tokens,
                )
                for day in days
            ],
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def months(self, columns: str, where: str = "scope = 'company'") -> list[tuple[Any, ...]]:
        return self.query(
            f"select {columns} from main.mart_forecast_monthly where {where}"
            " order by scope, team, feature, forecast_month"
        )


def every_day(first: date, number: int) -> list[date]:
    return [first + timedelta(days) for days in range(number)]


def seasonal(
    seed: int, days: int = 120, growth: float = 0.01, noise: float = 0.08, weekend: float = 0.4,
    first: date = date(2026, 6, 1),
) -> list[Day]:  # fmt: skip
    """A feature's days with a week's shape, growth by the week, and noise; a request is $0.004."""
    chance = random.Random(seed)
    base = chance.uniform(200, 20_000)
    simulated = []
    for number, day in enumerate(every_day(first, days)):
        shape = weekend if day.weekday() >= 5 else 1.0
        wobble = max(0.0, chance.gauss(1, noise))
        requests = round(base * (1 + growth) ** (number / 7) * shape * wobble)
        simulated.append(Day(day, requests, requests * Decimal("0.004"), requests * 1000))
    return simulated
