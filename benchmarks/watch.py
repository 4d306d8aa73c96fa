"""What the watch between runs costs on one new object: a part of `make bench-nothing-new`.

Dagster runs it every five minutes in processes of its own that are there anyway, so what counts
is a process that does what the schedule and its job do: list, land, rate, compare, tell. Beside
it the job as a command that starts Dagster anew for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from benchmarks.company.traffic import Traffic, draw
from benchmarks.company.workspace import LOGS, write_logs
from benchmarks.measuring.goals import Ratio, seconds, table
from benchmarks.measuring.processes import measured, python

LOOK: Final = """
import sys
from pathlib import Path
from ingestion.workspace.settings import load_workspace
from orchestration.watching.watch import new_objects, watch
workspace = load_workspace(Path(sys.argv[1]))
if new_objects(workspace):
    watch(workspace, print)
"""
JOB: Final = ("-m", "dagster", "job", "execute", "-m", "orchestration.definitions", "-j", "watch")
LANDED: Final = "1 new or changed objects"
OBJECT_REQUESTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Looked:
    """CPU seconds of a look at one new object, at none, and of Dagster's command for it."""

    new: float
    nothing: float
    job: float


def looked(folder: Path, traffic: Traffic, rounds: int) -> Looked:
    """Of a workspace that was run; each round adds an object of a day that no run has seen."""
    measured(python("-c", LOOK, str(folder)))
    new, nothing = [], []
    for number in range(rounds):
        _add_object(folder, traffic, number)
        look = measured(python("-c", LOOK, str(folder)))
        if LANDED not in look.output:
            raise ValueError(f"a look found no new object:\n{look.output}")
        new.append(look.cpu)
        nothing.append(measured(python("-c", LOOK, str(folder))).cpu)
    _add_object(folder, traffic, rounds)
    with TemporaryDirectory() as home:
        place = {"TOLLBOOK_WORKSPACE": str(folder), "DAGSTER_HOME": home}
        job = measured(python(*JOB), env=place)
    if LANDED not in job.output:
        raise ValueError(f"the job found no new object:\n{job.output}")
    return Looked(min(new), min(nothing), job.cpu)


def _add_object(folder: Path, traffic: Traffic, number: int) -> None:
    """Of the morning after the last day: `number` minutes of it are another object's."""
    day = traffic.next_day(OBJECT_REQUESTS)
    day = replace(day, start=day.start + number * OBJECT_REQUESTS)
    with duckdb.connect() as connection, TemporaryDirectory(dir=folder) as passing:
        draw(connection, day, seed=number + 2)
        write_logs(connection, Path(passing), day, 1)
        [file] = Path(passing).iterdir()
        file.rename(folder / LOGS / f"{day.first}-new-{number}.parquet")


def ratio(found: Looked, silent: float, requests: int) -> Ratio:
    return Ratio(
        f"{seconds(found.new)} CPU s: a look at one new object, {requests:,} requests",
        found.new / silent,
        f"{seconds(silent)} CPU s: a run with nothing new",
        "≤ 2",
    )


def lines(found: Looked) -> Iterator[str]:
    yield from table(
        ("the watch", "CPU s"),
        [
            (f"one new object of {OBJECT_REQUESTS:,} requests", seconds(found.new)),
            ("no new object", seconds(found.nothing)),
            ("one new object, `dagster job execute`", seconds(found.job)),
        ],
    )
