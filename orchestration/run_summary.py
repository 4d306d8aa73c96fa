"""What a run ends with: the split of each month's money, and how it ties to the invoices."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, Final

import click
import duckdb

from ingestion.workspace import Workspace
from orchestration.published_marts import open_marts
from orchestration.query_output import as_table
from orchestration.repriced import repriced_text

DIMENSIONS: Final = ("feature", "team", "tier")
LINES: Final = 12


def print_summary(workspace: Workspace, told: Collection[str]) -> None:
    """To standard output, from the published marts; of restatements those not `told` before."""
    with open_marts(workspace.marts) as connection:
        click.echo(repriced_text(connection, told), nl=False)
        for month, status in _months(connection):
            click.secho(f"\n{month:%Y-%m} {status}, {workspace.currency}", bold=True)
            for dimension in DIMENSIONS:
                click.echo(split_of_month(connection, month, dimension))
        click.secho("\nReconciliation", bold=True)
        click.echo(_reconciliation(connection), nl=False)
        click.echo(_misspellings(connection, workspace.currency), nl=False)
    click.echo(f"\nmarts    {workspace.marts}\nexports  {workspace.exports}")


def _months(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, str]]:
    return connection.execute(
        "SELECT billing_month, max(status) FROM main.mart_chargeback_monthly"
        " GROUP BY billing_month ORDER BY billing_month"
    ).fetchall()


def split_of_month(connection: duckdb.DuckDBPyConnection, month: Any, dimension: str) -> str:
    """The dearest owners of a dimension, the rest in one line, and the total.

    What is estimated and what of it has no price, in units, have a column where there is any.
    """
    rows = connection.execute(
        f"SELECT {dimension}, sum(billed_cost), coalesce(sum(estimated_cost), 0) AS estimated,"
        " CAST(coalesce(sum(quantity) FILTER (estimated_cost IS NULL), 0) AS BIGINT)"
        " FROM main.fct_cost_allocations WHERE billing_month = ?"
        f" GROUP BY 1 ORDER BY sum(billed_cost) + estimated DESC, {dimension}",
        [month],
    ).fetchall()
    shown = rows[:LINES]
    rest = rows[LINES:]
    if rest:
        shown.append((f"… {len(rest)} more", *_sums(rest)))
    shown.append(("total", *_sums(rows)))
    columns = [dimension, "billed", "estimated", "units without a price"]
    used = [place for place in range(4) if place < 2 or any(row[place] for row in rows)]
    lines = [_rounded(_known(row)) for row in shown]
    return as_table(
        [columns[place] for place in used], [[line[place] for place in used] for line in lines]
    )


def _known(row: Sequence[Any]) -> list[Any]:
    """An estimate of which nothing has a price is unknown."""
    owner, billed, estimated, unpriced = row
    return [owner, billed, "unknown" if unpriced and not estimated else estimated, unpriced]


def _sums(rows: Sequence[Sequence[Any]]) -> tuple[Decimal, Decimal, int]:
    billed, estimated, unpriced = (sum((row[n] for row in rows), Decimal()) for n in (1, 2, 3))
    return billed, estimated, int(unpriced)


def _rounded(row: Sequence[Any]) -> list[Any]:
    return [_cents(value) if isinstance(value, Decimal) else value for value in row]


def _cents(amount: Decimal) -> Decimal:
    # adding zero turns -0.00 into 0.00
    return amount.quantize(Decimal("0.01")) + 0


def _reconciliation(connection: duckdb.DuckDBPyConnection) -> str:
    """One line per provider account and month; only causes that have money get a column."""
    causes = _causes(connection)
    columns = ["invoice_amount", "allocated", *causes, "unexplained"]
    rows = connection.execute(
        f"SELECT billing_month, provider, billing_account, {', '.join(columns)}"
        " FROM main.mart_reconciliation_monthly ORDER BY 1, 2, 3"
    ).fetchall()
    names = ["month", "provider", "account", "invoice", "allocated", *causes, "unexplained"]
    return as_table(names, [[f"{row[0]:%Y-%m}", *_account(row[1:])] for row in rows])


def _account(row: Sequence[Any]) -> list[Any]:
    """In cents, but what is unexplained with every digit: a thousandth is not zero."""
    *amounts, unexplained = row
    exact = unexplained.normalize() if unexplained else unexplained
    shown = [*_rounded(amounts), exact if exact else _rounded([unexplained])[0]]
    return ["no invoice" if value is None else value for value in shown]


def _causes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The residual causes that stand between `requests_cost` and `unexplained`, if not all 0."""
    columns = [
        row[0] for row in connection.execute("DESCRIBE main.mart_reconciliation_monthly").fetchall()
    ]
    start, end = columns.index("requests_cost"), columns.index("unexplained")
    causes = columns[start + 1 : end]
    [sums] = connection.execute(
        f"SELECT {', '.join(f'coalesce(sum(abs({cause})), 0)' for cause in causes)}"
        " FROM main.mart_reconciliation_monthly"
    ).fetchall()
    return [cause for cause, total in zip(causes, sums, strict=True) if total]


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
    return (
        f"\n{owners} like another one ({_cents(cost)} {currency}{more}):"
        " mart_likely_misspellings has their lines for aliases.csv\n"
    )
