"""`tollbook diff 2026-10`"""

import click

from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import unit_of
from orchestration.cents.posted import posted_lines
from orchestration.checks.month_status import parse_month
from orchestration.closing.accruals import accrued_teams
from orchestration.command import Invocation
from orchestration.exports.accruals import true_up
from orchestration.ledger.books import ClosedMonth, LedgerError, open_accruals, open_ledger
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

    As the last run knows it, by team and reason; mart_corrections has the features. Of a month that
    is accrued: what its close would true up, by team.
    """
    try:
        first = parse_month(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MONTH") from error
    workspace = invocation.workspace()
    if open_ledger(workspace).month(first) is None:
        if accrual := open_accruals(workspace).month(first):
            click.echo(_trued_up(workspace, accrual), nl=False)
            return
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


def _trued_up(workspace: Workspace, accrual: ClosedMonth) -> str:
    """What is known now, estimates too, beside what was accrued."""
    teams = accrued_teams(open_accruals(workspace), accrual)
    with open_marts(workspace.marts) as connection:
        unit = unit_of(workspace.currency)
        lines = posted_lines(connection, accrual.month, unit, accrued=True)
    table = true_up(accrual.month, teams, lines, workspace.currency)
    shown = ("vendor", "billing_account", "team", "cost_center", "accrued", "actual", "true_up")
    places = [table.columns.index(name) for name in shown]
    columns = tuple("known now" if name == "actual" else name for name in shown)
    rows = [tuple(row[place] for place in places) for row in table.rows]
    return as_table(columns, rows)
