"""`make bench-reading`: logs to landed Parquet, beside DuckDB and, if given, another release."""

from pathlib import Path

import click

from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.reading.measured import Size, measure
from benchmarks.reading.report import lines

NAME = "reading"


@click.command()
@click.option("--requests", default=50_000, show_default=True, help="of each log")
@click.option("--objects", default=8, show_default=True, help="files of each log")
@click.option(
    "--rounds", default=3, show_default=True, help="of which the one with least CPU counts"
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="a checkout of another release, measured on the same files",
)
@click.option("--release", default="the other release", help="what the page calls it")
@write
def main(
    requests: int, objects: int, rounds: int, beside: Path | None, release: str, write: bool
) -> None:
    """Prints records a CPU second and their ratios."""
    formats = measure(Size(requests, objects, rounds), beside and beside.resolve(), say)
    other = f" --beside CHECKOUT --release {release}" if beside else ""
    command = f"python -m benchmarks.{NAME} --requests {requests}{other}"
    report(NAME, command, lines(formats, release), page=page_of(write))


if __name__ == "__main__":
    main()
