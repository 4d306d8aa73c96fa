"""`make bench-spans`: a million spans of OTLP to the landing, beside a tenth of them."""

import click

from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.spans.measured import landed, lines

NAME = "spans"


@click.command()
@click.option("--spans", default=1_000_000, show_default=True, help="of which a tenth goes first")
@write
def main(spans: int, write: bool) -> None:
    """Prints the memory of both, and CPU time a span."""
    sizes = []
    for count in (spans // 10, spans):
        say(f"writing and landing {count:,} spans")
        sizes.append(landed(count))
    report(NAME, f"python -m benchmarks.{NAME} --spans {spans}", lines(sizes), page=page_of(write))


if __name__ == "__main__":
    main()
