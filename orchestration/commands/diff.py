"""`tollbook diff 2026-10`"""

import click

from orchestration.checks.month_status import parse_month
from orchestration.command import Invocation
from orchestration.ledger.books import LedgerError, open_ledger
from orchestration.publishing.marts import open_marts
from orchestration.terminal.tables import as_table

WHY = {
    "posts": "posts",
    "waits": "waits for `close --accept`",
    "below_amount": "is less than `corrections: from_amount`",
    "unsupported": "no invoice or credit note says so yet",
    "no_open_month": "waits for a month that is open",
    "posted": "posted",
}


@click.command("diff")
@click.argument("month")
@click.pass_obj
def command(invocation: Invocation, month: str) -> None:
    """What of MONTH (2026-10), which is closed, would be corrected now, and why.

    As the last run knows it, by team and reason; mart_corrections has the features.
    """
    try:
        first = parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MONTH") from error
    workspace = invocation.workspace()
    if open_ledger(workspace).month(first) is None:
        raise LedgerError(f"{month} is not closed: until it is, every run says what it is")
    with open_marts(workspace.marts) as connection:
        rows = connection.execute(
            "SELECT provider, billing_account, team, reason, part, status,"
            " strftime(posting_month, '%Y-%m'), sum(amount) FROM main.mart_corrections"
            " WHERE billing_month = ? GROUP BY ALL HAVING sum(amount) <> 0 ORDER BY ALL",
            [first],
        ).fetchall()
    if not rows:
        click.echo(f"{month} is what its ledger says: nothing is to be corrected")
        return
    columns = ("provider", "account", "team", "reason", "part", "state", "month", "amount")
    told = [(*row[:5], WHY.get(row[5], row[5]), *row[6:]) for row in rows]
    click.echo(as_table(columns, told), nl=False)
