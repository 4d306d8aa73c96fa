"""Which records stand is decided day by day, as if all had landed at once."""

from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from random_records import LogObject, Row, land, random_objects

from ingestion.landing.compaction import compact
from ingestion.landing.landing import Landing, open_landing
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.dbt.invocation import build_folder, dbt_manifest, invoke_dbt
from orchestration.dbt.passes import STANDING, UNDECIDED
from orchestration.warehouse.landing_schema import open_warehouse, replace_landing

pytestmark = pytest.mark.whole

Rows = list[tuple[Any, ...]]
TURNS = 3
DECIDED = "select * exclude (start_hash) from intermediate.{} order by all"


def workspace_in(folder: Path) -> Workspace:
    folder.mkdir()
    (folder / "tollbook.yaml").write_text(
        "company: Acme\ngateways:\n  - {name: log, format: generic, location: logs}\n"
    )
    return load_workspace(folder)


def decide(workspace: Workspace, landing: Landing, at_once: int | None = None) -> list[str]:
    """As a run does, in rounds of so many records; the files that the last one opened."""
    with open_warehouse(workspace.warehouse) as connection:
        connection.execute("set TimeZone = 'UTC'")
        files = landing.local_files(workspace.warehouse.parent / "mirror")
        replace_landing(connection, files, {"objects": landing.objects_table()})
    undecided = None
    while undecided != 0:
        told: list[str] = []
        result = invoke_dbt(
            workspace,
            build_folder(workspace),
            ["--no-write-json", *STANDING],
            lambda event, told=told: told.append(event["info"]["msg"]),
            dbt_manifest(workspace),
            to_decide=at_once,
        )
        assert result.success, "\n".join(told)
        before, [(undecided,)] = undecided, query(workspace, UNDECIDED)
        assert before is None or undecided < before
    [[view]] = query(
        workspace, "select sql from duckdb_views() where view_name = 'requests_to_decide'"
    )
    return [part.split("/")[-1] for part in str(view).split("'") if part.endswith(".parquet")]


def query(workspace: Workspace, sql: str) -> Rows:
    with duckdb.connect(workspace.warehouse, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def in_turns(random: Random, objects: list[LogObject]) -> list[list[tuple[LogObject, list[Row]]]]:
    """Some runs' deliveries; what an object said before comes before what it says."""
    turns: list[list[tuple[LogObject, list[Row]]]] = [[] for _ in range(TURNS)]
    for log in objects:
        turn = random.randrange(1 if log.earlier is not None else 0, TURNS)
        if log.earlier is not None:
            turns[random.randrange(turn)].append((log, log.earlier))
        turns[turn].append((log, log.rows))
    return turns


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.whole)])
def test_records_that_land_in_turns_are_decided_as_if_all_landed_at_once(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    objects = random_objects(random, 120)
    once = workspace_in(tmp_path / "once")
    whole = open_landing(once.landing)
    land(whole, [(log, log.rows) for log in objects])
    decide(once, whole)

    turned = workspace_in(tmp_path / "turned")
    landing = open_landing(turned.landing)
    for turn in in_turns(random, objects):
        land(landing, turn)
        if random.random() < 0.5:
            compact(landing, random.choice(("one", "two")), files=1)
        decide(turned, landing, random.choice((None, 20)))
    days = DECIDED.format("int_record_days")
    assert query(turned, days) == query(once, days)
    assert sum(row[3] - row[4] for row in query(once, days)) > 40

    # on the same landing a fresh warehouse says the same, record by record
    exceptions = DECIDED.format("int_record_exceptions")
    before = query(turned, exceptions)
    turned.warehouse.unlink()
    decide(turned, landing)
    assert query(turned, days) == query(once, days)
    assert query(turned, exceptions) == before


def test_only_files_of_days_that_changed_are_opened(tmp_path: Path) -> None:
    """Of a new day its own, of a source with one sink; nothing once files were merged."""
    objects = [log for log in random_objects(Random(5), 200) if log.source == "one"]
    workspace = workspace_in(tmp_path / "company")
    landing = open_landing(workspace.landing)
    days = sorted({row["started_at"].date() for log in objects for row in log.rows})
    said = {
        day: [
            (log, [row for row in log.rows if row["started_at"].date() == day and not _shared(row)])
            for log in objects
        ]
        for day in days
    }
    for day in days[:-1]:
        named = [(LogObject(log.source, f"{log.name}-{day}"), rows) for log, rows in said[day]]
        land(landing, named)
    decide(workspace, landing)
    land(landing, [(LogObject("one", f"{log.name}-new"), rows) for log, rows in said[days[-1]]])
    assert decide(workspace, landing) == [
        name for name in landing.visible_files()["requests"][-1:] for name in [Path(name).name]
    ]
    land(landing, [(LogObject("one", "again"), said[days[0]][0][1])])
    decide(workspace, landing)
    compact(landing, "one", files=1)
    assert decide(workspace, landing) == []


def _shared(row: Row) -> bool:
    """With another day: a batch that ends later, or one that is looked at again."""
    return "service_tier" in row or row["request_key"].startswith("litellm:batch:")
