"""`tollbook export 2026-10`"""

from pathlib import Path

import click

from orchestration.checks.month_status import parse_month
from orchestration.command import Invocation, ProblemsFound


@click.command("export")
@click.argument("month")
@click.option(
    "--pdf",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Print each team's page into this folder, too, by the browser that is installed.",
)
@click.pass_obj
def command(invocation: Invocation, month: str, folder: Path | None) -> None:
    """Write the files of MONTH (2026-10) again, byte for byte the same."""
    try:
        parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MONTH") from error
    from orchestration.execution import execute_job
    from orchestration.exports.site.printed import browser_to_print, print_pages
    from orchestration.jobs import EXPORT

    workspace = invocation.workspace()
    browser = browser_to_print() if folder else ""
    outcome = execute_job(workspace, EXPORT, verbose=invocation.verbose, partition_key=month)
    if outcome.problems:
        raise ProblemsFound(outcome.problems)
    if folder:
        made = print_pages(workspace, month, folder, browser)
        click.echo(f"printed {len(made)} pages into {folder}")
