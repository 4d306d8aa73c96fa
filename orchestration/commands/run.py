"""`tollbook run`"""

import time

import click

from ingestion.workspace.settings import Workspace
from orchestration.command import Invocation, ProblemsFound
from orchestration.running.source_states import read_states
from orchestration.summary.repriced import told_restatements
from orchestration.summary.run import print_summary


@click.command("run")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what prices and contracts of now would make of what has landed; change nothing.",
)
@click.pass_obj
def command(invocation: Invocation, dry_run: bool) -> None:
    """Read every new or changed object and bill, rebuild what they touch, check, publish."""
    started = time.monotonic()
    workspace = invocation.workspace()
    problems = (_rehearse if dry_run else _run)(workspace, invocation.verbose)
    click.echo(f"{time.monotonic() - started:.1f} s", err=True)
    if problems:
        raise ProblemsFound(problems)


def _run(workspace: Workspace, verbose: bool) -> list[str]:
    # 5 s of imports, after the options are known to be right
    from orchestration.asset_keys import MARTS
    from orchestration.execution import execute_job
    from orchestration.jobs import RUN

    told = told_restatements(workspace)
    outcome = execute_job(workspace, RUN, verbose=verbose)
    problems = list(outcome.problems)
    if MARTS in outcome.made:
        print_summary(workspace, told)
    else:
        problems.append("nothing was published: the marts are as they were before this run")
    mentioned = "\n".join(problems)
    # a build that stopped has not come to the verdict, which names these
    return problems + [
        f"source {name} could not be read: {state.message}"
        for name, state in read_states(workspace).items()
        if state.status == "failed" and f"source {name} " not in mentioned
    ]


def _rehearse(workspace: Workspace, verbose: bool) -> list[str]:
    if not workspace.warehouse.is_file():
        click.echo(f"nothing to reprice: {workspace.warehouse} is not built yet")
        return []
    from orchestration.dry_run import dry_run

    click.echo(
        "dry run: reference data and prices of now on what has landed; no log or bill is read,"
        " and nothing is changed",
        err=True,
    )
    repriced, problems = dry_run(
        workspace, lambda text: click.echo(text, err=True), verbose=verbose
    )
    if not problems:
        click.echo(repriced or "nothing would be repriced\n", nl=False)
    return problems
