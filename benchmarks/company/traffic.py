"""Requests drawn by DuckDB itself, the same on every machine: six features of six teams, each with
two models of one provider and customers of three tiers, spread evenly over the days.

So an hour has at most 36 cells and a month 26,000, however many requests it has.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import duckdb

from benchmarks.rating.traffic import DRAW, TOKENS

# The last day of a workspace's logs; what is drawn for one day more is the next.
LAST_DAY: Final = date(2026, 10, 30)
TIERS: Final = ("free", "pro", "enterprise")


@dataclass(frozen=True, slots=True)
class Model:
    """`prices` are pico-dollars a token: input, cached input, output."""

    name: str
    prices: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Feature:
    name: str
    team: str
    models: tuple[str, str]


MODELS: Final = (
    Model("gpt-4o", (2_500_000, 1_250_000, 10_000_000)),
    Model("gpt-4o-mini", (150_000, 75_000, 600_000)),
    Model("gpt-4.1", (2_000_000, 500_000, 8_000_000)),
    Model("gpt-4.1-mini", (400_000, 100_000, 1_600_000)),
    Model("o4-mini", (1_100_000, 275_000, 4_400_000)),
)
FEATURES: Final = (
    Feature("search", "discovery", ("gpt-4o-mini", "gpt-4o")),
    Feature("support-chat", "care", ("gpt-4.1", "gpt-4o-mini")),
    Feature("summaries", "content", ("gpt-4.1-mini", "gpt-4.1")),
    Feature("contract-review", "legal", ("o4-mini", "gpt-4o")),
    Feature("translation", "content-ops", ("gpt-4o-mini", "gpt-4.1-mini")),
    Feature("forecasts", "finance", ("o4-mini", "gpt-4.1")),
)

DRAWN: Final = """
create or replace temp view drawn as
with moments as (
    select
        i,
        timestamp '{first}' + to_microseconds(
            cast((i - {start} + draw(i, 0)) * {span} // {count} as bigint)
        ) as started_at
    from range({start}, {start} + {count}) as numbers (i)
),

-- few customers ask much: the square of a draw
chosen as (
    select
        *,
        cast(floor(draw(i, 1) * {features}) as integer) as feature_no,
        cast(floor(draw(i, 2) * 4) as integer) as model_draw,
        cast(floor(draw(i, 3) * draw(i, 3) * 1000) as integer) as customer_no,
        tokens(2, 2, draw(i, 4)) as uncached,
        case when draw(i, 5) < 0.3 then tokens(2, 2, draw(i, 6)) else 0 end as cached,
        tokens(1, 2, draw(i, 7)) as output
    from moments
)

select
    i,
    started_at,
    'req-' || i as request_id,
    'cust-' || customer_no as customer,
    'sess-' || cast(i // 8 as varchar) as session,
    features.feature,
    features.team,
    list_value({tiers})[customer_no % 3 + 1] as tier,
    models.model,
    uncached,
    cached,
    output,
    cast(200 + 4 * output as integer) as latency_ms,
    case when draw(i, 8) < 0.01 then 'error' else 'success' end as status,
    models.input_pico * uncached + models.cached_pico * cached + models.output_pico * output as pico
from chosen
inner join features using (feature_no)
inner join models
    on models.model = case when model_draw = 0 then features.seldom else features.often end
"""


@dataclass(frozen=True, slots=True)
class Traffic:
    """`requests` over `days` from `first`; those before have the numbers below `start`."""

    requests: int
    first: date
    days: int
    start: int = 0

    @classmethod
    def until_last_day(cls, requests: int, days: int) -> "Traffic":
        return cls(requests, LAST_DAY - timedelta(days=days - 1), days)

    def next_day(self, requests: int) -> "Traffic":
        after = self.first + timedelta(days=self.days)
        return Traffic(requests, after, 1, self.start + self.requests)

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]


def draw(connection: duckdb.DuckDBPyConnection, traffic: Traffic, seed: int = 1) -> None:
    """Makes the view `drawn` of the requests, in the order of time by their number `i`."""
    connection.execute(DRAW.format(first=seed * 1_000_000_007))
    connection.execute(TOKENS)
    connection.execute(f"create or replace temp table models as {_models()}")
    connection.execute(f"create or replace temp table features as {_features()}")
    connection.execute(
        DRAWN.format(
            first=traffic.first,
            start=traffic.start,
            count=traffic.requests,
            span=traffic.days * 86_400_000_000,
            features=len(FEATURES),
            tiers=", ".join(f"'{tier}'" for tier in TIERS),
        )
    )


def _models() -> str:
    rows = ", ".join(f"('{model.name}', {', '.join(map(str, model.prices))})" for model in MODELS)
    return f"from (values {rows}) as t (model, input_pico, cached_pico, output_pico)"


def _features() -> str:
    rows = ", ".join(
        f"({number}, '{feature.name}', '{feature.team}', '{feature.models[0]}',"
        f" '{feature.models[1]}')"
        for number, feature in enumerate(FEATURES)
    )
    return f"from (values {rows}) as t (feature_no, feature, team, often, seldom)"
