"""`make bench-bills`: a large export of AWS to the landing, beside one of a tenth of its size."""

import click

from benchmarks.bills.measured import landed, lines
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report

NAME = "bills"


@click.command()
@click.option("--gigabytes", default=5.0, show_default=True, help="of CSV, before compression")
@click.option("--share", default=0.1, show_default=True, help="of rows that are of AI")
@write
def main(gigabytes: float, share: float, write: bool) -> None:
    """Prints CPU time a row and the memory of both."""
    exports = []
    for size in (gigabytes / 10, gigabytes):
        say(f"writing and landing {size:g} GB of CSV")
        exports.append(landed(int(size * 1e9), share))
    command = f"python -m benchmarks.{NAME} --gigabytes {gigabytes:g}"
    report(NAME, command, lines(exports), page=page_of(write))


if __name__ == "__main__":
    main()
