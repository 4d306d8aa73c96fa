"""The measured readers as tables."""

from collections.abc import Iterator, Sequence

from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, table
from benchmarks.reading.measured import Format, Read
from benchmarks.reading.sources import LITELLM

KINDS = {"litellm": "LiteLLM, NDJSON", "generic": "generic, Parquet"}


def lines(formats: Sequence[Format], release: str) -> Iterator[str]:
    """`release` is what the other one is called."""
    yield from ratio_table([ratio for each in formats for ratio in _ratios(each, release)])
    yield ""
    yield from table(
        ("log", "records", "log", "records a CPU s", "µs a record", "memory at most"),
        [row for each in formats for row in _rows(each, release)],
    )


def _ratios(each: Format, release: str) -> Iterator[Ratio]:
    what = f"{KINDS[each.name]}: {each.here.per_second:,.0f} records a CPU second"
    if each.beside:
        yield Ratio(
            what,
            each.here.per_second / each.beside.per_second,
            f"{release}: {each.beside.per_second:,.0f}",
            "≥ 2.5" if each.name == LITELLM else "",
        )
    yield Ratio(
        what,
        each.here.per_second / each.duckdb.per_second,
        f"DuckDB copies the same columns: {each.duckdb.per_second:,.0f}",
    )


def _rows(each: Format, release: str) -> Iterator[tuple[str, ...]]:
    kind = KINDS[each.name]
    yield _row(f"{kind}", each.here, megabytes(each.bytes))
    if each.beside:
        yield _row(f"{kind}, {release}", each.beside, "")
    yield _row(f"{kind}, DuckDB", each.duckdb, "")


def _row(name: str, read: Read, size: str) -> tuple[str, ...]:
    each = f"{read.cpu / read.records * 1e6:,.1f}"
    return name, f"{read.records:,}", size, f"{read.per_second:,.0f}", each, megabytes(read.peak)
