"""The SQL of mart_hourly_limits and mart_runaways over simulated hours, as a run compiles it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa

from benchmarks.measuring.options import say
from benchmarks.runaways.simulated import (
    BEFORE_DAYS,
    DAYS,
    START,
    WINDOW_DAYS,
    Key,
    Spike,
    Use,
    keys,
    spikes,
    uses,
)
from tests.pipeline.compiled_project import CompiledProject, compile_project
from tests.scenarios.companies import Company, write_company

MODELS: Final = frozenset({"mart_hourly_limits", "mart_runaways"})
MONTHS: Final = DAYS // WINDOW_DAYS
SOURCE: Final = "gateway"
NO_CALLS: Final = "timestamp,model_name,input_token_count,output_token_count\n"
SETTINGS: Final = """\
company: Bench
gateways:
  - {name: gateway, format: generic, location: logs}
"""
# A request of each hour is as long as no other: what is alike in size is a loop.
FILL: Final = """
insert into intermediate.int_use_hourly by name
select
    cast(usage_hour as date) as usage_date, usage_hour, source, key_name, team, feature,
    '__unallocated__' as environment, 'house' as provider, model,
    20 as requests, 0 as unpriced_requests, 0 as unpriced_quantity, list_cost_pico,
    20000 as tokens, 80000000 as squares_of_tokens,
    usage_hour as first_at, usage_hour + interval 59 minute as last_at
from simulated where usage_hour < ?
"""


@dataclass(frozen=True, slots=True)
class Alert:
    month: int
    axis: str
    entity: str
    first_hour: datetime
    detected_at: datetime
    exposure: float


@dataclass(frozen=True, slots=True)
class Found:
    """At one level of noise. `false_alerts`: of each company, key and month, those without left
    out; `others` are alerts of teams, features and models, `missed` spikes.
    """

    noise: float
    key_months: int
    false_alerts: list[int]
    others: int
    planted: int
    missed: list[Spike]
    hours: list[float]
    exposures: list[float]


class Warehouse:
    """The tables that the two models read, empty but for hours of use."""

    def __init__(self, folder: Path) -> None:
        (folder / "compiled").mkdir()
        compile_project(folder / "compiled")
        self._project = CompiledProject(folder / "compiled")
        files = {"logs/none.csv": NO_CALLS}
        company = Company(self._project, write_company(folder / "company", files, SETTINGS))
        self._connection = company.connection

    def alerts(self, hours: Iterable[Use]) -> Iterator[Alert]:
        """What a run after each month tells of that month."""
        self._connection.register("simulated", _table(list(hours)))
        for month in range(MONTHS):
            first = START + timedelta(days=BEFORE_DAYS + month * WINDOW_DAYS)
            until = first + timedelta(days=WINDOW_DAYS)
            self._connection.execute("truncate intermediate.int_use_hourly")
            self._connection.execute(FILL, [until])
            self._project.build(self._connection, MODELS)
            found = self._connection.execute(
                "select axis, entity, date_trunc('hour', first_seen_at), detected_at,"
                " cast(exposure_at_detection as double) from mart_runaways"
                " where first_seen_at >= ? order by all",
                [first],
            ).fetchall()
            yield from (Alert(month, *row) for row in found)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()


def _table(hours: Sequence[Use]) -> pa.Table:
    return pa.table(
        {
            "usage_hour": pa.array([each.hour for each in hours], pa.timestamp("us")),
            "source": [SOURCE] * len(hours),
            "key_name": [each.key.name for each in hours],
            "team": [f"team-{each.key.number % 8}" for each in hours],
            "feature": [f"feature-{each.key.number % 20}" for each in hours],
            "model": [f"model-{each.key.number % 5}" for each in hours],
            "list_cost_pico": [round(each.dollars * 1e12) for each in hours],
        }
    )


def measure(noises: Sequence[float], companies: int) -> list[Found]:
    with TemporaryDirectory() as passing:
        warehouse = Warehouse(Path(passing))
        return [found(warehouse, noise, range(companies), keys()) for noise in noises]


def found(warehouse: Warehouse, noise: float, seeds: Sequence[int], among: Sequence[Key]) -> Found:
    judged = Found(noise, len(seeds) * len(among) * MONTHS, [], 0, 0, [], [], [])
    others = planted = 0
    for seed in seeds:
        say(f"noise {noise:.0%}, company {seed + 1}")
        clean = list(warehouse.alerts(uses(noise, seed, among, [])))
        of_keys = Counter((each.entity, each.month) for each in clean if each.axis == "key")
        judged.false_alerts.extend(of_keys.values())
        others += len(clean) - of_keys.total()
        spiked = spikes(seed, among)
        planted += len(spiked)
        told = list(warehouse.alerts(uses(noise, seed, among, spiked)))
        for spike in spiked:
            if alert := _first(spike, told):
                judged.hours.append((alert.detected_at - spike.start) / timedelta(hours=1))
                judged.exposures.append(alert.exposure)
            else:
                judged.missed.append(spike)
    return replace(judged, others=others, planted=planted)


def _first(spike: Spike, told: Sequence[Alert]) -> Alert | None:
    """The alert of its key that came while it lasted."""
    return next(
        (
            each
            for each in told
            if each.axis == "key"
            and each.entity == f"{SOURCE}/{spike.key}"
            and spike.start <= each.first_hour < spike.end
        ),
        None,
    )


def quantile(values: Sequence[float], percent: int) -> float:
    """The nearest rank: a value that was there."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]
