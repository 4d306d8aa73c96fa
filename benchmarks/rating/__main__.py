"""`make bench-rating`: millions of requests, side by side with libraries that rate one a call."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.rating.measured import Measured, Size, measure
from benchmarks.rating.peers import genai_prices, litellm
from benchmarks.rating.report import page
from tests.pipeline.compiled_project import CompiledProject, compile_project

PAGE = Path(__file__).parents[1] / "rating.md"
WANTED = 1000


@click.command()
@click.option("--requests", default=10_000_000, show_default=True, help="how many are rated")
@click.option("--sampled", default=10_000, show_default=True, help="how many the libraries rate")
@click.option("--rounds", default=11, show_default=True, help="of which the fastest counts")
@click.option("--seed", default=1, show_default=True)
@click.option("--write", is_flag=True, help="keep the page as benchmarks/rating.md")
def main(requests: int, sampled: int, rounds: int, seed: int, write: bool) -> None:
    """Prints requests per second and their ratios. Needs about 500 bytes of disk per request."""
    size = Size(requests, sampled, rounds, seed)
    with TemporaryDirectory() as folder:
        click.echo("compiling the SQL", err=True)
        compile_project(Path(folder))
        measured = measure(
            CompiledProject(Path(folder)),
            Path(folder) / "bench.duckdb",
            [litellm(), genai_prices()],
            size,
            lambda step: click.echo(step, err=True),
        )
    text = page(measured, size)
    click.echo(text)
    if write:
        PAGE.write_text(text)
    _expect_fast(measured)


def _expect_fast(measured: Measured) -> None:
    for rate, _ in measured.peers:
        ratio = measured.aggregate.per_second / rate.per_second
        if ratio < WANTED:
            raise click.ClickException(
                f"aggregate is {ratio:,.0f} times as fast as {rate.name}, wanted is {WANTED:,}:"
                " give it 10,000,000 requests and a machine that does nothing else"
            )


if __name__ == "__main__":
    main()
