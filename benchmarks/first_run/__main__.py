"""`make bench-first-run`: a whole first run, by stage, beside the copy of what it published."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.first_run import scale as larger
from benchmarks.first_run.measured import Size, measure
from benchmarks.first_run.report import lines
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report

NAME = "first_run"


@click.command()
@click.option("--requests", default=1_000_000, show_default=True)
@click.option("--days", default=30, show_default=True)
@click.option("--objects", default=30, show_default=True, help="Parquet files of the log")
@click.option("--fixed", default=1_000, show_default=True, help="requests of the tiny company")
@click.option("--landed", is_flag=True, help="write the landing itself: no log is read")
@click.option("--keep", type=click.Path(path_type=Path), help="leave the workspace there")
@click.option("--scale", is_flag=True, help="keep what it says of larger months in docs/scale.md")
@write
def main(
    requests: int,
    days: int,
    objects: int,
    fixed: int,
    landed: bool,
    keep: Path | None,
    scale: bool,
    write: bool,
) -> None:
    """Prints ratios, CPU by stage and bytes. Needs about 600 bytes of disk per request."""
    size = Size(requests, days, objects, fixed)
    with TemporaryDirectory() as passing:
        first = measure(keep or Path(passing) / "company", size, say, landed=landed)
    how = " --landed" if landed else ""
    command = f"python -m benchmarks.{NAME} --requests {requests} --objects {objects}{how}"
    report(f"{NAME} --requests {requests}", command, lines(first), page=page_of(write))
    if scale:
        report(larger.NAME, command, larger.lines(first), page=larger.PAGE)


if __name__ == "__main__":
    main()
