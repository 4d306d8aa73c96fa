"""Spans of one number: written, landed in a process of its own, told."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, seconds, table
from benchmarks.measuring.processes import FailedError, measured, python
from benchmarks.spans.otlp import CALLS_A_TRACE, SPANS_A_TRACE, write_spans

REPOSITORY: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Landed:
    """`size` is of the JSON, before compression."""

    size: int
    spans: int
    requests: int
    cpu: float
    peak: int


def landed(spans: int) -> Landed:
    """Raises FailedError where a span is neither a request nor one of those that are none."""
    with TemporaryDirectory() as passing:
        folder = Path(passing)
        size = write_spans(folder / "spans", spans)
        spent = measured(
            python("-m", "benchmarks.spans.land", str(folder / "spans"), str(folder / "landing")),
            cwd=REPOSITORY,
        )
    told = json.loads(spent.output.splitlines()[-1])
    calls = spans * CALLS_A_TRACE // SPANS_A_TRACE
    if (told["records"], told["landed"], told["unread"]) != (spans, calls, 0):
        raise FailedError(f"of {spans} spans with {calls} calls: {told}")
    return Landed(size, spans, calls, told["cpu"], spent.peak)


def lines(sizes: Sequence[Landed]) -> Iterator[str]:
    """Of the fewest spans first."""
    least, most = sizes[0], sizes[-1]
    yield from ratio_table(
        [
            Ratio(
                f"{megabytes(most.peak)} of memory at most, at {most.spans:,} spans",
                most.peak / least.peak,
                f"{megabytes(least.peak)}, at {least.spans:,}",
                "≤ 1.2",
            )
        ]
    )
    yield ""
    yield from table(
        ("spans", "JSON", "calls of models", "CPU s", "µs a span", "memory at most"),
        [
            (
                *(f"{each.spans:,}", megabytes(each.size), f"{each.requests:,}"),
                *(seconds(each.cpu), f"{each.cpu / each.spans * 1e6:,.1f}", megabytes(each.peak)),
            )
            for each in sizes
        ],
    )
