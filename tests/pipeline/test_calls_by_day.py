"""Which calls several sources logged is decided day by day, as if all had landed at once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

import duckdb
import pytest
from random_calls import SOURCES, random_calls
from random_records import land
from test_records_by_day import in_turns

from ingestion.landing.compaction import compact
from ingestion.landing.landing import open_landing
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.assets.warehouse import fill_landing
from tests.pipeline.compiled_project import CompiledProject

Rows = list[tuple[Any, ...]]
SETTINGS: Final = """\
company: Acme
gateways:
  - {name: proxy, format: generic, location: proxy}
  - {name: traces, format: generic, location: traces, seen_from: application}
  - {name: upstream, format: generic, location: upstream, seen_from: provider}
"""
DECIDED: Final = ("int_start_days", "int_record_exceptions", "int_record_days", "int_day_inputs")
TOLD: Final = (
    "int_days_in_hand",
    "int_request_contexts",
    "int_calls_told_twice",
    "int_calls_merged",
)
TOLD_OF_A_DAY: Final = """
    select * from intermediate.int_calls_told_twice where usage_date = ? order by all
"""
# of what stands on the day
MERGED_OF_A_DAY: Final = """
    select merged.*
    from intermediate.int_calls_merged as merged
    semi join (
        select record_key from staging.stg_landing__requests_in_hand
        where cast(used_at as date) = ?
    ) as of_day on merged.record_key = of_day.record_key
    anti join (
        select record_key from intermediate.int_calls_told_twice where standing_key is not null
    ) as told on merged.record_key = told.record_key
    order by all
"""


class Days:
    """What runs have made of each day; a run makes those whose hash is another."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "tollbook.yaml").write_text(SETTINGS)
        self.workspace: Final = load_workspace(folder)
        self.landing: Final = open_landing(self.workspace.landing)
        self.told: dict[date, tuple[Rows, Rows]] = {}
        self.made: list[date] = []
        self._hashes: dict[date, str] = {}

    def run(self, compiled: Callable[[Workspace], CompiledProject], random: Random | None) -> None:
        """All days at once, or some of the oldest in each pass, as a `random` says."""
        with duckdb.connect(self.workspace.warehouse) as connection:
            connection.execute("set TimeZone = 'UTC'; set threads = 1")
            fill_landing(connection, self.workspace)
        project = compiled(self.workspace)
        with duckdb.connect(self.workspace.warehouse) as connection:
            connection.execute("set TimeZone = 'UTC'; set threads = 1")
            read = project.with_what_they_read(TOLD) - set(TOLD)
            project.build(connection, DECIDED if self._hashes else read)
            self._make_days(connection, project, random)

    def _make_days(
        self, connection: duckdb.DuckDBPyConnection, project: CompiledProject, random: Random | None
    ) -> None:
        hashes = dict(
            connection.execute(
                "select usage_date, day_hash from intermediate.int_day_inputs order by 1"
            ).fetchall()
        )
        left = [day for day in hashes if self._hashes.get(day) != hashes[day]]
        self.made = list(left)
        self.told = {day: told for day, told in self.told.items() if day in hashes}
        while left:
            in_hand = left[: random.randint(1, len(left)) if random else None]
            left = left[len(in_hand) :]
            connection.execute("delete from built.built_days")
            others = [(day, day_hash) for day, day_hash in hashes.items() if day not in in_hand]
            for other in others:
                connection.execute("insert into built.built_days values (?, ?)", other)
            project.build(connection, TOLD)
            for day in in_hand:
                told, merged = (
                    connection.execute(sql, [day]).fetchall()
                    for sql in (TOLD_OF_A_DAY, MERGED_OF_A_DAY)
                )
                self.told[day] = told, merged
        self._hashes = hashes


@pytest.mark.parametrize(
    "seed",
    [
        0,
        pytest.param(1, marks=pytest.mark.whole),
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20)),
    ],
)
def test_calls_that_land_in_turns_are_told_as_if_all_landed_at_once(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    objects = random_calls(random, 90)
    once = Days(tmp_path / "once")
    land(once.landing, [(log, log.rows) for log in objects])
    once.run(compiled, None)

    turned = Days(tmp_path / "turned")
    for turn in in_turns(random, objects):
        land(turned.landing, turn)
        if random.random() < 0.5:
            compact(turned.landing, random.choice(SOURCES), files=1)
        turned.run(compiled, random)
    assert turned.told == once.told
    told = [row for rows, _ in once.told.values() for row in rows]
    assert sum(row[3] is not None for row in told) > 40
    assert sum(row[3] is None for row in told) > 4
