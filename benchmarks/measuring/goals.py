"""What is wanted of a measurement: a ratio to something that was measured beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """`what` took or reached `value` times what `beside` did; wanted is at most (or least) this."""

    what: str
    value: float
    beside: str
    wanted: str = ""


def ratio_table(ratios: Sequence[Ratio]) -> Iterator[str]:
    yield "| ratio | of | to | wanted |"
    yield "|---:|---|---|---|"
    for ratio in ratios:
        yield f"| **{ratio.value:,.2f}** | {ratio.what} | {ratio.beside} | {ratio.wanted} |"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Words to the left, the other columns to the right."""
    yield f"| {' | '.join(header)} |"
    yield f"|---|{'---:|' * (len(header) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def seconds(value: float) -> str:
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def megabytes(value: float) -> str:
    return f"{value / 1e6:,.0f} MB"
