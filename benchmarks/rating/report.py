"""The measured rates as a page of Markdown."""

import os
import platform
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import version

from benchmarks.measuring.machine import processor
from benchmarks.rating.agreement import Agreement
from benchmarks.rating.measured import Measured, Rate, Size

INTRODUCTION = """\
# How fast requests are rated

Written by `make bench-rating`. All numbers are of one run on one machine; compare only within this
page.
"""
METHOD = """\
## What is measured

* **aggregate**: list cost of all requests by provider, model and meter, from the warehouse's table
  on disk (`int_requests`) and its dated prices (`int_prices_dated`) to the totals: one scan that
  sums the meters of all requests under one price, then the compiled `int_request_meters` for each
  sum. As of the event, by service tier, whole requests in their context band, without the answers
  of the gateway's own cache. The file is opened anew before each round: nothing of it is in the
  memory of DuckDB, the system may hold its pages. All cores.
* **rows written**: what a fresh run does: `int_request_meters` as a table on disk, a row per
  request and meter with its price, list and contracted cost. Once. All cores.
* **the libraries**: a plain loop of calls on one core over a sample of the same requests. Their
  arguments are made before the clock starts.
* Not measured: generating the requests, dating the price book, reading logs.

Seconds are those of the fastest of {rounds} rounds, for each; a round is aggregate and libraries
one after the other, and one before them does not count. The totals of aggregate and rows are
equal, to the pico-dollar, for every provider, model and meter, or there is no page.
"""


def page(measured: Measured, size: Size) -> str:
    return "\n".join(
        [
            INTRODUCTION,
            *_machine(),
            "",
            *_rates(measured),
            "",
            METHOD.format(rounds=size.rounds),
            "## Do they say the same?",
            "",
            *_agreements(measured.peers),
            "",
        ]
    )


def _machine() -> Iterator[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "genai-prices"))
    python = platform.python_version()
    yield f"{os.cpu_count()} cores ({processor()}), Python {python}, {versions}."


def _rates(measured: Measured) -> Iterator[str]:
    yield "| what | requests | seconds | requests/s | aggregate is faster | rows are faster |"
    yield "|---|---:|---:|---:|---:|---:|"
    yield _line(measured.aggregate, "", "")
    yield _line(measured.rows, "", "", f" ({measured.rows_written:,} rows)")
    for rate, _ in measured.peers:
        faster = measured.aggregate.per_second / rate.per_second
        written = measured.rows.per_second / rate.per_second
        yield _line(rate, f"**{faster:,.0f} times**", f"{written:,.0f} times")


def _line(rate: Rate, aggregate: str, rows: str, note: str = "") -> str:
    return (
        f"| {rate.name}{note} | {rate.requests:,} | {rate.seconds:.2f} |"
        f" {rate.per_second:,.0f} | {aggregate} | {rows} |"
    )


def _agreements(peers: list[tuple[Rate, Agreement]]) -> Iterator[str]:
    yield "| library | requests | ours, dollars | theirs, dollars | |"
    yield "|---|---:|---:|---:|---|"
    for rate, found in peers:
        yield f"| {rate.name} | {found.agreeing:,} | {_dollars(found.ours)} |" + (
            f" {_dollars(found.theirs)} | agree, request by request |"
        )
        for reason, count in found.differing.most_common():
            yield f"| | {count:,} | | | differ: {reason} |"


def _dollars(amount: Decimal) -> str:
    return f"{amount:,.9f}"
