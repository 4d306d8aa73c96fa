"""Months of the last publish that are what the warehouse has now: they stay as they were written.

A publish begins with a copy of the marts' file. Of its tables by billing month the rows of other
months go, and so does all else. Rows are compared, not notes of them, unless the file is as its
publish left it (as_published.py): whoever edited it, or another release that wrote it, changes
nothing of what is published.
"""

import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import duckdb

from orchestration.publishing.month_rows import Month, MonthRows
from orchestration.publishing.parquet_views import quoted, text

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
SHAPES: Final = """
    SELECT table_name, list([column_name, data_type] ORDER BY column_index) FROM duckdb_columns()
    WHERE database_name = {database} AND schema_name = 'main'
    GROUP BY table_name
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
    connection: duckdb.DuckDBPyConnection,
    tables: Collection[str],
    storage_version: str,
    rows: MonthRows,
) -> None:
    """Leaves in the open file the months of `tables` that the attached `warehouse` has, too."""
    [(stored_for,)] = connection.execute(STORED_FOR).fetchall()
    if stored_for != f"{storage_version}+" or connection.execute(OF_OTHERS).fetchall():
        raise NotOurs
    own, built = _shapes(connection, "current_database()"), _shapes(connection, "'warehouse'")
    connection.begin()
    for kind, schema, name in connection.execute(REST).fetchall():
        is_by_month = (kind, schema) == ("TABLE", "main") and name in tables
        if is_by_month and own[name] == built.get(name):
            _forget_other_months(connection, name, rows)
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


def write_months(connection: duckdb.DuckDBPyConnection, name: str, rows: MonthRows) -> None:
    """The table as the attached `warehouse` has it; its months that are there stay."""
    table = f"main.{quoted(name)}"
    lacking = rows.lacking.get(name)
    if lacking is None:
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM warehouse.{table}")
        rows.built(name, anew=True)
    elif lacking:
        connection.execute(
            f"INSERT INTO {table} SELECT * FROM warehouse.{table} WHERE {_is_of(lacking)}"
        )


def _shapes(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[list[str]]]:
    return dict(connection.execute(SHAPES.format(database=database)).fetchall())


def _forget_other_months(connection: duckdb.DuckDBPyConnection, name: str, rows: MonthRows) -> None:
    published, built = rows.published(name), rows.built(name)
    kept = {month for month in published if month and published[month] == built.get(month)}
    if gone := published.keys() - kept:
        connection.execute(f"DELETE FROM main.{quoted(name)} WHERE {_is_of(gone)}")
    rows.lacking[name] = built.keys() - kept


def _is_of(months: Iterable[Month]) -> str:
    """SQL. Literals: of a table in order of months those are read, and no others."""
    named = ", ".join(f"DATE {text(month)}" for month in sorted(filter(None, months)))
    conditions = [f"billing_month IN ({named})"] if named else []
    return " OR ".join(conditions + ["billing_month IS NULL"] * (None in months))
