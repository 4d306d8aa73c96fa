"""`tollbook export 2026-10`"""

import click

from orchestration.checks.month_status import parse_month
from orchestration.command import Invocation, ProblemsFound


@click.command("export")
@click.argument("month")
@click.pass_obj
def command(invocation: Invocation, month: str) -> None:
    """Write the files of MONTH (2026-10) again, byte for byte the same."""
    try:
        parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MONTH") from error
    from orchestration.execution import execute_job
    from orchestration.jobs import EXPORT

    workspace = invocation.workspace()
    outcome = execute_job(workspace, EXPORT, verbose=invocation.verbose, partition_key=month)
    if outcome.problems:
        raise ProblemsFound(outcome.problems)
