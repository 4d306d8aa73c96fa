"""`make bench-sample`: a newcomer's first run of the committed sample, and the next user's."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.first_run.stages import STAGES, by_stage
from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, seconds, table
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.measuring.processes import Spent, measured, python
from benchmarks.told_run import parts_of

NAME: Final = "sample_run"
SAMPLE: Final = Path(__file__).parents[1] / "data" / "sample"
WANTED: Final = 18
# What a run leaves in a clone.
MADE: Final = ("*.duckdb*", "*.requests", ".tollbook", "landing", "exports")


@dataclass(frozen=True, slots=True)
class SampleRun:
    spent: Spent
    stages: dict[str, float]


def first_run(source: Path, env: Mapping[str, str]) -> SampleRun:
    """Of a copy of a workspace."""
    with TemporaryDirectory() as passing:
        folder = Path(passing) / "company"
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*MADE))
        spent = measured(python("-m", "benchmarks.told_run", str(folder)), env=env)
    return SampleRun(spent, by_stage(parts_of(spent.output)))


def measure(source: Path) -> list[SampleRun]:
    """Of users who have no cache, where Tollbook is installed as `make` does it."""
    measured(python("-m", "orchestration.dbt.prepare"))
    say("first runs of the sample")
    found = []
    for _ in range(2):
        with TemporaryDirectory() as cache:
            found.append(first_run(source, {"XDG_CACHE_HOME": cache}))
    return found


def lines(found: list[SampleRun]) -> Iterator[str]:
    names = ("a first run of the sample", "another")
    yield from ratio_table(
        [
            Ratio(
                f"{seconds(each.spent.cpu)} CPU s: {name}",
                each.spent.cpu / WANTED,
                f"{WANTED} CPU s",
                "≤ 1",
            )
            for name, each in zip(names, found, strict=True)
        ]
    )
    yield ""
    yield from table(
        ("CPU s by stage", "a first run", "another"),
        [
            *((name, *(seconds(each.stages[name]) for each in found)) for name in STAGES),
            ("**all**", *(seconds(each.spent.cpu) for each in found)),
            ("memory at most", *(megabytes(each.spent.peak) for each in found)),
        ],
    )


@click.command()
@write
def main(write: bool) -> None:
    """Prints CPU seconds by stage."""
    report(NAME, f"python -m benchmarks.{NAME}", lines(measure(SAMPLE)), page=page_of(write))


if __name__ == "__main__":
    main()
