"""`tollbook run`"""

import time
from collections.abc import Mapping
from decimal import Decimal

import click

from ingestion.workspace.settings import Workspace
from orchestration.checks.verdict import problems as verdict_problems
from orchestration.command import Invocation, ProblemsFound
from orchestration.notifying.notify import tell_what_waits
from orchestration.running.last_run import news, unchanged
from orchestration.running.memory import peak_memory
from orchestration.running.source_states import read_states
from orchestration.running.warnings import kept_warnings
from orchestration.summary.price_restatements import told_restatements
from orchestration.summary.run import print_summary
from orchestration.terminal.tables import as_table


@click.command("run")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what prices and contracts of now would make of what has landed; change nothing.",
)
@click.option("--again", is_flag=True, help="Read, build and check also where nothing is new.")
@click.pass_obj
def command(invocation: Invocation, dry_run: bool, again: bool) -> None:
    """Read every new or changed object and bill, rebuild what they touch, check, publish."""
    started = time.monotonic()
    workspace = invocation.workspace()
    seconds: Mapping[str, float] = {}
    if dry_run:
        problems = _rehearse(workspace, invocation.verbose)
    elif again or (new := news(workspace)):
        if not again:
            click.echo(f"new or changed: {', '.join(new)}", err=True)
        problems, seconds = _run(workspace, invocation.verbose)
    else:
        problems = _repeat(workspace)
    click.echo(seconds_table(seconds, time.monotonic() - started), err=True, nl=False)
    if seconds:
        click.echo(f"peak memory {peak_memory() / 2**30:.1f} GiB", err=True)
    if problems:
        raise ProblemsFound(problems)


def seconds_table(steps: Mapping[str, float], total: float) -> str:
    """What each step took; starting and printing are no step."""
    rows = [*steps.items(), ("start and summary", total - sum(steps.values()))] if steps else []
    return as_table(
        ["step", "seconds"],
        [(name, Decimal(f"{seconds:.1f}")) for name, seconds in (*rows, ("total", total))],
    )


def _run(workspace: Workspace, verbose: bool) -> tuple[list[str], Mapping[str, float]]:
    from orchestration.run_process import prepare_run

    prepare_run()
    # 4 s of imports, after the options are known to be right
    from orchestration.asset_keys import MARTS, RUN
    from orchestration.execution import execute_job

    told = told_restatements(workspace)
    outcome = execute_job(workspace, RUN, verbose=verbose)
    problems = list(outcome.problems)
    if MARTS in outcome.made:
        print_summary(workspace, told)
    else:
        problems.append("nothing was published: the marts are as they were before this run")
    mentioned = "\n".join(problems)
    # a build that stopped has not come to the verdict, which names these
    problems += [
        f"source {name} could not be read: {state.message}"
        for name, state in read_states(workspace).items()
        if state.status == "failed" and f"source {name} " not in mentioned
    ]
    return problems, outcome.seconds


def _repeat(workspace: Workspace) -> list[str]:
    """The verdict of the last run, from what it published."""
    click.echo(unchanged(workspace), err=True)
    for warning in kept_warnings(workspace):
        click.echo(warning, err=True)
    for problem in tell_what_waits(workspace):
        click.echo(problem, err=True)
    print_summary(workspace, told_restatements(workspace), of_last_run=True)
    return verdict_problems(workspace)


def _rehearse(workspace: Workspace, verbose: bool) -> list[str]:
    if not workspace.marts.is_file():
        click.echo(f"nothing to reprice: {workspace.marts} is not published yet")
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
