"""`tollbook init DIR [--scan]`"""

from pathlib import Path

import click

from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import load_workspace
from orchestration.onboarding.names_seen import MODELS, names_seen
from orchestration.onboarding.new_workspace import fill_reference, write_workspace
from orchestration.onboarding.scan import scanned


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--scan", is_flag=True, help="Fill the CSVs with every name in logs and bills.")
def command(directory: Path, scan: bool) -> None:
    """Write a commented tollbook.yaml and the reference CSVs. Nothing is ever overwritten."""
    for path in write_workspace(directory):
        click.echo(f"wrote {path}")
    if not scan:
        click.echo(f"now name your sources in {directory / 'tollbook.yaml'}")
        return
    # 5 s of imports, after the files are written
    from orchestration.onboarding.scratch import built

    workspace = load_workspace(directory)
    with scanned(workspace) as found, built(found, MODELS) as warehouse:
        seen = names_seen(warehouse)
    for warning in found.warnings:
        click.echo(warning, err=True)
    for name, why in found.unreadable.items():
        click.echo(f"source {name} was not scanned: {why}", err=True)
    reference = open_storage(workspace.reference)
    for file, rows in fill_reference(reference, seen).items():
        if rows is None:
            click.echo(f"kept {file}: it has rows already, `tollbook check` tells what it lacks")
        else:
            click.echo(f"wrote {reference.location}/{file}: {rows} names, owners left empty")
