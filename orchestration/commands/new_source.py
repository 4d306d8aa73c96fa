"""`tollbook new-source NAME --like FORMAT`"""

import click

from ingestion.workspace.not_yet import BILLS_NOT_YET, GATEWAYS_NOT_YET
from orchestration.onboarding.new_source import REGISTRY, Kind, write_source
from orchestration.running.working_folder import REPOSITORY


@click.command("new-source")
@click.argument("name")
@click.option("--like", metavar="FORMAT", required=True, help="A format of the same kind.")
def command(name: str, like: str) -> None:
    """Write a reader, its fixture and its test into a checkout of Tollbook, to fill in.

    They read a made-up format, and the test passes: change the three to the real one. Nothing is
    ever overwritten.
    """
    made = write_source(REPOSITORY, name, like)
    for path in made.written:
        click.echo(f"wrote {path}")
    click.echo(f"added to {REGISTRY}:\n{made.line}", nl=False)
    click.echo("add to docs/sources.md, as its other rows:")
    for row in _rows(name, made.kind):
        click.echo(row)
    if name in (BILLS_NOT_YET if made.kind.folder == "bills" else GATEWAYS_NOT_YET):
        click.echo(f"take `{name}` out of ingestion/workspace/not_yet.py, then `make docs`")
    page = "add-a-bill.md" if made.kind.folder == "bills" else "add-a-source.md"
    click.echo(f"now fill in what says FILL IN: docs/{page}; its test is")
    click.echo(f".venv/bin/pytest {made.written[-1]}")


def _rows(name: str, kind: Kind) -> list[str]:
    """Of the table of formats, and of that of bills."""
    counts = "FILL IN: what its counts contain"
    rows = [f"| `{name}` | FILL IN: what it reads | {kind.kind} | {counts} |"]
    if kind.folder == "bills":
        cells = "money | discounts | quantity | key | account below | time | tested on"
        rows.append(f"| `{name}` | FILL IN: {cells} |")
    return rows
