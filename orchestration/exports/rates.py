"""Internal prices of a month: whether it has any, and those that it lacks."""

from datetime import date

import duckdb

ROWS = """
    SELECT scope, scope_id, meter, sum(quantity)
    FROM main.mart_recovery_monthly
    WHERE billing_month = ? AND method IS NULL
    GROUP BY ALL
    ORDER BY ALL
"""


def has_rates(connection: duckdb.DuckDBPyConnection, month: date) -> bool:
    """Whether a team is charged something else than it cost."""
    [(priced,)] = connection.execute(
        "SELECT count(*) > 0 FROM main.mart_chargeback_monthly"
        " WHERE billing_month = ? AND recovered_cost <> total_cost",
        [month],
    ).fetchall()
    return bool(priced)


def missing_rates(connection: duckdb.DuckDBPyConnection, month: date) -> list[str]:
    """A sentence for each scope that has prices per million, and meter that has none of them."""
    return [
        f"rate_card.csv: meter: {scope} `{scope_id}` has prices per million and none of"
        f" `{meter}`, of which {quantity:,} were billed in {month:%Y-%m}: add its line, or one of"
        " cost_plus without a meter"
        for scope, scope_id, meter, quantity in connection.execute(ROWS, [month]).fetchall()
    ]
