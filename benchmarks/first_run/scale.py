"""docs/scale.md: what a measured first run says of months with many more requests.

Straight lines through two measured runs, and nothing else: whoever has more memory, cores or a
faster disk divides by that.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.first_run.measured import FirstRun
from benchmarks.first_run.stages import STAGES
from benchmarks.measuring.goals import table

PAGE: Final = Path(__file__).parents[2] / "docs" / "scale.md"
NAME: Final = "first_run --requests 10000000 --scale"
MONTHS: Final = (10_000_000, 100_000_000, 2_000_000_000)
DAYS: Final = 30


def lines(first: FirstRun) -> Iterator[str]:
    run, fixed = first.run, first.fixed
    more = run.requests - fixed.requests
    per_request = {name: (run.stages[name] - fixed.stages[name]) / more for name in STAGES}
    per_request["**all**"] = (run.spent.cpu - fixed.spent.cpu) / more
    yield (
        f"CPU of a further request is, by stage, (CPU s of {run.requests:,} less CPU s of"
        f" {fixed.requests:,}) / {more:,}; a month of n requests is n times that, and"
        f" {fixed.spent.cpu:,.0f} CPU s of any run."
    )
    yield ""
    yield from table(
        ("stage", "µs a request", *(f"{month:,} a month, CPU hours" for month in MONTHS)),
        [
            (
                name,
                f"{slope * 1e6:,.2f}",
                *(f"{max(slope, 0) * month / 3600:,.1f}" for month in MONTHS),
            )
            for name, slope in per_request.items()
        ],
    )
    yield ""
    yield from table(
        ("what grows", "a request", *(f"{month:,} a month" for month in MONTHS)),
        [*_growing(first), _day(first, per_request["**all**"])],
    )
    yield ""
    cells = f"{run.cells:,} of {run.requests:,} requests, {fixed.cells:,} of {fixed.requests:,}"
    yield f"Cells: {cells}."


def _growing(first: FirstRun) -> Iterator[tuple[str, ...]]:
    for name in ("landing", "day files"):
        each = first.run.bytes[name] / first.run.requests
        yield name, f"{each:,.0f} bytes", *(f"{each * month / 1e9:,.0f} GB" for month in MONTHS)


def _day(first: FirstRun, slope: float) -> tuple[str, ...]:
    """A new day, where nothing but its requests and what any run costs is work."""
    fixed = first.fixed.spent.cpu
    days = (f"{(fixed + slope * month / DAYS) / 60:,.0f} CPU minutes" for month in MONTHS)
    return "a run of one new day", f"{slope * 1e6:,.2f} µs", *days
