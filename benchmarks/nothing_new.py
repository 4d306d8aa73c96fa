"""`make bench-nothing-new`: a run that finds nothing new, beside `python -c "import dagster"`.

At two sizes in so many objects, and at the smaller one in a tenth of them: what an object more
costs is the listing's. At the larger one the watch looks, too: benchmarks/watch.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import watch
from benchmarks.company.traffic import Traffic
from benchmarks.company.workspace import write_workspace
from benchmarks.measuring.goals import Ratio, ratio_table, seconds, table
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.measuring.processes import measured, python, tollbook

NAME = "nothing_new"
FEWER = 10


@dataclass(frozen=True, slots=True)
class Size:
    """`rounds` of which the one with least CPU counts."""

    requests: tuple[int, ...]
    objects: int
    days: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Silent:
    requests: int
    objects: int
    cpu: float
    imported: float  # of `import dagster`, measured in turns with it
    looked: watch.Looked | None = None


def measure(size: Size) -> list[Silent]:
    """The smallest company in fewer objects comes first."""
    companies = [(min(size.requests), max(size.objects // FEWER, 1))]
    companies += [(requests, size.objects) for requests in sorted(size.requests)]
    return [_silent(*company, size) for company in companies]


def _silent(requests: int, objects: int, size: Size) -> Silent:
    say(f"a run of {requests:,} requests in {objects:,} objects")
    with TemporaryDirectory() as passing:
        folder = Path(passing) / "company"
        traffic = Traffic.until_last_day(requests, size.days)
        write_workspace(folder, traffic, objects)
        measured(tollbook(folder, "run"))
        silent = repeated(folder, requests, objects, size.rounds)
        if (requests, objects) != (max(size.requests), size.objects):
            return silent
        say("a look of the watch at one new object")
        return replace(silent, looked=watch.looked(folder, traffic, size.rounds))


def repeated(folder: Path, requests: int, objects: int, rounds: int) -> Silent:
    """Of a workspace that was run. Raises ValueError where a run found something."""
    runs, imports = [], []
    for _ in range(rounds):
        run = measured(tollbook(folder, "run"))
        if "nothing is new" not in run.output:
            raise ValueError(f"a run found something new:\n{run.output}")
        runs.append(run.cpu)
        imports.append(measured(python("-c", "import dagster")).cpu)
    return Silent(requests, objects, min(runs), min(imports))


def lines(found: Sequence[Silent]) -> Iterator[str]:
    looks = [(each, each.looked) for each in found if each.looked]
    yield from ratio_table(
        [
            *(_ratio(each) for each in found),
            *(watch.ratio(looked, each.cpu, each.requests) for each, looked in looks),
        ]
    )
    yield ""
    fewer, more = found[0], found[1]
    yield from table(
        ("a run with nothing new", "objects", "CPU s", "import dagster, CPU s"),
        [
            (f"{e.requests:,} requests", f"{e.objects:,}", seconds(e.cpu), seconds(e.imported))
            for e in found
        ],
    )
    if more.objects > fewer.objects:
        each = (more.cpu - fewer.cpu) / (more.objects - fewer.objects) * 1e6
        yield ""
        yield f"A further object costs {each:,.0f} µs."
    for _, looked in looks:
        yield ""
        yield from watch.lines(looked)


def _ratio(each: Silent) -> Ratio:
    return Ratio(
        f"{seconds(each.cpu)} CPU s: {each.requests:,} requests in {each.objects:,} objects",
        each.cpu / each.imported,
        f'{seconds(each.imported)} CPU s: `python -c "import dagster"`',
        "≤ 2",
    )


@click.command()
@click.option("--requests", multiple=True, default=[25_000, 1_000_000], show_default=True, type=int)
@click.option("--objects", default=1_000, show_default=True)
@click.option("--days", default=30, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@write
def main(requests: tuple[int, ...], objects: int, days: int, rounds: int, write: bool) -> None:
    """Prints the ratio and what a further object costs."""
    found = measure(Size(requests, objects, days, rounds))
    report(NAME, f"python -m benchmarks.{NAME}", lines(found), page=page_of(write))


if __name__ == "__main__":
    main()
