"""What a run ends with: the split of each month's money, and how it ties to the invoices."""

from collections.abc import Collection
from datetime import date

import click
import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import (
    cents_decimal,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)
from orchestration.cents.posted import posted_lines
from orchestration.checks.awaited import ends, stopped_bills, waits_for
from orchestration.checks.bill_reports import control_differences
from orchestration.checks.keyless_usage import keyless_usage
from orchestration.checks.month_completeness import losses
from orchestration.checks.month_status import ACCRUED, CLOSED, ESTIMATED, month_statuses
from orchestration.checks.prompt_plans import beyond_plan
from orchestration.checks.unlogged_usage import unlogged_usage
from orchestration.checks.unread_records import unread_records
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import read_origin
from orchestration.summary.disputes import on_hold
from orchestration.summary.landing_notes import landing_notes
from orchestration.summary.month_table import month_tables
from orchestration.summary.phases import held_back
from orchestration.summary.price_restatements import repriced_text
from orchestration.summary.reconciliation_table import reconciliation
from orchestration.summary.told_twice import told_twice


def print_summary(
    workspace: Workspace, told: Collection[str], *, of_last_run: bool = False
) -> None:
    """To standard output, from the published marts; of restatements those not `told` before.

    `of_last_run`: nothing is new since the last whole run.
    """
    currency = workspace.currency
    of_landing = landing_notes(workspace, of_last_run=of_last_run)
    with open_marts(workspace.marts) as connection:
        basis = read_origin(connection).chargeback_basis
        click.echo(repriced_text(connection, told), nl=False)
        posted = {
            month: posted_lines(connection, month, unit_of(currency))
            for month in month_statuses(connection)
        }
        for month, status in month_statuses(connection).items():
            if posted[month]:
                click.echo(f"\n{month:%Y-%m} {status}, {currency}")
                click.echo(month_tables(connection, month, posted[month], basis, currency))
                for note in _notes(connection, month, status, currency):
                    click.echo(note)
        click.echo("\nReconciliation")
        click.echo(reconciliation(connection, posted, currency), nl=False)
        for note in (
            *control_differences(connection),
            *unlogged_usage(connection),
            *beyond_plan(connection, currency),
            *of_landing.ungrouped,
            *of_landing.left_out,
            *(usage.told(currency) for usage in keyless_usage(connection)),
            *stopped_bills(ends(connection)),
            *unread_records(connection),
        ):
            click.echo(f"\n{note}")
        click.echo(_misspellings(connection, currency), nl=False)
        click.echo(_folded(connection), nl=False)
        click.echo(told_twice(connection, currency), nl=False)
    # where callers name owners and nobody looks
    click.echo(of_landing.unread, nl=False)
    click.echo(f"\nmarts    {workspace.marts}\nexports  {workspace.exports}")
    click.echo(f"pages    {workspace.pages}")


def _notes(
    connection: duckdb.DuckDBPyConnection, month: date, status: str, currency: str
) -> list[str]:
    """What a month waits for, lost logs that a person accepted, teams that a gate holds back."""
    waits = waits_for(connection, month, currency) if status in (ESTIMATED, ACCRUED) else []
    accepted = losses(connection, accepted=True).get(month, [])
    return [
        *([f"{month:%Y-%m} waits for {'; '.join(waits)}"] if waits else []),
        *(f"{month:%Y-%m}, {loss.told(currency)}" for loss in accepted),
        *(
            [*held_back(connection, month), *on_hold(connection, month, currency)]
            if status != CLOSED
            else []
        ),
    ]


def _folded(connection: duckdb.DuckDBPyConnection) -> str:
    """Records of which another one stands though they differ, by gateway."""
    rows = connection.execute(
        "SELECT source, CAST(sum(records_folded) AS BIGINT), min(day), max(day)"
        " FROM main.mart_data_quality_daily WHERE records_folded > 0 GROUP BY source ORDER BY 1"
    ).fetchall()
    return "".join(
        f"\n{source}: {count} record{'s have' if count > 1 else ' has'} the ids and start of"
        f" another one and other content, {first} to {last}: of each the one with more evidence"
        " stands (records_folded in mart_data_quality_daily)\n"
        for source, count, first, last in rows
    )


def _misspellings(connection: duckdb.DuckDBPyConnection, currency: str) -> str:
    """A hint, one line; nothing is folded that nobody folded."""
    count, cost, unpriced = connection.execute(
        "SELECT count(*), coalesce(sum(billed_cost), 0) + coalesce(sum(estimated_cost), 0),"
        " CAST(coalesce(sum(unpriced_quantity), 0) AS BIGINT) FROM main.mart_likely_misspellings"
    ).fetchall()[0]
    if not count:
        return ""
    owners = "1 owner reads" if count == 1 else f"{count} owners read"
    more = f" and {unpriced} units without a price" if unpriced else ""
    amount = cents_decimal(nearest_cents(pico(cost), unit_of(currency)), places_of(currency))
    return (
        f"\n{owners} like another one ({amount} {currency}{more}):"
        " mart_likely_misspellings has their lines for aliases.csv\n"
    )
