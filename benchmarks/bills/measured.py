"""One export of a size: written, landed in a process of its own, told."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bills.cur import write_cur
from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, seconds, table
from benchmarks.measuring.processes import measured, python

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Landed:
    """`size` is of the CSV, `files` of what it is compressed to."""

    size: int
    files: int
    records: int
    landed: int
    cpu: float
    peak: int


def landed(size: int, share: float) -> Landed:
    with TemporaryDirectory() as passing:
        folder = Path(passing)
        files = write_cur(folder / "cur", size, share)
        spent = measured(
            python("-m", "benchmarks.bills.land", str(folder / "cur"), str(folder / "landing")),
            cwd=REPOSITORY,
        )
    told = json.loads(spent.output.splitlines()[-1])
    return Landed(size, files, told["records"], told["landed"], told["cpu"], spent.peak)


def lines(exports: Sequence[Landed]) -> Iterator[str]:
    """Of the smallest export first."""
    least, most = exports[0], exports[-1]
    yield from ratio_table(
        [
            Ratio(
                f"{megabytes(most.peak)} of memory at most, at {megabytes(most.size)} of CSV",
                most.peak / least.peak,
                f"{megabytes(least.peak)}, at {megabytes(least.size)}",
                "≤ 1.2",
            )
        ]
    )
    yield ""
    yield from table(
        ("CSV", "gzip", "rows", "of AI", "CPU s", "µs a row", "MB a CPU s", "memory at most"),
        [
            (
                *(megabytes(each.size), megabytes(each.files), f"{each.records:,}"),
                *(f"{each.landed:,}", seconds(each.cpu)),
                *(f"{each.cpu / each.records * 1e6:,.1f}", f"{each.size / each.cpu / 1e6:,.1f}"),
                megabytes(each.peak),
            )
            for each in exports
        ],
    )
