"""A company run once from nothing, a tiny one for what any run costs, and the copy."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.company.landed import write_landed_workspace
from benchmarks.company.traffic import Traffic
from benchmarks.company.workspace import write_workspace
from benchmarks.first_run.copied import LEVEL_OF_DAYS
from benchmarks.first_run.stages import by_stage
from benchmarks.measuring.processes import Spent, measured, python
from benchmarks.told_run import parts_of
from ingestion.workspace.settings import load_workspace
from orchestration.dbt.invocation import read_manifest
from orchestration.publishing.marts import open_marts

PUBLISHED = "marts.requests"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """`fixed` requests have the company whose run is the cost whatever the size."""

    requests: int
    days: int
    objects: int
    fixed: int


@dataclass(frozen=True, slots=True)
class Run:
    requests: int
    spent: Spent
    stages: dict[str, float]
    bytes: dict[str, int]  # of what a run leaves
    cells: int  # that money was put on


@dataclass(frozen=True, slots=True)
class FirstRun:
    run: Run
    fixed: Run
    copy: float  # CPU seconds
    copy_as_days: float  # the same, compressed as day files are


def measure(folder: Path, size: Size, say: Say, *, landed: bool = False) -> FirstRun:
    """The workspace stays in `folder`. With `landed` no log is read: its rows lie landed."""
    say(f"a run of {size.fixed:,} requests")
    with TemporaryDirectory() as other:
        fixed = _run(Path(other) / "fixed", size.fixed, size.days, 1, landed=landed)
    say(f"a run of {size.requests:,} requests")
    run = _run(folder, size.requests, size.days, size.objects, landed=landed)
    say("the copy of what it published")
    return FirstRun(run, fixed, _copied(folder), _copied(folder, str(LEVEL_OF_DAYS)))


def _copied(folder: Path, *level: str) -> float:
    with TemporaryDirectory(dir=folder) as copies:
        told = measured(
            python("-m", "benchmarks.first_run.copied", str(folder / PUBLISHED), copies, *level)
        )
    return float(told.output)


def _run(folder: Path, requests: int, days: int, objects: int, *, landed: bool) -> Run:
    traffic = Traffic.until_last_day(requests, days)
    if landed:
        write_landed_workspace(folder, traffic)
    else:
        write_workspace(folder, traffic, objects)
    # what dbt parses once for a user is no part of either run
    read_manifest(load_workspace(folder))
    spent = measured(python("-m", "benchmarks.told_run", str(folder)))
    return Run(requests, spent, by_stage(parts_of(spent.output)), _bytes(folder), _cells(folder))


def _cells(folder: Path) -> int:
    with open_marts(folder / "marts.duckdb") as connection:
        [(cells,)] = connection.execute(
            "select count(distinct cell_id) from fct_cost_allocations"
        ).fetchall()
    return int(cells)


def _bytes(folder: Path) -> dict[str, int]:
    return {
        "landing": _size(folder / "landing"),
        "day files": _size(folder / PUBLISHED),
        "warehouse.duckdb": _size(folder / "warehouse.duckdb"),
        "marts.duckdb": _size(folder / "marts.duckdb"),
    }


def _size(place: Path) -> int:
    if place.is_file():
        return place.stat().st_size
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
