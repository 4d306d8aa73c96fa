"""`built.built_months`: the billing months whose allocations are written and tested.

A build makes the months that are not among them, as it does of days (built_days.py).
"""

from typing import Final

import duckdb

# The table, as an asset of the warehouse step.
BUILT_MONTHS: Final = "built_months"
# Of the build that has just ended well, and the model that it writes last.
LAST_OF_MONTHS: Final = "int_months_built"


def prepare_months(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS built")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS built.built_months (billing_month DATE, month_hash VARCHAR)"
    )


def note_built_months(connection: duckdb.DuckDBPyConnection) -> None:
    """The months that a build has made: all of them is written, and its tests have passed."""
    made = f"SELECT billing_month, month_hash FROM intermediate.{LAST_OF_MONTHS}"
    connection.execute("BEGIN")
    connection.execute(
        "DELETE FROM built.built_months"
        f" WHERE billing_month IN (SELECT billing_month FROM ({made}))"
    )
    connection.execute(f"INSERT INTO built.built_months {made}")
    connection.execute("COMMIT")


def months_built(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """Month -> `month_hash`, of an attached warehouse: days as SQL writes them. A month that is not
    built in whole has none.
    """
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables()"
        " WHERE database_name = ? AND schema_name = 'built' AND table_name = ?",
        [database, BUILT_MONTHS],
    ).fetchall()
    if not there:
        return {}
    return dict(
        connection.execute(
            "SELECT CAST(billing_month AS VARCHAR), month_hash"
            f" FROM {database}.built.{BUILT_MONTHS}"
        ).fetchall()
    )
