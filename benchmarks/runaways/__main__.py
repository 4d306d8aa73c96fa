"""`make bench-runaways`: what a runaway is found by, and how often there is none.

Forty keys over 90 days after eight weeks, at several levels of noise: false alerts of clean days,
and spikes of 5 times what is usual that were planted in the same days.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from benchmarks.measuring.goals import table
from benchmarks.measuring.page import report
from benchmarks.runaways.measured import Found, measure, quantile

NAME: Final = "runaways"
PAGE: Final = Path(__file__).parents[2] / "docs" / "signals.md"
HEADER: Final = (
    "noise of an hour",
    "false alerts a key and month",
    "at most",
    "of teams, features, models",
    "spikes found",
    "hours until told, p50",
    "p95",
    "exposure then, p50",
    "p95",
)


def lines(found: Sequence[Found]) -> Iterator[str]:
    yield from table(HEADER, [_row(each) for each in found])
    missed = [f"{each.noise:.0%}: {_hours(each)}" for each in found if each.missed]
    if missed:
        yield ""
        yield f"Missed, by how many hours a spike lasted: {'; '.join(missed)}."


def _row(found: Found) -> tuple[str, ...]:
    told = found.planted - len(found.missed)
    return (
        f"{found.noise:.0%}",
        f"{sum(found.false_alerts) / found.key_months:.3f}",
        str(max(found.false_alerts, default=0)),
        str(found.others),
        f"{told} of {found.planted}, {told / found.planted:.1%}",
        f"{quantile(found.hours, 50):.0f}",
        f"{quantile(found.hours, 95):.0f}",
        f"${quantile(found.exposures, 50):,.0f}",
        f"${quantile(found.exposures, 95):,.0f}",
    )


def _hours(found: Found) -> str:
    lasted = sorted(spike.hours for spike in found.missed)
    return ", ".join(f"{lasted.count(hours)} of {hours} h" for hours in sorted(set(lasted)))


@click.command()
@click.option("--noise", multiple=True, default=[10, 20, 30, 40], show_default=True, type=int)
@click.option("--companies", default=3, show_default=True, help="drawn from seeds of their own")
@click.option("--write", is_flag=True, help=f"keep the numbers in docs/{PAGE.name}")
def main(noise: tuple[int, ...], companies: int, write: bool) -> None:
    """Prints false alerts, what was found, and after how long."""
    found = measure([percent / 100 for percent in noise], companies)
    report(NAME, f"python -m benchmarks.{NAME}", lines(found), page=PAGE if write else None)


if __name__ == "__main__":
    main()
