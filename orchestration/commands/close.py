"""`tollbook close 2026-10`"""

from datetime import date
from typing import Final

import click

from ingestion.vocabulary import CORRECTION_REASONS
from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import BILLED, CLOSED, ESTIMATED, parse_month
from orchestration.command import Invocation, ProblemsFound

# Statuses of a month that nothing is booked of.
OPEN: Final = (ESTIMATED, BILLED)


@click.command("close")
@click.argument("month")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    type=click.Choice(CORRECTION_REASONS),
    help="Post corrections of earlier months for this reason with MONTH; may stand several times.",
)
@click.option(
    "--accrue",
    is_flag=True,
    help="Soft-close an estimated MONTH: accrue what it costs until its invoice comes.",
)
@click.option("--because", default="", help="Why they are accepted: it is written into the ledger.")
@click.pass_obj
def command(
    invocation: Invocation, month: str, accepted: tuple[str, ...], accrue: bool, because: str
) -> None:
    """Close MONTH (2026-10): write its ledger, which nothing changes any more.

    What becomes known later is corrected in the first month that is open.
    """
    try:
        first = parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MONTH") from error
    if accrue and accepted:
        raise click.UsageError("corrections are accepted with the close that posts them")
    workspace = invocation.workspace()
    if accrue:
        problems = _accrue(workspace, first, invocation.verbose)
    else:
        problems = _close(workspace, first, accepted, because, invocation.verbose)
    if problems:
        raise ProblemsFound(problems)


def _close(
    workspace: Workspace, month: date, accepted: tuple[str, ...], because: str, verbose: bool
) -> list[str]:
    from orchestration.closing.accepting import accept
    from orchestration.closing.in_the_way import not_over
    from orchestration.execution import execute_job
    from orchestration.jobs import CLOSE, RUN
    from orchestration.ledger.books import open_ledger
    from orchestration.running.last_run import news

    name = f"{month:%Y-%m}"
    if open_ledger(workspace).month(month):
        if accepted:
            return [f"{name} is closed: accept corrections with the month that is open"]
        if _status(workspace, month) != CLOSED:
            execute_job(workspace, RUN, verbose=verbose)
        click.echo(
            f"{name} is closed and stays as it is: what became of it since is in"
            f" `tollbook diff {name}`, and posts with the first open month"
        )
        return []
    if why := not_over(workspace, month):
        return [f"{name} is not closed: {why}"]
    accept(workspace, month, accepted, because)
    if news(workspace):
        # another month may not tie: that holds only that one back
        execute_job(workspace, RUN, verbose=verbose)
    outcome = execute_job(workspace, CLOSE, verbose=verbose, partition_key=name)
    if outcome.problems:
        return outcome.problems
    # the closed month is published, and what it leaves to correct
    execute_job(workspace, RUN, verbose=verbose)
    _tell_phases(workspace, first=month)
    return []


def _accrue(workspace: Workspace, month: date, verbose: bool) -> list[str]:
    from orchestration.closing.accrue import accrue_month
    from orchestration.closing.in_the_way import not_over
    from orchestration.execution import execute_job
    from orchestration.jobs import ACCRUE, RUN
    from orchestration.ledger.books import open_accruals
    from orchestration.running.last_run import news

    if open_accruals(workspace).month(month):
        if _status(workspace, month) in OPEN:
            execute_job(workspace, RUN, verbose=verbose)
        click.echo(accrue_month(workspace, month).told())
        return []
    if why := not_over(workspace, month):
        return [f"{month:%Y-%m} is not accrued: {why}"]
    if news(workspace):
        # another month may not tie: that holds only that one back
        execute_job(workspace, RUN, verbose=verbose)
    outcome = execute_job(workspace, ACCRUE, verbose=verbose, partition_key=f"{month:%Y-%m}")
    if outcome.problems:
        return outcome.problems
    # the status is published, and what is accrued leaves
    execute_job(workspace, RUN, verbose=verbose)
    return []


def _status(workspace: Workspace, month: date) -> str | None:
    """As it is published: not yet what the ledger says, after a close that was killed."""
    from orchestration.checks.month_status import month_statuses
    from orchestration.publishing.marts import open_marts

    if not workspace.marts.exists():
        return None
    with open_marts(workspace.marts) as connection:
        return month_statuses(connection).get(month)


def _tell_phases(workspace: Workspace, first: date) -> None:
    """Teams that a gate holds back in the month that closed, and in those that are open after."""
    from orchestration.checks.month_status import month_statuses
    from orchestration.publishing.marts import open_marts
    from orchestration.summary.phases import held_back

    with open_marts(workspace.marts) as connection:
        for month in month_statuses(connection):
            for sentence in held_back(connection, month) if month >= first else []:
                click.echo(sentence)
