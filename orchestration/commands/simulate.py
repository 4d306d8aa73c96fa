"""`tollbook simulate DIR`"""

from pathlib import Path

import click

from orchestration.command import ProblemsFound


@click.command("simulate")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--requests", type=click.IntRange(min=1), help="How many, about.")
@click.option("--days", type=click.IntRange(min=1), help="How many, from the preset's first.")
@click.option("--seed", type=int, help="Another one is another company.")
@click.option("--clouds", help="Which hold models and send bills, as in aws,azure,google.")
@click.option("--preset", help="What is not given is as this one says.")
def command(
    directory: Path,
    requests: int | None,
    days: int | None,
    seed: int | None,
    clouds: str | None,
    preset: str | None,
) -> None:
    """Write a workspace of a made-up company into DIR, with the truth beside it."""
    from simulation.simulate import simulate

    try:
        named = clouds.split(",") if clouds else ()
        summary = simulate(directory, requests, days, seed, preset, clouds=named)
    except (ValueError, FileExistsError) as error:
        raise ProblemsFound([str(error)]) from error
    click.echo(f"{summary.company}: {summary.requests} requests, {summary.log_objects} log objects")
    click.echo(f"now: tollbook --workspace {directory} run")
