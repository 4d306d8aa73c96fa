"""`make bench-new-day`: one new day on a year of history, beside the same on a month of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.company.traffic import Traffic
from benchmarks.company.workspace import add_day, write_workspace
from benchmarks.first_run.stages import STAGES, by_stage
from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, seconds, table
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.measuring.processes import Spent, measured, python
from benchmarks.told_run import parts_of

NAME = "new_day"


@dataclass(frozen=True, slots=True)
class NewDay:
    """A day more after `days` of history."""

    days: int
    requests: int
    first: Spent  # of the history
    spent: Spent
    stages: dict[str, float]


def measure(days: Sequence[int], requests: int) -> list[NewDay]:
    return [_new_day(each, requests) for each in days]


def _new_day(days: int, requests: int) -> NewDay:
    with TemporaryDirectory() as passing:
        folder = Path(passing) / "company"
        history = Traffic.until_last_day(days * requests, days)
        write_workspace(folder, history, days)
        say(f"a first run of {days:,} days")
        first = _run(folder)
        say("a run of one day more")
        return one_more(folder, history, requests, first)


def one_more(folder: Path, history: Traffic, requests: int, first: Spent) -> NewDay:
    """Of a workspace that was run."""
    add_day(folder, history, requests)
    spent = _run(folder)
    return NewDay(history.days, requests, first, spent, by_stage(parts_of(spent.output)))


def _run(folder: Path) -> Spent:
    return measured(python("-m", "benchmarks.told_run", str(folder)))


def lines(found: Sequence[NewDay]) -> Iterator[str]:
    least, *others = found
    beside = f"{seconds(least.spent.cpu)} CPU s: on {least.days:,} days"
    yield from ratio_table(
        [
            Ratio(
                f"{seconds(each.spent.cpu)} CPU s: a day of {each.requests:,} requests on"
                f" {each.days:,} days",
                each.spent.cpu / least.spent.cpu,
                beside,
                "≤ 1.2",
            )
            for each in others
        ]
    )
    yield ""
    yield from table(
        ("CPU s by stage", *(f"on {each.days:,} days" for each in found)),
        [
            *((name, *(seconds(each.stages[name]) for each in found)) for name in STAGES),
            ("**all**", *(seconds(each.spent.cpu) for each in found)),
            ("memory at most", *(megabytes(each.spent.peak) for each in found)),
            ("the first run, CPU s", *(seconds(each.first.cpu) for each in found)),
        ],
    )


@click.command()
@click.option("--days", multiple=True, default=[30, 365], show_default=True, type=int)
@click.option("--requests", default=2_000, show_default=True, help="a day")
@write
def main(days: tuple[int, ...], requests: int, write: bool) -> None:
    """Prints the ratio and the CPU by stage."""
    found = measure(days, requests)
    command = f"python -m benchmarks.{NAME} --requests {requests}"
    report(NAME, command, lines(found), page=page_of(write))


if __name__ == "__main__":
    main()
