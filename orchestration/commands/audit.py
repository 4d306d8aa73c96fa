"""`tollbook audit 2026-10`"""

import click

from orchestration.checks.month_status import parse_month
from orchestration.closing.audit import audit_month
from orchestration.closing.old_months import archive_of
from orchestration.command import Invocation, ProblemsFound
from orchestration.terminal.tables import as_table


@click.command("audit")
@click.argument("month")
@click.pass_obj
def command(invocation: Invocation, month: str) -> None:
    """Prove MONTH (2026-10), which is closed or accrued, from its ledger and what left for finance.

    Every file has the hash it was closed with, lines sum to what teams were charged, that to what
    was allocated, and the exports are as they left. So of an accrual.
    """
    try:
        first = parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MONTH") from error
    workspace = invocation.workspace()
    audit = audit_month(workspace, first)
    said = audit.closed.said
    click.echo(
        f"{month} was {said['status']} {said['closed_at']} by {said['closed_by']} with Tollbook"
        f" {said['tollbook']}: {audit.right} of {audit.files} files are as they were"
    )
    if audit.accounts:
        columns = ("provider", "account", "invoice", "charged", "invoiced")
        click.echo(as_table(columns, audit.accounts), nl=False)
    if audit.accrued:
        reversed_on = (said.get("accrual") or said)["reversed_on"]
        click.echo(f"accrued, and reversed on {reversed_on}:")
        accrued = ("provider", "account", "accrued", "charged")
        click.echo(as_table(accrued, audit.accrued), nl=False)
    if audit.corrections:
        posted = ("posted in", "team", "reason", "amount")
        click.echo(as_table(posted, audit.corrections), nl=False)
    if first in archive_of(workspace).months:
        click.echo(
            f"its requests are in {workspace.archive}: cells and lines are proved, `explain` leads"
            " no further than to cells, and that these are the sum of its requests nobody can ask"
            " of the marts"
        )
    if audit.problems:
        raise ProblemsFound(audit.problems)
    click.echo("all of it holds")
