"""`tollbook rules --explain`"""

from decimal import Decimal
from typing import Final

import click
import duckdb

from ingestion.storage.objects import open_storage
from ingestion.vocabulary import OWNERS
from orchestration.command import Invocation, ProblemsFound
from orchestration.onboarding.rule_proposals import accept, as_lines, proposals
from orchestration.publishing.marts import open_marts
from orchestration.terminal.tables import as_table

GAINED: Final = ", ".join(f"round({name}_cost, 2) AS {name}" for name in OWNERS)
EXPLAINED: Final = f"""
    SELECT line, rule, status, matched_requests AS requests, round(matched_cost, 2) AS matched,
        {GAINED}
    FROM main.dim_attribution_rules ORDER BY rule_rank
"""
# What a rule that decides nothing, or decides by luck, needs to be told about it.
TOLD: Final = {
    "never matches": "no request of the log is like it",
    "shadowed": "another rule decides everything it matches",
    "outranked": "a place before `rule` in `attribution` decides everything it matches",
}


@click.command("rules")
@click.option("--explain", is_flag=True, help="What each rule gained. This is the default.")
@click.option("--propose", is_flag=True, help="Print the rules that mart_unallocated proposes.")
@click.option("--accept", "accepted", is_flag=True, help="Append them to attribution_rules.csv.")
@click.pass_obj
def command(invocation: Invocation, explain: bool, propose: bool, accepted: bool) -> None:
    """What attribution_rules.csv gained at the last run, and what could be added to it."""
    workspace = invocation.workspace()
    with open_marts(workspace.marts) as connection:
        if explain or not (propose or accepted):
            _explain(connection, workspace.currency)
        rows = proposals(connection) if propose or accepted else []
    if propose:
        click.echo(as_lines(rows), nl=False)
    if accepted:
        try:
            count = accept(open_storage(workspace.reference), rows)
        except ValueError as error:
            raise ProblemsFound([str(error)]) from error
        kept = f", {len(rows) - count} are there already" if count < len(rows) else ""
        click.echo(f"{count} rules appended{kept}: `tollbook run` applies them", err=True)


def _explain(connection: duckdb.DuckDBPyConnection, currency: str) -> None:
    result = connection.execute(EXPLAINED)
    columns = [column[0] for column in result.description or []]
    rows = result.fetchall()
    if not rows:
        click.echo("no rules: `tollbook rules --propose` prints what could be some")
        return
    click.echo(
        f"{currency} matched by each rule, and gained per dimension, in the order they decide"
    )
    click.echo(as_table(columns, rows), nl=False)
    for sentence in _warnings(connection):
        click.echo(sentence)
    click.echo(_left(connection, currency))


def _warnings(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT line, rule, status, mostly_taken_by, conflicts_with, conflicting_requests"
        " FROM main.dim_attribution_rules ORDER BY rule_rank"
    ).fetchall()
    told = []
    for line, rule, status, taken_by, other, requests in rows:
        if status in TOLD:
            by = f", mostly `{taken_by}`" if taken_by else ""
            told.append(f"line {line} `{rule}` {status}: {TOLD[status]}{by}")
        if other:
            told.append(
                f"line {line} `{rule}` conflicts with `{other}` on {requests} requests: the earlier"
                " line decides, give them different priorities"
            )
    return told


def _left(connection: duckdb.DuckDBPyConnection, currency: str) -> str:
    left = {
        dimension: (cost, unpriced)
        for dimension, cost, unpriced in connection.execute(
            "SELECT dimension, coalesce(sum(cost), 0), sum(unpriced_requests)"
            " FROM main.mart_unallocated WHERE residual_cause IS NULL GROUP BY dimension"
        ).fetchall()
    }
    parts = []
    for name in ("feature", "team"):
        cost, unpriced = left.get(name, (Decimal(), 0))
        more = f" and {unpriced:,} requests without a price" if unpriced else ""
        parts.append(f"{cost.quantize(Decimal('0.01'))} {currency}{more} without a {name}")
    return f"left of what requests cost: {', '.join(parts)}"
