"""The measured first run as tables."""

from collections.abc import Iterator

from benchmarks.first_run.copied import LEVEL_OF_DAYS
from benchmarks.first_run.measured import FirstRun, Run
from benchmarks.first_run.stages import REQUESTS, STAGES
from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, seconds, table

MICRO = 1e6


def ratios(first: FirstRun) -> list[Ratio]:
    copy = f"{seconds(first.copy)} CPU s: DuckDB copies the published rows, Parquet to Parquet"
    stage = first.run.stages[REQUESTS]
    rest = first.run.spent.cpu - first.fixed.spent.cpu
    files = first.run.bytes["landing"] + first.run.bytes["day files"]
    return [
        Ratio(
            f"{seconds(stage)} CPU s: landing to day files and cells",
            stage / first.copy,
            copy,
            "≤ 3",
        ),
        Ratio(
            f"{seconds(rest)} CPU s: the whole first run, less {seconds(first.fixed.spent.cpu)}"
            f" of a run of {first.fixed.requests:,} requests",
            rest / first.copy,
            copy,
            "≤ 6",
        ),
        Ratio(
            f"{megabytes(first.run.spent.peak)} of memory at most",
            first.run.spent.peak / 4e9,
            "4 GB",
            "≤ 1 at 10,000,000",
        ),
        Ratio(
            f"{files / first.run.requests:,.0f} bytes a request: landing and day files",
            files / first.run.requests / 400,
            "400 bytes a request",
            "≤ 1",
        ),
    ]


def lines(first: FirstRun) -> Iterator[str]:
    run, fixed = first.run, first.fixed
    yield f"First run of {run.requests:,} requests:"
    yield ""
    yield from ratio_table(ratios(first))
    yield ""
    yield (
        f"Compressed as day files are, at zstd's level {LEVEL_OF_DAYS} and not at DuckDB's own,"
        f" the copy takes {seconds(first.copy_as_days)} CPU s."
    )
    yield ""
    more = run.requests - fixed.requests
    yield from table(
        ("CPU s by stage", f"{run.requests:,}", f"{fixed.requests:,}", "µs a further request"),
        [
            (
                name,
                seconds(run.stages[name]),
                seconds(fixed.stages[name]),
                f"{(run.stages[name] - fixed.stages[name]) / more * MICRO:,.2f}",
            )
            for name in STAGES
        ]
        + [("**all**", *_all(run, fixed, more))],
    )
    yield ""
    yield from table(
        ("bytes", f"{run.requests:,}", f"{fixed.requests:,}", "a request"),
        [
            (name, megabytes(size), megabytes(fixed.bytes[name]), f"{size / run.requests:,.0f}")
            for name, size in run.bytes.items()
        ],
    )


def _all(run: Run, fixed: Run, more: int) -> tuple[str, str, str]:
    further = (run.spent.cpu - fixed.spent.cpu) / more * MICRO
    return seconds(run.spent.cpu), seconds(fixed.spent.cpu), f"{further:,.2f}"
