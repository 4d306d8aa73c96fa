"""Months of the last publish that are what the warehouse has now: they stay as they were written.

A publish begins with a copy of the marts' file. Of its tables by billing month the rows of other
months go, and so does all else. Rows are compared, not notes of them: whoever edited the file, or
another release that wrote it, changes nothing of what is published.
"""

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Final

import duckdb

from orchestration.publishing.parquet_views import quoted, text
from orchestration.warehouse.rows_hash import hash_of_rows

# What a publish never makes, and tables that somebody gave a key or a default.
OF_OTHERS: Final = """
    SELECT 1 FROM duckdb_functions() WHERE database_name = current_database() AND NOT internal
    UNION ALL
    SELECT 1 FROM duckdb_types() WHERE database_name = current_database() AND NOT internal
    UNION ALL
    SELECT 1 FROM duckdb_sequences() WHERE database_name = current_database()
    UNION ALL
    SELECT 1 FROM duckdb_indexes() WHERE database_name = current_database()
    UNION ALL
    SELECT 1 FROM duckdb_constraints() WHERE database_name = current_database()
    UNION ALL
    SELECT 1 FROM duckdb_columns()
    WHERE database_name = current_database() AND NOT internal AND column_default IS NOT NULL
"""
STORED_FOR: Final = """
    SELECT tags['storage_version'] FROM duckdb_databases()
    WHERE database_name = current_database()
"""
SHAPE: Final = """
    SELECT column_name, data_type FROM duckdb_columns()
    WHERE database_name = {database} AND schema_name = 'main' AND table_name = $name
    ORDER BY column_index
"""
# Of the statements that empty the file but for some tables of `main`.
REST: Final = """
    SELECT 'VIEW', schema_name, view_name FROM duckdb_views()
    WHERE database_name = current_database() AND NOT internal
    UNION ALL
    SELECT 'TABLE', schema_name, table_name FROM duckdb_tables()
    WHERE database_name = current_database()
"""


class NotOurs(Exception):
    """The file has what no publish of this release makes."""


def take_over(marts: Path, building: Path) -> bool:
    """Whether there are marts to begin with: `building` is their copy."""
    if not marts.is_file():
        return False
    shutil.copyfile(marts, building)
    return True


def keep_months(
    connection: duckdb.DuckDBPyConnection, tables: Collection[str], storage_version: str
) -> None:
    """Leaves in the open file the months of `tables` that the attached `warehouse` has, too."""
    [(stored_for,)] = connection.execute(STORED_FOR).fetchall()
    if stored_for != f"{storage_version}+" or connection.execute(OF_OTHERS).fetchall():
        raise NotOurs
    connection.begin()
    for kind, schema, name in connection.execute(REST).fetchall():
        if (kind, schema) == ("TABLE", "main") and name in tables and _has_shape(connection, name):
            _forget_other_months(connection, name)
        else:
            connection.execute(f"DROP {kind} {quoted(schema)}.{quoted(name)}")
    for (schema,) in connection.execute(
        "SELECT schema_name FROM duckdb_schemas()"
        " WHERE database_name = current_database() AND NOT internal AND schema_name <> 'main'"
    ).fetchall():
        connection.execute(f"DROP SCHEMA {quoted(schema)} CASCADE")
    connection.commit()
    # what is dropped gives its space to what comes
    connection.execute("CHECKPOINT")


def write_months(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """The table as the attached `warehouse` has it; its months that are there stay."""
    table = f"main.{quoted(name)}"
    there = connection.execute(
        f"SELECT 1 FROM duckdb_tables() WHERE database_name = current_database()"
        f" AND schema_name = 'main' AND table_name = {text(name)}"
    ).fetchall()
    if not there:
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM warehouse.{table}")
        return
    connection.execute(
        f"INSERT INTO {table} SELECT * FROM warehouse.{table} AS built WHERE NOT EXISTS"
        f" (SELECT 1 FROM (SELECT DISTINCT billing_month FROM {table}) AS kept"
        " WHERE kept.billing_month = built.billing_month)"
    )


def _has_shape(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    own, built = (
        connection.execute(SHAPE.format(database=database), {"name": name}).fetchall()
        for database in ("current_database()", "'warehouse'")
    )
    return own == built


def _forget_other_months(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    columns = [
        column
        for column, _ in connection.execute(
            SHAPE.format(database="'warehouse'"), {"name": name}
        ).fetchall()
    ]
    months = (
        "SELECT billing_month, count(*) AS rows,"
        f" {hash_of_rows(', '.join(map(quoted, columns)))} AS rows_hash"
        f" FROM {{database}}main.{quoted(name)} GROUP BY billing_month"
    )
    connection.execute(
        f"DELETE FROM main.{quoted(name)} WHERE billing_month IS NULL OR billing_month IN"
        f" (SELECT billing_month FROM ({months.format(database='')}"
        f" EXCEPT {months.format(database='warehouse.')}))"
    )
